"""Puts the overview together from what the site and LateSync's own state say now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from latesync.calendar_overview import read_calendar_overview
from latesync.consent.lifetimes import Lifetimes, read_lifetimes
from latesync.errors import SchemaNotUnderstood, SecretUnreadable, SiteError, SiteUnavailable, WrongInput
from latesync.health_overview import late_since, read_health
from latesync.latepoint.bridge_tables import missing_bridge_tables
from latesync.latepoint.settings import SiteSettings, read_agents
from latesync.model import AccountState, Agent, Mapping
from latesync.options import BusyWay
from latesync.overview import LOST_KEY, NEVER, AgentOverview, Overview
from latesync.plan.operations import RetireMapping
from latesync.plugin import plugin_state
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.bridges import read_bridge
from latesync.store.calendars import read_calendars
from latesync.store.choices import read_busy_way, read_drift_policy
from latesync.store.clients import ClientRow, current_client
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
    client_id, client_problem = _client_state(services)
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
        client_id=client_id,
        client_problem=client_problem,
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


def read_current_client(services: Services) -> ClientRow | None:
    """The client new sign-ins use; None also when its secret cannot be read any more."""
    try:
        return current_client(services.database, services.box, services.site_id, "google")
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


def _client_state(services: Services) -> tuple[str | None, str | None]:
    try:
        client = current_client(services.database, services.box, services.site_id, "google")
    except SecretUnreadable:
        return None, "secret_unreadable"
    return (client.client_id, client.problem) if client else (None, "no_client")


def _agents(services: Services, site: _Site, only: int | None, now: datetime) -> Iterable[AgentOverview]:
    """The site's agents in its order, then accounts of agents the site no longer shows."""
    accounts = newest_accounts(list_accounts(services.database, services.site_id))
    known = {agent.id: agent for agent in site.agents}
    for agent_id, account in accounts.items():
        if account.state is not AccountState.DISCONNECTED:
            known.setdefault(agent_id, Agent(agent_id, f"Agent {agent_id}", None, site.problem is not None))
    chosen = [agent for agent in known.values() if only in (None, agent.id)]
    trouble = _read_trouble(services)
    lifetimes = read_lifetimes(services.database, services.site_id, "google", now)
    for agent in chosen:
        base = AgentOverview(agent.id, agent.name, agent.is_active, NEVER, site_email=agent.email)
        own = accounts.get(agent.id)
        yield base if own is None else _with_account(services, base, own, trouble, lifetimes, now)


def _at_rest(resting: Resting, agents: Iterable[AgentOverview]) -> Iterable[AgentOverview]:
    for agent in agents:
        since = resting.since(agent.agent_id)
        yield agent if since is None else replace(agent, paused_since=since)


def newest_accounts(accounts: list[AccountRow]) -> dict[int, AccountRow]:
    """An agent's account: the active one, else the one they disconnected last."""
    newest: dict[int, AccountRow] = {}
    for account in accounts:
        before = newest.get(account.agent_id)
        if before is None or _rank(account) > _rank(before):
            newest[account.agent_id] = account
    return newest


def _rank(account: AccountRow) -> tuple[bool, datetime, int]:
    return (
        account.state is not AccountState.DISCONNECTED,
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
        writes_to_primary=account.write_calendar_id == account.email,
        tentative_blocks=account.tentative_blocks,
        outbound_good_at=account.outbound_good_at,
        inbound_good_at=account.inbound_good_at,
        problem=trouble.problem_of(account) or next((row.problem for row in calendars if row.problem), None),
        problem_since=account.problem_since,
        last_runs=tuple(last_runs(database, services.site_id, account.id, RUNS_SHOWN)),
    )
    if account.state is AccountState.DISCONNECTED:
        return shown
    return replace(
        shown,
        waiting=count_waiting_bookings(services, account, now),
        held=tuple(row for row in trouble.held if row.account_id == account.id),
        set_aside=tuple(row for row in trouble.set_aside if row.account_id == account.id),
        unreadable=tuple(row for row in trouble.unreadable if row.agent_id == account.agent_id),
        drifted=tuple(row for row in trouble.drifted if row.account_id == account.id),
    )


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
