"""The brake: a plan that would delete or change too much waits for a person; the rest goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from latesync.plan.operations import DeleteEvent, Operation, Reason, UpdateEvent, WriteBack

# Longer than a broken client needs to empty a calendar, shorter than a person's next busy day.
WISHES_COUNT_FOR = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """Held when more than `share` of what is mapped and more than `count` events are at stake."""

    share: float = 0.20
    count: int = 5

    def are_exceeded_by(self, at_stake: int, mapped: int) -> bool:
        return at_stake > self.count and at_stake > self.share * mapped


@dataclass(frozen=True, slots=True)
class SiteLoss:
    """How many of the site's mapped bookings are no longer rows, over all agents.

    One agent's few vanished bookings may be part of a table that was emptied.
    """

    missing: int
    mapped: int


def hold_unsafe(
    operations: Sequence[Operation],
    *,
    mapped: int,
    limits: SafetyLimits,
    site_loss: SiteLoss | None = None,
    granted: int = 0,
) -> tuple[list[Operation], list[Operation]]:
    """(safe, held), both in order. mapped: the account's living events before this plan.

    granted: how many bookings followed their events in the last WISHES_COUNT_FOR. A calendar that is emptied
    a few events at a time must not cancel fifty customers either.
    """
    wishes = sum(1 for operation in operations if isinstance(operation, WriteBack))
    hold_wishes = limits.are_exceeded_by(wishes + granted, mapped + granted)
    at_stake = sum(1 for operation in operations if _is_risky(operation))
    hold_all = limits.are_exceeded_by(at_stake, mapped)
    hold_removed = site_loss is not None and limits.are_exceeded_by(site_loss.missing, site_loss.mapped)
    safe: list[Operation] = []
    held: list[Operation] = []
    for operation in operations:
        is_held = _is_risky(operation) and (
            hold_all
            or (hold_removed and operation.reason is Reason.BOOKING_REMOVED)
            or (hold_wishes and isinstance(operation, WriteBack))
        )
        (held if is_held else safe).append(operation)
    return safe, held


def _is_risky(operation: Operation) -> bool:
    # An emptied calendar must not cancel fifty customers.
    if isinstance(operation, WriteBack):
        return True
    # Another calendar or wording is a person's explicit choice on the page: every event is meant to follow.
    is_chosen = operation.reason in (Reason.CALENDAR_CHANGED, Reason.SETTINGS_CHANGED)
    return isinstance(operation, UpdateEvent | DeleteEvent) and not is_chosen
