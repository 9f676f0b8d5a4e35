"""Bookings → events, for one claimed account."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from latesync.booking_parts import is_buffer
from latesync.errors import BridgeError
from latesync.model import Mapping, MappingState, Snapshot, Target
from latesync.plan.content import content_hash
from latesync.plan.elsewhere import Elsewhere
from latesync.plan.invitations import has_invitations, intended_guests
from latesync.plan.operations import (
    CreateEvent,
    DeleteEvent,
    Operation,
    OutboundPlan,
    UpdateEvent,
    WriteBack,
)
from latesync.plan.outbound import OutboundPolicy, ids_to_look_up, plan_outbound
from latesync.plan.safety import operation_key
from latesync.providers.base import CalendarProvider
from latesync.store import choices, drift, held, mappings, sites, unreadable
from latesync.store.accounts import AccountRow
from latesync.store.history import record_history
from latesync.store.readable import write_readable
from latesync.sync.event_choices import read_event_choices
from latesync.sync.inviting import Inviter
from latesync.sync.judging import Judged, judge
from latesync.sync.moving import read_elsewhere
from latesync.sync.parts import Brake, RunCounts, SyncParts
from latesync.sync.perform import Performer
from latesync.sync.put_backs import end_fights
from latesync.sync.rejecting import remember_rejected
from latesync.sync.rounds import perform_all

log = logging.getLogger(__name__)

# A world that keeps changing under us ends the run; the rest stays due. Ten generations of a deleted
# id, found one after the other, fit in.
MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class OutboundFacts:
    """What an account's plan follows from: the site, what we remember, what the owner chose."""

    snapshot: Snapshot
    known: list[Mapping]
    policy: OutboundPolicy
    elsewhere: Elsewhere | None = None  # of an account that is not written to
    newest: int = 0  # the site's highest booking number before the snapshot; asked only where guests are

    @property
    def statuses(self) -> frozenset[str]:
        """Those whose bookings stand in the calendar."""
        return self.snapshot.wanted_statuses | self.policy.also_wanted


def sync_outbound(
    parts: SyncParts, account: AccountRow, provider: CalendarProvider, brake: Brake, counts: RunCounts
) -> bool:
    """Bring the account's events in step. True: nothing is left to do (held operations aside).

    Raises what the site, the provider or the plugin raises; what was not tried then stays due. A plugin
    that does not answer holds up nothing else: its turn is over, and the rest goes on.
    """
    if not account.is_written and _holds_nothing(parts, account):
        return True
    performer = Performer(parts, provider, account.id, account.subject, counts)
    inviter = Inviter.for_run(parts, account, provider)
    plugin_trouble: list[BridgeError] = []
    for _ in range(MOST_ROUNDS):
        facts = read_facts(parts, account)
        plan, judged = _plan_and_judge(parts, account, facts)
        _record_waiting(parts, account, plan, judged, counts)
        if judged.rejected:
            remember_rejected(parts, judged.rejected, counts)
            continue  # what follows from that is planned anew
        if end_fights(parts, account.id, judged.safe, facts.known, counts):
            continue
        safe = judged.safe
        if plugin_trouble:
            safe = [operation for operation in safe if not isinstance(operation, WriteBack)]
        if not safe and plugin_trouble:
            raise plugin_trouble[0]
        if not safe:
            _note_in_step(inviter, facts)
            return True
        safe = _invite(inviter, facts, safe, judged)
        parts.progress.planned(len(safe))
        performer.intents.update(record_intents(parts, account, safe))
        _record_unanswered(parts, safe)
        if not perform_all(performer, safe, judged.decided, brake, plugin_trouble):
            if plugin_trouble:
                raise plugin_trouble[0]
            if brake.is_on_for(account.id):
                return False
            _note_in_step(inviter, facts)
            return True
    return False


def _holds_nothing(parts: SyncParts, account: AccountRow) -> bool:
    """Whether an account that brings busy time only has no event of ours: then the site need not be asked."""
    known = mappings.read_mappings(parts.database, account.id)
    if any(mapping.state in mappings.IN_FORCE for mapping in known):
        return False
    if held.read_known(parts.database, account.id):
        held.replace_held(parts.database, account.id, [], parts.clock(), decided={})
    return True


