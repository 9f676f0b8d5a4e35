"""What a hostile review of the plugin found: forged and odd requests, a table held, files and rights missing.

Each of these once went wrong. The contract is design.md §8; LatePoint's side is latepoint.md §3.
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import text

from latesync.bridge.package import plugin_folder
from latesync.bridge.signature import seal_headers
from tests.wordpress.days import A_DAY, utc
from tests.wordpress.site import WordPress

SECRET = "the secret both know"
NEW_YORK = ZoneInfo("America/New_York")
HELLO = "/wp-json/latesync/v1/hello"
EVERY_HOUR = list(range(480, 961, 60))
COLUMNS = "agent_id, status, start_date, start_time, end_date, end_time"

# Every write refused, as by a replica or a full disk.
READ_ONLY = """add_filter( 'query', static function ( $query ) {
    $writes = preg_match( '/^\\s*(INSERT|UPDATE|DELETE|REPLACE)/i', $query );
    return $writes ? "SIGNAL SQLSTATE '45000'" : $query;
} );"""

# LatePoint's check stands still in the middle until the test lets it go on.
STAND_STILL = """add_filter( 'latepoint_get_resources_grouped_by_day', static function ( $resources ) {
    touch( WP_CONTENT_DIR . '/inside-' . getmypid() );
    for ( $patience = 3000; $patience > 0 && ! is_file( WP_CONTENT_DIR . '/go-on' ); $patience-- ) {
        usleep( 10000 );
        clearstatcache();
    }
    return $resources;
} );"""

WAITING_FOR_A_LOCK = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock'"


@pytest.fixture
def connected(bridge: WordPress) -> WordPress:
    connect(bridge, "http://127.0.0.1:9")
    return bridge


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that accepts and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def connect(site: WordPress, address: str) -> None:
    site.php(
        "LateSync_Bridge_Settings::set( array("
        f" 'address' => '{address}', 'secret' => '{SECRET}', 'site' => 'aaaaaaaaaaaa' ) );"
    )


def seal(method: str, path: str, body: bytes = b"") -> dict[str, str]:
    return seal_headers(
        SECRET, "", method, path, body, timestamp=int(time.time()), nonce=secrets.token_hex(16)
    )


def row_of(site: WordPress, booking_id: int) -> dict[str, Any]:
    row = site.rows(f"SELECT {COLUMNS} FROM wp_latepoint_bookings WHERE id = :id", id=booking_id)[0]
    return {name: value if isinstance(value, int) else str(value) for name, value in row.items()}


def ask(
    site: WordPress, booking_id: int, verb: str, message: dict[str, Any], query: str = ""
) -> requests.Response:
    """A rightly signed message; only what the signature does not cover may be odd."""
    body = json.dumps({"v": 1, **message}).encode()
    path = f"/wp-json/latesync/v1/bookings/{booking_id}/{verb}"
    headers = seal("POST", path, body)
    headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8)}
    return site.post(path + query, body, headers=headers)


def ask_by_cli(site: WordPress, booking_id: int, verb: str, message: dict[str, Any]) -> int:
    """The same in a PHP process of its own, which waits behind no other request; gives the status."""
    body = json.dumps({"v": 1, **message})
    route = f"/latesync/v1/bookings/{booking_id}/{verb}"
    headers = seal("POST", f"/wp-json{route}", body.encode()) | {"Idempotency-Key": secrets.token_hex(8)}
    status: int = site.php(
        f"$request = new WP_REST_Request( 'POST', '{route}' ); $request->set_body( '{body}' );"
        f"$request->set_headers( json_decode( '{json.dumps(headers)}', true ) );"
        "return rest_do_request( $request )->get_status();"
    )
    return status


def inside(site: WordPress) -> int:
    """How many stand still (STAND_STILL)."""
    return len(list(site.content.glob("inside-*")))


def span(day: str, start: int, end: int) -> dict[str, str]:
    midnight = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)
    moments = {"starts_at": midnight + timedelta(minutes=start), "ends_at": midnight + timedelta(minutes=end)}
    return {name: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in moments.items()}


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "waited too long"


# Signed messages


@pytest.mark.parametrize("where", ["query", "body"])
def test_a_signed_message_concerns_the_booking_its_path_names(connected: WordPress, where: str) -> None:
    named = connected.bookings.book(A_DAY, 600).booking_id
    other = connected.bookings.book(A_DAY, 720).booking_id
    message: dict[str, Any] = {"expected": row_of(connected, other)}
    if where == "body":
        message["id"] = other
    answer = ask(connected, named, "cancel", message, f"?id={other}" if where == "query" else "")
    assert (answer.status_code, answer.json()["reason"]) == (409, "changed")
    assert row_of(connected, other)["status"] == "approved"


def test_who_did_not_sign_learns_nothing(connected: WordPress) -> None:
    headers = {"X-LateSync-Signature": "x", "Content-Type": "application/json"}
    path = "/wp-json/latesync/v1/bookings/1/cancel"
    answers = [
        connected.get("/wp-json/latesync/v1/no-such-route", headers=headers),
        connected.request("OPTIONS", HELLO, headers=headers),
        connected.post(path, b'{"half', headers=headers),
        connected.get(HELLO),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, '{"error":"signature"}')}
    huge = b"[" + b'"x",' * 100_000 + b"0]"
    assert connected.post(path, huge, headers=headers).status_code == 413


def test_a_signature_header_opens_our_routes_only(connected: WordPress) -> None:
    connected.add_code(
        "add_filter( 'rest_authentication_errors', static function ( $so_far ) {"
        " return is_user_logged_in() ? $so_far : new WP_Error( 'closed', '', array( 'status' => 401 ) );"
        " }, 99 );"
    )
    assert connected.get(HELLO, headers=seal("GET", HELLO)).status_code == 200
    for path in (
        "/wp-json/wp/v2/users",
        f"{HELLO}?rest_route=/wp/v2/users",
        "/?rest_route=/latesync/v1/../../wp/v2/users",
        "/wp-json/latesync/v1",
    ):
        assert connected.get(path, headers={"X-LateSync-Signature": "x"}).status_code == 401, path


def test_two_bookings_asked_into_one_free_hour_at_once_do_not_both_get_it(connected: WordPress) -> None:
    ids = [
        connected.bookings.book(A_DAY, 480).booking_id,
        connected.bookings.book(A_DAY, 540, name="Kim").booking_id,
    ]
    wishes = [{"expected": row_of(connected, one), "to": span(A_DAY, 720, 780)} for one in ids]
    connected.add_code(STAND_STILL)
    with ThreadPoolExecutor(2) as both:
        first = both.submit(ask, connected, ids[0], "reschedule", wishes[0])
        try:
            wait_until(lambda: inside(connected) == 1)
            second = both.submit(ask_by_cli, connected, ids[1], "reschedule", wishes[1])
            wait_until(lambda: inside(connected) == 2 or connected.value(WAITING_FOR_A_LOCK) > 0)
        finally:
            (connected.content / "go-on").touch()
    assert (first.result().status_code, second.result()) == (200, 409)
    assert [row_of(connected, one)["start_time"] for one in ids] == [720, 540]


def test_a_refused_move_says_whether_the_agent_s_own_calendar_is_in_the_way(connected: WordPress) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    connected.bookings.book(A_DAY, 720, name="Kim")
    zone = "America/New_York"
    connected.fill_busy((1, utc(A_DAY, "15:00", zone), utc(A_DAY, "15:30", zone)))
    connected.fill_busy((2, utc(A_DAY, "12:00", zone), utc(A_DAY, "13:00", zone)))
    for start, reason in ((900, "busy"), (720, "not_bookable"), (1200, "not_bookable")):
        wish = {"expected": row_of(connected, booking), "to": span(A_DAY, start, start + 60)}
        answer = ask(connected, booking, "reschedule", wish)
        assert (answer.status_code, answer.json()["reason"]) == (409, reason), start


def test_a_booking_that_holds_no_time_yet_can_be_moved_and_one_that_is_over_cannot(
    connected: WordPress,
) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    for status, code in (("pending", 200), ("no_show", 409), ("completed", 409), ("cancelled", 409)):
        connected.bookings.change_status(booking, status)
        wish = {"expected": row_of(connected, booking), "to": span(A_DAY, 840, 900)}
        answer = ask(connected, booking, "reschedule", wish)
        assert (answer.status_code, answer.json().get("reason")) == (
            code,
            None if code == 200 else "cancelled",
        )
    assert row_of(connected, booking)["start_time"] == 840


# The booking form


def test_a_table_somebody_locks_does_not_hold_up_the_form(connected: WordPress) -> None:
    connected.fill_busy((1, utc(A_DAY, "10:30", "America/New_York"), utc(A_DAY, "12:00", "America/New_York")))
    with connected.engine.connect() as somebody:
        somebody.execute(text("LOCK TABLES wp_latesync_busy WRITE"))
        assert connected.slots(A_DAY, 1) == EVERY_HOUR
        somebody.execute(text("UNLOCK TABLES"))
    assert "busy_table" in connected.php("return LateSync_Bridge_Troubles::all();")
    assert connected.slots(A_DAY, 1) == [slot for slot in EVERY_HOUR if slot not in (600, 660)]


def test_a_database_that_takes_no_writes_shows_free_times_without_a_word_in_the_log(
    connected: WordPress,
) -> None:
    connected.fill_busy((1, utc(A_DAY, "10:00", "America/New_York"), utc(A_DAY, "11:00", "America/New_York")))
    connected.add_code(READ_ONLY)
    assert connected.slots(A_DAY, 1) == [slot for slot in EVERY_HOUR if slot != 600]
    answer = connected.get(HELLO, headers=seal("GET", HELLO))
    assert (answer.status_code, answer.json()) == (500, {"error": "failed"})


def test_a_proxy_that_never_answers_costs_one_visitor_a_second_and_the_next_nothing(
    bridge: WordPress, mute_port: int
) -> None:
    # "localhost" is never blocked by WP_HTTP_BLOCK_EXTERNAL; the filter sends even that through the proxy.
    connect(bridge, "http://localhost:1")
    bridge.define("WP_PROXY_HOST", "127.0.0.1")
    bridge.define("WP_PROXY_PORT", str(mute_port))
    bridge.add_code("add_filter( 'pre_http_send_through_proxy', '__return_true' );")
    assert bridge.bookings.book(A_DAY, 600).ok
    assert bridge.php("return LateSync_Bridge_Breaker::is_open( time() );")
    assert bridge.php("return LateSync_Bridge_Troubles::all()['unreachable']['detail'];") == "proxy"


# Files


def test_the_plugin_names_all_of_its_files(bridge: WordPress) -> None:
    files = {path.stem.removeprefix("class-") for path in plugin_folder().glob("includes/class-*.php")}
    assert set(bridge.php("return LATESYNC_BRIDGE_PARTS;")) == files


@pytest.mark.parametrize("part", ["settings", "troubles", "courier", "gate", "my-calendar", "tables"])
def test_with_a_file_missing_the_site_stands_and_says_so(connected: WordPress, part: str) -> None:
    """Of an upload that broke off, or while WordPress replaces the files one by one."""
    (connected.content / f"plugins/latesync-bridge/includes/class-{part}.php").unlink()
    assert connected.get("/").status_code == 200
    assert connected.get("/wp-json/wp/v2/posts").status_code == 200
    assert connected.slots(A_DAY, 1) == EVERY_HOUR
    assert connected.bookings.book(A_DAY, 600).ok
    plugins = connected.get("wp-admin/plugins.php", connected.login())
    assert "some of its files are missing" in plugins.text


def test_a_trouble_s_detail_ends_before_a_path(bridge: WordPress) -> None:
    """PHP names a class without a name after its file, behind a NUL."""
    code = "LateSync_Bridge_Troubles::note( 'courier', get_class( new class() extends Exception {} ) );"
    detail = bridge.php(f"{code} return LateSync_Bridge_Troubles::all()['courier']['detail'];")
    assert detail == "Exception@anonymous"


# Single sign-on


@pytest.mark.parametrize("address", ["http://[::1]:8080", "https://sync.example:8443/late/sync"])
def test_the_button_leads_to_latesync_wherever_it_lives(connected: WordPress, address: str) -> None:
    connect(connected, address)
    anna = connected.login("anna")
    page = connected.get("wp-admin/admin.php?page=latesync-my-calendar", anna).text
    _, _, after = page.partition('value="latesync_bridge_open_own"')
    nonce = after.split('name="_wpnonce" value="')[1].split('"')[0]
    form = {"action": "latesync_bridge_open_own", "_wpnonce": nonce, "agent": "1"}
    answer = connected.post("wp-admin/admin-post.php", form, anna, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{address}/enter/agent/1?site=aaaaaaaaaaaa&")
