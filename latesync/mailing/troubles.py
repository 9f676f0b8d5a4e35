"""What is wrong at the moment and costs something: read from what LateSync remembers, for plan/alarms.py.

A dozen statements at the most, whatever the number of accounts; bookings are counted only where writing has
failed for minutes, and then kept for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from latesync.errors import SiteError, WrongInput
from latesync.health_overview import late_since
from latesync.model import AccountState
from latesync.options import BusyWay, WhenUnreadable
from latesync.plan.alarms import PATIENCE_FOR_MANY, Kind, Trouble, kind_of_problem, kind_of_refusal
from latesync.plan.failures import Problem
from latesync.plan.secrets import secret_stage, stage_begins
from latesync.plugin import plugin_state
from latesync.read_overview import read_zone
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.alarms import RefusedClient, refused_clients
from latesync.store.bridges import read_bridge
from latesync.store.calendar_looks import CalendarLook
from latesync.store.choices import read_busy_way, read_unreadable_policy
from latesync.store.clients import list_clients
from latesync.store.held import count_held
from latesync.store.pauses import Resting, read_resting
from latesync.store.sites import SiteRow, read_site
from latesync.sync.form_busy import looks_by_agent, unreadable_agents
from latesync.times import day_in, midnight

if TYPE_CHECKING:
    from latesync.services import Services

# How many accounts are planned for in one look; five waiting bookings are many already.
MOST_COUNTED = 20
# Shortly before the first could be told of.
COUNTED_FROM = PATIENCE_FOR_MANY - timedelta(minutes=1)
CLOSED = "closed"  # the cause where the form offers none of the agent's times

# How many of an account's bookings wait; None: not known now.
CountWaiting = Callable[[AccountRow], int | None]


@dataclass(frozen=True, slots=True)
class Found:
    """troubles: what is wrong. unsure: of these kinds it cannot be told whether something goes on; of
    unsure_agents neither, nor of `(kind, agent)` in unsure_keys."""

    troubles: tuple[Trouble, ...] = ()
    unsure: frozenset[Kind] = frozenset()
    unsure_agents: frozenset[int] = frozenset()
    unsure_keys: frozenset[tuple[str, int]] = frozenset()

    def is_unsure(self, kind: str, agent_id: int) -> bool:
        return kind in self.unsure or agent_id in self.unsure_agents or (kind, agent_id) in self.unsure_keys


def find_troubles(services: Services, now: datetime, count_waiting: CountWaiting) -> Found:
    """Raises StateUnavailable; a site that does not answer is a trouble, no error."""
    db, site_id = services.database, services.site_id
    site, resting = read_site(db, site_id), read_resting(db, site_id)
    if site.stopped_for is not None:
        stopped = Trouble(Kind.SITE_STOPPED, site.stopped_at or now, cause=site.stopped_for)
        return Found((stopped,), frozenset(Kind) - {Kind.SITE_STOPPED})
    return _Search(services, now, count_waiting, site, resting).found()


class _Search:
    """One look: collects troubles, and what cannot be told now."""

    def __init__(
        self,
        services: Services,
        now: datetime,
        count_waiting: CountWaiting,
        site: SiteRow,
        resting: Resting,
    ) -> None:
        self._services, self._now, self._count_waiting = services, now, count_waiting
        self._site, self._resting = site, resting
        self._db, self._site_id = services.database, services.site_id
        self._accounts = list_accounts(self._db, self._site_id)
        self._connected = [row for row in self._accounts if row.state is AccountState.CONNECTED]
        self._working = [row for row in self._connected if not resting.includes(row.agent_id)]
        self._troubles: list[Trouble] = []
        self._unsure: set[Kind] = set()
        self._unsure_keys: set[tuple[str, int]] = set()

    def found(self) -> Found:
        self._look_at_site()
        self._look_at_clients()
        self._look_at_secrets()
        self._look_at_accounts()
        self._look_at_plugin()
        self._look_at_waiting()
        self._look_at_held()
        self._look_at_calendars()
        at_rest = {row.agent_id for row in self._accounts if self._resting.includes(row.agent_id)}
        return Found(
            tuple(self._troubles), frozenset(self._unsure), frozenset(at_rest), frozenset(self._unsure_keys)
        )

    def _add(
        self,
        kind: Kind,
        since: datetime,
        *,
        count: int = 1,
        agent_id: int = 0,
        cause: str = "",
        provider: str = "",
    ) -> None:
        self._troubles.append(Trouble(kind, since, agent_id, count, cause, provider))

    def _look_at_site(self) -> None:
        if self._site.problem and self._working:
            since = self._site.problem_since or self._now
            self._add(Kind.SITE_UNREACHABLE, since, count=len(self._working), cause=self._site.problem)
        late = late_since(self._accounts, self._now, self._resting)
        if late is not None:
            due = sum(1 for row in self._working if _is_due(row, self._now))
            self._add(Kind.WORK_LATE, late, count=due)

    def _look_at_clients(self) -> None:
        found: dict[str, list[RefusedClient]] = defaultdict(list)
        for row in refused_clients(self._db, self._site_id):
            found[row.provider].append(row)
        for provider, refused in found.items():
            kind = kind_of_refusal(provider)
            costly = [(row, self._awake(row.agents)) for row in refused]
            costly = [(row, agents) for row, agents in costly if agents]
            if costly:
                first = min((row for row, _ in costly), key=lambda row: row.since)
                standing = sum(len(agents) for _, agents in costly)
                self._add(kind, first.since, count=standing, cause=first.problem, provider=provider)
            else:
                self._unsure.add(kind)

    def _look_at_secrets(self) -> None:
        """Microsoft's end on a day the owner named (microsoft-graph.md M2); Google's do not."""
        clients = list_clients(self._db, self._site_id, "microsoft")
        client = next((row for row in clients if row.is_current), None)
        if client is None or client.secret_ends_on is None:
            return
        zone, ends_on = read_zone(self._services), client.secret_ends_on
        stage = secret_stage(ends_on, day_in(self._now, zone))
        if stage is None:
            return
        begins = midnight(stage_begins(stage, ends_on), zone)
        # What Microsoft itself refuses already has an alarm that says all of it.
        count = 0 if client.problem == Problem.SECRET_EXPIRED else 1
        cause = ends_on.isoformat()
        self._troubles.append(
            Trouble(Kind.SECRET_ENDS, begins, 0, count, cause, client.provider, again_at=begins)
        )

    def _look_at_accounts(self) -> None:
        """Problems that accounts have in common: one alarm for all of them."""
        by_kind = _by_kind(self._working)
        for kind in (Kind.FORM_NOT_TOLD, Kind.DAILY_LIMIT, Kind.PLUGIN_SILENT):
            rows = by_kind.get(kind, [])
            if rows:
                self._add(
                    kind,
                    self._since(rows),
                    count=len(rows),
                    cause=rows[0].problem or "",
                    provider=rows[0].provider,
                )
            elif _by_kind(self._connected).get(kind):
                self._unsure.add(kind)
        for row in self._working:
            if row.problem == "calendar_lost":
                self._add(Kind.CALENDAR_LOST, self._since([row]), agent_id=row.agent_id)
            elif row.problem:
                self._unsure_keys.add((Kind.CALENDAR_LOST, row.agent_id))

    def _look_at_plugin(self) -> None:
        """A plugin that was never heard of is the owner's choice, and a note on the dashboard."""
        if not self._working or read_busy_way(self._db, self._site_id) is not BusyWay.PLUGIN:
            return
        heard = read_bridge(self._db, self._site_id)
        if heard is None:
            return
        try:
            settings = self._services.site.facts().settings
        except (SiteError, WrongInput):
            self._unsure.add(Kind.PLUGIN_OFF)
            return
        if plugin_state(heard, settings, self._accounts).is_off:
            self._add(Kind.PLUGIN_OFF, self._now)

    def _look_at_waiting(self) -> None:
        failing = [row for row in self._working if row.problem and row.failing == "outbound"]
        waiting = [row for row in failing if kind_of_problem(row.problem) is Kind.BOOKINGS_WAIT]
        if len(waiting) < len(failing):  # what stops them now has another alarm; they may wait on
            self._unsure.add(Kind.BOOKINGS_WAIT)
        lasting = [row for row in waiting if self._now - self._since([row]) >= COUNTED_FROM]
        counts = [self._count_waiting(row) for row in lasting[:MOST_COUNTED]]
        if None in counts:
            self._unsure.add(Kind.BOOKINGS_WAIT)
        total = sum(count or 0 for count in counts)
        if total or (waiting and not lasting):
            rows = lasting or waiting
            self._add(
                Kind.BOOKINGS_WAIT,
                self._since(rows),
                count=total,
                cause=rows[0].problem or "",
                provider=rows[0].provider,
            )

    def _look_at_held(self) -> None:
        held = count_held(self._db, self._site_id)
        awake = [row for row in held if not self._resting.includes(row.agent_id)]
        if awake:
            self._add(Kind.HELD_PLAN, min(row.since for row in awake), count=sum(row.count for row in awake))
        elif held:
            self._unsure.add(Kind.HELD_PLAN)

    def _look_at_calendars(self) -> None:
        looks = looks_by_agent(self._db, self._site_id)
        self._look_at_lost(looks.values())
        policy = read_unreadable_policy(self._db, self._site_id)
        if policy.then is WhenUnreadable.STAY_OPEN:
            return
        for agent in unreadable_agents(looks, policy, self._now).values():
            if agent.is_overdue and not self._resting.includes(agent.agent_id):
                cause = CLOSED if agent.is_closed else ""
                self._add(Kind.CALENDAR_UNREADABLE, agent.since, agent_id=agent.agent_id, cause=cause)

    def _look_at_lost(self, looks: Iterable[list[CalendarLook]]) -> None:
        """Also while the account has another trouble: the calendar's own row remembers."""
        for of_agent in looks:
            lost = [
                look for look in of_agent if look.is_lost and look.account_state is AccountState.CONNECTED
            ]
            if lost and not self._resting.includes(lost[0].agent_id):
                since = min(look.troubled_since for look in lost)
                self._add(Kind.CALENDAR_LOST, since, agent_id=lost[0].agent_id)

    def _awake(self, agents: Iterable[int]) -> list[int]:
        return [agent_id for agent_id in agents if not self._resting.includes(agent_id)]

    def _since(self, rows: Iterable[AccountRow]) -> datetime:
        return min((row.problem_since or self._now for row in rows), default=self._now)


def _by_kind(rows: Iterable[AccountRow]) -> dict[Kind, list[AccountRow]]:
    found: dict[Kind, list[AccountRow]] = defaultdict(list)
    for row in rows:
        kind = kind_of_problem(row.problem)
        if kind is not None:
            found[kind].append(row)
    return found


def _is_due(row: AccountRow, now: datetime) -> bool:
    return any(moment is not None and moment <= now for moment in (row.outbound_due_at, row.inbound_due_at))
