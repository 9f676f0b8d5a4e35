from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from latesync.model import Drift, Event, MappingState
from latesync.plan.content import content_hash
from latesync.plan.drift import OwnEventSeen, judge_own_event
from tests.builders.plan import a_booking, a_mapping, a_span, a_tombstone, an_event, our_event

BOOKING = a_booking()


def test_our_own_echo_is_nothing_new() -> None:
    assert judge_own_event(a_mapping(BOOKING), our_event(BOOKING)) is None


def test_new_colour_is_only_a_new_etag() -> None:
    seen = judge_own_event(a_mapping(BOOKING), our_event(BOOKING, etag='"2"'))
    assert seen == OwnEventSeen(a_mapping(BOOKING).id, '"2"', has_agent_notes=False, drift=None)


def test_notes_below_our_line_are_no_drift() -> None:
    seen = judge_own_event(a_mapping(BOOKING), our_event(BOOKING, etag='"2"', agent_notes="\nbring oil"))
    assert seen == OwnEventSeen(a_mapping(BOOKING).id, '"2"', has_agent_notes=True, drift=None)


@pytest.mark.parametrize(
    "event",
    [
        our_event(BOOKING, etag='"2"', summary="Lunch"),
        our_event(BOOKING, etag='"2"', description="Lunch"),
        our_event(BOOKING, etag='"2"', location="Elsewhere"),
        our_event(BOOKING, etag='"2"', span=a_span("2026-03-02 12:00")),
        replace(our_event(BOOKING, etag='"2"'), marker=None, content=None),
    ],
    ids=["summary", "description", "location", "time", "marker"],
)
def test_change_of_our_fields_is_drift(event: Event) -> None:
    seen = judge_own_event(a_mapping(BOOKING), event)
    assert seen is not None
    assert (seen.drift, seen.etag) == (Drift.EDITED, '"2"')


def moved(start: str = "2026-03-02 12:00", minutes: int = 60, **item: Any) -> Event:
    event = our_event(BOOKING, etag='"2"', span=a_span(start, minutes=minutes))
    return replace(event, item=replace(event.item, **item))


def test_drift_says_where_the_event_was_moved_to() -> None:
    seen = judge_own_event(a_mapping(BOOKING), moved())
    assert seen is not None
    assert (seen.drift, seen.drift_span) == (Drift.EDITED, a_span("2026-03-02 12:00"))


def test_a_longer_event_is_a_move_too() -> None:
    seen = judge_own_event(a_mapping(BOOKING), moved("2026-03-02 09:00", 90))
    assert seen is not None
    assert seen.drift_span == a_span("2026-03-02 09:00", minutes=90)


def test_a_move_is_counted_in_whole_minutes() -> None:
    starts = a_span("2026-03-02 12:00").start + timedelta(seconds=59)
    seen = judge_own_event(a_mapping(BOOKING), moved(starts=starts))
    assert seen is not None
    assert seen.drift_span == a_span("2026-03-02 12:00")


@pytest.mark.parametrize(
    "event",
    [
        our_event(BOOKING, etag='"2"', summary="Lunch"),
        moved(starts=date(2026, 3, 2), ends=date(2026, 3, 3)),
        moved(starts=None, ends=None),
        moved(recurrence=("RRULE:FREQ=DAILY",)),
        moved(ends=a_span("2026-03-02 12:00").start),
        moved(
            "2026-03-02 09:00",
            starts=a_span("2026-03-02 09:00").start + timedelta(seconds=30),
        ),
    ],
    ids=["title", "all-day", "no times", "series", "no length", "half a minute"],
)
def test_what_is_no_other_time_for_the_booking_has_no_span(event: Event) -> None:
    seen = judge_own_event(replace(a_mapping(BOOKING), echo_hash="other"), event)
    assert seen is not None
    assert (seen.drift, seen.drift_span) == (Drift.EDITED, None)


def test_what_the_provider_showed_differently_from_the_start_is_no_drift() -> None:
    shown = our_event(BOOKING, etag='"2"', summary="Massage Ada B.")
    assert shown.content is not None
    mapping = replace(a_mapping(BOOKING), echo_hash=content_hash(shown.content))
    seen = judge_own_event(mapping, shown)
    assert seen is not None
    assert seen.drift is None


