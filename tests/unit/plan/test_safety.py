from __future__ import annotations

import pytest

from latesync.errors import WrongInput
from latesync.options import Decision, SafetyLimits
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
from latesync.plan.safety import (
    LARGEST_COUNT,
    OperationKey,
    SiteLoss,
    decided_among,
    hold_unsafe,
    operation_key,
    parse_limits,
    share_text,
)
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


@pytest.mark.parametrize("reason", [Reason.BOOKING_CHANGED, Reason.GROUP_CHANGED, Reason.BOOKING_CANCELLED])
def test_one_change_waits_while_a_table_cannot_be_read_any_more(reason: Reason) -> None:
    operations = [*updates(1, reason), a_create(), *deletes(1), *updates(1, Reason.EDITED_IN_CALENDAR)]
    held = hold_unsafe(operations, mapped=100, limits=LIMITS, is_less_readable=True)
    assert held == (operations[1:], operations[:1])
    assert hold_unsafe(operations, mapped=100, limits=LIMITS) == (operations, [])


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


def test_many_groups_that_others_came_to_wait_as_changed_bookings_do() -> None:
    operations = updates(6, Reason.GROUP_CHANGED)
    assert hold_unsafe(operations, mapped=6, limits=LIMITS) == ([], operations)


def test_choosing_group_events_never_waits() -> None:
    leaders = updates(6, Reason.SETTINGS_CHANGED)
    followers = deletes(6, Reason.IN_GROUP_EVENT)
    assert hold_unsafe([*leaders, *followers], mapped=12, limits=LIMITS) == ([*leaders, *followers], [])


def test_an_event_stays_while_the_group_s_event_waits_that_is_to_stand_for_it() -> None:
    """Else its booking would stand in no event at all (design.md §9, L2)."""
    leaders = updates(6, Reason.GROUP_CHANGED)
    follower, other = (
        DeleteEvent(a_mapping(a_booking(number)), Reason.IN_GROUP_EVENT, leader=leader)
        for number, leader in ((1, 1000), (2, 77))
    )
    operations = [follower, *leaders, other]
    assert hold_unsafe(operations, mapped=6, limits=LIMITS) == ([other], [*leaders, follower])


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


# --- what was held before ---------------------------------------------------------------------


def known_as(decision: Decision | None, *operations: Operation) -> dict[OperationKey, Decision | None]:
    return dict.fromkeys(map(operation_key, operations), decision)


def test_what_is_left_goes_when_the_site_took_most_of_it_back() -> None:
    operations = deletes(20)
    known = known_as(None, *operations)
    assert hold_unsafe(operations[:2], mapped=30, limits=LIMITS, known=known) == (operations[:2], [])


def test_what_waits_is_not_let_go_by_new_bookings_that_make_its_share_smaller() -> None:
    operations = deletes(6)
    known = known_as(None, *operations)
    assert hold_unsafe(operations, mapped=1000, limits=LIMITS, known=known) == ([], operations)


def test_what_is_left_of_a_decision_waits_on_however_little_it_is() -> None:
    operations = deletes(6)
    known = known_as(Decision.PASSED_OVER, *operations)
    assert hold_unsafe(operations[:1], mapped=100, limits=LIMITS, known=known) == ([], operations[:1])
    assert decided_among(operations, known) == {}


def test_what_is_new_and_little_goes_on_beside_what_waits() -> None:
    waiting, new = deletes(6), updates(5)
    known = known_as(None, *waiting)
    assert hold_unsafe([*waiting, *new], mapped=11, limits=LIMITS, known=known) == (new, waiting)


def test_what_is_new_and_much_waits_too() -> None:
    waiting, new = deletes(6), updates(6)
    known = known_as(None, *waiting)
    operations = [*waiting, *new]
    assert hold_unsafe(operations, mapped=11, limits=LIMITS, known=known) == ([], operations)


def test_what_was_released_goes_however_much_it_is() -> None:
    operations = deletes(50)
    known = known_as(Decision.RELEASED, *operations)
    assert hold_unsafe(operations, mapped=50, limits=LIMITS, known=known) == (operations, [])


def test_a_plan_that_grew_after_the_release_waits_with_its_new_part() -> None:
    released, new = deletes(7), updates(7)
    known = known_as(Decision.RELEASED, *released)
    assert hold_unsafe([*released, *new], mapped=14, limits=LIMITS, known=known) == (released, new)


def test_what_was_rejected_is_neither_done_nor_waits() -> None:
    operations = deletes(7)
    known = known_as(Decision.REJECTED, *operations)
    assert hold_unsafe(operations, mapped=7, limits=LIMITS, known=known) == ([], [])
    assert set(decided_among(operations, known).values()) == {Decision.REJECTED}


def test_a_decision_goes_for_the_same_operation_for_the_same_reason_alone() -> None:
    (removed,) = deletes(1, Reason.BOOKING_REMOVED)
    (cancelled,) = deletes(1, Reason.BOOKING_CANCELLED)
    known = known_as(Decision.RELEASED, removed)
    assert decided_among([cancelled], known) == {}
    strict = SafetyLimits(share=0.0, count=0)
    assert hold_unsafe([cancelled], mapped=1, limits=strict, known=known) == ([], [cancelled])


