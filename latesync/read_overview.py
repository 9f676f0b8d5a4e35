"""Puts the overview together from what the site and LateSync's own state say now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from latesync.calendar_overview import read_calendar_overview
from latesync.consent.lifetimes import Lifetimes, read_all_lifetimes
from latesync.errors import SchemaNotUnderstood, SecretUnreadable, SiteError, SiteUnavailable, WrongInput
from latesync.health_overview import late_since, read_health
from latesync.latepoint.bridge_tables import missing_bridge_tables
from latesync.latepoint.settings import SiteSettings, read_agents
from latesync.model import AccountState, Agent, Mapping
from latesync.options import BusyWay
from latesync.overview import LOST_KEY, NEVER, AgentOverview, ClientState, Overview
from latesync.plan.consent import RENEWED_BY_USE, near_idle_end
from latesync.plan.operations import RetireMapping
from latesync.plugin import plugin_state
from latesync.sentences.provider_words import PROVIDERS
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.bridges import read_bridge
from latesync.store.calendars import read_calendars
from latesync.store.choices import read_busy_way, read_drift_policy
from latesync.store.clients import ClientRow, current_client, list_clients
from latesync.store.drift import list_drifted
from latesync.store.held import HeldRow, list_held
from latesync.store.identity import identity_of
from latesync.store.mappings import count_mapped, list_set_aside
from latesync.store.pauses import Resting
from latesync.store.readable import read_lost
from latesync.store.runs import last_runs
from latesync.store.sealed import unreadable_accounts
from latesync.store.sites import read_site
from latesync.store.unreadable import UnreadableRow, list_unreadable
from latesync.sync.outbound import plan_account
from latesync.times import Zone, zone_named

RUNS_SHOWN = 10


def read_overview(services: Services, now: datetime, *, agent_id: int | None = None) -> Overview:
    """How everything does; with agent_id, only that agent (none when nobody knows them).

    A site that cannot be read is a finding, not an error: what LateSync itself remembers is shown.
    Raises StateUnavailable.
    """
    site_row = read_site(services.database, services.site_id)
    identity = identity_of(site_row)
    busy_way = read_busy_way(services.database, services.site_id)
    site = _look_at_site(services, needs_bridge=busy_way is BusyWay.PLUGIN)
    bridge = read_bridge(services.database, services.site_id)
    accounts = list_accounts(services.database, services.site_id)
    health = read_health(services.database, services.site_id, now)
    zone = site.zone or _remembered_zone(site_row.zone)
    return Overview(
        site_id=services.site_id,
        zone=zone,
        now=now,
        agents=tuple(_at_rest(health.resting, _agents(services, site, agent_id, now))),
        site_problem=site.problem or site_row.problem,
        site_looked_at=site_row.looked_at,
        missing_tables=site.missing_tables,
        lost_columns=read_lost(services.database, services.site_id, site.not_granted),
        clients=tuple(_clients(services)),
        plugin=plugin_state(bridge, site.settings, accounts),
        drift_policy=read_drift_policy(services.database, services.site_id),
        busy_way=busy_way,
        work_late_since=late_since(accounts, now, health.resting),
        health=health,
        calendars=read_calendar_overview(
            services.database,
            services.site_id,
            accounts,
            {agent.id: agent.name for agent in site.agents},
            now,
        ),
        stopped=identity if identity.stopped_for else None,
    )


def read_zone(services: Services) -> Zone:
    """The site's zone as last seen; UTC before the first look."""
    return _remembered_zone(read_site(services.database, services.site_id).zone)


def read_current_client(services: Services, provider: str) -> ClientRow | None:
    """The client new sign-ins with a provider use; None also when its secret cannot be read any more."""
    try:
        return current_client(services.database, services.box, services.site_id, provider)
    except SecretUnreadable:
        return None


@dataclass(frozen=True, slots=True)
class _Site:
    """What the booking site says right now; problem: why it says nothing."""

    agents: tuple[Agent, ...] = ()
    settings: SiteSettings | None = None
    problem: str | None = None
    missing_tables: tuple[str, ...] = ()
    not_granted: tuple[str, ...] = ()

    @property
    def zone(self) -> Zone | None:
        return self.settings.zone if self.settings else None


