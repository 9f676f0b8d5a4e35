"""Laws of busy time (design.md §9): L5, L6 and L7, whatever changed, in whatever pages it arrived."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from latesync.model import CalendarItem, Event, EventKind
from latesync.options import AllDay, BlockingPolicy
from latesync.plan.inbound import plan_inbound, roots_of, slots_of
from latesync.times import TimeRange
from tests.builders.diary import Diary, Memory, an_exception_of
from tests.builders.plan import (
    a_booking,
    a_key,
    a_listening,
    a_mapping,
    a_window,
    an_all_day_item,
    an_event,
    an_item,
    our_event,
    utc,
)

NAMES = st.sampled_from(["standup", "trip"])  # few, so that most changes meet what was there
RECURRENCES = st.sampled_from(
    [
        (),
        (),
        ("RRULE:FREQ=DAILY",),
        ("RRULE:FREQ=DAILY;COUNT=8",),
        ("RRULE:FREQ=WEEKLY;UNTIL=20260320T000000Z",),
        ("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20260309T090000"),
        ("RRULE:FREQ=DAILY;INTERVAL=0",),
    ]
)
MOVES = st.sampled_from([None, timedelta(hours=2), timedelta(days=-40), timedelta(days=40), timedelta(0)])
WINDOW = a_window("2026-03-01", "2026-04-01")


@st.composite
def items(draw: st.DrawFn, name: str | None = None) -> CalendarItem:
    event_id = name or draw(NAMES)
    recurrence = draw(RECURRENCES)
    if draw(st.integers(0, 3)) == 0:
        day = draw(st.sampled_from(["2026-02-20", "2026-03-02", "2026-03-28", "2026-04-20"]))
        all_day = an_all_day_item(
            event_id, day, days=draw(st.sampled_from([1, 3, 14])), recurrence=recurrence
        )
        return replace(all_day, is_free=draw(st.booleans()))
    timed = an_item(
        event_id,
        draw(
            st.sampled_from(["2026-02-10 08:00", "2026-02-28 22:30", "2026-03-02 08:00", "2026-03-27 01:30"])
        ),
        minutes=draw(st.sampled_from([30, 60, 6000])),
        recurrence=recurrence,
        kind=draw(st.sampled_from([EventKind.NORMAL, EventKind.NORMAL, *EventKind])),
        is_free=draw(st.integers(0, 4)) == 0,
        is_tentative=draw(st.integers(0, 4)) == 0,
        is_declined=draw(st.integers(0, 6)) == 0,
    )
    return replace(timed, is_unanswered=draw(st.integers(0, 4)) == 0)


POLICIES = st.builds(
    BlockingPolicy, *(st.booleans() for _ in range(6)), all_day=st.sampled_from(list(AllDay))
)


STANDUP = an_item("standup", "2026-02-27 08:00", minutes=3000, recurrence=("RRULE:FREQ=DAILY;COUNT=30",))
CHANGES = st.one_of(
    st.tuples(st.just("put"), items()),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("except"), st.tuples(NAMES, st.integers(0, 12), MOVES)),
    st.tuples(st.just("except"), st.tuples(st.just("standup"), st.integers(0, 4), MOVES)),
    st.tuples(st.just("revert"), st.integers(0, 3)),
    st.tuples(st.just("make single"), NAMES),
)


def make(change: tuple[str, Any], diary: Diary) -> None:
    match change:
        case ("put", item):
            diary.put(item)
        case ("delete", name):
            diary.delete(name)
        case ("except", (name, number, moved_by)):
            series = diary.items.get(name)
            if series is not None and series.recurrence:
                diary.put(an_exception_of(series, number, moved_by))
        case ("revert", number):
            exceptions = sorted(item.event_id for item in diary.items.values() if item.series_id)
            for event_id in exceptions[number : number + 1]:
                diary.delete(event_id)
        case ("make single", name):
            if name in diary.items:
                diary.put(replace(diary.items[name], recurrence=()))


def in_pages(events: list[Event], size: int) -> list[list[Event]]:
    return [events[start : start + size] for start in range(0, len(events), size)]


def slots_from_scratch(diary: Diary, memory: Memory) -> dict[str, tuple[str, TimeRange]]:
    found = slots_of(diary.items, roots_of(diary.items.values()), memory.listening)
    return {slot.id: (slot.item_id, slot.span) for slot in found}


@given(
    st.lists(st.tuples(CHANGES, st.one_of(st.none(), POLICIES)), min_size=1, max_size=12), st.integers(1, 4)
)
def test_a_changed_choice_recomputed_from_kept_items_equals_a_full_listing_under_it(
    steps: list[tuple[tuple[str, Any], BlockingPolicy | None]], size: int
) -> None:
    """L6 under any switches (users-ask.md U17, U18, U21): nothing has to be listed again for them."""
    diary, memory = Diary(), Memory(a_listening(window=WINDOW))
    diary.put(STANDUP)
    for change, policy in steps:
        make(change, diary)
        for page in in_pages(diary.changes(), size):
            memory.hear(page)
        if policy is None:
            continue
        memory.listening = replace(memory.listening, policy=policy)
        memory.slide(memory.listening.window)
        fresh = Memory(memory.listening)
        for page in in_pages(diary.full_listing(), size):
            fresh.hear(page)
        assert memory.slots == fresh.slots


LISTENS = st.one_of(st.none(), st.tuples(st.integers(1, 4), st.booleans()))
DAYS = st.sampled_from([0, 0, 0, 1, 3, 20])


@settings(max_examples=400)
@given(st.lists(st.tuples(CHANGES, LISTENS, DAYS), min_size=2, max_size=12))
def test_slots_after_any_changes_equal_those_of_a_full_listing(
    steps: list[tuple[tuple[str, Any], tuple[int, bool] | None, int]],
) -> None:
    """After a change LateSync may read what is new, in pages of a size, and days may pass."""
    diary, memory = Diary(), Memory(a_listening(window=WINDOW))
    diary.put(STANDUP)
    memory.hear(diary.changes())
    for change, listens, days in [*steps, (("rest", None), (3, True), 0)]:
        make(change, diary)
        passed, window = timedelta(days=days), memory.listening.window
        if days:
            memory.slide(TimeRange(window.start + passed, window.end + passed))
        if listens is not None:
            size, tells_of_exceptions = listens
            for page in in_pages(diary.changes(tells_of_exceptions=tells_of_exceptions), size):
                memory.hear(page)
            assert memory.slots == slots_from_scratch(diary, memory)


@given(
    st.lists(CHANGES, max_size=15),
    st.lists(CHANGES, min_size=1, max_size=15),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_order_and_pages_of_the_same_changes_end_in_the_same(
    before: list[tuple[str, Any]], after: list[tuple[str, Any]], size: int, chance: random.Random
) -> None:
    diary = Diary()
    at_once, in_bits = Memory(a_listening(window=WINDOW)), Memory(a_listening(window=WINDOW))
    for change in before:
        make(change, diary)
    first = diary.changes()
    at_once.hear(first)
    in_bits.hear(first)
    for change in after:
        make(change, diary)
    events = diary.changes()

    at_once.hear(events)
    for page in in_pages(chance.sample(events, len(events)), size):
        in_bits.hear(page)

    assert in_bits.slots == at_once.slots
    assert in_bits.items == at_once.items


@given(st.lists(items(), unique_by=lambda item: item.event_id), st.randoms(use_true_random=False))
def test_order_within_a_page_does_not_alter_the_plan(
    shown: list[CalendarItem], chance: random.Random
) -> None:
    events = [an_event(item) for item in shown]
    listening = a_listening(window=WINDOW)
    plan = plan_inbound(events, {}, {}, listening)
    assert plan_inbound(chance.sample(events, len(events)), {}, {}, listening) == plan


@given(st.lists(CHANGES, max_size=15))
def test_hearing_the_same_twice_changes_nothing(changes: list[tuple[str, Any]]) -> None:
    diary, memory = Diary(), Memory(a_listening(window=WINDOW))
    for change in changes:
        make(change, diary)
    memory.hear(diary.full_listing())
    once = dict(memory.slots)
    memory.hear(diary.full_listing())
    assert memory.slots == once


@st.composite
def own_events(draw: st.DrawFn) -> tuple[Event, bool]:
    """An event of ours, as it may look after people had it in their hands; whether it is mapped."""
    booking = a_booking(draw(st.integers(1, 20)))
    is_mapped = draw(st.booleans())
    generation = draw(st.integers(0, 3))
    event = our_event(booking, generation=generation, etag=draw(st.sampled_from(['"1"', '"2"'])))
    match draw(st.sampled_from(["as it was", "moved", "made a series", "a date of it", "without marker"])):
        case "moved":
            event = replace(event, item=an_item(event.item.event_id, "2026-03-20 10:00"))
        case "made a series":
            series = replace(event.item, recurrence=("RRULE:FREQ=DAILY",))
            event = replace(event, item=series)
        case "a date of it":
            key = a_key(booking, generation)
            date = an_item(
                f"{key}_1", "2026-03-21 10:00", series_id=key, original_start=utc("2026-03-03 09:00")
            )
            event = replace(event, item=date)
        case "without marker":
            is_mapped, event = True, replace(event, marker=None, content=None)
    return event, is_mapped


@given(
    st.lists(own_events(), unique_by=lambda own: own[0].item.event_id),
    st.lists(items(), unique_by=lambda item: item.event_id),
    st.randoms(use_true_random=False),
)
def test_no_slot_stems_from_our_own_events(
    own: list[tuple[Event, bool]], foreign: list[CalendarItem], chance: random.Random
) -> None:
    mappings = {}
    for event, is_mapped in own:
        key = event.item.series_id or event.item.event_id
        if is_mapped:
            mappings[key] = a_mapping(a_booking(1), event_id=key)
    events = [event for event, _ in own] + [an_event(item) for item in foreign]
    listening = a_listening(window=WINDOW)

    plan = plan_inbound(chance.sample(events, len(events)), {}, mappings, listening)

    alone = plan_inbound([an_event(item) for item in foreign], {}, {}, listening)
    assert (plan.slots, plan.put) == (alone.slots, alone.put)