def test_decisions_about_what_is_planned_no_more_are_dropped() -> None:
    released = deletes(7)
    known = known_as(Decision.RELEASED, *released)
    assert set(decided_among(released[:2], known)) == set(map(operation_key, released[:2]))


@pytest.mark.parametrize("decision", [Decision.RELEASED, Decision.REJECTED])
@pytest.mark.parametrize("reason", [Reason.EDITED_IN_CALENDAR, Reason.BOOKING_CHANGED])
def test_what_a_decided_move_leads_to_is_asked_about_no_more(decision: Decision, reason: Reason) -> None:
    """The event is put back, or written once more where the booking has followed it."""
    booked = [a_booking(number) for number in range(1, 8)]
    moves = [MoveBooking(a_mapping(each), each, a_span("2026-04-01 09:00")) for each in booked]
    after: list[Operation] = [UpdateEvent(a_mapping(each), a_content(each), reason) for each in booked]
    known = known_as(decision, *moves)
    assert hold_unsafe(after, mapped=7, limits=LIMITS, known=known) == (after, [])
    waiting = known_as(None, *moves)
    assert hold_unsafe(after, mapped=7, limits=LIMITS, known=waiting) == ([], after)


# --- what concerns all at once ----------------------------------------------------------------


def test_an_emptied_site_waits_whatever_the_count() -> None:
    (removed,) = deletes(1, Reason.BOOKING_REMOVED)
    (cancelled,) = deletes(1, Reason.BOOKING_CANCELLED)
    loss = SiteLoss(missing=2, mapped=2, is_empty=True)
    never = SafetyLimits(share=1.0, count=1000)
    assert hold_unsafe([removed], mapped=1, limits=never, site_loss=loss) == ([], [removed])
    assert hold_unsafe([cancelled], mapped=1, limits=never, site_loss=loss) == ([cancelled], [])


def test_the_only_booking_may_be_deleted_like_any_other() -> None:
    operations = deletes(1, Reason.BOOKING_REMOVED)
    loss = SiteLoss(missing=1, mapped=1, is_empty=True)
    assert hold_unsafe(operations, mapped=1, limits=LIMITS, site_loss=loss) == (operations, [])


def test_another_zone_waits_whatever_the_count() -> None:
    moved = updates(1, Reason.SITE_ZONE_CHANGED)
    never = SafetyLimits(share=1.0, count=1000)
    assert hold_unsafe(moved, mapped=1000, limits=never) == ([], moved)


def test_another_wording_never_waits() -> None:
    """A person has just chosen it; settings say beforehand how many events follow."""
    rewritten = updates(50, Reason.SETTINGS_CHANGED)
    assert hold_unsafe(rewritten, mapped=50, limits=LIMITS) == (rewritten, [])


def test_a_wish_that_is_refused_without_asking_the_site_is_no_danger() -> None:
    booked = [a_booking(number) for number in range(1, 8)]
    refused: list[Operation] = [
        CancelBooking(a_mapping(each), each, refused="group event") for each in booked
    ]
    assert hold_unsafe(refused, mapped=7, limits=LIMITS) == (refused, [])


def test_order_does_not_alter_what_waits() -> None:
    """Law L7."""
    operations = [*deletes(4), a_create(), *updates(4)]
    safe, held = hold_unsafe(operations, mapped=10, limits=LIMITS)
    backwards = hold_unsafe(operations[::-1], mapped=10, limits=LIMITS)
    assert backwards == (safe[::-1], held[::-1])


# --- the owner's limits -----------------------------------------------------------------------


@pytest.mark.parametrize("share", ["20%", "20", " 20 % ", "20.0%"])
def test_limits_may_be_typed_in_several_ways(share: str) -> None:
    limits = parse_limits(share, " 5 ")
    assert (limits, share_text(limits)) == (SafetyLimits(0.2, 5), "20%")


def test_the_largest_count_may_be_typed_and_no_larger_one() -> None:
    assert parse_limits("20%", str(LARGEST_COUNT)).count == LARGEST_COUNT
    with pytest.raises(WrongInput):
        parse_limits("20%", str(LARGEST_COUNT + 1))


@pytest.mark.parametrize("share", ["0%", "7%", "29%", "57%", "100%"])
def test_a_share_reads_as_it_was_typed(share: str) -> None:
    assert share_text(parse_limits(share, "5")) == share


@pytest.mark.parametrize(
    ("share", "count"),
    [
        ("", "5"),
        ("101%", "5"),
        ("-1%", "5"),
        ("20.5%", "5"),
        ("a fifth", "5"),
        ("20%", ""),
        ("20%", "-1"),
        ("20%", "٥"),
    ],
)
def test_limits_that_make_no_sense_are_refused_with_an_example(share: str, count: str) -> None:
    with pytest.raises(WrongInput, match="for example 20% and 5"):
        parse_limits(share, count)


@pytest.mark.parametrize(("share", "count", "held"), [("0%", "0", 1), ("100%", "0", 0), ("0%", "1", 0)])
def test_the_ends_of_the_scale_ask_always_and_never(share: str, count: str, held: int) -> None:
    operations = deletes(1)
    assert len(hold_unsafe(operations, mapped=1, limits=parse_limits(share, count))[1]) == held