def _look_at_site(services: Services, *, needs_bridge: bool) -> _Site:
    try:
        site = services.site
        facts = site.facts()
        agents = tuple(read_agents(site.engine, facts.schema))
        missing = missing_bridge_tables(site.engine, site.prefix) if needs_bridge else []
        return _Site(
            agents,
            facts.settings,
            missing_tables=tuple(missing),
            not_granted=facts.schema.not_granted,
        )
    except SchemaNotUnderstood:
        return _Site(problem="schema_not_understood")
    except SiteUnavailable as exc:
        site.note_failure(exc)  # what the page asks next need not wait for the same
        return _Site(problem="site_unavailable")
    except WrongInput:
        return _Site(problem="address_unusable" if services.has_site_address() else "not_configured")


def _clients(services: Services) -> Iterable[ClientState]:
    """Of each provider that is set up; whether its secret can be read is looked at now."""
    for provider in PROVIDERS:
        rows = list_clients(services.database, services.site_id, provider)
        row = next((row for row in rows if row.is_current), None)
        if row is None:
            continue
        if read_current_client(services, provider) is None:
            yield ClientState(provider, problem=LOST_KEY)
        else:
            yield ClientState(provider, row.client_id, row.problem, row.secret_ends_on)


def _agents(services: Services, site: _Site, only: int | None, now: datetime) -> Iterable[AgentOverview]:
    """The site's agents in its order, then accounts of agents the site no longer shows."""
    accounts = accounts_by_agent(list_accounts(services.database, services.site_id))
    known = {agent.id: agent for agent in site.agents}
    for agent_id, own in accounts.items():
        if own[0].state is not AccountState.DISCONNECTED:
            known.setdefault(agent_id, Agent(agent_id, f"Agent {agent_id}", None, site.problem is not None))
    chosen = [agent for agent in known.values() if only in (None, agent.id)]
    trouble = _read_trouble(services)
    lifetimes = read_all_lifetimes(services.database, services.site_id, now)
    for agent in chosen:
        base = AgentOverview(agent.id, agent.name, agent.is_active, NEVER, site_email=agent.email)
        own = accounts.get(agent.id, [])
        shown = [
            _with_account(services, base, account, trouble, lifetimes[account.provider], now)
            for account in own
        ]
        yield replace(shown[0], others=tuple(shown[1:])) if shown else base


def _at_rest(resting: Resting, agents: Iterable[AgentOverview]) -> Iterable[AgentOverview]:
    for agent in agents:
        since = resting.since(agent.agent_id)
        if since is None:
            yield agent
        else:
            others = tuple(replace(other, paused_since=since) for other in agent.others)
            yield replace(agent, paused_since=since, others=others)


def newest_accounts(accounts: list[AccountRow]) -> dict[int, AccountRow]:
    """An agent's account: the one that takes their bookings, else the one they disconnected last."""
    return {agent_id: own[0] for agent_id, own in accounts_by_agent(accounts).items()}


def accounts_by_agent(accounts: list[AccountRow]) -> dict[int, list[AccountRow]]:
    """An agent's active accounts, the one that takes their bookings first; without any, the one they
    disconnected last."""
    found: dict[int, list[AccountRow]] = {}
    for account in sorted(accounts, key=_rank, reverse=True):
        own = found.setdefault(account.agent_id, [])
        if not own or (account.state is not AccountState.DISCONNECTED and not _has(own, account.provider)):
            own.append(account)
    return found


def _has(own: list[AccountRow], provider: str) -> bool:
    return any(account.provider == provider for account in own)


def _rank(account: AccountRow) -> tuple[bool, bool, datetime, int]:
    is_active = account.state is not AccountState.DISCONNECTED
    return (
        is_active,
        is_active and account.is_written,
        account.consented_at or account.created_at,
        account.id,
    )


