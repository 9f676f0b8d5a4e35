"""Asking the plugin over a real connection: what it answers, and everything that may answer in its place."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from latesync.bridge.addresses import places_of, redirected, route_at
from latesync.bridge.client import (
    LARGEST_ANSWER,
    Applied,
    BridgeAddress,
    Refused,
    WriteBackClient,
    expected_of,
)
from latesync.errors import BridgeRejected, BridgeUnavailable
from latesync.model import Booking, WallTimes
from latesync.sandbox.serving import DROP_HEADER, Served
from latesync.times import TimeRange, Zone
from tests.builders.plugin import SECRET, FakePlugin, served_plugin
from tests.site.builders import create_site

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
AT_NINE = TimeRange(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC))
AT_FIVE = TimeRange(datetime(2026, 12, 2, 17, tzinfo=UTC), datetime(2026, 12, 2, 18, tzinfo=UTC))
BOOKING = Booking(1, 1, "approved", AT_NINE, wall=WallTimes("2026-12-01", 600, "2026-12-01", 660))
KEY = "0123456789abcdef"
JSON = [("Content-Type", "application/json")]


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[FakePlugin]:
    engine = create_engine(f"sqlite:///{tmp_path}/site.db")
    site = create_site(engine)
    site.insert_booking()
    yield FakePlugin(site, lambda: NOW, Zone("Europe/Berlin"))
    engine.dispose()


@pytest.fixture
def home(plugin: FakePlugin) -> Iterator[str]:
    with served_plugin(plugin) as url:
        yield url


def a_client(home: str | None, rest_url: str | None = None, **changes: Any) -> WriteBackClient:
    client = WriteBackClient("0123456789ab", SECRET, lambda: BridgeAddress(rest_url, home), lambda: NOW)
    return replace(client, **changes)


def test_a_move_is_applied(plugin: FakePlugin, home: str) -> None:
    assert a_client(home).reschedule(BOOKING, AT_FIVE, KEY) == Applied(changed=True)
    row = plugin.row(1)
    assert (row["start_date"], row["start_time"], row["end_time"]) == ("2026-12-02", 1080, 1140)


def test_a_cancellation_is_applied(plugin: FakePlugin, home: str) -> None:
    assert a_client(home).cancel(BOOKING, KEY) == Applied(changed=True)
    assert plugin.row(1)["status"] == "cancelled"


def test_what_reads_as_before_is_said_to(plugin: FakePlugin, home: str) -> None:
    plugin.answers = [(200, {"v": 1, "result": "applied", "booking": expected_of(BOOKING)})]
    assert a_client(home).cancel(BOOKING, KEY) == Applied(changed=False)


@pytest.mark.parametrize("reason", ["not_bookable", "past", "changed", "unknown", "from_a_newer_plugin"])
def test_a_refusal_comes_back_with_its_reason(plugin: FakePlugin, home: str, reason: str) -> None:
    plugin.refuses = reason
    assert a_client(home).reschedule(BOOKING, AT_FIVE, KEY) == Refused(reason)
    assert plugin.mailed == []


def test_empty_columns_stay_empty(plugin: FakePlugin, home: str) -> None:
    plugin.site.update("bookings", 1, end_date=None, end_time=None)
    booking = replace(BOOKING, wall=WallTimes("2026-12-01", 600, None, None))
    assert a_client(home).cancel(booking, KEY) == Applied(changed=True)


def test_every_request_has_a_nonce_of_its_own_and_the_key_it_was_given(plugin: FakePlugin, home: str) -> None:
    for _ in range(2):
        a_client(home).reschedule(BOOKING, AT_FIVE, KEY)
    assert len(plugin.nonces) == 2
    assert [asked.key for asked in plugin.asked] == [KEY, KEY]
    assert plugin.mailed == [("reschedule", 1)]


# --- where the plugin is ----------------------------------------------------------------------


def test_the_address_the_plugin_told_comes_first(plugin: FakePlugin, home: str) -> None:
    client = a_client("http://127.0.0.1:9", f"{home}/wp-json/latesync/v1")
    assert client.cancel(BOOKING, KEY) == Applied(changed=True)


@pytest.mark.parametrize(
    "status", ["404 Not Found", "200 OK", "405 Method Not Allowed", "301 Moved Permanently"]
)
def test_plain_permalinks_are_found_out(plugin: FakePlugin, status: str) -> None:
    plugin.understands = ("plain",)
    page = (status, [("Content-Type", "text/html"), ("Location", "/")], b"<html>Salon Linden</html>")

    def wordpress(environ: Any, start_response: Any) -> Any:
        if "rest_route" in environ["QUERY_STRING"]:
            return plugin(environ, start_response)
        start_response(page[0], page[1])
        return [page[2]]

    with Served(wordpress) as served:
        assert a_client(served.url).cancel(BOOKING, KEY) == Applied(changed=True)
    (asked,) = plugin.asked
    assert asked.url == "/?rest_route=/latesync/v1/bookings/1/cancel"


def test_a_told_address_with_a_plain_route_keeps_the_rest_of_its_query(plugin: FakePlugin, home: str) -> None:
    told = f"{home}/index.php?lang=de&rest_route=/latesync/v1"
    assert a_client(None, told).cancel(BOOKING, KEY) == Applied(changed=True)
    assert plugin.asked[0].url == "/index.php?lang=de&rest_route=/latesync/v1/bookings/1/cancel"


def test_an_address_that_is_told_no_more_is_given_up_for_the_sites_own(plugin: FakePlugin, home: str) -> None:
    client = a_client(home, f"{home}/blog/wp-json/latesync/v1")
    assert client.cancel(BOOKING, KEY) == Applied(changed=True)


def test_places_are_tried_from_the_likeliest_to_the_surest() -> None:
    assert places_of("https://a.example/de/wp-json/latesync/v1", "https://a.example") == [
        "https://a.example/de/wp-json/latesync/v1",
        "https://a.example/wp-json/latesync/v1",
        "https://a.example/?rest_route=/latesync/v1",
    ]
    assert places_of("https://a.example/wp-json/latesync/v1", "https://a.example") == [
        "https://a.example/wp-json/latesync/v1",
        "https://a.example/?rest_route=/latesync/v1",
    ]
    assert places_of("file:///etc/passwd", "") == []


def test_a_slash_at_the_end_is_no_other_place() -> None:
    assert route_at("https://a.example/wp-json/latesync/v1/", "/hello") == (
        "https://a.example/wp-json/latesync/v1/hello"
    )
    assert route_at("https://a.example/?rest_route=%2Flatesync%2Fv1%2F", "/hello") == (
        "https://a.example/?rest_route=/latesync/v1/hello"
    )


@pytest.mark.parametrize(
    ("asked", "location", "followed"),
    [
        ("http://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/x", "https://a.example/y", "https://a.example/y"),
        ("https://a.example/x", "http://a.example/x", None),
        ("https://a.example/x", "https://b.example/x", None),
        ("https://a.example/x", "https://a.example@b.example/x", None),
        ("https://a.example/x", "https://a.example:8443/x", None),
        ("http://a.example:8080/x", "https://a.example/x", None),
        ("https://a.example/x", "https://[broken/x", None),
    ],
)
def test_only_a_redirect_to_the_same_host_is_followed(
    asked: str, location: str, followed: str | None
) -> None:
    assert redirected(asked, location) == followed


def test_a_redirect_on_the_same_host_is_followed_once(plugin: FakePlugin) -> None:
    def wordpress(environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if path.endswith("/"):
            environ["PATH_INFO"] = path.rstrip("/")
            return plugin(environ, start_response)
        start_response("308 Permanent Redirect", [("Location", f"{path}/")])
        return [b""]

    with Served(wordpress) as served:
        assert a_client(served.url).cancel(BOOKING, KEY) == Applied(changed=True)


def test_nothing_secret_goes_to_another_host(plugin: FakePlugin, home: str) -> None:
    elsewhere = home.replace("127.0.0.1", "localhost")
    plugin.instead = ("302 Found", [("Location", f"{elsewhere}/wp-json/latesync/v1/hello")], b"")
    with pytest.raises(BridgeRejected):
        a_client(home).cancel(BOOKING, KEY)
    assert {asked.url for asked in plugin.asked} == {
        "/wp-json/latesync/v1/bookings/1/cancel",
        "/?rest_route=/latesync/v1/bookings/1/cancel",
    }


# --- who else may answer ----------------------------------------------------------------------


def test_another_secret_is_the_operators_trouble(plugin: FakePlugin, home: str) -> None:
    with pytest.raises(BridgeRejected) as refused:
        a_client(home, secret="another").cancel(BOOKING, KEY)
    assert refused.value.reason == "signature"
    assert "another" not in repr(a_client(home, secret="another"))


def test_a_clock_that_is_wrong_is_the_operators_trouble(plugin: FakePlugin, home: str) -> None:
    with pytest.raises(BridgeRejected) as refused:
        a_client(home, clock=lambda: NOW - timedelta(minutes=6)).cancel(BOOKING, KEY)
    assert refused.value.reason == "clock"


def test_a_nonce_counts_once(plugin: FakePlugin, home: str) -> None:
    client = a_client(home, nonce=lambda: "0" * 32)
    client.cancel(BOOKING, KEY)
    with pytest.raises(BridgeRejected) as refused:
        client.cancel(BOOKING, KEY)
    assert refused.value.reason == "replayed"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("404 Not Found", b"<html>nothing</html>", "not_installed"),
        ("404 Not Found", b'{"code":"rest_no_route","message":"No route"}', "not_installed"),
        ("200 OK", b"<html>Salon Linden</html>", "not_installed"),
        ("401 Unauthorized", b'{"code":"rest_not_logged_in","message":"You"}', "forbidden"),
        ("403 Forbidden", b"<html>Firewall</html>", "forbidden"),
        ("400 Bad Request", b'{"error":"malformed"}', "malformed"),
    ],
)
def test_where_the_plugin_is_not_or_may_not_answer_the_operator_is_asked(
    plugin: FakePlugin, home: str, status: str, body: bytes, reason: str
) -> None:
    plugin.instead = (status, JSON, body)
    with pytest.raises(BridgeRejected) as refused:
        a_client(home).cancel(BOOKING, KEY)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("503 Service Unavailable", b'{"error":"latepoint_missing"}'),
        ("500 Internal Server Error", b'{"error":"failed"}'),
        ("502 Bad Gateway", b"<html>nginx</html>"),
        ("429 Too Many Requests", b"slowly"),
        ("200 OK", b'{"v":1,"result":"perhaps"}'),
        ("409 Conflict", b'{"v":1,"result":"refused","reason":"<b>no code</b>"}'),
        ("409 Conflict", b'{"v":1,"result":"refused"}'),
        ("503 Service Unavailable", b"[" * 100_000),
        ("503 Service Unavailable", b"\xff\xfe"),
    ],
)
def test_an_answer_that_may_pass_is_waited_for(
    plugin: FakePlugin, home: str, status: str, body: bytes
) -> None:
    plugin.instead = (status, JSON, body)
    with pytest.raises(BridgeUnavailable):
        a_client(home).cancel(BOOKING, KEY)
    assert len(plugin.asked) == 1


def test_an_endless_answer_is_not_read_to_its_end(plugin: FakePlugin, home: str) -> None:
    plugin.instead = ("200 OK", JSON, b'{"v":1,"result":"applied","x":"' + b"x" * LARGEST_ANSWER + b'"}')
    with pytest.raises(BridgeRejected):
        a_client(home).cancel(BOOKING, KEY)


def test_a_connection_that_closes_leaves_open_what_happened(plugin: FakePlugin, home: str) -> None:
    plugin.instead = ("200 OK", [(DROP_HEADER, "1")], b"")
    with pytest.raises(BridgeUnavailable):
        a_client(home).cancel(BOOKING, KEY)


def test_a_server_that_never_answers_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        home = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(BridgeUnavailable):
            a_client(home, timeouts_s=(0.2, 0.2)).cancel(BOOKING, KEY)


def test_nobody_at_the_address_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(BridgeUnavailable):
        a_client(home).cancel(BOOKING, KEY)


def test_a_site_without_an_address_is_the_operators_trouble() -> None:
    with pytest.raises(BridgeRejected) as refused:
        a_client(None).cancel(BOOKING, KEY)
    assert refused.value.reason == "no_address"
