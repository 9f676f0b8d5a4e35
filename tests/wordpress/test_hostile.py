"""People and programs that mean harm: nothing changes, nothing breaks, and the booking form stays up."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from latesync.bridge.connection import Connection, make_connection_string
from latesync.bridge.signature import SIGNATURE_HEADER, seal_headers
from latesync.latepoint.busy import publish_busy
from latesync.latepoint.connection import open_site_database
from latesync.times import TimeRange
from tests.services.ports import free_port
from tests.system.waiting import eventually
from tests.wordpress.hooks import HookRecorder
from tests.wordpress.site import WordPress
from tests.wordpress.together import (
    ANNA,
    BRUNO,
    MY_CALENDAR,
    SETTINGS,
    STATUS,
    Together,
    ask,
    at,
    day,
    press,
)

DAY = day()
SECRET, SITE_ID = "the two know it", "0123456789ab"
HOOK = "/hooks/site"
SQL = (
    "' OR '1'='1",
    "1; DROP TABLE wp_latesync_busy; -- ",
    "1 UNION SELECT user_login, user_pass FROM wp_users",
    '"); DELETE FROM wp_latepoint_bookings; #',
    "\\' OR 1=1 /*",
    "%27%20OR%201=1",
    "%d%s%1$s",
)


@pytest.fixture
def connected(bridge: WordPress) -> WordPress:
    """The plugin has settings; nothing listens at that address."""
    settings = {"address": f"http://127.0.0.1:{free_port()}", "secret": SECRET, "site": SITE_ID}
    bridge.php(f"LateSync_Bridge_Settings::set( json_decode( '{json.dumps(settings)}', true ) ); return 1;")
    return bridge


# LateSync's requests to the plugin


def wish_for(site: WordPress, booking: int) -> dict[str, Any]:
    """The well-formed body of a move to four hours later."""
    row = site.bookings.row(booking)
    columns = ("agent_id", "status", "start_date", "start_time", "end_date", "end_time")
    expected = {name: row[name] if isinstance(row[name], int) else str(row[name]) for name in columns}
    start = at(DAY, "14:00").astimezone(UTC)
    to = {
        "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    return {"v": 1, "expected": expected, "to": to}


def sealed(
    path: str, body: bytes, secret: str = SECRET, site_id: str = SITE_ID, late: int = 0
) -> dict[str, str]:
    timestamp = int(datetime.now(UTC).timestamp()) - late
    seal = seal_headers(secret, site_id, "POST", path, body, timestamp=timestamp, nonce=new_nonce())
    return {**seal, "Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}


def new_nonce() -> str:
    return secrets.token_hex(16)


def test_move_that_is_not_latesync_s_is_refused(connected: WordPress) -> None:
    booking = connected.bookings.book(DAY, 600).booking_id
    before = connected.bookings.row(booking)
    recorder = HookRecorder.start(connected)
    path = f"/wp-json/latesync/v1/bookings/{booking}/reschedule"
    wish = wish_for(connected, booking)
    body = json.dumps(wish).encode()
    huge = json.dumps({**wish, "more": "x" * 70_000}).encode()
    other = path.replace("/reschedule", "/cancel")

    def answer(content: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        said = connected.post(path, content, headers=dict(headers))
        return said.status_code, str(said.json().get("error"))

    plain = {"Content-Type": "application/json"}
    assert {
        "bare": answer(body, plain),
        "guessed": answer(body, sealed(path, body, secret="a guess")),
        "empty secret": answer(body, sealed(path, body, secret="")),
        "for another route": answer(body, sealed(other, body)),
        "for another body": answer(body, sealed(path, b"{}")),
        "for another site": answer(body, sealed(path, body, site_id="ba9876543210")),
        "stale": answer(body, sealed(path, body, late=301)),
        "early": answer(body, sealed(path, body, late=-330)),
        "huge": answer(huge, sealed(path, huge)),
        "no JSON": answer(b"{", sealed(path, b"{")),
        "a list": answer(b"[]", sealed(path, b"[]")),
        "no key": answer(body, {**sealed(path, body), "Idempotency-Key": "x"}),
    } == {
        "bare": (401, "signature"),
        "guessed": (401, "signature"),
        "empty secret": (401, "signature"),
        "for another route": (401, "signature"),
        "for another body": (401, "signature"),
        "for another site": (401, "signature"),
        "stale": (401, "clock"),
        "early": (401, "clock"),
        "huge": (413, "too_large"),
        "no JSON": (400, "malformed"),
        "a list": (400, "malformed"),
        "no key": (400, "malformed"),
    }
    assert connected.bookings.row(booking) == before
    assert recorder.take() == []

    # The same message rightly signed moves it, at once from several sides; and never again.
    headers = sealed(path, body)
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: answer(body, headers), range(6)))
    assert answers == [(200, "None")] + [(401, "replayed")] * 5
    again = {**sealed(path, body), "Idempotency-Key": headers["Idempotency-Key"]}
    assert answer(body, again) == (200, "None")
    assert [fired for fired in recorder.take() if fired.startswith("booking_")] == [
        f"booking_updated OsBookingModel#{booking} OsBookingModel#{booking} latesync"
    ]
    assert connected.bookings.row(booking)["start_time"] == 840


# SQL in every field


def everything(site: WordPress) -> dict[str, list[dict[str, Any]]]:
    """What SQL could be after: the tables there are, and the rows of bookings, users and busy times."""
    kept = (
        "wp_latepoint_bookings",
        "wp_latepoint_agents",
        "wp_users",
        "wp_latesync_busy",
        "wp_latesync_accounts",
    )
    tables = site.rows("SHOW TABLES")
    return {"tables": tables, **{name: site.rows(f"SELECT * FROM {name}") for name in kept}}


def test_sql_in_the_requests_of_somebody_with_the_secret_is_only_text(connected: WordPress) -> None:
    booking = connected.bookings.book(DAY, 600).booking_id
    connected.fill_busy((BRUNO, f"{DAY} 15:00", f"{DAY} 16:00"))
    before = everything(connected)
    base, wish = "/wp-json/latesync/v1/bookings", wish_for(connected, booking)

    def answer(route: str, content: Mapping[str, Any], **headers: str) -> int:
        body, path = json.dumps(content).encode(), f"{base}/{route}"
        said = connected.post(f"{base}/{quote(route)}", body, headers={**sealed(path, body), **headers})
        return said.status_code

    for sql in SQL:
        assert answer(f"{booking}{sql}/reschedule", wish) in (401, 404)
        for verb in ("reschedule", "cancel"):
            for column in wish["expected"]:
                spoilt = {**wish, "expected": {**wish["expected"], column: sql}}
                assert answer(f"{booking}/{verb}", spoilt) == 409
        for end in wish["to"]:
            spoilt = {**wish, "to": {**wish["to"], end: sql}}
            assert answer(f"{booking}/reschedule", spoilt) == 400
        assert answer(f"{booking}/reschedule", wish, **{"Idempotency-Key": sql}) == 400
        for header in ("Site", "Timestamp", "Nonce", "Signature"):
            assert answer(f"{booking}/reschedule", wish, **{f"X-LateSync-{header}": sql}) == 401
    assert everything(connected) == before


def test_sql_in_the_fields_of_the_plugin_s_forms_is_only_text(connected: WordPress) -> None:
    before = everything(connected)
    address = connected.option("latesync_bridge")["address"]
    connected.php("LateSync_Bridge_Troubles::note( 'courier', 'x' ); return 1;")
    for sql in SQL:
        line = make_connection_string(Connection(address, sql, SECRET))
        for pasted in (sql, f"latesync:{sql}", line):
            assert (
                "Nothing was changed."
                in press(connected, "admin", SETTINGS, "connect", connection=pasted).text
            )
        assert (
            "Nothing was changed."
            in press(connected, "admin", SETTINGS, "save", address=sql, secret="x").text
        )
        assert press(connected, "admin", SETTINGS, "save", address=address, secret=sql).ok
        assert connected.option("latesync_bridge")["secret"] == sql.strip()
        assert press(connected, "admin", STATUS, "dismiss", code=sql).ok
        # A number at the start is read as that number; here it is her own.
        link = press(connected, "anna", MY_CALENDAR, "open_own", False, agent=sql)
        assert link.status_code == (302 if sql.startswith("1") else 403)
        assert link.headers.get("Location", f"{address}/enter/agent/1?").startswith(
            f"{address}/enter/agent/1?"
        )
        view = connected.get(f"{SETTINGS}{quote(sql)}&page_id={quote(sql)}", connected.login("admin"))
        assert view.ok
    assert everything(connected) == before
    assert connected.option("latesync_bridge")["address"] == address
    assert set(connected.option("latesync_bridge_troubles")) >= {"courier"}


# People in WordPress


def test_subscriber_can_neither_see_nor_post_the_plugin_s_forms(connected: WordPress) -> None:
    """With a nonce of their own, so that it is the capability that keeps them out."""
    connected.add_code(
        "add_action( 'admin_post_test_nonce', static function () {"
        " wp_send_json( wp_create_nonce( 'latesync_bridge_' . $_REQUEST['name'] ) ); } );"
    )
    before, guest = connected.option("latesync_bridge"), connected.login("guest")
    forms = {
        "connect": {"connection": make_connection_string(Connection("https://evil.test", SITE_ID, "mine"))},
        "save": {"address": "https://evil.test", "secret": "mine"},
        "test": {},
        "disconnect": {},
        "open": {},
        "dismiss": {"code": "courier"},
        "repair": {},
        "open_own": {"agent": "1"},
    }
    for action, fields in forms.items():
        nonce = connected.get(f"wp-admin/admin-post.php?action=test_nonce&name={action}", guest).json()
        for known in (nonce, "0123456789", ""):
            form = {"action": f"latesync_bridge_{action}", "_wpnonce": known, **fields}
            answer = connected.post("wp-admin/admin-post.php", form, guest, allow_redirects=False)
            assert (answer.status_code, action) == (403, action)
            assert connected.post("wp-admin/admin-post.php", form).status_code == 400  # not even signed in
    for page in (STATUS, SETTINGS, MY_CALENDAR):
        assert connected.get(page, guest).status_code == 403
    assert connected.option("latesync_bridge") == before
    assert SECRET not in connected.get(SETTINGS, connected.login("admin")).text


# Ways into LateSync


class _Recorder(BaseHTTPRequestHandler):
    """Stands in LateSync's place and keeps what came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def overheard(both: Together) -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """Somebody listens on the way: the plugin's notes go to them instead of LateSync."""
    server = HTTPServer(("127.0.0.1", 0), _Recorder)
    heard: list[tuple[dict[str, str], bytes]] = []
    server.heard = heard  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()

    def send_to(address: str) -> None:
        both.site.php(f"LateSync_Bridge_Settings::set( array( 'address' => '{address}' ) ); return 1;")

    try:
        send_to(f"http://127.0.0.1:{server.server_port}")
        yield heard
    finally:
        send_to(both.address)
        server.shutdown()
        server.server_close()


def test_what_was_overheard_or_guessed_opens_nothing(together: Together) -> None:
    both = together
    with overheard(both) as heard:
        booking = both.site.bookings.book(DAY, 600).booking_id
    ((headers, body),) = heard
    assert json.loads(body)["bookings"] == [booking]

    def note(content: bytes, **changed: str) -> int:
        return ask("POST", both.address + HOOK, data=content, headers={**headers, **changed}).status_code

    other = body.replace(b"[%d]" % booking, b"[%d]" % (booking + 1))
    assert other != body
    old = str(int(headers["X-LateSync-Timestamp"]) - 301)
    assert note(other) == 401
    assert note(body, **{SIGNATURE_HEADER: "0" * 64}) == 401
    assert note(body, **{"X-LateSync-Timestamp": old}) == 401
    assert note(body, **{"X-LateSync-Nonce": new_nonce()}) == 401
    assert note(body + b" " * 70_000) == 413
    assert note(body) == 200
    assert note(body) == 409
    eventually(lambda: both.bookings_in(ANNA) == [booking], "the event appeared", why=both.said)

    link = press(both.site, "anna", MY_CALENDAR, "open_own", False, agent="1").headers["Location"]
    foreign = link.replace("/enter/agent/1", "/enter/agent/2")
    owner = link.replace("/enter/agent/1", "/enter/owner")
    assert [ask("GET", way).status_code for way in (foreign, owner)] == [403, 403]
    assert press(both.site, "anna", MY_CALENDAR, "open_own", False, agent="2").status_code == 403
    query = parse_qs(urlsplit(link).query)
    assert query["site"] == [both.services.site_id]

    with requests.Session() as browser:
        browser.trust_env = False
        assert browser.get(link, timeout=60).url == f"{both.address}/connect"
        assert browser.get(f"{both.address}/settings", timeout=60).status_code == 403
    assert ask("GET", link).status_code == 410
    assert ask("GET", f"{both.address}/connect").status_code == 403

    # And the other way round: the plugin does not know the secret. The site books, and polling finds it.
    both.site.php("LateSync_Bridge_Settings::set( array( 'secret' => 'a guess' ) ); return 1;")
    notes = both.notes()
    second = both.site.bookings.book(DAY, 660).booking_id
    assert list(both.site.option("latesync_bridge_troubles")) == ["refused_401"]
    link = press(both.site, "anna", MY_CALENDAR, "open_own", False, agent="1").headers["Location"]
    assert ask("GET", link).status_code == 403
    assert "the secret is not the same on both sides" in press(both.site, "admin", SETTINGS, "test").text
    eventually(lambda: both.bookings_in(ANNA) == [booking, second], "polling found it", why=both.said)
    assert both.notes() == notes


# Load


def busy_days(first: int, hours: tuple[int, ...]) -> dict[str, TimeRange]:
    """An hour at each of these wall-clock hours on each of thirty days."""
    found = {}
    for number in range(30):
        for hour in hours:
            start = at(day(first + number), f"{hour:02d}:00").astimezone(UTC)
            found[f"{number:016x}{hour:016x}"] = TimeRange(start, start + timedelta(hours=1))
    return found


def test_form_stays_whole_under_load_while_busy_time_is_rewritten(connected: WordPress) -> None:
    """200 visitors from eight sides; each sees the busy time of one moment, never a part of it."""
    engine = open_site_database(connected.database_url)
    versions = [busy_days(1, (8, 9, 10)), busy_days(1, (13, 14, 15, 16))]
    month = DAY[:7]
    allowed = []
    for version in versions:
        publish_busy(engine, connected.prefix, ANNA, version)
        allowed.append(connected.month(month, ANNA))
    assert allowed[0] != allowed[1]
    done = Event()
    rewritten: list[tuple[int, int]] = []

    def rewrite() -> None:
        while not done.is_set():
            rewritten.append(publish_busy(engine, connected.prefix, ANNA, versions[len(rewritten) % 2]))

    writer = Thread(target=rewrite)
    writer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _: connected.month(month, ANNA), range(200)))
    finally:
        done.set()
        writer.join()
        engine.dispose()
    assert len(rewritten) > 2
    assert [answer for answer in seen if answer not in allowed] == []
    assert all(answer in seen for answer in allowed)
