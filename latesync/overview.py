"""One read model of everything people ask about: the dashboard, `status` and `status --json` show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from latesync import messages
from latesync.booking_parts import is_buffer
from latesync.calendar_overview import CalendarOverview
from latesync.health_overview import Health
from latesync.model import FOUGHT_OVER, AccountState, Drift, Mapping
from latesync.options import BusyWay, DriftPolicy
from latesync.plan.alarms import Kind, kind_of_problem
from latesync.plan.failures import CLIENT_PROBLEMS
from latesync.plugin import PluginState
from latesync.sentences import (
    consent_sentences,
    drift_sentences,
    held_sentences,
    identity_sentences,
    key_sentences,
    plugin_sentences,
    readable_sentences,
)
from latesync.store.held import HeldRow
from latesync.store.identity import IdentityRow
from latesync.store.runs import RunRow
from latesync.store.unreadable import UnreadableRow
from latesync.times import Zone

LOST_KEY = "secret_unreadable"
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
    consent_ends_at: as the provider said, or as experience has it (consent_end_is_inferred).
    has_new_client: the owner replaced the client since; the account goes on with the one it consented to.
    paused_since: they rest, alone or with everybody; what is wrong meanwhile needs nobody.
    """

    agent_id: int
    name: str
    is_active: bool
    state: str
    site_email: str | None = field(repr=False, default=None)
    account_id: int | None = None
    email: str | None = field(repr=False, default=None)
    consent_ends_at: datetime | None = None
    consent_end_is_inferred: bool = False
    has_new_client: bool = False
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
    paused_since: datetime | None = None

    @property
    def is_connected(self) -> bool:
        return self.state == AccountState.CONNECTED

    @property
    def is_active_account(self) -> bool:
        return self.state in (AccountState.CONNECTED, AccountState.NEEDS_SIGN_IN)

    @property
    def is_signed_out(self) -> bool:
        return self.state == AccountState.NEEDS_SIGN_IN

    @property
    def has_lost_sign_in(self) -> bool:
        """Whether the key is gone with which the sign-in was kept; a new one heals it."""
        return self.is_connected and self.problem == LOST_KEY

    @property
    def held_wishes(self) -> int:
        """How many bookings would follow their events, if that were not unusually much."""
        return sum(1 for row in self.held if row.operation in drift_sentences.WISHES)

    @property
    def waiting_to_follow(self) -> tuple[Mapping, ...]:
        """Of `drifted`, what its booking is about to follow; what is held is said to be so already."""
        held = {row.booking_id for row in self.held}
        return tuple(
            mapping
            for mapping in self.drifted
            if mapping.booking_id not in held
            and not is_buffer(mapping.booking_id)
            and not mapping.drift_refused
            and (mapping.drift is Drift.DELETED or mapping.drift_span is not None)
        )

    @property
    def needs_person(self) -> bool:
        if self.paused_since is not None:
            return False
        if self.held or self.set_aside or self.unreadable:
            return True
        if self.state == AccountState.NEEDS_SIGN_IN:
            return True
        return self.problem is not None and self.problem not in _PASSING


