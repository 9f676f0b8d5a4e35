"""A page of changes as a whole: several events on it, the same one twice, ours among others' (law L7)."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from latesync.model import CalendarItem, Drift, Event, Mapping
from latesync.plan.inbound import InboundPlan, plan_inbound
from tests.builders.plan import (
    a_booking,
    a_listening,
    a_mapping,
    a_tombstone,
    an_event,
    an_item,
    our_event,
    utc,
)

LISTENING = a_listening()
BOOKINGS = [a_booking(number) for number in (1, 2, 3)]
DENTIST = an_item("dentist")
WEEKLY = an_item("standup", recurrence=("RRULE:FREQ=WEEKLY;COUNT=3",))
CAR = an_item("car", "2026-03-04 10:00")


def page(*events: Event, known: tuple[CalendarItem, ...] = (), own: tuple[Mapping, ...] = ()) -> InboundPlan:
    items = {item.event_id: item for item in known}
    return plan_inbound(events, items, {mapping.event_id: mapping for mapping in own}, LISTENING)


def test_every_event_of_a_page_is_looked_at_whatever_stands_before_it() -> None:
    edited = [our_event(booking, etag='"2"', summary="Coffee") for booking in BOOKINGS]
    own = tuple(map(a_mapping, BOOKINGS))
    for order in permutations([edited[0], an_event(DENTIST), edited[2], edited[1]]):
        plan = page(*order, own=own)
        assert [item.event_id for item in plan.put] == ["dentist"]
        assert [seen.mapping_id for seen in plan.seen] == [mapping.id for mapping in own]
        assert {seen.drift for seen in plan.seen} == {Drift.EDITED}


def test_what_a_page_says_last_of_an_event_counts() -> None:
    free = an_event(replace(DENTIST, is_cancelled=True, starts=None, ends=None))
    gone_at_last = page(an_event(DENTIST), free)
    back_at_last = page(free, an_event(DENTIST))
    assert (gone_at_last.put, gone_at_last.drop) == ((), frozenset({"dentist"}))
    assert (back_at_last.put, back_at_last.drop) == ((DENTIST,), frozenset())


def test_an_event_that_turns_out_to_be_ours_on_the_same_page_blocks_nothing() -> None:
    """Law L5: its marker came a moment later than its times."""
    booking = BOOKINGS[0]
    ours = our_event(booking)
    plan = page(an_event(ours.item), ours)
    assert (plan.put, plan.drop, plan.slots) == ((), frozenset({ours.item.event_id}), ())


def test_what_is_ours_is_forgotten_though_it_was_kept_as_another_s() -> None:
    ours = our_event(BOOKINGS[0])
    plan = page(ours, known=(ours.item,))
    assert (plan.drop, plan.slots) == (frozenset({ours.item.event_id}), ())


def test_an_entry_of_no_series_is_no_date_of_any_mapped_event() -> None:
    """Only what names a series of ours belongs to it."""
    own = a_mapping(BOOKINGS[0])
    date_of_ours = replace(an_item("date"), series_id=own.event_id, original_start=utc("2026-03-03 10:00"))
    plan = page(an_event(date_of_ours), an_event(DENTIST), own=(own,))
    assert [item.event_id for item in plan.put] == ["dentist"]


@pytest.mark.parametrize(
    ("item", "known", "is_unknown"),
    [
        (WEEKLY, (), True),
        (WEEKLY, (replace(WEEKLY, recurrence=()),), True),
        (WEEKLY, (replace(WEEKLY, is_tentative=True),), False),
        (DENTIST, (), False),
        (replace(WEEKLY, recurrence=()), (WEEKLY,), False),
    ],
    ids=["a new series", "a single event made a series", "a known one", "a single event", "a series ended"],
)
def test_a_series_that_was_none_before_is_told(
    item: CalendarItem, known: tuple[CalendarItem, ...], is_unknown: bool
) -> None:
    """Its exceptions may have been shown before it and been passed by."""
    assert page(an_event(item), known=known).has_unknown_series is is_unknown


def test_a_tombstone_takes_only_its_own_event_away() -> None:
    plan = page(an_event(a_tombstone("dentist")), an_event(CAR), known=(DENTIST,))
    assert (plan.drop, [item.event_id for item in plan.put]) == (frozenset({"dentist"}), ["car"])
    assert len(plan.slots) == 1


def test_an_exception_hides_no_slot_of_what_is_computed_after_it() -> None:
    moved = replace(
        an_item("standup_1", "2026-03-10 12:00"), series_id="standup", original_start=utc("2026-03-10 10:00")
    )
    for order in permutations([WEEKLY, moved, DENTIST, CAR]):
        plan = page(*map(an_event, order))
        assert len(plan.slots) == 5
