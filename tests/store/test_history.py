"""What was done is kept, found again page by page, and forgotten in time."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from latesync.model import MappingState
from latesync.store.accounts import choose_calendars, record_disconnected, record_needs_sign_in
from latesync.store.choices import write_waking_hours
from latesync.store.history import (
    Entry,
    HistoryRow,
    Wanted,
    What,
    Who,
    prune_history,
    read_history,
    record_history,
    stream_history,
)
from latesync.store.mappings import mappings_of_bookings, record_set_aside
from latesync.store.retries import retry_set_aside
from latesync.store.trust_schema import history
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site, a_span

DAY = timedelta(days=1)


def an_entry(number: int = 0, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "at": NOW + number * SECOND,
        "who": Who.LATESYNC,
        "what": What.EVENT_CREATED,
        "why": "new booking",
        "agent_id": 1,
        "booking_id": 100 + number,
    }
    return Entry(**(values | changes))


def bookings(rows: list[HistoryRow]) -> list[int | None]:
    return [row.booking_id for row in rows]


def test_entry_comes_back_as_it_was_kept(site: Site) -> None:
    entry = an_entry(
        result="was_gone", account_id=3, run="f" * 32, detail={"starts_at": NOW.isoformat(), "n": 2}
    )
    record_history(site.database, SITE, [entry])
    (row,) = read_history(site.database, SITE)
    names = [name for name in Entry.__slots__ if name != "id"]
    assert {name: getattr(row, name) for name in names} == {name: getattr(entry, name) for name in names}


def test_newest_entries_come_first_page_by_page(site: Site) -> None:
    record_history(site.database, SITE, [an_entry(number) for number in range(5)])
    first = read_history(site.database, SITE, limit=2)
    second = read_history(site.database, SITE, before=first[-1].id, limit=2)
    assert (bookings(first), bookings(second)) == ([104, 103], [102, 101])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(agent_id=2), [3]),
        (Wanted(booking_id=1), [1]),
        (Wanted(run="a" * 32), [2]),
        (Wanted(what=What.EVENT_DELETED), [1]),
        (Wanted(since=NOW + 2 * SECOND), [3, 2]),
        (Wanted(agent_id=1, since=NOW + 2 * SECOND), [2]),
    ],
)
def test_only_what_is_wanted_is_found(site: Site, wanted: Wanted, found: list[int]) -> None:
    entries = [
        an_entry(1, booking_id=1, what=What.EVENT_DELETED),
        an_entry(2, booking_id=2, run="a" * 32),
        an_entry(3, booking_id=3, agent_id=2),
    ]
    record_history(site.database, SITE, entries)
    assert bookings(read_history(site.database, SITE, wanted)) == found


def test_another_sites_history_stays_its_own(site: Site) -> None:
    record_history(site.database, SITE, [an_entry()])
    assert read_history(site.database, "another") == []


def test_a_long_history_is_read_to_its_end_each_entry_once(site: Site) -> None:
    record_history(site.database, SITE, [an_entry(number) for number in range(2500)])
    assert bookings(list(stream_history(site.database, SITE))) == list(range(2599, 99, -1))


def test_old_entries_are_forgotten(site: Site) -> None:
    record_history(site.database, SITE, [an_entry(booking_id=1, at=NOW - 401 * DAY), an_entry(booking_id=2)])
    assert prune_history(site.database, NOW - 400 * DAY) == 1
    assert bookings(read_history(site.database, SITE)) == [2]


def test_entries_a_clock_of_the_future_wrote_keep_no_older_ones(site: Site) -> None:
    entries = [an_entry(booking_id=1, at=NOW + 999 * DAY)]
    entries += [an_entry(number, at=NOW - 401 * DAY) for number in range(1200)]
    record_history(site.database, SITE, [*entries, an_entry(booking_id=2)])
    assert prune_history(site.database, NOW - 400 * DAY) == 1200
    assert bookings(read_history(site.database, SITE)) == [2, 1]


def test_codes_of_a_vendor_that_are_too_long_are_cut_and_lose_nothing_else(site: Site) -> None:
    record_history(site.database, SITE, [an_entry(why="w" * 300, result="r" * 300)])
    (row,) = read_history(site.database, SITE)
    assert (row.why, row.result) == ("w" * 64, "r" * 48)


def test_what_a_newer_program_wrote_is_shown_as_other(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(
            insert(history).values(site_id=SITE, at=NOW, who="robot", what="event_sung", why="x")
        )
    (row,) = read_history(site.database, SITE)
    assert (row.who, row.what, row.why) == (Who.LATESYNC, What.OTHER, "event_sung")


# --- who did what to an account ---------------------------------------------------------------


def told(site: Site) -> list[tuple[Who, What, str]]:
    return [(row.who, row.what, row.why) for row in read_history(site.database, SITE)]


def test_signing_in_out_and_choosing_are_kept_with_who_did_it(site: Site) -> None:
    account_id = site.connect()
    choose_calendars(site.database, account_id, "work", ["work", "team"], False, NOW)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW)
    site.connect(consented_at=NOW + HOUR)
    record_disconnected(site.database, account_id, NOW, who=Who.OWNER)
    assert told(site) == [
        (Who.OWNER, What.DISCONNECTED, ""),
        (Who.AGENT, What.CONNECTED, "again"),
        (Who.LATESYNC, What.SIGNED_OUT, "sign_in_again"),
        (Who.AGENT, What.CALENDARS_CHOSEN, ""),
        (Who.AGENT, What.CONNECTED, "first"),
    ]


def test_sign_in_that_was_renewed_meanwhile_is_not_said_to_be_lost(site: Site) -> None:
    account_id = site.connect(consented_at=NOW + HOUR)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW, consented_at=NOW)
    assert [what for _, what, _ in told(site)] == [What.CONNECTED]


def test_owners_choice_is_kept_with_its_setting(site: Site) -> None:

    write_waking_hours(site.database, SITE, time(9), time(17), NOW)
    (row,) = read_history(site.database, SITE)
    assert (row.who, row.what, row.why, row.detail) == (
        Who.OWNER,
        What.SETTINGS_CHANGED,
        "waking_hours",
        {"chosen": "09:00-17:00"},
    )


def test_no_address_and_no_name_is_in_what_is_kept(site: Site) -> None:
    """users-ask.md U40."""
    account_id = site.connect(email="dana@example.com", write_calendar_id="dana@example.com")
    choose_calendars(site.database, account_id, "dana@example.com", ["team@example.com"], False, NOW)
    with site.database.read() as connection:
        kept = [str(value) for row in connection.execute(select(history)) for value in row]
    assert not [value for value in kept if "@" in value]


# --- trying again -----------------------------------------------------------------------------


def set_aside(site: Site, account_id: int, booking_id: int = 7) -> None:
    site.live_mapping(account_id, booking_id)
    record_set_aside(
        site.database, account_id, booking_id, content_hash="h", span=a_span(), problem="invalid", now=NOW
    )


def test_retry_makes_the_next_plan_write_the_event_again(site: Site) -> None:
    """users-ask.md U12, U13."""
    account_id = site.connect()
    set_aside(site, account_id)
    (claim,) = site.claim()
    site.release(claim.account.id)
    assert retry_set_aside(site.database, SITE, 7, NOW + HOUR, who=Who.OWNER) == {1}
    (mapping,) = mappings_of_bookings(site.database, account_id, [7]).values()
    assert (mapping.state, mapping.content_hash) == (MappingState.SET_ASIDE, "")
    assert site.account(account_id).outbound_due_at == NOW + HOUR
    (row,) = read_history(site.database, SITE, Wanted(what=What.EVENT_RETRIED))
    assert (row.who, row.why, row.booking_id, row.account_id) == (Who.OWNER, "invalid", 7, account_id)


def test_retry_of_what_is_not_set_aside_changes_nothing(site: Site) -> None:
    account_id = site.connect()
    site.live_mapping(account_id, 7)
    set_aside(site, account_id, 8)
    assert retry_set_aside(site.database, SITE, 7, NOW, who=Who.OWNER) == set()
    (mapping,) = mappings_of_bookings(site.database, account_id, [7]).values()
    assert mapping.content_hash == "hash-1"
    assert read_history(site.database, SITE, Wanted(what=What.EVENT_RETRIED)) == []
