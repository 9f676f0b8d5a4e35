"""What people are told cannot disagree with the plan, whatever happened before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from latesync.model import Booking, Mapping, MappingState, Snapshot, UnreadableBooking
from latesync.plan.explain import Case, Judgement, judge_booking
from latesync.plan.operations import OutboundPlan
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.wanted_events import WantedEvents
from latesync.times import TimeRange
from tests.builders.plan import a_target
from tests.property.test_outbound_laws import POLICIES, situations

Situation = tuple[Snapshot, list[Mapping]]


def plan_of(snapshot: Snapshot, known: list[Mapping], policy: OutboundPolicy) -> OutboundPlan:
    return plan_outbound(snapshot, known, a_target(), policy)


def found_in(snapshot: Snapshot, booking_id: int) -> Booking | UnreadableBooking | None:
    return snapshot.bookings.get(booking_id) or snapshot.looked_up.get(booking_id)


def judge_all(snapshot: Snapshot, known: list[Mapping], policy: OutboundPolicy) -> dict[int, Judgement]:
    plan, by_booking = plan_of(snapshot, known, policy), {each.booking_id: each for each in known}
    events = WantedEvents.of(snapshot, by_booking, policy.events, policy.also_wanted)
    ids = snapshot.bookings.keys() | snapshot.looked_up.keys() | by_booking.keys()
    return {
        number: judge_booking(number, found_in(snapshot, number), by_booking.get(number), events, plan)
        for number in ids
    }


@given(situations(), POLICIES)
def test_what_is_said_to_be_due_is_exactly_what_is_planned(
    situation: Situation, policy: OutboundPolicy
) -> None:
    judged = judge_all(*situation, policy)
    planned = {operation.booking_id: operation for operation in plan_of(*situation, policy).operations}
    said = {number: each.operation for number, each in judged.items() if each.case is Case.DUE}
    assert said == planned
    assert all(each.operation is None for each in judged.values() if each.case is not Case.DUE)


@given(situations(), POLICIES)
def test_what_is_said_to_be_set_aside_is_exactly_what_the_plan_sets_aside(
    situation: Situation, policy: OutboundPolicy
) -> None:
    said = {number for number, each in judge_all(*situation, policy).items() if each.case is Case.SET_ASIDE}
    assert said == {mapping.booking_id for mapping in plan_of(*situation, policy).set_aside}


@given(situations(), POLICIES)
def test_a_cause_that_is_taken_away_lets_the_booking_be_written(
    situation: Situation, policy: OutboundPolicy
) -> None:
    """users-ask.md U10: the one reason that is named is the one that keeps it out."""
    snapshot, known = situation
    for number, judged in judge_all(snapshot, known, policy).items():
        changed = _without_cause(judged.case, number, snapshot, known)
        if changed is not None:
            after = judge_all(*changed, policy)[number]
            assert after.case in {Case.DUE, *_NEXT_CAUSES[judged.case]}


# A booking may have several reasons; then the next of them is named.
_NEXT_CAUSES = {
    Case.PAST: {Case.AGENT_GONE, Case.NOT_WANTED, Case.BEYOND_WINDOW, Case.IN_GROUP},
    Case.AGENT_GONE: {Case.NOT_WANTED, Case.BEYOND_WINDOW, Case.LEFT_OUT, Case.IN_GROUP},
    Case.NOT_WANTED: {Case.BEYOND_WINDOW, Case.LEFT_OUT, Case.IN_GROUP},
    Case.LEFT_OUT: {Case.BEYOND_WINDOW, Case.IN_GROUP},
    Case.BEYOND_WINDOW: {Case.IN_GROUP},
}


def _without_cause(case: Case, number: int, snapshot: Snapshot, known: list[Mapping]) -> Situation | None:
    booking = snapshot.bookings.get(number)
    if case not in _NEXT_CAUSES or booking is None:
        return None
    if case is Case.AGENT_GONE:
        return replace(snapshot, agent_exists=True), known
    if case is Case.BEYOND_WINDOW:
        longer = TimeRange(snapshot.window.start, booking.span.end + timedelta(days=1))
        return replace(snapshot, window=longer), known
    if case is Case.LEFT_OUT:
        return snapshot, [
            replace(each, state=MappingState.GONE) if each.booking_id == number else each for each in known
        ]
    if case is Case.PAST:
        later = replace(
            booking, span=TimeRange(snapshot.window.end - timedelta(hours=2), snapshot.window.end)
        )
        forgotten = [each for each in known if each.booking_id != number]
        return replace(snapshot, bookings={**snapshot.bookings, number: later}), forgotten
    wanted = replace(booking, status=min(snapshot.wanted_statuses))
    return replace(snapshot, bookings={**snapshot.bookings, number: wanted}), known
