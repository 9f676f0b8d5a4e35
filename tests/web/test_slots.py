"""Why is a time blocked? The owner reads no title, the agent their calendars' names (users-ask.md U23)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import insert

from latesync.options import AllDay, BlockingPolicy, BusyWay
from latesync.store.accounts import record_needs_sign_in
from latesync.store.blocking import choose_blocking
from latesync.store.choices import write_busy_way
from latesync.store.trust_schema import pauses
from latesync.sync.now import sync_now
from tests.web.salon import ANNA, DANA, NOW, Salon

CALENDAR = "dana@example.com"
TITLE = "Therapy with Dr Grey"
FREE_TIME = "2026-11-29T03:00"  # a Sunday night


def put_event(salon: Salon, start: str, end: str, **fields: Any) -> None:
    times = {
        name: {"dateTime": f"{at}:00", "timeZone": "Europe/Berlin"}
        for name, at in (("start", start), ("end", end))
    }
    salon.google.put_event(CALENDAR, {"summary": TITLE} | times | fields)


def put_day(salon: Salon, first: str, last: str, **fields: Any) -> None:
    salon.google.put_event(
        CALENDAR, {"summary": TITLE, "start": {"date": first}, "end": {"date": last}} | fields
    )


@pytest.fixture
def connected(salon: Salon) -> Salon:
    salon.upload()
    salon.connect()
    return salon


def sync(salon: Salon) -> None:
    account = salon.account()
    assert account is not None
    sync_now(salon.services.sync_parts(), "test", [account])


def asked(salon: Salon, at: str, *, own: bool = False, agent_id: int = DANA) -> str:
    client = salon.agent(agent_id) if own else salon.owner()
    address = "/connect/slots" if own else f"/agents/{agent_id}/slots"
    answer = client.get(address, query_string={"at": at})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split("<main", 1)[-1]))


def test_entry_that_blocks_is_named_by_calendar_times_and_rule_but_not_by_title(connected: Salon) -> None:
    """users-ask.md U23, U40."""
    put_event(connected, "2026-11-24T10:00", "2026-11-24T11:30")
    sync(connected)
    page = asked(connected, "2026-11-24T10:15")
    assert "Tue 24 Nov, 10:15: blocked" in page
    assert "In a calendar of Dana Reyes’s: an entry, Tue 24 Nov, 10:00–11:30." in page
    assert "It blocks because it is marked “busy”." in page
    assert "was last read just now" in page
    assert TITLE not in page
    assert CALENDAR not in page


def test_agents_own_page_calls_the_calendar_by_its_name(connected: Salon) -> None:
    put_event(connected, "2026-11-24T10:00", "2026-11-24T11:30")
    sync(connected)
    assert f"In “Main calendar ({CALENDAR})”: an entry" in asked(connected, "2026-11-24T10:15", own=True)


def test_agent_sees_no_other_agents_time(connected: Salon) -> None:
    assert connected.agent(ANNA).get(f"/agents/{DANA}/slots?at=2026-11-24T10:15").status_code == 403


def test_time_at_which_nothing_is_known_says_what_else_may_block_it(connected: Salon) -> None:
    sync(connected)
    page = asked(connected, FREE_TIME)
    assert ": not blocked" in page
    assert "LatePoint’s own working hours, holidays, buffers and limits may still do so" in page


def test_entry_marked_free_is_shown_with_the_rule_that_lets_it_pass(connected: Salon) -> None:
    """users-ask.md U17."""
    put_event(connected, "2026-11-29T03:00", "2026-11-29T04:00", transparency="transparent")
    sync(connected)
    page = asked(connected, FREE_TIME)
    assert ": not blocked" in page
    assert (
        "It does not block: it is marked “free”, and such entries do not block by the agent’s choice." in page
    )


def test_all_day_entry_is_answered_by_the_agents_own_switch(connected: Salon) -> None:
    """users-ask.md U18."""
    put_day(connected, "2026-11-29", "2026-11-30")
    sync(connected)
    assert "It blocks because it lasts all day" in asked(connected, FREE_TIME)
    account = connected.account()
    assert account is not None
    choose_blocking(connected.services.database, account.id, BlockingPolicy(all_day=AllDay.NEVER), NOW)
    sync(connected)
    assert "It does not block: it lasts all day" in asked(connected, FREE_TIME)


def test_own_booking_is_named_as_what_blocks(connected: Salon) -> None:
    snapshot = connected.services.site.read_snapshot(DANA)
    booking = next(each for each in snapshot.bookings.values() if each.span.start > NOW)
    page = asked(connected, booking.span.start.isoformat())
    assert f"Booking {booking.code}" in page
    assert "LatePoint itself blocks that time" in page


def test_event_of_an_own_booking_does_not_block_twice(connected: Salon) -> None:
    sync(connected)
    snapshot = connected.services.site.read_snapshot(DANA)
    booking = next(each for each in snapshot.bookings.values() if each.span.start > NOW)
    assert "In a calendar of" not in asked(connected, booking.span.start.isoformat())


def test_time_that_comes_twice_is_answered_for_both(connected: Salon) -> None:
    """users-ask.md U19."""
    page = asked(connected, "2027-10-31T02:30")
    assert "before the clock is put back" in page
    assert "after the clock is put back" in page
    assert "02:30 comes twice on that day" in page


def test_time_that_is_skipped_says_so(connected: Salon) -> None:
    page = asked(connected, "2027-03-28T02:30")
    assert "02:30 does not exist on that day" in page
    assert "03:30" in page


def test_agent_without_a_calendar_says_so(salon: Salon) -> None:
    assert "Dana Reyes has not connected a calendar" in asked(salon, FREE_TIME)


def test_form_that_is_not_told_is_said_so_where_no_plugin_runs(connected: Salon) -> None:
    sync(connected)
    assert "the LateSync plugin is not active in WordPress" in asked(connected, FREE_TIME)
    write_busy_way(connected.services.database, connected.services.site_id, BusyWay.OFF_PERIODS, NOW)
    assert "plugin is not active" not in asked(connected, FREE_TIME)


def test_signed_out_agents_old_entries_go_on_blocking_and_it_says_so(connected: Salon) -> None:
    """users-ask.md U11."""
    put_event(connected, "2026-11-24T10:00", "2026-11-24T11:30")
    sync(connected)
    account = connected.account()
    assert account is not None
    record_needs_sign_in(connected.services.database, account.id, "sign_in_again", NOW)
    page = asked(connected, "2026-11-24T10:15")
    assert ": blocked" in page
    assert "what stood in the calendar at the last look goes on blocking" in page


def test_pause_is_said_for_nothing_new_is_seen_meanwhile(connected: Salon) -> None:
    with connected.services.database.write() as connection:
        connection.execute(insert(pauses).values(site_id=connected.services.site_id, agent_id=0, since=NOW))
    assert "LateSync is paused since" in asked(connected, FREE_TIME)


@pytest.mark.parametrize("at", ["", "tomorrow", "2026-11-24", "9" * 3000])
def test_what_is_no_time_asks_for_one(connected: Salon, at: str) -> None:
    page = asked(connected, at)
    assert "blocked ?" not in page
    assert ("Choose a day and a time." in page) is bool(at)


def test_unknown_agent_is_not_found(salon: Salon) -> None:
    owner = salon.owner()
    for number in ("77", "9" * 30):
        assert owner.get(f"/agents/{number}/slots").status_code == 404
