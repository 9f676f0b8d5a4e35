"""Every row of the decision table of design.md §5, and what calendars do between the rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from latesync.model import BusySlot, CalendarItem, Drift, Event, EventKind, Mapping
from latesync.options import BlockingPolicy
from latesync.plan.blocking import blocks
from latesync.plan.drift import OwnEventSeen
from latesync.plan.inbound import InboundPlan, is_over, plan_inbound, roots_of, slots_of
from latesync.plan.ownership import Listening
from latesync.times import TimeRange, zone_named
from tests.builders.plan import (
    ACCOUNT,
    AGENT,
    BERLIN,
    a_booking,
    a_cancelled_date,
    a_key,
    a_listening,
    a_mapping,
    a_span,
    a_tombstone,
    a_window,
    an_all_day_item,
    an_event,
    an_item,
    our_event,
    utc,
)

BOOKING = a_booking()
SERIES = an_item("standup", "2026-03-02 08:00", recurrence=("RRULE:FREQ=WEEKLY;COUNT=3",))
SECOND = utc("2026-03-09 08:00")
MOVED = an_item("standup_2", "2026-03-10 15:00", series_id="standup", original_start=SECOND)


def plan_for(
    *shown: Event | CalendarItem,
    known: Iterable[CalendarItem] = (),
    mappings: Iterable[Mapping] = (),
    listening: Listening | None = None,
) -> InboundPlan:
    events = [one if isinstance(one, Event) else an_event(one) for one in shown]
    return plan_inbound(
        events,
        {item.event_id: item for item in known},
        {mapping.event_id: mapping for mapping in mappings},
        listening or a_listening(),
    )


def spans(plan: InboundPlan) -> list[TimeRange]:
    return sorted(slot.span for slot in plan.slots)


def starts(plan: InboundPlan) -> list[str]:
    return [span.start.strftime("%m-%d %H:%M") for span in spans(plan)]


# --- our own events ---------------------------------------------------------------------------


def test_our_own_echo_changes_nothing() -> None:
    plan = plan_for(our_event(BOOKING), mappings=[a_mapping(BOOKING)])
    assert (plan.put, plan.slots, plan.seen) == ((), (), ())


def test_change_of_our_event_is_noted_as_drift() -> None:
    mapping = a_mapping(BOOKING)
    plan = plan_for(our_event(BOOKING, etag='"2"', summary="Lunch"), mappings=[mapping])
    assert plan.seen == (OwnEventSeen(mapping.id, '"2"', has_agent_notes=False, drift=Drift.EDITED),)
    assert plan.slots == ()


def test_removal_of_our_event_is_noted_as_drift() -> None:
    mapping = a_mapping(BOOKING)
    plan = plan_for(a_tombstone(mapping.event_id), mappings=[mapping])
    assert [seen.drift for seen in plan.seen] == [Drift.DELETED]


def test_our_event_of_another_account_on_this_site_never_blocks() -> None:
    hers = a_booking(agent_id=AGENT + 1)
    mapping = a_mapping(hers, account_id=ACCOUNT + 1)
    plan = plan_for(our_event(hers, etag='"2"', summary="Lunch"), mappings=[mapping])
    assert (plan.put, plan.slots, plan.seen) == ((), (), ())


def test_our_event_seen_in_a_calendar_we_only_read_is_no_drift() -> None:
    plan = plan_for(
        our_event(BOOKING, etag='"2"', summary="Lunch"),
        mappings=[a_mapping(BOOKING)],
        listening=a_listening(calendar_id="another@group.calendar.google.com"),
    )
    assert (plan.slots, plan.seen) == ((), ())


def test_our_event_is_ours_by_its_derived_id_before_its_mapping_is_known() -> None:
    assert plan_for(our_event(BOOKING, generation=3)).slots == ()


def test_persons_copy_of_our_event_blocks_like_anyones() -> None:
    plan = plan_for(our_event(BOOKING, event_id="copied"), mappings=[a_mapping(BOOKING)])
    assert spans(plan) == [BOOKING.span]


def test_event_of_another_site_blocks_like_anyones() -> None:
    theirs = our_event(BOOKING)
    assert theirs.marker is not None
    theirs = replace(theirs, marker=replace(theirs.marker, site_id="site-2"))
    assert spans(plan_for(theirs)) == [BOOKING.span]


def test_event_marked_as_ours_under_another_persons_key_blocks() -> None:
    plan = plan_for(our_event(BOOKING), listening=a_listening(subject="somebody else"))
    assert spans(plan) == [BOOKING.span]


def test_our_event_whose_marker_somebody_removed_is_still_ours() -> None:
    event = replace(our_event(BOOKING, etag='"2"'), marker=None, content=None)
    plan = plan_for(event, mappings=[a_mapping(BOOKING)])
    assert plan.slots == ()
    assert [seen.drift for seen in plan.seen] == [Drift.EDITED]


@pytest.mark.parametrize("is_mapped", [True, False])
def test_date_of_our_event_that_somebody_made_a_series_never_blocks(is_mapped: bool) -> None:
    key = a_key(BOOKING)
    one_date = replace(
        our_event(BOOKING, event_id=f"{key}_2"),
        item=an_item(f"{key}_2", series_id=key, original_start=utc("2026-03-09 09:00")),
    )
    plan = plan_for(one_date, mappings=[a_mapping(BOOKING)] if is_mapped else [])
    assert (plan.put, plan.slots, plan.seen) == ((), (), ())


def test_item_that_turns_out_to_be_ours_loses_its_slots() -> None:
    key = a_key(BOOKING)
    plan = plan_for(our_event(BOOKING), known=[an_item(key)], mappings=[a_mapping(BOOKING)])
    assert key in plan.drop
    assert key in plan.recompute
    assert plan.slots == ()


# --- single events of others ------------------------------------------------------------------


def test_event_of_another_blocks() -> None:
    plan = plan_for(an_item("meeting", "2026-03-03 10:00"))
    assert spans(plan) == [a_span("2026-03-03 10:00")]
    assert [slot.item_id for slot in plan.slots] == ["meeting"]
    assert [slot.agent_id for slot in plan.slots] == [AGENT]


@pytest.mark.parametrize(
    "item",
    [
        an_item(is_free=True),
        an_item(is_declined=True),
        an_item(kind=EventKind.WORKING_LOCATION),
        an_item(kind=EventKind.BIRTHDAY),
        an_item(start="2028-03-03 10:00"),
    ],
    ids=["free", "declined", "working location", "birthday", "beyond the window"],
)
def test_event_that_does_not_block_is_kept_without_a_slot(item: CalendarItem) -> None:
    plan = plan_for(item, known=[an_item()])
    assert plan.put == (item,)
    assert plan.recompute == {item.event_id}
    assert plan.slots == ()


@pytest.mark.parametrize("kind", [EventKind.NORMAL, EventKind.OUT_OF_OFFICE, EventKind.FOCUS_TIME])
def test_time_that_is_meant_to_be_kept_blocks(kind: EventKind) -> None:
    assert len(plan_for(an_item(kind=kind)).slots) == 1


@pytest.mark.parametrize("tentative_blocks", [True, False])
def test_tentative_events_block_by_the_agents_choice(tentative_blocks: bool) -> None:
    listening = a_listening(tentative_blocks=tentative_blocks)
    plan = plan_for(an_item(is_tentative=True), listening=listening)
    assert bool(plan.slots) is tentative_blocks


def test_free_beats_tentative() -> None:
    assert not blocks(an_item(is_tentative=True, is_free=True), BlockingPolicy(tentative_blocks=True))


def test_deleted_event_is_forgotten_with_its_slots() -> None:
    plan = plan_for(a_tombstone("meeting"), known=[an_item("meeting")])
    assert plan == InboundPlan((), frozenset({"meeting"}), frozenset({"meeting"}), (), ())


def test_removal_of_an_unknown_event_gives_nothing() -> None:
    plan = plan_for(a_tombstone("whatever"))
    assert (plan.put, plan.slots) == ((), ())


def test_event_that_moved_into_the_past_is_forgotten() -> None:
    plan = plan_for(an_item("meeting", "2026-02-01 10:00"), known=[an_item("meeting")])
    assert plan.drop == {"meeting"}
    assert plan.slots == ()


def test_event_of_the_far_future_is_remembered_until_the_window_reaches_it() -> None:
    far = an_item(start="2027-06-01 10:00")
    (kept,) = plan_for(far).put
    later = a_listening(window=a_window("2026-07-01", "2027-07-01"))
    assert len(slots_of({kept.event_id: kept}, [kept.event_id], later)) == 1


def test_all_day_event_blocks_the_calendars_day() -> None:
    listening = a_listening(zone=zone_named("America/New_York"))
    plan = plan_for(an_all_day_item(first="2026-03-03"), listening=listening)
    assert spans(plan) == [TimeRange(utc("2026-03-03 05:00"), utc("2026-03-04 05:00"))]


def test_event_with_unreadable_times_holds_up_nobody() -> None:
    strange = replace(an_item("strange"), starts=None, ends=None)
    assert starts(plan_for(strange, an_item("meeting", "2026-03-03 10:00"))) == ["03-03 10:00"]


def test_event_shown_twice_counts_as_last_shown() -> None:
    first, last = an_item("meeting", "2026-03-03 10:00"), an_item("meeting", "2026-03-04 10:00")
    assert starts(plan_for(first, last)) == ["03-04 10:00"]
    assert starts(plan_for(first, a_tombstone("meeting"))) == []
    assert starts(plan_for(a_tombstone("meeting"), last)) == ["03-04 10:00"]


# --- slots ------------------------------------------------------------------------------------


def test_slot_keeps_its_id_when_its_event_moves() -> None:
    before, after = plan_for(an_item(start="2026-03-03 10:00")), plan_for(an_item(start="2026-03-05 10:00"))
    assert [slot.id for slot in before.slots] == [slot.id for slot in after.slots]


def test_same_event_in_two_calendars_or_for_two_agents_gives_different_slots() -> None:
    listenings = [a_listening(), a_listening(calendar_id="second"), a_listening(agent_id=AGENT + 1)]
    ids = {plan_for(an_item(), listening=listening).slots[0].id for listening in listenings}
    assert len(ids) == 3
    assert all(len(slot_id) == 32 for slot_id in ids)


def test_two_dates_at_one_instant_are_one_slot() -> None:
    # 02:30 and 03:30 in Berlin are the same instant on the night spring skips the hour between.
    rule = "RRULE:FREQ=DAILY;COUNT=4;BYHOUR=2,3"
    plan = plan_for(an_item(start="2026-03-28 01:30", minutes=30, recurrence=(rule,)))
    assert len({slot.id for slot in plan.slots}) == len(plan.slots) == 3


def test_two_exceptions_of_one_date_are_one_slot_over_both() -> None:
    first, second = MOVED, replace(MOVED, event_id="standup_2b", ends=utc("2026-03-10 18:00"))
    plan = plan_for(first, second)
    assert spans(plan) == [TimeRange(utc("2026-03-10 15:00"), utc("2026-03-10 18:00"))]


# --- series -----------------------------------------------------------------------------------


def test_series_gives_a_slot_for_each_date() -> None:
    plan = plan_for(SERIES)
    assert starts(plan) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]
    assert {slot.item_id for slot in plan.slots} == {"standup"}


def test_moved_date_replaces_all_slots_of_its_series() -> None:
    plan = plan_for(MOVED, known=[SERIES])
    assert plan.put == (MOVED,)
    assert plan.recompute == {"standup"}
    assert starts(plan) == ["03-02 08:00", "03-10 15:00", "03-16 08:00"]


def test_cancelled_date_is_remembered_and_does_not_block() -> None:
    cancelled = a_cancelled_date("standup", SECOND)
    plan = plan_for(cancelled, known=[SERIES])
    assert plan.put == (cancelled,)
    assert starts(plan) == ["03-02 08:00", "03-16 08:00"]


def test_exception_of_which_only_a_tombstone_is_left_gives_its_date_back_to_the_series() -> None:
    for exception in (MOVED, a_cancelled_date("standup", SECOND, "standup_2")):
        plan = plan_for(a_tombstone("standup_2"), known=[SERIES, exception])
        assert plan.drop == {"standup_2"}
        assert "standup" in plan.recompute
        assert starts(plan) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


def test_exception_beyond_the_end_of_a_trimmed_series_is_forgotten() -> None:
    trimmed = replace(SERIES, recurrence=("RRULE:FREQ=WEEKLY;COUNT=1",))
    plan = plan_for(a_tombstone("standup_2"), trimmed, known=[SERIES, MOVED])
    assert starts(plan) == ["03-02 08:00"]
    assert plan.drop == {"standup_2"}


def test_cancelled_date_that_takes_place_again_blocks_again() -> None:
    restored = replace(MOVED, starts=SECOND, ends=utc("2026-03-09 09:00"))
    plan = plan_for(restored, known=[SERIES, a_cancelled_date("standup", SECOND, "standup_2")])
    assert starts(plan) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


@pytest.mark.parametrize("change", [{"is_free": True}, {"is_declined": True}])
def test_single_date_may_be_free_or_declined(change: dict[str, bool]) -> None:
    plan = plan_for(replace(MOVED, **change), known=[SERIES])  # type: ignore[arg-type]
    assert starts(plan) == ["03-02 08:00", "03-16 08:00"]


def test_single_date_of_a_free_series_may_block() -> None:
    plan = plan_for(MOVED, known=[replace(SERIES, is_free=True)])
    assert starts(plan) == ["03-10 15:00"]


def test_exception_whose_series_never_arrived_blocks() -> None:
    plan = plan_for(MOVED)
    assert starts(plan) == ["03-10 15:00"]
    assert [slot.item_id for slot in plan.slots] == ["standup"]


def test_exception_that_arrives_before_its_series_is_put_in_its_place() -> None:
    (kept,) = plan_for(MOVED).put
    assert starts(plan_for(SERIES, known=[kept])) == ["03-02 08:00", "03-10 15:00", "03-16 08:00"]


def test_deleted_series_takes_its_exceptions_along() -> None:
    plan = plan_for(a_tombstone("standup"), known=[SERIES, MOVED])
    assert plan.drop == {"standup", "standup_2"}
    assert plan.slots == ()


def test_deleted_series_and_the_tombstones_of_its_dates_leave_nothing() -> None:
    plan = plan_for(a_tombstone("standup_2"), a_tombstone("standup"), known=[SERIES, MOVED])
    assert plan.put == ()
    assert plan.drop == {"standup", "standup_2"}


def test_single_date_outlives_its_series_where_the_listing_shows_it() -> None:
    plan = plan_for(a_tombstone("standup"), MOVED, known=[SERIES])
    assert starts(plan) == ["03-10 15:00"]


def test_series_that_becomes_a_single_event_forgets_its_exceptions() -> None:
    single = an_item("standup", "2026-03-09 08:00")
    plan = plan_for(single, known=[SERIES, MOVED])
    assert plan.put == (single,)
    assert plan.drop == {"standup_2"}
    assert starts(plan) == ["03-09 08:00"]


def test_single_event_is_not_hidden_by_what_was_cancelled_when_it_was_a_series() -> None:
    single = an_item("standup", "2026-03-09 08:00")
    plan = plan_for(single, a_tombstone("standup_2"), known=[SERIES, MOVED])
    assert starts(plan) == ["03-09 08:00"]


def test_series_that_was_a_single_event_for_a_while_repeats_again() -> None:
    single = an_item("standup", "2026-03-02 08:00")
    plan = plan_for(SERIES, known=[single])
    assert starts(plan) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


def test_trimmed_series_loses_its_later_dates() -> None:
    trimmed = replace(SERIES, recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260308T225959Z",))
    assert starts(plan_for(trimmed, known=[SERIES])) == ["03-02 08:00"]


def test_date_moved_out_of_the_window_and_back() -> None:
    away = replace(MOVED, starts=utc("2028-01-01 10:00"), ends=utc("2028-01-01 11:00"))
    plan = plan_for(away, known=[SERIES])
    assert starts(plan) == ["03-02 08:00", "03-16 08:00"]
    assert starts(plan_for(MOVED, known=[SERIES, *plan.put])) == ["03-02 08:00", "03-10 15:00", "03-16 08:00"]


def test_date_moved_into_the_past_stays_away_from_its_planned_time() -> None:
    past = replace(MOVED, starts=utc("2026-01-01 10:00"), ends=utc("2026-01-01 11:00"))
    plan = plan_for(past, known=[SERIES])
    assert plan.put == (past,)
    assert starts(plan) == ["03-02 08:00", "03-16 08:00"]


def test_cancelled_holiday_that_began_before_the_window_does_not_come_back() -> None:
    holiday = an_all_day_item("holiday", "2025-02-20", days=21, recurrence=("RRULE:FREQ=YEARLY;COUNT=2",))
    cancelled = a_cancelled_date("holiday", date(2026, 2, 20))
    plan = plan_for(holiday, cancelled)
    assert cancelled in plan.put
    assert plan.slots == ()


# --- what may be forgotten --------------------------------------------------------------------

WINDOW = a_window("2026-03-01", "2027-03-01")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (an_item(start="2026-02-28 23:00"), True),
        (an_item(start="2026-02-28 23:01"), False),
        (an_all_day_item(first="2026-02-27"), True),
        (an_all_day_item(first="2026-03-01"), False),
        (an_item(start="2020-01-01 10:00", recurrence=("RRULE:FREQ=DAILY;COUNT=1",)), False),
        (a_cancelled_date("standup", utc("2020-01-01 10:00")), False),
        (replace(an_item(), starts=None, ends=None), False),
    ],
    ids=[
        "ended where the window starts",
        "ends inside",
        "past day",
        "day inside",
        "series",
        "cancelled date",
        "unreadable",
    ],
)
def test_what_can_never_matter_again(item: CalendarItem, expected: bool) -> None:
    assert is_over(item, WINDOW, BERLIN) is expected


def test_all_day_event_is_over_at_the_calendars_midnight() -> None:
    day = an_all_day_item(first="2026-02-28")  # ends at 2026-02-28 23:00 UTC in Berlin
    assert is_over(day, WINDOW, BERLIN)
    assert not is_over(day, WINDOW, zone_named("America/New_York"))


def test_roots_are_series_and_single_events() -> None:
    assert roots_of([SERIES, MOVED, an_item("meeting")]) == {"standup", "meeting"}


def test_slots_of_everything_known_equal_those_of_the_changes() -> None:
    plan = plan_for(SERIES, MOVED, an_item("meeting"))
    items = {item.event_id: item for item in plan.put}
    again: list[BusySlot] = slots_of(items, roots_of(items.values()), a_listening())
    assert tuple(again) == plan.slots
