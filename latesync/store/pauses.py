"""Who rests: one agent, or everybody on the site. What happens meanwhile is caught up afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from latesync.model import AccountState
from latesync.store.database import Database, reading
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.leases import EVERYBODY, RESTS
from latesync.store.schema import accounts, settings, sites
from latesync.store.sites import write_setting
from latesync.store.statements import lock_site
from latesync.store.trust_schema import pauses

_C = pauses.c
# When a pause ended last: "resumed.0" for everybody's, "resumed.3" for that agent's.
_RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Resting:
    """everybody_since: the whole site's pause; None: there is none. agents: those who are paused themselves.

    is_stopped: the site waits for an answer, and nobody is worked at (sites.stopped_for).
    """

    everybody_since: datetime | None = None
    agents: Mapping[int, datetime] = field(default_factory=dict)
    is_stopped: bool = False

    def since(self, agent_id: int) -> datetime | None:
        """Since when an agent is paused, alone or with everybody; None: not at all."""
        known = [moment for moment in (self.everybody_since, self.agents.get(agent_id)) if moment]
        return min(known, default=None)

    def includes(self, agent_id: int) -> bool:
        """Whether nobody works at this agent's calendar, for that reason or the other."""
        return self.is_stopped or self.since(agent_id) is not None


NOBODY = Resting()


def record_paused(db: Database, site_id: str, agent_id: int, now: datetime, who: Who = Who.OWNER) -> bool:
    """Let an agent rest, or EVERYBODY. A run under way ends within a quarter of a minute (sync/crew.py).

    False: they rested already, and keep their time.
    """
    with db.write() as connection:
        lock_site(connection, site_id)
        known = select(_C.agent_id).where(_C.site_id == site_id, _C.agent_id == agent_id)
        if connection.scalar(known) is not None:
            return False
        connection.execute(insert(pauses).values(site_id=site_id, agent_id=agent_id, since=now))
        _tell(connection, site_id, agent_id, What.PAUSED, now, who)
    return True


def record_resumed(db: Database, site_id: str, agent_id: int, now: datetime, who: Who = Who.OWNER) -> bool:
    """Go on, and look at both directions now. False: there was no such pause.

    What was due before the pause is due from now on, not late since then; and what is caught up mails no
    guest (plan/invitations.py). An agent who is paused twice,
    alone and with everybody, rests until both have ended.
    """
    with db.write() as connection:
        lock_site(connection, site_id)
        ended = delete(pauses).where(_C.site_id == site_id, _C.agent_id == agent_id)
        if connection.execute(ended).rowcount != 1:
            return False
        write_setting(connection, site_id, f"{_RESUMED}.{agent_id}", now.isoformat())
        due = update(accounts).where(
            accounts.c.site_id == site_id, accounts.c.state == AccountState.CONNECTED.value
        )
        if agent_id != EVERYBODY:
            due = due.where(accounts.c.agent_id == agent_id)
        connection.execute(due.values(outbound_due_at=now, inbound_due_at=now, in_step=None))
        _tell(connection, site_id, agent_id, What.RESUMED, now, who)
    return True


def read_resting(db: Database | Connection, site_id: str) -> Resting:
    query = (
        select(sites.c.stopped_for, _C.agent_id, _C.since)
        .select_from(sites.outerjoin(pauses, _C.site_id == sites.c.id))
        .where(sites.c.id == site_id)
    )
    with reading(db) as connection:
        rows = connection.execute(query).all()
    paused = {row.agent_id: row.since for row in rows if row.since is not None}
    return Resting(
        everybody_since=paused.pop(EVERYBODY, None),
        agents=paused,
        is_stopped=any(row.stopped_for is not None for row in rows),
    )


def last_resumed(db: Database | Connection, site_id: str, agent_id: int) -> datetime | None:
    """When the agent's newest pause ended, alone or with everybody; None where there was none."""
    names = (f"{_RESUMED}.{EVERYBODY}", f"{_RESUMED}.{agent_id}")
    query = select(settings.c.value).where(settings.c.site_id == site_id, settings.c.name.in_(names))
    with reading(db) as connection:
        ended = [datetime.fromisoformat(value) for value in connection.scalars(query)]
    return max(ended, default=None)


def paused_among(db: Database | Connection, account_ids: Collection[int]) -> set[int]:
    """Which of these accounts belong to somebody who is paused."""
    a = accounts.c
    with reading(db) as connection:
        return set(connection.scalars(select(a.id).where(a.id.in_(account_ids), RESTS)))


def _tell(connection: Connection, site_id: str, agent_id: int, what: What, now: datetime, who: Who) -> None:
    whom = None if agent_id == EVERYBODY else agent_id
    record_history(connection, site_id, [Entry(at=now, who=who, what=what, agent_id=whom)])
