"""Why a booking is, or is not, in a calendar, told from the plan itself: nothing is decided here.

What the plan would do is the answer. Where it would do nothing, the first fact that lets it is named, in the
order in which plan/outbound.py looks at them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from latesync.booking_parts import booking_of
from latesync.model import Booking, Mapping, MappingState, UnreadableBooking
from latesync.plan.operations import Operation, OutboundPlan
from latesync.plan.wanted_events import WantedEvents


class Case(StrEnum):
    """Each has its sentences in explain_sentences.py."""

    IN_STEP = "in_step"
    DUE = "due"
    HELD = "held"
    SET_ASIDE = "set_aside"
    LEFT_OUT = "left_out"
    LEFT_AS_PUT = "left_as_put"
    NOT_WANTED = "not_wanted"
    KEPT_CANCELLED = "kept_cancelled"
    PAST = "past"
    BEYOND_WINDOW = "beyond_window"
    OTHER_AGENT = "other_agent"
    AGENT_GONE = "agent_gone"
    UNREADABLE = "unreadable"
    NO_SUCH_BOOKING = "no_such_booking"
    IN_GROUP = "in_group"
    STAYS = "stays"
    NO_ACCOUNT = "no_account"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """operation: what the plan would do about the booking in this account; None: nothing.

    leader: the booking in whose event it stands (Case.IN_GROUP).
    """

    case: Case
    operation: Operation | None = None
    leader: int | None = None


def judge_booking(
    booking_id: int,
    found: Booking | UnreadableBooking | None,
    mapping: Mapping | None,
    events: WantedEvents,
    plan: OutboundPlan,
    held: Collection[Operation] = (),
    *,
    is_written: bool = True,
) -> Judgement:
    """How a booking stands in one account.

    found: the row looked up by its id; None is the positive fact "no such row". mapping: the account's own.
    events, plan: of the whole account, made of the same snapshot. held: what of it waits for a person.
    is_written: whether the agent's bookings go to this account.
    """
    operation = next((step for step in plan.operations if step.booking_id == booking_id), None)
    if operation is not None:
        return Judgement(Case.HELD if operation in held else Case.DUE, operation)
    if not is_written and mapping is not None and mapping.has_event:
        return Judgement(Case.PAST if mapping.state is MappingState.RETIRED else Case.STAYS)
    if any(booking_of(waiting.booking_id) == booking_id for waiting in plan.set_aside):  # or a buffer of it
        return Judgement(Case.SET_ASIDE)
    if isinstance(found, UnreadableBooking):
        return Judgement(Case.UNREADABLE)
    if found is None:
        return Judgement(Case.NO_SUCH_BOOKING)
    if mapping is not None and mapping.state is MappingState.LIVE:
        return Judgement(_how_it_stands(found, mapping, events))
    case = _why_nothing(found, mapping, events)
    return Judgement(case, leader=events.groups[found.id].leader if case is Case.IN_GROUP else None)


def judge_without_account(
    booking_id: int, found: Booking | UnreadableBooking | None, events: WantedEvents, plan: OutboundPlan
) -> Judgement:
    """How a booking stands whose agent has no account. plan: as if they had just connected one."""
    judged = judge_booking(booking_id, found, None, events, plan)
    return Judgement(Case.NO_ACCOUNT) if judged.case in (Case.DUE, Case.IN_GROUP) else judged


def _how_it_stands(booking: Booking, mapping: Mapping, events: WantedEvents) -> Case:
    if mapping.drift is not None:
        return Case.LEFT_AS_PUT
    return Case.IN_STEP if booking.status in events.statuses else Case.KEPT_CANCELLED


def _why_nothing(booking: Booking, mapping: Mapping | None, events: WantedEvents) -> Case:
    if booking.agent_id != events.snapshot.agent_id:
        return Case.OTHER_AGENT
    if booking.span.end <= events.snapshot.window.start:
        return Case.PAST
    if not events.snapshot.agent_exists:
        return Case.AGENT_GONE
    if booking.status not in events.statuses:
        return Case.NOT_WANTED
    if events.is_in_another_s(booking):
        return Case.IN_GROUP
    if mapping is not None and mapping.state is MappingState.LEFT_OUT:
        return Case.LEFT_OUT
    if booking.span.start >= events.snapshot.window.end:
        return Case.BEYOND_WINDOW
    return Case.UNKNOWN