def test_deletion_is_drift_and_keeps_the_last_etag() -> None:
    mapping = a_mapping(BOOKING, has_agent_notes=True)
    assert judge_own_event(mapping, an_event(a_tombstone(mapping.event_id), etag="")) == OwnEventSeen(
        mapping.id, '"1"', has_agent_notes=True, drift=Drift.DELETED
    )


def test_deletion_is_noted_once() -> None:
    mapping = a_mapping(BOOKING, drift=Drift.DELETED)
    assert judge_own_event(mapping, an_event(a_tombstone(mapping.event_id))) is None


def test_event_fetched_back_from_the_bin_is_no_drift_any_more() -> None:
    seen = judge_own_event(a_mapping(BOOKING, drift=Drift.DELETED), our_event(BOOKING, etag='"3"'))
    assert seen is not None
    assert seen.drift is None


def test_edit_that_was_undone_by_hand_is_no_drift_any_more() -> None:
    seen = judge_own_event(a_mapping(BOOKING, drift=Drift.EDITED), our_event(BOOKING, etag='"3"'))
    assert seen is not None
    assert seen.drift is None


def test_event_set_aside_with_an_event_is_watched_too() -> None:
    mapping = a_mapping(BOOKING, state=MappingState.SET_ASIDE)
    seen = judge_own_event(mapping, our_event(BOOKING, etag='"2"', summary="Lunch"))
    assert seen is not None
    assert seen.drift is Drift.EDITED


@pytest.mark.parametrize("state", [MappingState.INTENT, MappingState.RETIRED])
def test_events_nobody_keeps_in_step_are_not_judged(state: MappingState) -> None:
    assert judge_own_event(a_mapping(BOOKING, state=state), our_event(BOOKING, etag='"9"')) is None


def test_event_deleted_for_good_that_stands_again_is_noticed() -> None:
    mapping = a_mapping(BOOKING, state=MappingState.GONE, etag="")
    seen = judge_own_event(mapping, our_event(BOOKING, etag='"9"'))
    assert seen is not None
    assert (seen.stands_again, seen.etag) == (True, '"9"')


def test_tombstone_of_an_event_deleted_for_good_is_nothing_new() -> None:
    mapping = a_mapping(BOOKING, state=MappingState.GONE, etag="")
    assert judge_own_event(mapping, an_event(a_tombstone(mapping.event_id))) is None


@pytest.mark.parametrize("state", [MappingState.GONE, MappingState.LEFT_OUT])
def test_an_event_deleted_for_good_does_not_stand_again(state: MappingState) -> None:
    """Providers show a deleted event's marker in its tombstone."""
    event = our_event(BOOKING)
    deleted = replace(event, item=replace(event.item, is_cancelled=True))
    given_up = replace(a_mapping(BOOKING), state=state)
    assert judge_own_event(given_up, deleted) is None
    assert judge_own_event(given_up, event) is not None


@pytest.mark.parametrize(("notes", "has_notes"), [("", False), ("\nbring oil", True)])
def test_an_event_that_stands_again_or_was_edited_is_told_with_its_notes(notes: str, has_notes: bool) -> None:
    given_up = replace(a_mapping(BOOKING), state=MappingState.GONE)
    again = judge_own_event(given_up, our_event(BOOKING, etag='"2"', agent_notes=notes))
    assert again == OwnEventSeen(given_up.id, '"2"', has_notes, Drift.EDITED, stands_again=True)
    edited = judge_own_event(
        a_mapping(BOOKING), our_event(BOOKING, etag='"2"', agent_notes=notes, summary="Lunch")
    )
    assert edited == OwnEventSeen(given_up.id, '"2"', has_notes, Drift.EDITED)


def test_an_event_of_which_only_one_end_is_a_time_was_moved_nowhere_a_booking_could_be() -> None:
    seen = judge_own_event(a_mapping(BOOKING), moved(ends=date(2026, 3, 3)))
    assert seen is not None
    assert (seen.drift, seen.drift_span) == (Drift.EDITED, None)


def test_microseconds_away_is_no_move() -> None:
    event = moved("2026-03-02 09:00")
    nearly = replace(event.item, starts=BOOKING.span.start + timedelta(microseconds=7))
    seen = judge_own_event(a_mapping(BOOKING), replace(event, item=nearly, content=None))
    assert seen is not None
    assert seen.drift_span is None
