"""Buffers are known by numbers below zero, and come along wherever their booking is asked for."""

from __future__ import annotations

from latesync.booking_parts import BookingPart, part_number
from latesync.model import MappingState
from latesync.options import Decision
from latesync.store.held import Choice, HeldOperation, decide, list_held, read_known, replace_held
from latesync.store.history import Entry, Wanted, What, Who, read_history, record_history
from latesync.store.mappings import (
    agents_with_events,
    count_mapped,
    mapped_booking_ids,
    read_mappings,
    record_set_aside,
)
from latesync.store.measures import count_mappings
from latesync.store.retries import retry_set_aside
from latesync.store.set_up import first_event
from tests.store.builders import NOW, SITE, Site, a_span

BEFORE, AFTER = part_number(7, BookingPart.BEFORE), part_number(7, BookingPart.AFTER)


def with_buffers(site: Site) -> int:
    """An account in whose calendar stand booking 7, and a buffer that was written before it."""
    account_id = site.connect()
    for number in (BEFORE, 7, AFTER):
        site.live_mapping(account_id, number)
    return account_id


def test_they_are_no_bookings_where_bookings_are_counted(site: Site) -> None:
    account_id = with_buffers(site)
    assert count_mapped(site.database, account_id) == 1
    assert mapped_booking_ids(site.database, SITE, 10) == [7]
    assert count_mappings(site.database, SITE) == {MappingState.LIVE: 1}
    first = first_event(site.database, SITE)
    assert first is not None
    assert first.booking_id == 7


def test_a_hint_about_a_booking_reaches_who_has_a_buffer_of_it(site: Site) -> None:
    site.live_mapping(site.connect(), AFTER)
    assert agents_with_events(site.database, SITE, [7]) == {1}
    assert agents_with_events(site.database, SITE, [8, 14, 15]) == set()


def test_the_history_of_a_booking_has_its_buffers_with_their_part(site: Site) -> None:
    entries = [
        Entry(at=NOW, who=Who.LATESYNC, what=What.EVENT_CREATED, why="new booking", booking_id=number)
        for number in (BEFORE, 7, AFTER, part_number(8, BookingPart.BEFORE))
    ]
    record_history(site.database, SITE, entries)
    rows = read_history(site.database, SITE, Wanted(booking_id=7))
    assert [(row.booking_id, dict(row.detail)) for row in rows] == [
        (7, {"part": "after"}),
        (7, {}),
        (7, {"part": "before"}),
    ]


def test_a_refused_buffer_is_tried_again_with_its_booking(site: Site) -> None:
    account_id = with_buffers(site)
    record_set_aside(
        site.database, account_id, AFTER, content_hash="refused", span=a_span(), problem="invalid", now=NOW
    )
    assert retry_set_aside(site.database, SITE, 7, NOW, who=Who.OWNER) == {1}
    (retried,) = [row for row in read_mappings(site.database, account_id) if row.booking_id == AFTER]
    assert retried.content_hash == ""
    (entry,) = read_history(site.database, SITE, Wanted(what=What.EVENT_RETRIED))
    assert (entry.booking_id, entry.detail["part"]) == (7, "after")


def test_one_answer_goes_for_a_booking_and_its_buffers(site: Site) -> None:
    account_id = with_buffers(site)
    keys = [HeldOperation(number, "delete", "booking cancelled") for number in (BEFORE, 7, AFTER, 8)]
    replace_held(site.database, account_id, keys, NOW)
    decide(site.database, SITE, Decision.RELEASED, Choice(booking_id=7), NOW)
    known = read_known(site.database, account_id)
    released = {number for (number, _, _), decision in known.items() if decision is Decision.RELEASED}
    assert released == {BEFORE, 7, AFTER}
    assert [row.booking_id for row in list_held(site.database, SITE)] == [8]
