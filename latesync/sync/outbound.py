"""Bookings → events, for one claimed account."""

from __future__ import annotations

import logging
from dataclasses import replace

from latesync.errors import BridgeError, ProviderUnavailable
from latesync.model import Mapping, MappingState, Snapshot, Target
from latesync.plan.content import content_hash
from latesync.plan.operations import (
    CreateEvent,
    DeleteEvent,
    Operation,
    OutboundPlan,
    Reason,
    UpdateEvent,
    WriteBack,
)
from latesync.plan.outbound import ids_to_look_up, plan_outbound
from latesync.plan.safety import WISHES_COUNT_FOR, SiteLoss, hold_unsafe
from latesync.providers.base import CalendarProvider
from latesync.store import choices, drift, held, mappings, unreadable
from latesync.store.accounts import AccountRow
from latesync.store.wishes import count_wishes_granted
from latesync.sync.parts import Brake, RunCounts, SyncParts
from latesync.sync.perform import Outcome, Performer

log = logging.getLogger(__name__)

# A world that keeps changing under us ends the run; the rest stays due. Ten generations of a deleted
# id, found one after the other, fit in.
MOST_ROUNDS = 12
# One event the provider stumbles over is passed by; three in a row are an outage.
FAILURES_IN_A_ROW = 3
SAMPLE_OF_SITE = 1000


def sync_outbound(
    parts: SyncParts, account: AccountRow, provider: CalendarProvider, brake: Brake, counts: RunCounts
) -> bool:
    """Bring the account's events in step. True: nothing is left to do (held operations aside).

    Raises what the site, the provider or the plugin raises; what was not tried then stays due. A plugin
    that does not answer holds up nothing else: its turn is over, and the rest goes on.
    """
    performer = Performer(parts, provider, account.id, account.subject, counts)
    plugin_trouble: list[BridgeError] = []
    for _ in range(MOST_ROUNDS):
        plan, safe, held_back = plan_account(parts, account)
        _record_waiting(parts, account, plan, held_back, counts)
        if plugin_trouble:
            safe = [operation for operation in safe if not isinstance(operation, WriteBack)]
        if not safe and plugin_trouble:
            raise plugin_trouble[0]
        if not safe:
            return True
        parts.progress.planned(len(safe))
        performer.intents.update(record_intents(parts, account, safe))
        _record_unanswered(parts, safe)
        if not _perform_all(performer, safe, brake, plugin_trouble):
            if plugin_trouble:
                raise plugin_trouble[0]
            return not brake.is_on_for(account.id)
    return False


def plan_account(
    parts: SyncParts, account: AccountRow
) -> tuple[OutboundPlan, list[Operation], list[Operation]]:
    """(the plan, its safe operations, those held for a person). Changes nothing."""
    known = mappings.read_mappings(parts.database, account.id)
    snapshot = _read_snapshot(parts, account, known)
    policy = replace(parts.policy, drift=choices.read_drift_policy(parts.database, parts.site_id))
    plan = plan_outbound(snapshot, known, target_of(account), policy)
    safe, held_back = hold_unsafe(
        plan.operations,
        mapped=sum(1 for mapping in known if mapping.state is MappingState.LIVE),
        limits=parts.limits,
        site_loss=_site_loss(parts, plan),
        granted=_wishes_granted(parts, account, plan),
    )
    return plan, safe, held_back


def target_of(account: AccountRow) -> Target:
    return Target(account.id, account.provider, account.subject, account.write_calendar_id)


def record_intents(parts: SyncParts, account: AccountRow, operations: list[Operation]) -> dict[int, int]:
    """All intents of a round in one transaction, before its first call; gives the row of each booking."""
    creates = [operation for operation in operations if isinstance(operation, CreateEvent)]
    intents = [
        mappings.NewIntent(
            site_id=parts.site_id,
            booking_id=create.booking_id,
            agent_id=create.agent_id,
            account_id=account.id,
            calendar_id=create.calendar_id,
            event_id=create.event_id,
            generation=create.content.marker.generation,
            span=create.content.span,
            content_hash=content_hash(create.content),
            booking_hash=create.content.booking_hash,
        )
        for create in creates
    ]
    if not intents:
        return {}
    rows = mappings.record_intents(parts.database, intents, parts.clock())
    return {create.booking_id: row for create, row in zip(creates, rows, strict=True)}


