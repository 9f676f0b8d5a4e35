"""Every row of the decision table under the owner's policies for drift; "restore" is in test_outbound.py."""

from __future__ import annotations

import pytest

from latesync.model import (
    EARLIER,
    OTHER_CALENDAR,
    UNANSWERED,
    UNWITNESSED,
    Booking,
    Drift,
    Mapping,
    MappingState,
)
from latesync.options import DriftPolicy
from latesync.plan.operations import (
    CancelBooking,
    CreateEvent,
    DeleteEvent,
    MoveBooking,
    Operation,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from tests.builders.plan import CALENDAR, a_booking, a_content, a_mapping, a_snapshot, a_span, a_target

LEAVE, APPLY = DriftPolicy.LEAVE, DriftPolicy.APPLY
BOOKING = a_booking()
RENAMED = a_booking(customer_name="Grace Hopper")
MOVED = a_booking(start="2026-03-05 09:00")
PAST = a_booking(start="2026-02-01 09:00")
ELSEWHERE = a_span("2026-03-04 12:00")


def operations(policy: DriftPolicy, booking: Booking, mapping: Mapping) -> tuple[Operation, ...]:
    is_past = booking.span.end <= a_snapshot().window.start
    snapshot = a_snapshot(looked_up={booking.id: booking}) if is_past else a_snapshot(booking)
    return plan_outbound(snapshot, [mapping], a_target(), OutboundPolicy(drift=policy)).operations


def edited(booking: Booking = BOOKING, *, refused: str = "", **fields: object) -> Mapping:
    return a_mapping(
        booking,
        drift=Drift.EDITED,
        drift_span=ELSEWHERE,
        drift_refused=refused,
        **fields,  # type: ignore[arg-type]
    )


def deleted(booking: Booking = BOOKING, *, refused: str = "", **fields: object) -> Mapping:
    return a_mapping(
        booking,
        drift=Drift.DELETED,
        drift_refused=refused,
        **fields,  # type: ignore[arg-type]
    )


def names(found: tuple[Operation, ...]) -> list[tuple[type[Operation], Reason]]:
    return [(type(operation), operation.reason) for operation in found]


# --- leave ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mapping", [edited(), deleted()], ids=["edited", "deleted"])
def test_left_drift_is_left(mapping: Mapping) -> None:
    assert operations(LEAVE, BOOKING, mapping) == ()


@pytest.mark.parametrize("changed", [RENAMED, MOVED], ids=["renamed", "moved"])
def test_left_event_is_written_when_its_booking_changes(changed: Booking) -> None:
    assert operations(LEAVE, changed, edited()) == (
        UpdateEvent(edited(), a_content(changed), Reason.BOOKING_CHANGED),
    )
    assert names(operations(LEAVE, changed, deleted())) == [(CreateEvent, Reason.BOOKING_CHANGED)]


@pytest.mark.parametrize("mapping", [edited(PAST), deleted(PAST)], ids=["edited", "deleted"])
def test_left_event_of_a_past_booking_becomes_history_as_it_stands(mapping: Mapping) -> None:
    assert operations(LEAVE, PAST, mapping) == (RetireMapping(mapping),)


def test_cancelled_booking_takes_its_left_event_along() -> None:
    cancelled = a_booking(status="cancelled")
    assert operations(LEAVE, cancelled, edited()) == (DeleteEvent(edited(), Reason.BOOKING_CANCELLED),)
    assert operations(LEAVE, cancelled, deleted()) == (RetireMapping(deleted(), Reason.BOOKING_CANCELLED),)


def test_event_that_went_into_another_calendar_comes_back_where_drift_is_left() -> None:
    mapping = deleted(refused=OTHER_CALENDAR)
    assert names(operations(LEAVE, BOOKING, mapping)) == [(CreateEvent, Reason.DELETED_IN_CALENDAR)]


def test_what_the_site_refused_before_is_left_too() -> None:
    assert operations(LEAVE, BOOKING, edited(refused="not_bookable")) == ()


def test_what_may_be_our_own_doing_is_not_left_to_stand() -> None:
    assert names(operations(LEAVE, BOOKING, deleted(refused=UNANSWERED))) == [
        (CreateEvent, Reason.DELETED_IN_CALENDAR)
    ]
    assert names(operations(LEAVE, BOOKING, edited(refused=UNANSWERED))) == [
        (UpdateEvent, Reason.EDITED_IN_CALENDAR)
    ]


@pytest.mark.parametrize("refused", [UNANSWERED, UNWITNESSED, EARLIER, OTHER_CALENDAR])
def test_what_is_no_wish_is_put_back_where_bookings_follow(refused: str) -> None:
    assert names(operations(APPLY, BOOKING, deleted(refused=refused))) == [
        (CreateEvent, Reason.DELETED_IN_CALENDAR)
    ]
    assert names(operations(APPLY, BOOKING, edited(refused=refused))) == [
        (UpdateEvent, Reason.EDITED_IN_CALENDAR)
    ]


# --- apply ------------------------------------------------------------------------------------


def test_moved_event_moves_its_booking() -> None:
    assert operations(APPLY, BOOKING, edited()) == (MoveBooking(edited(), BOOKING, ELSEWHERE),)


def test_deleted_event_cancels_its_booking() -> None:
    assert operations(APPLY, BOOKING, deleted()) == (CancelBooking(deleted(), BOOKING),)


def test_moved_event_of_a_renamed_booking_moves_it_first() -> None:
    assert operations(APPLY, RENAMED, edited()) == (MoveBooking(edited(), RENAMED, ELSEWHERE),)


def test_event_whose_times_were_left_alone_is_put_back() -> None:
    mapping = a_mapping(BOOKING, drift=Drift.EDITED)
    assert operations(APPLY, BOOKING, mapping) == (
        UpdateEvent(mapping, a_content(BOOKING), Reason.EDITED_IN_CALENDAR),
    )


def test_what_the_site_refused_is_put_back() -> None:
    moved, gone = edited(refused="not_bookable"), deleted(refused="past")
    assert names(operations(APPLY, BOOKING, moved)) == [(UpdateEvent, Reason.EDITED_IN_CALENDAR)]
    assert names(operations(APPLY, BOOKING, gone)) == [(CreateEvent, Reason.DELETED_IN_CALENDAR)]


def test_booking_that_was_moved_on_the_site_meanwhile_wins() -> None:
    assert names(operations(APPLY, MOVED, edited())) == [(UpdateEvent, Reason.BOOKING_CHANGED)]
    assert names(operations(APPLY, MOVED, deleted())) == [(CreateEvent, Reason.DELETED_IN_CALENDAR)]


def test_booking_that_was_cancelled_meanwhile_needs_no_asking() -> None:
    cancelled = a_booking(status="cancelled")
    assert operations(APPLY, cancelled, edited()) == (DeleteEvent(edited(), Reason.BOOKING_CANCELLED),)
    assert operations(APPLY, cancelled, deleted()) == (RetireMapping(deleted(), Reason.BOOKING_CANCELLED),)


def test_edited_event_of_a_past_booking_is_put_back_and_becomes_history() -> None:
    (operation,) = operations(APPLY, PAST, edited(PAST))
    assert isinstance(operation, UpdateEvent)
    assert operation.becomes_history
    assert operations(APPLY, PAST, deleted(PAST)) == (RetireMapping(deleted(PAST)),)


def test_another_calendar_comes_before_any_drift() -> None:
    mapping = edited(calendar_id="second@group.calendar.google.com")
    assert names(operations(APPLY, BOOKING, mapping)) == [(DeleteEvent, Reason.CALENDAR_CHANGED)]
    assert mapping.calendar_id != CALENDAR


@pytest.mark.parametrize("mapping_of", [edited, deleted])
def test_what_was_set_aside_is_never_taken_for_a_wish(mapping_of: type) -> None:
    mapping = mapping_of(state=MappingState.SET_ASIDE)
    assert operations(APPLY, BOOKING, mapping) == ()
    assert not any(
        isinstance(operation, MoveBooking | CancelBooking)
        for operation in operations(APPLY, RENAMED, mapping)
    )


@pytest.mark.parametrize("policy", DriftPolicy)
def test_without_drift_the_policy_decides_nothing(policy: DriftPolicy) -> None:
    assert operations(policy, BOOKING, a_mapping(BOOKING)) == ()
    assert names(operations(policy, MOVED, a_mapping(BOOKING))) == [(UpdateEvent, Reason.BOOKING_CHANGED)]
