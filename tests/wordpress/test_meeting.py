"""A booking's link to a meeting: kept in its meta as LatePoint's own add-on does (latepoint.md §3.5)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest

from latesync.bridge.client import Applied, BridgeAddress, Refused, WriteBackClient
from latesync.errors import BridgeRejected
from tests.wordpress.days import A_DAY
from tests.wordpress.site import WordPress
from tests.wordpress.test_plugin_under_attack import SECRET, ask, connect, row_of

URL = "https://meet.google.com/abc-defg-hij"
TEXT = "Join here: {{google_meet_url}} See you."


@pytest.fixture
def connected(bridge: WordPress) -> WordPress:
    connect(bridge, "http://127.0.0.1:9")
    return bridge


def a_client(site: WordPress) -> WriteBackClient:
    address = BridgeAddress(None, site.url)
    return WriteBackClient("aaaaaaaaaaaa", SECRET, lambda: address, lambda: datetime.now(UTC))


def meta_of(site: WordPress, booking_id: int) -> dict[str, str]:
    """What is kept with a booking, the keys of LatePoint's own links aside; a key twice fails."""
    rows = site.rows(
        "SELECT meta_key, meta_value FROM wp_latepoint_booking_meta WHERE object_id = :id"
        " AND meta_key NOT LIKE 'key_to_manage%'",
        id=booking_id,
    )
    assert len({row["meta_key"] for row in rows}) == len(rows)
    return {row["meta_key"]: row["meta_value"] for row in rows}


def filled_in(site: WordPress, booking_id: int) -> Any:
    booking = f"new OsBookingModel( {booking_id} )"
    values = f"'{TEXT}', {booking}, '{TEXT}', array(), array()"
    return site.php(f"return apply_filters( 'latepoint_replace_booking_vars', {values} );")


def test_a_link_is_kept_where_latepoint_users_expect_it(connected: WordPress) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    before = row_of(connected, booking)
    assert filled_in(connected, booking) == "Join here:  See you."
    for _ in range(2):  # a repeat, under a key of its own, changes nothing
        answer = a_client(connected).tell_meeting(booking, URL, secrets.token_hex(8))
        assert isinstance(answer, Applied)
    assert meta_of(connected, booking) == {
        "google_calendar_event_meet_id": "abc-defg-hij",
        "latesync_meeting_url": URL,
    }
    assert row_of(connected, booking) == before
    assert filled_in(connected, booking) == f"Join here: {URL} See you."


def test_a_new_link_takes_the_place_of_the_old_one(connected: WordPress) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    newer = "https://meet.google.com/xyz-abcd-efg"
    for url in (URL, newer):
        a_client(connected).tell_meeting(booking, url, secrets.token_hex(8))
    assert meta_of(connected, booking)["latesync_meeting_url"] == newer


def test_a_booking_that_is_not_there_is_said_to_be_unknown(connected: WordPress) -> None:
    assert a_client(connected).tell_meeting(99999, URL, secrets.token_hex(8)) == Refused("unknown")


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/abc", "javascript:alert(1)", URL + "?x=<script>", URL + "\n", "", 7, None, [URL]],
)
def test_what_is_no_link_to_a_meeting_is_not_kept(connected: WordPress, url: Any) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    assert ask(connected, booking, "meeting", {"url": url}).status_code == 400
    assert meta_of(connected, booking) == {}


def test_who_did_not_sign_leaves_no_link(connected: WordPress) -> None:
    booking = connected.bookings.book(A_DAY, 600).booking_id
    stranger = WriteBackClient(
        "aaaaaaaaaaaa",
        "another secret",
        lambda: BridgeAddress(None, connected.url),
        lambda: datetime.now(UTC),
    )
    with pytest.raises(BridgeRejected):
        stranger.tell_meeting(booking, URL, secrets.token_hex(8))
    assert meta_of(connected, booking) == {}