def _record_unanswered(parts: SyncParts, operations: list[Operation]) -> None:
    """All writes of a round in one transaction, before its first call: should an answer be lost, what we did
    must not look like the agent's wish to change a booking."""
    ids = [
        operation.mapping.id for operation in operations if isinstance(operation, UpdateEvent | DeleteEvent)
    ]
    if ids:
        drift.record_unanswered(parts.database, ids, parts.clock())


def _withdraw_untried(performer: Performer, untried: list[Operation]) -> None:
    database, now = performer.parts.database, performer.parts.clock()
    rows = [performer.intents[op.booking_id] for op in untried if isinstance(op, CreateEvent)]
    before = {
        op.mapping.id: op.mapping.drift_refused for op in untried if isinstance(op, UpdateEvent | DeleteEvent)
    }
    with database.write() as connection:
        mappings.withdraw_intents(connection, rows, now)
        drift.withdraw_unanswered(connection, before, now)


def _read_snapshot(parts: SyncParts, account: AccountRow, known: list[Mapping]) -> Snapshot:
    snapshot = parts.site.read_snapshot(account.agent_id)
    return replace(snapshot, looked_up=parts.site.look_up(ids_to_look_up(snapshot, known)))


def _site_loss(parts: SyncParts, plan: OutboundPlan) -> SiteLoss | None:
    """Asked only when a booking vanished: is it one, or is the site's table being emptied?"""
    if not any(operation.reason is Reason.BOOKING_REMOVED for operation in plan.operations):
        return None
    ids = mappings.mapped_booking_ids(parts.database, parts.site_id, SAMPLE_OF_SITE)
    return SiteLoss(missing=len(ids) - parts.site.count_existing(ids), mapped=len(ids))


def _wishes_granted(parts: SyncParts, account: AccountRow, plan: OutboundPlan) -> int:
    """How many bookings followed their events lately; asked only when more would."""
    if not any(isinstance(operation, WriteBack) for operation in plan.operations):
        return 0
    since = parts.clock() - WISHES_COUNT_FOR
    return count_wishes_granted(parts.database, parts.site_id, account.id, since)


def _record_waiting(
    parts: SyncParts, account: AccountRow, plan: OutboundPlan, held_back: list[Operation], counts: RunCounts
) -> None:
    now = parts.clock()
    counts.operations_held = len(held_back)
    rows = [held.HeldOperation(op.booking_id, op.name, op.reason.value) for op in held_back]
    held.replace_held(parts.database, account.id, rows, now)
    if plan.in_step:
        mappings.record_in_step(parts.database, plan.in_step)
    unreadable.replace_unreadable(parts.database, parts.site_id, account.agent_id, plan.unreadable, now)


def _perform_all(
    performer: Performer, operations: list[Operation], brake: Brake, plugin_trouble: list[BridgeError]
) -> bool:
    """Perform in order; True: plan again. What was never tried is withdrawn, so that no answer is owed.

    plugin_trouble: takes what the plugin's calls raise; after the first, it is not asked again.
    """
    plan_again = False
    failed: list[ProviderUnavailable] = []
    in_a_row = 0
    tried = 0
    try:
        for operation in operations:
            if brake.is_on_for(performer.account_id):
                return False
            tried += 1
            if plugin_trouble and isinstance(operation, WriteBack):
                continue
            try:
                plan_again |= performer.perform(operation) is Outcome.PLAN_AGAIN
                performer.parts.progress.performed()
                in_a_row = 0
            except BridgeError as exc:
                plugin_trouble.append(exc)
            except ProviderUnavailable as exc:
                failed.append(exc)
                in_a_row += 1
                if in_a_row == FAILURES_IN_A_ROW:
                    raise
    finally:
        _withdraw_untried(performer, operations[tried:])
    if failed:
        raise failed[-1]
    return plan_again
