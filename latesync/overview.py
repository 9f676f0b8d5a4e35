"""One read model of everything people ask about: the dashboard, `status` and `status --json` show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from latesync import drift_sentences, messages
from latesync.model import AccountState, BusyWay, DriftPolicy, Mapping
from latesync.store.held import HeldRow
from latesync.store.runs import RunRow
from latesync.store.unreadable import UnreadableRow
from latesync.times import Zone

NEVER = "never"  # beside AccountState's words: the agent has not signed in yet
PATIENCE = timedelta(minutes=30)  # a hiccup is no alarm; this long, somebody should know (users-ask.md U9)
# What goes away by itself; everything else waits for somebody (plan/failures.py).
_PASSING = frozenset(
    {"provider_unavailable", "rate_limited", "usage_limited", "site_unavailable", "plugin_unavailable"}
)


@dataclass(frozen=True, slots=True)
class AgentOverview:
    """One agent and how their calendar does.

    state: "never", or AccountState's word. waiting: bookings not yet in the calendar as they should be;
    None while the site cannot be read. calendars_read: how many bring busy time.
    drifted: events that somebody changed or deleted, and that stand so still; the owner may want that.
    """

    agent_id: int
    name: str
    is_active: bool
    state: str
    site_email: str | None = field(repr=False, default=None)
    account_id: int | None = None
    email: str | None = field(repr=False, default=None)
    consent_ends_at: datetime | None = None
    waiting: int | None = 0
    mapped: int = 0
    calendars_read: int = 0
    writes_to_primary: bool = True
    tentative_blocks: bool = True
    outbound_good_at: datetime | None = None
    inbound_good_at: datetime | None = None
    problem: str | None = None
    problem_since: datetime | None = None
    last_runs: tuple[RunRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    set_aside: tuple[Mapping, ...] = ()
    unreadable: tuple[UnreadableRow, ...] = ()
    drifted: tuple[Mapping, ...] = ()

    @property
    def is_connected(self) -> bool:
        return self.state == AccountState.CONNECTED

    @property
    def is_active_account(self) -> bool:
        return self.state in (AccountState.CONNECTED, AccountState.NEEDS_SIGN_IN)

    @property
    def needs_person(self) -> bool:
        if self.held or self.set_aside or self.unreadable:
            return True
        if self.state == AccountState.NEEDS_SIGN_IN:
            return True
        return self.problem is not None and self.problem not in _PASSING


@dataclass(frozen=True, slots=True)
class Remedy:
    """A sentence for the owner. agent_id: whom it is about, None for the whole site."""

    text: str
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """site_problem, client_problem: codes of messages.py. work_late_since: due, and nobody took it up."""

    site_id: str
    zone: Zone
    now: datetime
    agents: tuple[AgentOverview, ...]
    site_problem: str | None = None
    site_looked_at: datetime | None = None
    client_id: str | None = None
    client_problem: str | None = None
    work_late_since: datetime | None = None
    missing_tables: tuple[str, ...] = ()
    plugin_heard_at: datetime | None = None
    drift_policy: DriftPolicy = DriftPolicy.RESTORE
    busy_way: BusyWay = BusyWay.PLUGIN

    @property
    def held(self) -> tuple[HeldRow, ...]:
        return tuple(row for agent in self.agents for row in agent.held)

    @property
    def set_aside(self) -> tuple[Mapping, ...]:
        return tuple(mapping for agent in self.agents for mapping in agent.set_aside)

    @property
    def unreadable(self) -> tuple[UnreadableRow, ...]:
        return tuple(row for agent in self.agents for row in agent.unreadable)

    @property
    def needs_person(self) -> bool:
        return bool(self.remedies())

    def agent(self, agent_id: int) -> AgentOverview | None:
        return next((agent for agent in self.agents if agent.agent_id == agent_id), None)

    def differences(self) -> list[tuple[int, str]]:
        """(agent id, sentence) of each event that differs from its booking, where it is not put back."""
        if self.drift_policy is DriftPolicy.RESTORE:
            return []
        return [
            (agent.agent_id, drift_sentences.difference(mapping, agent.name, self.zone))
            for agent in self.agents
            for mapping in agent.drifted
        ]

    def notes(self) -> list[str]:
        """What is worth knowing and needs nobody at once."""
        is_connected = any(agent.is_connected for agent in self.agents)
        is_missed = is_connected and self.plugin_heard_at is None and self.busy_way is BusyWay.PLUGIN
        return [messages.PLUGIN_MISSING] if is_missed else []

    def remedies(self) -> list[Remedy]:
        """Everything that waits for a person, the widest first."""
        found = []
        if self.site_problem:
            found.append(Remedy(messages.site_problem(self.site_problem)))
        if self.missing_tables:
            found.append(Remedy(messages.missing_tables(self.missing_tables)))
        if self.client_problem:
            found.append(Remedy(messages.client_problem(self.client_problem)))
        if self.work_late_since:
            found.append(Remedy(messages.worker_silent(self.work_late_since, self.now)))
        for agent in self.agents:
            found += [Remedy(text, agent.agent_id) for text in self._agent_remedies(agent)]
        return found

    @property
    def _said_for_all(self) -> set[str | None]:
        return {
            self.client_problem,
            self.site_problem,
            "bridge_table_missing" if self.missing_tables else None,
        }

    def _agent_remedies(self, agent: AgentOverview) -> Iterable[str]:
        if agent.state == AccountState.NEEDS_SIGN_IN:
            yield messages.sign_in_needed(agent.name, agent.waiting)
        elif agent.problem and agent.needs_person and agent.problem not in self._said_for_all:
            yield messages.account_problem(agent.problem, name=agent.name)
        elif agent.problem and agent.problem_since and self.now - agent.problem_since > PATIENCE:
            since = messages.age(agent.problem_since, self.now)
            yield messages.lasting_problem(agent.problem, agent.name, since, agent.waiting)
        elif agent.is_connected and messages.is_ending_soon(agent.consent_ends_at, self.now):
            yield messages.renewal_due(agent.name, agent.consent_ends_at, self.zone)
        yield from attention(agent)


def attention(agent: AgentOverview) -> Iterable[str]:
    """A sentence for each kind of trouble that keeps bookings from going their way by themselves."""
    kinds = {(row.operation, row.reason) for row in agent.held}
    for operation, reason in sorted(kinds):
        ids = [row.booking_id for row in agent.held if (row.operation, row.reason) == (operation, reason)]
        if operation in ("move booking", "cancel booking"):
            yield drift_sentences.held_wishes(operation, ids)
        else:
            yield messages.held_operations(operation, reason, ids)
    if agent.set_aside:
        yield messages.set_aside_bookings([mapping.booking_id for mapping in agent.set_aside])
    for why in sorted({row.why for row in agent.unreadable}):
        ids = [row.booking_id for row in agent.unreadable if row.why == why]
        yield messages.unreadable_bookings(why, ids)
