from __future__ import annotations

import pytest

from latesync.plan.operations import (
    AdoptEvent,
    CancelBooking,
    CreateEvent,
    DeleteEvent,
    MoveBooking,
    Operation,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.safety import SafetyLimits, SiteLoss, hold_unsafe
from tests.builders.plan import CALENDAR, a_booking, a_content, a_key, a_mapping, a_span

LIMITS = SafetyLimits()  # more than a fifth and more than five


def deletes(count: int, reason: Reason = Reason.BOOKING_CANCELLED) -> list[Operation]:
    return [DeleteEvent(a_mapping(a_booking(number)), reason) for number in range(count)]


def updates(count: int, reason: Reason = Reason.BOOKING_CHANGED) -> list[Operation]:
    bookings = [a_booking(1000 + number) for number in range(count)]
    return [UpdateEvent(a_mapping(booking), a_content(booking), reason) for booking in bookings]


def a_create(number: int = 1) -> CreateEvent:
    booking = a_booking(2000 + number)
    return CreateEvent(
        booking.id, booking.agent_id, CALENDAR, a_key(booking), a_content(booking), Reason.NEW_BOOKING
    )


def test_few_deletions_go_through_however_few_events_there_are() -> None:
    operations = deletes(5)
    assert hold_unsafe(operations, mapped=5, limits=LIMITS) == (operations, [])


def test_many_deletions_go_through_where_they_are_a_small_part() -> None:
    operations = deletes(20)
    assert hold_unsafe(operations, mapped=100, limits=LIMITS) == (operations, [])


def test_many_deletions_that_are_a_large_part_wait() -> None:
    operations = deletes(21)
    assert hold_unsafe(operations, mapped=100, limits=LIMITS) == ([], operations)


def test_six_of_six_wait() -> None:
    operations = deletes(6)
    assert hold_unsafe(operations, mapped=6, limits=LIMITS) == ([], operations)


def test_changes_count_like_deletions() -> None:
    operations = [*deletes(3), *updates(3)]
    assert hold_unsafe(operations, mapped=10, limits=LIMITS) == ([], operations)


def test_what_destroys_nothing_goes_on_while_the_rest_waits() -> None:
    booking = a_booking(3000)
    harmless: list[Operation] = [
        a_create(),
        AdoptEvent(a_mapping(booking), a_content(booking)),
        RetireMapping(a_mapping(booking)),
    ]
    risky = deletes(6)
    operations = [risky[0], *harmless, *risky[1:]]
    assert hold_unsafe(operations, mapped=6, limits=LIMITS) == (harmless, risky)


def test_many_creations_never_wait() -> None:
    operations: list[Operation] = [a_create(number) for number in range(50)]
    assert hold_unsafe(operations, mapped=0, limits=LIMITS) == (operations, [])


def test_choosing_another_calendar_moves_every_event_without_waiting() -> None:
    operations = deletes(50, Reason.CALENDAR_CHANGED)
    assert hold_unsafe(operations, mapped=50, limits=LIMITS) == (operations, [])


def test_choosing_another_calendar_does_not_wave_through_other_deletions() -> None:
    moves, cancelled = deletes(10, Reason.CALENDAR_CHANGED), deletes(6)
    assert hold_unsafe([*moves, *cancelled], mapped=10, limits=LIMITS) == (moves, cancelled)


@pytest.mark.parametrize(
    "reason", [Reason.OTHER_AGENT, Reason.BOOKING_REMOVED, Reason.AGENT_REMOVED, Reason.BOOKING_CANCELLED]
)
def test_deletions_wait_whatever_their_reason(reason: Reason) -> None:
    operations = deletes(6, reason)
    assert hold_unsafe(operations, mapped=6, limits=LIMITS) == ([], operations)


def test_an_emptied_calendar_does_not_cancel_everybodys_bookings() -> None:
    bookings = [a_booking(number) for number in range(1, 8)]
    cancels: list[Operation] = [CancelBooking(a_mapping(booking), booking) for booking in bookings]
    assert hold_unsafe(cancels, mapped=7, limits=LIMITS) == ([], cancels)


def test_moved_bookings_count_like_changed_events() -> None:
    moved = [a_booking(number) for number in range(1, 4)]
    moves = [MoveBooking(a_mapping(booking), booking, a_span("2026-04-01 09:00")) for booking in moved]
    operations: list[Operation] = [*moves, *updates(3)]
    assert hold_unsafe(operations, mapped=7, limits=LIMITS) == ([], operations)
    assert hold_unsafe(operations[:5], mapped=7, limits=LIMITS) == (operations[:5], [])


def test_wishes_of_the_last_hours_count_with_those_of_now() -> None:
    """A calendar that is emptied one event at a time; what else is planned goes on."""
    booking = a_booking(1)
    cancel: list[Operation] = [CancelBooking(a_mapping(booking), booking)]
    others = updates(1)
    assert hold_unsafe([*cancel, *others], mapped=20, limits=LIMITS, granted=5) == (others, cancel)
    assert hold_unsafe(cancel, mapped=20, limits=LIMITS, granted=4) == (cancel, [])
    assert hold_unsafe(cancel, mapped=95, limits=LIMITS, granted=5) == (cancel, [])


def test_one_agents_few_vanished_bookings_wait_while_the_sites_table_is_being_emptied() -> None:
    removed, cancelled = deletes(2, Reason.BOOKING_REMOVED), updates(1)
    safe, held = hold_unsafe(
        [*removed, *cancelled], mapped=100, limits=LIMITS, site_loss=SiteLoss(missing=300, mapped=400)
    )
    assert (safe, held) == (cancelled, removed)


def test_vanished_bookings_of_a_healthy_site_are_deleted() -> None:
    removed = deletes(2, Reason.BOOKING_REMOVED)
    loss = SiteLoss(missing=2, mapped=400)
    assert hold_unsafe(removed, mapped=100, limits=LIMITS, site_loss=loss) == (removed, [])


def test_limits_are_the_owners() -> None:
    strict = SafetyLimits(share=0.0, count=0)
    operations = deletes(1)
    assert hold_unsafe(operations, mapped=1000, limits=strict) == ([], operations)