def _invite(
    inviter: Inviter, facts: OutboundFacts, operations: list[Operation], judged: Judged
) -> list[Operation]:
    asked_about = {booking_id for booking_id, *_ in judged.known}
    choices = facts.policy.events
    return inviter.invite(operations, facts.snapshot, facts.known, choices, facts.statuses, asked_about)


def _note_in_step(inviter: Inviter, facts: OutboundFacts) -> None:
    inviter.note_in_step(facts.newest, facts.snapshot, facts.policy.events, facts.statuses)


def plan_account(
    parts: SyncParts, account: AccountRow
) -> tuple[OutboundPlan, list[Operation], list[Operation]]:
    """(the plan, its safe operations, those held for a person). Changes nothing."""
    return plan_facts(parts, account, read_facts(parts, account))


def read_facts(parts: SyncParts, account: AccountRow) -> OutboundFacts:
    """Everything an account's plan is made of. Raises SiteError."""
    known, policy, newest = mappings.read_mappings(parts.database, account.id), read_policy(parts), 0
    if has_invitations(policy.events):
        newest = sites.read_site(parts.database, parts.site_id).newest_booking_id
    elsewhere = read_elsewhere(parts, account, known)
    return OutboundFacts(_read_snapshot(parts, account, known), known, policy, elsewhere, newest)


def read_policy(parts: SyncParts) -> OutboundPolicy:
    statuses = choices.read_event_statuses(parts.database, parts.site_id)
    return replace(
        parts.policy,
        drift=choices.read_drift_policy(parts.database, parts.site_id),
        events=read_event_choices(parts.database, parts.site_id),
        also_wanted=statuses.also_wanted,
        keeps_cancelled=statuses.keeps_cancelled,
    )


def plan_facts(
    parts: SyncParts, account: AccountRow, facts: OutboundFacts
) -> tuple[OutboundPlan, list[Operation], list[Operation]]:
    """As plan_account, of facts that were read before."""
    plan, judged = _plan_and_judge(parts, account, facts)
    return plan, judged.safe, judged.held


def _plan_and_judge(
    parts: SyncParts, account: AccountRow, facts: OutboundFacts
) -> tuple[OutboundPlan, Judged]:
    plan = plan_outbound(facts.snapshot, facts.known, target_of(account), facts.policy, facts.elsewhere)
    standing = (mapping for mapping in facts.known if mapping.state is MappingState.LIVE)
    mapped = sum(1 for mapping in standing if not is_buffer(mapping.booking_id))
    return plan, judge(parts, account.id, plan, mapped=mapped)


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
            guests_hash=intended_guests(create),
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


def _read_snapshot(parts: SyncParts, account: AccountRow, known: list[Mapping]) -> Snapshot:
    snapshot = parts.site.read_snapshot(account.agent_id)
    return replace(snapshot, looked_up=parts.site.look_up(ids_to_look_up(snapshot, known)))


def _record_waiting(
    parts: SyncParts, account: AccountRow, plan: OutboundPlan, judged: Judged, counts: RunCounts
) -> None:
    now = parts.clock()
    counts.operations_held = len(judged.held)
    counts.events_staying = plan.staying
    _record_held(parts, account, judged, now)
    if judged.readable is not None:
        write_readable(parts.database, parts.site_id, account.id, judged.readable)
    if plan.in_step:
        mappings.record_in_step(parts.database, plan.in_step)
    unreadable.replace_unreadable(parts.database, parts.site_id, account.agent_id, plan.unreadable, now)


def _record_held(parts: SyncParts, account: AccountRow, judged: Judged, now: datetime) -> None:
    waiting = [operation_key(operation) for operation in judged.held]
    if judged.known == {**dict.fromkeys(waiting), **judged.decided}:
        return
    with parts.database.write() as connection:
        added = held.replace_held(connection, account.id, waiting, now, decided=judged.decided)
        if added:
            entries = held.held_entries(
                added, agent_id=account.agent_id, account_id=account.id, run=parts.run, now=now
            )
            record_history(connection, parts.site_id, entries)
