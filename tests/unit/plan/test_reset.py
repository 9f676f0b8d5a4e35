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
)
from tests.builders.plan import (
    AGENT,
    BERLIN,
    CALENDAR,
    SITE,
    SUBJECT,
    a_booking,
    a_mapping,
    a_snapshot,
    an_event,
    an_item,
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
