"""What a reset deletes, what it leaves alone, and which bookings come: by facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.model import Drift, Mapping, MappingState, Marker
from latesync.options import NextSync, ResetEvents
from latesync.plan.content import event_key
from latesync.plan.reset import (
    Because,
    CalendarsSeen,
    ListedEvent,
    ResetPlan,
    Whose,
    bookings_with_event,
    listed_event,
    plan_bookings,
    plan_reset,
    wanted_bookings,
)
from latesync.times import TimeRange
from tests.builders.plan import (
    AGENT,
    BERLIN,
    CALENDAR,
    SITE,
    SUBJECT,
    a_booking,
    a_key,
    a_mapping,
    a_snapshot,
    a_window,
    an_all_day_item,
    an_event,
    an_item,
    our_event,
    utc,
)

NOW = utc("2026-03-02 12:00")
WHOSE = Whose(SITE, AGENT, SUBJECT)


def standing(
    booking_id: int, generation: int = 0, start: str = "2026-03-03 09:00", **changes: object
) -> ListedEvent:
    """An event of ours as a listing shows it."""
    key = event_key(SITE, booking_id, AGENT, SUBJECT, generation)
    starts_at = utc(start)
    event = ListedEvent(
        CALENDAR, key, Marker(SITE, booking_id, generation), starts_at, starts_at + timedelta(hours=1)
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def mapped(booking_id: int, generation: int = 0, **changes: object) -> Mapping:
    key = event_key(SITE, booking_id, AGENT, SUBJECT, generation)
    known = a_mapping(a_booking(booking_id))
    return replace(known, event_id=key, generation=generation, **changes)  # type: ignore[arg-type]


def plan(
    wish: ResetEvents, *events: ListedEvent, known: tuple[Mapping, ...] = (), **more: object
) -> ResetPlan:
    return plan_reset(wish, CalendarsSeen(events), known, WHOSE, now=NOW, **more)  # type: ignore[arg-type]


def test_deleting_takes_upcoming_and_past_and_counts_them_apart() -> None:
    found = plan(
        ResetEvents.DELETE_FROM_CALENDAR,
        standing(1),
        standing(2, start="2026-02-02 09:00"),
        known=(mapped(1), mapped(2, state=MappingState.RETIRED)),
    )
    assert (found.upcoming, found.past, found.doubles) == (1, 1, 0)
    assert [verdict.booking_id for verdict in found.deletions] == [2, 1]
    assert {verdict.because for verdict in found.deletions} == {Because.OF_BOOKING}


@pytest.mark.parametrize("wish", [ResetEvents.KEEP, ResetEvents.CLEAR_BUSY])
def test_keeping_deletes_nothing(wish: ResetEvents) -> None:
    found = plan(wish, standing(1), standing(1, 4), known=(mapped(1),))
    assert found.deletions == ()
    assert found.doubles == 1


@pytest.mark.parametrize("wish", list(ResetEvents))
@pytest.mark.parametrize(
    ("event", "because"),
    [
        (standing(1, event_id="copied"), Because.COPY),
        (standing(1, marker=Marker("other-site", 1, 0)), Because.OTHER_SITE),
        (standing(1, event_id="of-ben"), Because.OTHER_AGENT),
        (standing(1, marker=None), Because.MARKER_GONE),
    ],
)
def test_what_we_did_not_make_is_left_alone_whatever_is_wished(
    wish: ResetEvents, event: ListedEvent, because: Because
) -> None:
    """Law L3."""
    found = plan(wish, event, known=(mapped(1),), of_others={"of-ben"})
    assert found.deletions == ()
    assert [verdict.because for verdict in found.untouched] == [because]


def test_an_event_under_an_id_of_a_mapping_needs_our_marker_too() -> None:
    """An account whose person was once known by another name has ids that are not derived any more."""
    old = replace(mapped(1), event_id="of-an-earlier-subject")
    event = standing(1, event_id="of-an-earlier-subject")
    assert len(plan(ResetEvents.DELETE_FROM_CALENDAR, event, known=(old,)).deletions) == 1


@pytest.mark.parametrize(
    ("events", "known", "goes"),
    [
        ((standing(1), standing(1, 2)), (mapped(1),), {2}),  # newer, but the right one stands
        ((standing(1), standing(1, 2)), (mapped(1, 2),), {0}),  # older
        ((standing(1),), (mapped(1, 0, state=MappingState.GONE),), {0}),  # was deleted and came back
        ((standing(1, 1),), (mapped(1, 0, state=MappingState.GONE),), set()),  # newer than our memory
        ((standing(1),), (), set()),  # nothing known at all
        ((standing(1), standing(1, 1)), (), {0}),  # nothing known: the newest is the one
        ((standing(1, calendar_id="team"),), (mapped(1),), {0}),  # carried into another calendar
    ],
)
def test_doubles_are_what_nothing_stands_for(
    events: tuple[ListedEvent, ...], known: tuple[Mapping, ...], goes: set[int]
) -> None:
    """users-ask.md U28."""
    found = plan(ResetEvents.DOUBLES, *events, known=known)
    assert {verdict.event.marker.generation for verdict in found.deletions if verdict.event.marker} == goes


def test_the_order_of_what_is_listed_does_not_alter_the_plan() -> None:
    """Law L7."""
    events = (standing(3), standing(1), standing(1, 2), standing(2, start="2026-02-02 09:00"))
    known = (mapped(1), mapped(2), mapped(3))
    once = plan(ResetEvents.DOUBLES, *events, known=known)
    assert plan(ResetEvents.DOUBLES, *reversed(events), known=tuple(reversed(known))) == once


def test_a_calendar_out_of_reach_keeps_its_events_and_says_so() -> None:
    known = (mapped(1), mapped(2, drift=Drift.DELETED))
    seen = CalendarsSeen(out_of_reach=frozenset({CALENDAR}))
    found = plan_reset(ResetEvents.BOTH, seen, known, WHOSE, now=NOW)
    assert [(verdict.booking_id, verdict.because) for verdict in found.untouched] == [
        (1, Because.OUT_OF_REACH)
    ]
    assert bookings_with_event(found, known, seen) == {1}


def test_single_dates_and_deleted_events_are_no_entries_of_their_own() -> None:
    gone = an_event(an_item("a", is_cancelled=True))
    date_of_series = an_event(an_item("b", series_id="a"))
    assert listed_event(CALENDAR, gone, BERLIN) is None
    assert listed_event(CALENDAR, date_of_series, BERLIN) is None


# Which bookings come


def test_only_new_leaves_out_what_was_there_also_beyond_the_window() -> None:
    far = a_booking(2, "2029-03-02 09:00")
    snapshot = a_snapshot(a_booking(1), far, a_booking(3, status="cancelled"))
    found = plan_bookings(snapshot, set(), NextSync.NEW, newest_booking_id=None)
    assert [booking.id for booking in found.left_out] == [1, 2]
    assert found.coming == ()


def test_what_has_its_event_is_not_left_out() -> None:
    snapshot = a_snapshot(a_booking(1), a_booking(2))
    found = plan_bookings(snapshot, {1}, NextSync.NEW, newest_booking_id=None)
    assert [booking.id for booking in found.left_out] == [2]


def test_a_booking_made_after_asking_is_new() -> None:
    snapshot = a_snapshot(a_booking(1), a_booking(2))
    found = plan_bookings(snapshot, set(), NextSync.NEW, newest_booking_id=1)
    assert ([booking.id for booking in found.left_out], [booking.id for booking in found.coming]) == (
        [1],
        [2],
    )


def test_an_agent_who_is_gone_has_no_bookings_to_leave_out() -> None:
    snapshot = replace(a_snapshot(a_booking(1)), agent_exists=False)
    assert plan_bookings(snapshot, set(), NextSync.NEW, None).left_out == ()


def test_all_brings_what_has_no_event_up_to_the_windows_end() -> None:
    window = a_window("2026-03-01", "2026-04-01")
    snapshot = a_snapshot(
        a_booking(1),
        a_booking(2),
        a_booking(3, "2026-03-31 23:00"),
        a_booking(4, "2026-04-01 00:00"),  # only when the window has slid so far
        window=window,
    )
    found = plan_bookings(snapshot, {1}, NextSync.ALL, newest_booking_id=None)
    assert [booking.id for booking in found.coming] == [2, 3]
    assert found.left_out == ()


def test_a_booking_that_ended_as_the_window_begins_is_not_wanted_any_more() -> None:
    snapshot = a_snapshot(
        a_booking(1, "2026-02-28 23:00", minutes=60), a_booking(2, "2026-02-28 23:00", minutes=61)
    )
    assert [booking.id for booking in wanted_bookings(snapshot)] == [2]


# What a listing shows


def test_an_event_is_listed_with_its_calendar_marker_and_instants() -> None:
    item = an_item("ours", "2026-03-03 10:00", minutes=45)
    marker = Marker(SITE, 1, 0)
    assert listed_event("team", an_event(item, marker=marker), BERLIN) == ListedEvent(
        "team", "ours", marker, utc("2026-03-03 10:00"), utc("2026-03-03 10:45")
    )


def test_an_event_of_whole_days_ends_at_midnight_where_its_calendar_is() -> None:
    listed = listed_event(CALENDAR, an_event(an_all_day_item(first="2026-03-03")), BERLIN)
    assert listed is not None
    assert (listed.starts_at, listed.ends_at) == (utc("2026-03-02 23:00"), utc("2026-03-03 23:00"))


def test_a_series_has_a_start_and_no_end() -> None:
    """It counts as upcoming."""
    series = an_event(an_item("weekly", "2026-01-05 10:00", recurrence=("RRULE:FREQ=WEEKLY",)))
    listed = listed_event(CALENDAR, series, BERLIN)
    assert listed is not None
    assert (listed.starts_at, listed.ends_at) == (utc("2026-01-05 10:00"), None)


def test_an_event_without_readable_times_is_listed_nevertheless() -> None:
    item = replace(an_item("odd"), starts=None, ends=None)
    assert listed_event(CALENDAR, an_event(item), BERLIN) == ListedEvent(CALENDAR, "odd")


# What people are told of an event


def test_a_preview_counts_what_is_none_of_ours() -> None:
    assert plan_reset(ResetEvents.BOTH, CalendarsSeen(others=12), (), WHOSE, now=NOW).others == 12


def test_an_event_is_named_with_its_booking_whichever_of_marker_and_mapping_tells_it() -> None:
    by_marker = plan(ResetEvents.KEEP, standing(1))
    by_mapping = plan(ResetEvents.KEEP, standing(2, marker=None), known=(mapped(2),))
    by_neither = plan(ResetEvents.KEEP, standing(3, marker=None))
    told = [found.untouched[0].booking_id for found in (by_marker, by_mapping, by_neither)]
    assert told == [1, 2, None]


def test_a_deletion_says_which_mapping_it_is_of() -> None:
    known = mapped(1)
    (deletion,) = plan(ResetEvents.BOTH, standing(1), known=(known,)).deletions
    assert deletion.mapping == known


def test_an_event_that_ends_this_moment_is_past() -> None:
    found = plan(ResetEvents.BOTH, standing(1, ends_at=NOW), known=(mapped(1),))
    assert (found.upcoming, found.past) == (0, 1)


@pytest.mark.parametrize(("end", "is_upcoming"), [("2026-03-02 12:00", False), ("2026-03-02 12:01", True)])
def test_an_event_out_of_reach_is_told_as_it_was_last_known(end: str, is_upcoming: bool) -> None:
    known = mapped(1, span=TimeRange(utc("2026-03-02 11:00"), utc(end)))
    seen = CalendarsSeen(out_of_reach=frozenset({CALENDAR}))
    (verdict,) = plan_reset(ResetEvents.BOTH, seen, (known,), WHOSE, now=NOW).untouched
    assert verdict.event == ListedEvent(CALENDAR, known.event_id, None, utc("2026-03-02 11:00"), utc(end))
    assert (verdict.mapping, verdict.is_upcoming) == (known, is_upcoming)


@pytest.mark.parametrize("wish", [ResetEvents.KEEP, ResetEvents.DOUBLES])
def test_where_nothing_of_it_is_deleted_a_bookings_event_is_kept(wish: ResetEvents) -> None:
    (verdict,) = plan(wish, standing(1), known=(mapped(1),)).untouched
    assert verdict.because is Because.KEPT


def test_what_was_not_listed_counts_as_it_was_last_known() -> None:
    known = (
        mapped(1),
        mapped(2, drift=Drift.DELETED),
        mapped(3, state=MappingState.GONE),
        mapped(4, state=MappingState.RETIRED),
    )
    assert bookings_with_event(ResetPlan(), known) == {1, 4}


def test_only_what_stays_in_reach_of_its_booking_counts_as_its_event() -> None:
    """A copy, another site's event and one that nobody knows the booking of are none."""
    events = (
        standing(1),
        standing(2, event_id="copied"),
        standing(3, marker=Marker("other-site", 3, 0)),
        standing(4, marker=None),
    )
    found = plan(ResetEvents.KEEP, *events, known=(mapped(1),))
    assert bookings_with_event(found, (mapped(1),), CalendarsSeen(events)) == {1}


