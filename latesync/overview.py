"""One read model of everything people ask about: the dashboard, `status` and `status --json` show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from latesync import messages
from latesync.account_overview import (
    LOST_KEY,
    NEVER,
    AccountOverview,
    AgentOverview,
    attention,
    held_words,
    left_undone,
)
from latesync.calendar_overview import CalendarOverview
from latesync.health_overview import Health
from latesync.model import Mapping
from latesync.options import BusyWay, DriftPolicy
from latesync.plan.alarms import Kind, kind_of_problem, kind_of_refusal
from latesync.plan.consent import idle_began
from latesync.plan.failures import CLIENT_PROBLEMS, Problem
from latesync.plan.secrets import Stage, secret_stage
from latesync.plugin import PluginState
from latesync.sentences import (
    consent_sentences,
    drift_sentences,
    identity_sentences,
    key_sentences,
    plugin_sentences,
    problem_sentences,
    readable_sentences,
    secret_sentences,
)
from latesync.store.held import HeldRow
from latesync.store.identity import IdentityRow
from latesync.store.unreadable import UnreadableRow
from latesync.times import Zone, day_in

__all__ = [
    "LOST_KEY",
    "NEVER",
    "PATIENCE",
    "AccountOverview",
    "AgentOverview",
    "ClientState",
    "Overview",
    "Remedy",
    "attention",
    "held_words",
]

# A rule of an agent's organisation is met by their account alone (microsoft-graph.md T4).
_OF_CLIENTS_ALONE = CLIENT_PROBLEMS - {Problem.ORG_BLOCKED}
PATIENCE = timedelta(minutes=30)  # a hiccup is no alarm; this long, somebody should know (users-ask.md U9)


@dataclass(frozen=True, slots=True)
class ClientState:
    """The client new sign-ins use at a provider. client_id: None where it cannot be read any more.

    problem: a code of plan/failures.py. secret_ends_on: as the owner said, if they did.
    """

    provider: str
    client_id: str | None = None
    problem: str | None = None
    secret_ends_on: date | None = None


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
    """site_problem: a code of messages.py. work_late_since: due, and nobody took it up.

    clients: of each provider that is set up.

    stopped: where nothing is done until a person has said which site this is. health: how quickly changes
    arrive, and who rests.
    """

    site_id: str
    zone: Zone
    now: datetime
    agents: tuple[AgentOverview, ...]
    site_problem: str | None = None
    site_looked_at: datetime | None = None
    clients: tuple[ClientState, ...] = ()
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
    def accounts(self) -> tuple[AccountOverview, ...]:
        """Of all agents, in their order; of each, the one that takes the bookings first."""
        return tuple(account for agent in self.agents for account in agent.accounts)

    @property
    def held(self) -> tuple[HeldRow, ...]:
        return tuple(row for account in self.accounts for row in account.held)

    @property
    def set_aside(self) -> tuple[Mapping, ...]:
        return tuple(mapping for account in self.accounts for mapping in account.set_aside)

    @property
    def unreadable(self) -> tuple[UnreadableRow, ...]:
        return tuple(row for account in self.accounts for row in account.unreadable)

    def client(self, provider: str) -> ClientState | None:
        return next((client for client in self.clients if client.provider == provider), None)

    @property
    def client_id(self) -> str | None:
        """Of the first that is set up."""
        return self.clients[0].client_id if self.clients else None

    @property
    def client_problem(self) -> str | None:
        """Of the first that has one; "no_client" where none is set up."""
        if not self.clients:
            return "no_client"
        return next((client.problem for client in self.clients if client.problem), None)

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
            (account.agent_id, drift_sentences.difference(mapping, account.name, self.zone))
            for account in self.accounts
            for mapping in self._differing(account)
        ]

    def differences_intro(self) -> messages.Message:
        problems = {account.problem for account in self.accounts if self._differing(account)}
        return drift_sentences.differences_intro(self.drift_policy, problems)

    def _differing(self, account: AccountOverview) -> tuple[Mapping, ...]:
        match self.drift_policy:
            case DriftPolicy.RESTORE:
                return ()
            case DriftPolicy.LEAVE:
                return account.drifted
            case DriftPolicy.APPLY:
                return account.waiting_to_follow

    def notes(self) -> list[str]:
        """What is worth knowing and needs nobody at once."""
        if self.busy_way is not BusyWay.PLUGIN or not any(account.is_connected for account in self.accounts):
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
        found += self.client_remedies()
        if self.work_late_since:
            found.append(Remedy(messages.worker_silent(self.work_late_since, self.now), about=Kind.WORK_LATE))
        for account in self.accounts:
            if account.paused_since is None:
                found += self._account_remedies(account)
        return found

    def client_remedies(self) -> Iterable[Remedy]:
        """What is wrong with a client, and a secret that ends soon, as Microsoft's always do
        (microsoft-graph.md M2)."""
        if not self.clients:
            yield Remedy(problem_sentences.client_problem("no_client", ""), about=Kind.CLIENT_REFUSED)
        for client in self.clients:
            if client.problem and client.problem != LOST_KEY:
                text = problem_sentences.client_problem(client.problem, client.provider)
                yield Remedy(text, about=kind_of_refusal(client.provider))
            yield from self._secret_remedies(client)

    def _secret_remedies(self, client: ClientState) -> Iterable[Remedy]:
        stage, text = self._secret_end(client)
        if stage not in (None, Stage.MONTH):
            yield Remedy(text, about=Kind.SECRET_ENDS)

    def secret_notes(self) -> list[str]:
        """Secrets that end within a month: there is time until the last week."""
        found = (self._secret_end(client) for client in self.clients)
        return [text for stage, text in found if stage is Stage.MONTH]

    def _secret_end(self, client: ClientState) -> tuple[Stage | None, str]:
        """How near it is, and its sentence; a secret that is refused already has a sentence of its own."""
        today, ends_on = day_in(self.now, self.zone), client.secret_ends_on
        if ends_on is None or client.problem == Problem.SECRET_EXPIRED:
            return None, ""
        return secret_stage(ends_on, today), secret_sentences.secret_ends(client.provider, ends_on, today)

    def _lost_key_remedies(self) -> list[Remedy]:
        """One for all whom it concerns."""
        lost = [account for account in self.accounts if account.has_lost_sign_in]
        lost_clients = [client.provider for client in self.clients if client.problem == LOST_KEY]
        if not lost and not lost_clients:
            return []
        names = list(dict.fromkeys(account.name for account in lost))
        text = key_sentences.sign_ins_must_be_renewed(names, lost_clients=lost_clients)
        return [Remedy(text, lost[0].agent_id if len(lost) == 1 and not lost_clients else None)]

    def problem_of(self, account: AccountOverview) -> str:
        """The sentence about an agent's account; "" where nothing is wrong."""
        code = self.plugin.problem_code(account.problem)
        if not code:
            return ""
        return problem_sentences.account_problem(code, name=account.name, provider=account.provider)

    def _said_for_all(self, provider: str) -> set[str | None]:
        client = self.client(provider)
        return {
            *(CLIENT_PROBLEMS if client is None or client.problem else ()),
            self.site_problem,
            "bridge_table_missing" if self.missing_tables else None,
            LOST_KEY,
        }

    def _account_remedies(self, account: AccountOverview) -> Iterable[Remedy]:
        about = kind_of_problem("sign_in_again" if account.is_signed_out else account.problem)
        for text in self._trouble(account):
            yield Remedy(text, account.agent_id, about=about)
        if account.is_connected and not account.has_lost_sign_in:
            for text in self._consent_remedies(account):
                yield Remedy(text, account.agent_id)
        for text in left_undone(account):
            yield Remedy(text, account.agent_id)
        for text in held_words(account):
            yield Remedy(text, account.agent_id, is_held=True, about=Kind.HELD_PLAN)

    def _trouble(self, account: AccountOverview) -> Iterable[str]:
        if account.is_signed_out:
            yield problem_sentences.sign_in_needed(account.name, account.waiting, account.provider)
        elif account.problem in self._said_for_all(account.provider):
            pass
        # What a client met without a word of it any more is about to be tried again.
        elif account.problem and account.needs_person and account.problem not in _OF_CLIENTS_ALONE:
            yield self.problem_of(account)
        elif account.problem and account.problem_since and self.now - account.problem_since > PATIENCE:
            since = messages.age(account.problem_since, self.now)
            yield problem_sentences.lasting_problem(
                account.problem, account.name, since, account.waiting, account.provider
            )

    def _consent_remedies(self, account: AccountOverview) -> Iterable[str]:
        """One request to sign in again is enough."""
        if messages.is_ending_soon(account.consent_ends_at, self.now):
            ends_at, is_inferred = account.consent_ends_at, account.consent_end_is_inferred
            yield consent_sentences.renewal_due(
                account.name, ends_at, self.zone, account.provider, is_inferred=is_inferred
            )
        elif account.has_new_client:
            yield consent_sentences.new_client(account.name, account.provider)
        elif account.idle_ends_at is not None:
            used_at = idle_began(account.idle_ends_at, account.provider)
            yield consent_sentences.long_unused(
                account.name, used_at, account.idle_ends_at, self.zone, account.provider
            )
