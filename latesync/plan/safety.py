"""The brake: a plan that would delete or change too much waits for a person; the rest goes on.

What waits is known by its key and waits until a person has decided, or until it is no longer planned. Where
the site took so much of it back that the rest is usual, that rest goes on by itself; but not where a person
decided about some: releasing one of six would let the other five go.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from latesync.booking_parts import booking_of
from latesync.errors import WrongInput
from latesync.options import Decision, SafetyLimits
from latesync.plan.operations import DeleteEvent, MoveBooking, Operation, Reason, UpdateEvent, WriteBack
from latesync.sentences.held_sentences import LIMITS_UNREADABLE

# Longer than a broken client needs to empty a calendar, shorter than a person's next busy day.
WISHES_COUNT_FOR = timedelta(hours=6)
LARGEST_COUNT = 100_000
_SHARE = re.compile(r"(\d{1,3})(?:[.,]0+)? ?%?", re.ASCII)

OperationKey = tuple[int, str, str]  # booking, operation, reason
# What was held before: the decision, None where nobody has decided about anything of the account yet.
Known = MappingOf[OperationKey, Decision | None]
NOTHING_KNOWN: Known = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SiteLoss:
    """How many of the site's mapped bookings are no longer rows, over all agents.

    One agent's few vanished bookings may be part of a table that was emptied.
    is_empty: the table holds no booking at all.
    """

    missing: int
    mapped: int
    is_empty: bool = False


def operation_key(operation: Operation) -> OperationKey:
    """What a held operation is known by, within its account."""
    return operation.booking_id, operation.name, operation.reason.value


def hold_unsafe(
    operations: Sequence[Operation],
    *,
    mapped: int,
    limits: SafetyLimits,
    site_loss: SiteLoss | None = None,
    granted: int = 0,
    known: Known = NOTHING_KNOWN,
    is_less_readable: bool = False,
) -> tuple[list[Operation], list[Operation]]:
    """(safe, held), both in order; what a person rejected is in neither.

    An event that goes because its booking stands in another one waits, last, while that one is held.

    mapped: the account's living events before this plan, buffers not counted. known: what was held before.
    What is new is measured for itself. What was held before goes on by itself only when the site took most
    of it back: by its number alone, for a share is made smaller by every new booking.
    granted: how many bookings followed their events in the last WISHES_COUNT_FOR. A calendar that is emptied
    a few events at a time must not cancel fifty customers either.
    is_less_readable: a table that events were made from cannot be read any more. What their bookings seem to
    have changed then waits however little it is: names would vanish from events, and nothing has changed.
    """
    decided = decided_among(operations, known)
    open_ones = [op for op in operations if operation_key(op) not in decided]
    fresh = [op for op in open_ones if operation_key(op) not in known]
    brake = _brake_for(fresh, mapped, limits, site_loss, granted, is_less_readable=is_less_readable)
    by_number = SafetyLimits(share=0, count=limits.count)
    stands = _brake_for(open_ones, mapped, by_number, site_loss, granted, is_less_readable=is_less_readable)
    safe: list[Operation] = []
    held: list[Operation] = []
    for operation in operations:
        key = operation_key(operation)
        if key in decided:
            if decided[key] is Decision.RELEASED:
                safe.append(operation)
        elif key in known:
            waits_on = known[key] is Decision.PASSED_OVER or stands.holds(operation)
            (held if waits_on else safe).append(operation)
        elif brake.holds(operation):
            held.append(operation)
        else:
            safe.append(operation)
    waiting = {operation.booking_id for operation in held}
    held += [operation for operation in safe if _stands_with(operation, waiting)]
    return [operation for operation in safe if not _stands_with(operation, waiting)], held


def decided_among(operations: Sequence[Operation], known: Known) -> dict[OperationKey, Decision]:
    """What a person decided of the operations that are planned now; what is planned no more is dropped.

    A decision about a move goes for the event as well: when the booking has moved, or the site has refused
    that, or the owner has, the event is written once more, and nobody is asked about that again.
    """
    decided: dict[OperationKey, Decision] = {}
    for operation in operations:
        key = operation_key(operation)
        decision = known.get(key)
        if decision in (Decision.RELEASED, Decision.REJECTED):
            decided[key] = decision
        elif isinstance(operation, UpdateEvent) and known.get(_move_of(booking_of(operation.booking_id))) in (
            Decision.RELEASED,
            Decision.REJECTED,
        ):
            decided[key] = Decision.RELEASED
    return decided


def is_measured(operation: Operation) -> bool:
    """Whether it counts as a deletion or change; what a person has just chosen does not."""
    if is_wish(operation):
        return True
    return isinstance(operation, UpdateEvent | DeleteEvent) and operation.reason not in _CHOSEN


def is_wish(operation: Operation) -> bool:
    """Whether a booking would follow its event: an emptied calendar must not cancel fifty customers.

    What is refused without asking the site only puts the event back.
    """
    return isinstance(operation, WriteBack) and not operation.refused


def follows_booking(operation: Operation) -> bool:
    """Whether an event is written anew because of what was read of its booking, or of others in it."""
    return isinstance(operation, UpdateEvent) and operation.reason in _READ_FROM_SITE


def parse_limits(share: str, count: str) -> SafetyLimits:
    """ "20%" and "5" as limits. Raises WrongInput, which says how to write them."""
    found = _SHARE.fullmatch(share.strip())
    percent = int(found[1]) if found else -1
    number = int(count.strip()) if re.fullmatch(r"\d{1,6}", count.strip(), re.ASCII) else -1
    if not (0 <= percent <= 100 and 0 <= number <= LARGEST_COUNT):
        raise WrongInput(LIMITS_UNREADABLE)
    return SafetyLimits(percent / 100, number)


def share_text(limits: SafetyLimits) -> str:
    """ "20%", as parse_limits reads it."""
    return f"{round(limits.share * 100)}%"


# Another calendar or wording is a person's explicit choice on the page: every event is meant to follow.
_CHOSEN = (
    Reason.CALENDAR_CHANGED,
    Reason.OTHER_ACCOUNT,
    Reason.SETTINGS_CHANGED,
    Reason.IN_GROUP_EVENT,
    Reason.NO_BUFFER,
)


# An event that is kept for a cancelled booking is written anew for the first of these reasons too.
_READ_FROM_SITE = (Reason.BOOKING_CANCELLED, Reason.BOOKING_CHANGED, Reason.GROUP_CHANGED)


@dataclass(frozen=True, slots=True)
class _Brake:
    """What is too much of a plan's fresh operations."""

    holds_all: bool
    holds_wishes: bool
    holds_removed: bool
    holds_read: bool

    def holds(self, operation: Operation) -> bool:
        if not is_measured(operation):
            return False
        if operation.reason is Reason.SITE_ZONE_CHANGED:
            return True  # one setting of the site's: either all events follow it, or none
        if operation.reason is Reason.BOOKING_REMOVED and self.holds_removed:
            return True
        if self.holds_read and follows_booking(operation):
            return True
        return self.holds_all or (self.holds_wishes and is_wish(operation))


def _brake_for(
    fresh: Sequence[Operation],
    mapped: int,
    limits: SafetyLimits,
    site_loss: SiteLoss | None,
    granted: int,
    *,
    is_less_readable: bool,
) -> _Brake:
    wishes = sum(1 for operation in fresh if is_wish(operation))
    # A booking with two buffers is one booking: what is usual without them is usual with them.
    at_stake = len({booking_of(operation.booking_id) for operation in fresh if is_measured(operation)})
    return _Brake(
        holds_all=limits.are_exceeded_by(at_stake, mapped),
        holds_wishes=limits.are_exceeded_by(wishes + granted, mapped + granted),
        holds_removed=site_loss is not None
        and (
            (site_loss.is_empty and site_loss.missing > 1)  # the only booking may be deleted like any other
            or limits.are_exceeded_by(site_loss.missing, site_loss.mapped)
        ),
        holds_read=is_less_readable,
    )


def _stands_with(operation: Operation, waiting: Collection[int]) -> bool:
    return isinstance(operation, DeleteEvent) and operation.leader in waiting


def _move_of(booking_id: int) -> OperationKey:
    return booking_id, MoveBooking.name, Reason.MOVED_BY_AGENT.value
