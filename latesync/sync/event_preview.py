"""What a choice about events would do, before it is saved. Changes nothing, keeps nothing."""

from __future__ import annotations

from latesync.model import AccountState, Booking, EventContent, Target
from latesync.plan.operations import RetireMapping
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.wanted_events import WantedEvents
from latesync.store.accounts import list_accounts
from latesync.sync.outbound import OutboundFacts, read_facts, target_of
from latesync.sync.parts import SyncParts


def show_event(parts: SyncParts, booking: Booking, policy: OutboundPolicy) -> EventContent:
    """What the booking's event would say, with everybody who would stand in it. Raises SiteError."""
    snapshot = parts.site.read_snapshot(booking.agent_id)
    events = WantedEvents.of(snapshot, {}, policy.events, policy.also_wanted)
    group = events.groups.get(booking.id)
    leader = snapshot.bookings[group.leader] if group else snapshot.bookings.get(booking.id, booking)
    return events.content(leader, 0)


def count_rewritten(parts: SyncParts, chosen: OutboundPolicy) -> int:
    """How many events, over all calendars, would be written, made or deleted by this choice alone.

    What is to be done anyway is not counted. Raises SiteError.
    """
    total = 0
    for account in list_accounts(parts.database, parts.site_id):
        if account.state is not AccountState.DISCONNECTED:
            facts, target = read_facts(parts, account), target_of(account)
            total += len(_touched(facts, target, chosen) - _touched(facts, target, facts.policy))
    return total


def _touched(facts: OutboundFacts, target: Target, policy: OutboundPolicy) -> set[int]:
    """The bookings whose events the plan would touch."""
    plan = plan_outbound(facts.snapshot, facts.known, target, policy, facts.elsewhere)
    return {step.booking_id for step in plan.operations if not isinstance(step, RetireMapping)}