@dataclass(frozen=True, slots=True)
class Remedy:
    """A sentence for the owner. agent_id: whom it is about, None for the whole site.

    is_held: about changes that wait for the owner's word. about: the alarm that tells of it too, if one does.
    """

    text: str
    agent_id: int | None = None
    is_held: bool = False
    about: Kind | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """site_problem, client_problem: codes of messages.py. work_late_since: due, and nobody took it up.

    stopped: where nothing is done until a person has said which site this is. health: how quickly changes
    arrive, and who rests.
    """

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
    lost_columns: tuple[str, ...] = ()
    plugin: PluginState = field(default_factory=PluginState)
    drift_policy: DriftPolicy = DriftPolicy.RESTORE
    busy_way: BusyWay = BusyWay.PLUGIN
    stopped: IdentityRow | None = None
    health: Health = field(default_factory=Health)
    calendars: CalendarOverview = field(default_factory=CalendarOverview)

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
    def shows_busy_time(self) -> bool:
        """Whether busy time reaches the booking form by the way the owner chose, as far as that is known."""
        return self.busy_way is BusyWay.OFF_PERIODS or self.plugin.shows_busy_time

    @property
    def needs_person(self) -> bool:
        return bool(self.remedies())

    def agent(self, agent_id: int) -> AgentOverview | None:
        return next((agent for agent in self.agents if agent.agent_id == agent_id), None)

    def differences(self) -> list[tuple[int, str]]:
        """(agent id, sentence) of each event that differs from its booking, where it is not put back."""
        return [
            (agent.agent_id, drift_sentences.difference(mapping, agent.name, self.zone))
            for agent in self.agents
            for mapping in self._differing(agent)
        ]

    def differences_intro(self) -> messages.Message:
        problems = {agent.problem for agent in self.agents if self._differing(agent)}
        return drift_sentences.differences_intro(self.drift_policy, problems)

    def _differing(self, agent: AgentOverview) -> tuple[Mapping, ...]:
        match self.drift_policy:
            case DriftPolicy.RESTORE:
                return ()
            case DriftPolicy.LEAVE:
                return agent.drifted
            case DriftPolicy.APPLY:
                return agent.waiting_to_follow

    def notes(self) -> list[str]:
        """What is worth knowing and needs nobody at once."""
        if self.busy_way is not BusyWay.PLUGIN or not any(agent.is_connected for agent in self.agents):
            return []
        if self.shows_busy_time:
            return [] if self.plugin.heard else [plugin_sentences.NEVER_CONNECTED]
        return [plugin_sentences.OFF_NOTE if self.plugin.heard else plugin_sentences.MISSING]

    def remedies(self) -> list[Remedy]:
        """Everything that waits for a person, the widest first."""
        found = []
        if self.stopped and self.stopped.stopped_for:
            text = identity_sentences.stop_remedy(*self.stopped.question)
            found.append(Remedy(text, about=Kind.SITE_STOPPED))
        if self.site_problem:
            found.append(Remedy(messages.site_problem(self.site_problem), about=Kind.SITE_UNREACHABLE))
        if self.missing_tables:
            found.append(Remedy(messages.missing_tables(self.missing_tables), about=Kind.FORM_NOT_TOLD))
        if self.lost_columns:
            found.append(Remedy(readable_sentences.lost(self.lost_columns)))
        found += self._lost_key_remedies()
        if self.client_problem and self.client_problem != LOST_KEY:
            found.append(Remedy(messages.client_problem(self.client_problem), about=Kind.CLIENT_REFUSED))
        if self.work_late_since:
            found.append(Remedy(messages.worker_silent(self.work_late_since, self.now), about=Kind.WORK_LATE))
        for agent in self.agents:
            if agent.paused_since is None:
                found += self._agent_remedies(agent)
        return found

    def _lost_key_remedies(self) -> list[Remedy]:
        """One for all whom it concerns."""
        lost, is_client_lost = (
            [agent for agent in self.agents if agent.has_lost_sign_in],
            self.client_problem == LOST_KEY,
        )
        if not lost and not is_client_lost:
            return []
        text = key_sentences.sign_ins_must_be_renewed(
            [agent.name for agent in lost], is_client_lost=is_client_lost
        )
        return [Remedy(text, lost[0].agent_id if len(lost) == 1 and not is_client_lost else None)]

    def problem_of(self, agent: AgentOverview) -> str:
        """The sentence about an agent's account; "" where nothing is wrong."""
        code = self.plugin.problem_code(agent.problem)
        return messages.account_problem(code, name=agent.name) if code else ""

    @property
    def _said_for_all(self) -> set[str | None]:
        return {
            self.client_problem,
            *(CLIENT_PROBLEMS if self.client_problem else ()),
            self.site_problem,
            "bridge_table_missing" if self.missing_tables else None,
            LOST_KEY,
        }

    def _agent_remedies(self, agent: AgentOverview) -> Iterable[Remedy]:
        about = kind_of_problem("sign_in_again" if agent.is_signed_out else agent.problem)
        for text in self._trouble(agent):
            yield Remedy(text, agent.agent_id, about=about)
        if agent.is_connected and not agent.has_lost_sign_in:
            for text in self._consent_remedies(agent):
                yield Remedy(text, agent.agent_id)
        for text in _left_undone(agent):
            yield Remedy(text, agent.agent_id)
        for text in held_words(agent):
            yield Remedy(text, agent.agent_id, is_held=True, about=Kind.HELD_PLAN)

    def _trouble(self, agent: AgentOverview) -> Iterable[str]:
        if agent.is_signed_out:
            yield messages.sign_in_needed(agent.name, agent.waiting)
        elif agent.problem in self._said_for_all:
            pass
        # What a client met without a word of it any more is about to be tried again.
        elif agent.problem and agent.needs_person and agent.problem not in CLIENT_PROBLEMS:
            yield self.problem_of(agent)
        elif agent.problem and agent.problem_since and self.now - agent.problem_since > PATIENCE:
            since = messages.age(agent.problem_since, self.now)
            yield messages.lasting_problem(agent.problem, agent.name, since, agent.waiting)

    def _consent_remedies(self, agent: AgentOverview) -> Iterable[str]:
        """One request to sign in again is enough."""
        if messages.is_ending_soon(agent.consent_ends_at, self.now):
            ends_at, is_inferred = agent.consent_ends_at, agent.consent_end_is_inferred
            yield consent_sentences.renewal_due(agent.name, ends_at, self.zone, is_inferred=is_inferred)
        elif agent.has_new_client:
            yield consent_sentences.new_client(agent.name)


def attention(agent: AgentOverview, *, after_held: str = "") -> Iterable[str]:
    """A sentence for each kind of trouble that keeps bookings from going their way by themselves.

    after_held: what a shell adds about changes that wait.
    """
    for text in held_words(agent):
        yield f"{text} {after_held}".strip()
    yield from _left_undone(agent)


def held_words(agent: AgentOverview) -> Iterable[str]:
    """What waits for the owner, a sentence for each cause."""
    for operation, reason in sorted({(row.operation, row.reason) for row in agent.held}):
        ids = [row.booking_id for row in agent.held if (row.operation, row.reason) == (operation, reason)]
        if operation in drift_sentences.WISHES:
            yield held_sentences.waiting_wishes(operation, ids, agent.name)
        else:
            yield held_sentences.waiting(operation, reason, ids, agent.name)


def _left_undone(agent: AgentOverview) -> Iterable[str]:
    fought = [mapping.booking_id for mapping in agent.set_aside if mapping.problem == FOUGHT_OVER]
    refused = [mapping.booking_id for mapping in agent.set_aside if mapping.problem != FOUGHT_OVER]
    if refused:
        yield messages.set_aside_bookings(refused)
    if fought:
        yield messages.fought_over(fought)
    for why in sorted({row.why for row in agent.unreadable}):
        ids = [row.booking_id for row in agent.unreadable if row.why == why]
        yield messages.unreadable_bookings(why, ids)