@dataclass(frozen=True, slots=True)
class _Trouble:
    held: list[HeldRow]
    set_aside: list[Mapping]
    unreadable: list[UnreadableRow]
    drifted: list[Mapping]
    lost_keys: frozenset[int]

    def problem_of(self, account: AccountRow) -> str | None:
        """What the last run met; but whether the sign-in can be read is looked at now."""
        if account.id in self.lost_keys:
            return LOST_KEY
        return None if account.problem == LOST_KEY else account.problem


def _read_trouble(services: Services) -> _Trouble:
    db, site_id = services.database, services.site_id
    return _Trouble(
        list_held(db, site_id),
        list_set_aside(db, site_id),
        list_unreadable(db, site_id),
        list_drifted(db, site_id),
        unreadable_accounts(db, services.box, site_id),
    )


def _writes_to_primary(account: AccountRow) -> bool | None:
    """None at Microsoft, whose ids of calendars do not tell; a Google account's own goes by its address."""
    return account.write_calendar_id == account.email if account.provider == "google" else None


def _with_account(
    services: Services,
    base: AgentOverview,
    account: AccountRow,
    trouble: _Trouble,
    lifetimes: Lifetimes,
    now: datetime,
) -> AgentOverview:
    database = services.database
    consent_end = lifetimes.end_of(account, now)
    calendars = read_calendars(database, account.id)
    shown = replace(
        base,
        state=account.state.value,
        account_id=account.id,
        email=account.email,
        consent_ends_at=consent_end.at,
        consent_end_is_inferred=consent_end.is_inferred,
        has_new_client=lifetimes.has_new_client(account),
        mapped=count_mapped(database, account.id),
        calendars_read=sum(1 for calendar in calendars if calendar.reads_busy),
        writes_to_primary=_writes_to_primary(account),
        tentative_blocks=account.tentative_blocks,
        outbound_good_at=account.outbound_good_at,
        inbound_good_at=account.inbound_good_at,
        problem=trouble.problem_of(account) or next((row.problem for row in calendars if row.problem), None),
        problem_since=account.problem_since,
        last_runs=tuple(last_runs(database, services.site_id, account.id, RUNS_SHOWN)),
        provider=account.provider,
        writes=account.is_written,
        idle_ends_at=_idle_end(account, now),
    )
    if account.state is AccountState.DISCONNECTED:
        return shown
    return replace(
        shown,
        waiting=count_waiting_bookings(services, account, now),
        held=tuple(row for row in trouble.held if row.account_id == account.id),
        set_aside=tuple(row for row in trouble.set_aside if row.account_id == account.id),
        # Of the agent, not of an account: said once.
        unreadable=tuple(
            row for row in trouble.unreadable if row.agent_id == account.agent_id and account.is_written
        ),
        drifted=tuple(row for row in trouble.drifted if row.account_id == account.id),
    )


def _idle_end(account: AccountRow, now: datetime) -> datetime | None:
    """Where each use renews the sign-in, when it was renewed last is known (microsoft-graph.md T1, T2)."""
    used_at = account.token_at or account.consented_at
    if account.state is not AccountState.CONNECTED or account.provider not in RENEWED_BY_USE or not used_at:
        return None
    return near_idle_end(used_at, account.provider, now)


def count_waiting_bookings(services: Services, account: AccountRow, now: datetime) -> int | None:
    """How many bookings still have to be written, by planning; nothing is due in a quiet, good account.

    None while the site cannot be read.
    """
    is_quiet = account.outbound_due_at is None or account.outbound_due_at > now
    if account.state is AccountState.CONNECTED and account.problem is None and is_quiet:
        return 0
    try:
        _, safe, _ = plan_account(services.sync_parts(), account)
    except (SiteError, WrongInput):
        return None
    return sum(1 for operation in safe if not isinstance(operation, RetireMapping))


def _remembered_zone(text: str | None) -> Zone:
    """The zone a site's row holds: a name, or a fixed offset like +05:30."""
    if not text:
        return Zone("UTC")
    if text[0] in "+-":
        hours, _, minutes = text[1:].partition(":")
        offset = int(hours) * 60 + int(minutes)
        return Zone(None, -offset if text[0] == "-" else offset)
    return zone_named(text)