def test_soonest_first_and_what_has_no_time_last() -> None:
    events = (
        standing(5, starts_at=None),
        standing(1, start="2026-03-05 09:00"),
        standing(2, start="2026-03-04 09:00"),
    )
    found = plan(ResetEvents.KEEP, *events)
    assert [verdict.booking_id for verdict in found.untouched] == [2, 1, 5]


def test_another_sites_marker_tells_nothing_of_our_own_generations() -> None:
    """Not even on an id of ours: a site restored from a copy of ours wrote there."""
    foreign = standing(1, 4, marker=Marker("other-site", 1, 4))
    found = plan(ResetEvents.DOUBLES, standing(1), foreign)
    assert {verdict.because for verdict in found.untouched} == {Because.NOT_YET_KNOWN, Because.OTHER_SITE}


def test_an_event_is_known_by_the_key_it_was_made_under_and_a_copy_of_it_is_not() -> None:
    """Where the provider gives the ids, a person's copy may carry our key (microsoft-graph.md E7, E10)."""
    booking = a_booking()
    intent = a_mapping(booking, state=MappingState.INTENT)
    made = replace(our_event(booking, event_id="AAMk1"), key=a_key(booking))
    listed = listed_event(CALENDAR, made, BERLIN)
    assert listed is not None
    seen = CalendarsSeen((listed,))
    (verdict,) = plan_reset(ResetEvents.BOTH, seen, [intent], WHOSE, now=NOW).deletions
    assert (verdict.because, verdict.mapping) == (Because.OF_BOOKING, intent)

    for state in (MappingState.LIVE, MappingState.GONE):  # whatever became of ours since
        answered = a_mapping(booking, event_id="AAMk0", state=state)
        plan = plan_reset(ResetEvents.BOTH, seen, [answered], WHOSE, now=NOW)
        assert plan.deletions == ()
        assert [each.because for each in plan.untouched] == [Because.COPY]
