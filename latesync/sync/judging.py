"""What may be done of a plan: measured against the owner's limits and what a person decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from latesync.options import Decision, SafetyLimits
from latesync.plan.operations import Operation, OutboundPlan, Reason
from latesync.plan.safety import (
    WISHES_COUNT_FOR,
    Known,
    OperationKey,
    SiteLoss,
    decided_among,
    follows_booking,
    hold_unsafe,
    is_measured,
    is_wish,
    operation_key,
)
from latesync.store import choices, held, mappings
from latesync.store.readable import read_readable
from latesync.store.wishes import count_wishes_granted
from latesync.sync.parts import SyncParts

SAMPLE_OF_SITE = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan's operations, each in one of three lists, in order.

    held: waits for a person. rejected: a person does not want it, which is yet to be remembered.
    known: what was held before. decided: of the operations that are planned now.
    readable: the site's columns that events are made from, where that is to be remembered anew.
    """

    safe: list[Operation]
    held: list[Operation]
    rejected: list[Operation]
    known: Known
    decided: dict[OperationKey, Decision]
    readable: frozenset[str] | None = None


def judge(parts: SyncParts, account_id: int, plan: OutboundPlan, *, mapped: int) -> Judged:
    """mapped: the account's living events, buffers not counted. Changes nothing. Raises SiteError."""
    known: Known = held.read_known(parts.database, account_id)
    decided = decided_among(plan.operations, known)
    fresh = [op for op in plan.operations if is_measured(op) and known.get(operation_key(op)) is None]
    schema = parts.site.facts().schema
    readable_before = read_readable(parts.database, parts.site_id, account_id)
    lost = (readable_before or frozenset()).intersection(schema.not_granted)
    safe, held_back = hold_unsafe(
        plan.operations,
        mapped=mapped,
        limits=_limits(parts) if fresh else parts.limits,
        site_loss=_site_loss(parts, fresh),
        granted=_wishes_granted(parts, account_id, fresh),
        known=known,
        is_less_readable=bool(lost),
    )
    rejected = [op for op in plan.operations if decided.get(operation_key(op)) is Decision.REJECTED]
    readable = schema.readable_for_events | (frozenset() if _is_let_go(plan, known) else lost)
    return Judged(
        safe, held_back, rejected, known, decided, readable if readable != readable_before else None
    )


def _is_let_go(plan: OutboundPlan, known: Known) -> bool:
    """A person has released what follows from the site as it can be read now: it goes on with that."""
    return any(
        follows_booking(op) and known.get(operation_key(op)) is Decision.RELEASED for op in plan.operations
    )


def _limits(parts: SyncParts) -> SafetyLimits:
    return choices.read_safety_limits(parts.database, parts.site_id) or parts.limits


def _site_loss(parts: SyncParts, fresh: Sequence[Operation]) -> SiteLoss | None:
    """Asked only when a booking vanished: is it one, or is the site's table being emptied?"""
    if not any(operation.reason is Reason.BOOKING_REMOVED for operation in fresh):
        return None
    ids = mappings.mapped_booking_ids(parts.database, parts.site_id, SAMPLE_OF_SITE)
    missing = len(ids) - parts.site.count_existing(ids)
    is_empty = missing == len(ids) and parts.site.newest_booking(0)[0] == 0
    return SiteLoss(missing, len(ids), is_empty)


def _wishes_granted(parts: SyncParts, account_id: int, fresh: Sequence[Operation]) -> int:
    """How many bookings followed their events lately; asked only when more would."""
    if not any(is_wish(operation) for operation in fresh):
        return 0
    since = parts.clock() - WISHES_COUNT_FOR
    return count_wishes_granted(parts.database, parts.site_id, account_id, since)
