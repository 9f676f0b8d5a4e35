"""What a plan is made of: one step each, with the reason people are shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from latesync.model import Booking, EventContent, Mapping, UnreadableBooking
from latesync.times import TimeRange


class Reason(StrEnum):
    """Why an operation is in the plan. The sentence is in messages.py."""

    NEW_BOOKING = "new booking"
    BOOKING_CHANGED = "booking changed"
    EDITED_IN_CALENDAR = "edited in the calendar"
    DELETED_IN_CALENDAR = "deleted in the calendar"
    MOVED_BY_AGENT = "moved in the calendar"
    TAKEN_OUT_BY_AGENT = "taken out of the calendar"
    UNCONFIRMED_CREATE = "an earlier create was not confirmed"
    BOOKING_CANCELLED = "booking cancelled"
    OTHER_AGENT = "moved to another agent"
    BOOKING_REMOVED = "booking removed"
    AGENT_REMOVED = "agent removed"
    CALENDAR_CHANGED = "another calendar was chosen"
    OTHER_ACCOUNT = "it stands in another account's calendar"
    SETTINGS_CHANGED = "the wording or another setting changed"
    GROUP_CHANGED = "others came to its event, or left it"
    IN_GROUP_EVENT = "it stands in the event of its group"
    NO_BUFFER = "no buffer is wanted here any more"
    SITE_ZONE_CHANGED = "the site's time zone changed"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class CreateEvent:
    """is_mailed, here and below: whether guests are told by mail (plan/invitations.py decides)."""

    booking_id: int
    agent_id: int
    calendar_id: str
    event_id: str
    content: EventContent
    reason: Reason
    is_mailed: bool = False
    name = "create"


class _OnMapping:
    """What operations on a booking that has a mapping share."""

    __slots__ = ()
    mapping: Mapping

    @property
    def booking_id(self) -> int:
        return self.mapping.booking_id

    @property
    def agent_id(self) -> int:
        return self.mapping.agent_id


@dataclass(frozen=True, slots=True)
class AdoptEvent(_OnMapping):
    """Find out what became of an unanswered create: take the event over, or create it now."""

    mapping: Mapping
    content: EventContent
    reason: Reason = Reason.UNCONFIRMED_CREATE
    is_mailed: bool = False
    name = "adopt"


@dataclass(frozen=True, slots=True)
class UpdateEvent(_OnMapping):
    """becomes_history: with this the event is past, and let go. takes_guest_off: the one we invited."""

    mapping: Mapping
    content: EventContent
    reason: Reason
    becomes_history: bool = False
    is_mailed: bool = False
    takes_guest_off: bool = False
    name = "update"


@dataclass(frozen=True, slots=True)
class MovedTo:
    """Where a booking stands in the agent's other account, and what its event there is to say."""

    mapping: Mapping
    content: EventContent


@dataclass(frozen=True, slots=True)
class DeleteEvent(_OnMapping):
    """leader: the booking in whose event this one stands from then on; None: in nobody's.

    moved_to: with Reason.OTHER_ACCOUNT; the agent's own lines go there before the event goes.
    """

    mapping: Mapping
    reason: Reason
    is_mailed: bool = False
    leader: int | None = None
    moved_to: MovedTo | None = None
    name = "delete"


@dataclass(frozen=True, slots=True)
class RetireMapping(_OnMapping):
    """Let go of a past booking; its event stays in the calendar as history. Touches no calendar."""

    mapping: Mapping
    reason: Reason = Reason.PAST
    name = "retire"


@dataclass(frozen=True, slots=True)
class MoveBooking(_OnMapping):
    """The agent moved our event, and the owner wants the booking to follow: the plugin is asked.

    booking: as it was read; the plugin refuses when the row differs by then. to: where the event stands.
    refused: why the plugin is not even asked; "": it is.
    """

    mapping: Mapping
    booking: Booking
    to: TimeRange
    reason: Reason = Reason.MOVED_BY_AGENT
    refused: str = ""
    name = "move booking"


@dataclass(frozen=True, slots=True)
class CancelBooking(_OnMapping):
    """The agent deleted our event, and the owner wants the booking cancelled: the plugin is asked.

    refused: why it is not even asked; "": it is.
    """

    mapping: Mapping
    booking: Booking
    reason: Reason = Reason.TAKEN_OUT_BY_AGENT
    refused: str = ""
    name = "cancel booking"


WriteBack = MoveBooking | CancelBooking
Operation = CreateEvent | AdoptEvent | UpdateEvent | DeleteEvent | RetireMapping | WriteBack


@dataclass(frozen=True, slots=True)
class OutboundPlan:
    """operations: at most one per booking, in the order to perform them.

    set_aside: mappings that wait until their booking changes.
    in_step: (mapping id, booking_hash) of those in step whose booking is to be remembered anew.
    unreadable: rows about which nothing is decided.
    staying: how many events stay in an account that is not written to until the other one has them.
    """

    operations: tuple[Operation, ...] = ()
    set_aside: tuple[Mapping, ...] = ()
    in_step: tuple[tuple[int, str], ...] = ()
    unreadable: tuple[UnreadableBooking, ...] = ()
    staying: int = 0
