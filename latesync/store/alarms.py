"""What is wrong for so long that somebody has to be told: begun, told once, ended. plan/alarms.py decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, clients
from latesync.store.statements import delete_found, lock_site
from latesync.store.trust_schema import alarms

_C = alarms.c


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """agent_id: 0 for the whole site. began_at: when it was first seen. told_at: None: not yet."""

    id: int
    kind: str
    agent_id: int
    began_at: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class RefusedClient:
    """accounts: how many connected accounts work with it, by agent."""

    client_ref: int
    provider: str
    problem: str
    since: datetime
    agents: tuple[int, ...]


_COLUMNS = (_C.id, _C.kind, _C.agent_id, _C.began_at, _C.told_at, _C.ended_at)


def list_alarms(
    db: Database | Connection, site_id: str, ended_since: datetime | None = None
) -> list[AlarmRow]:
    """What is open, and what ended since; the oldest first."""
    wanted: ColumnElement[bool] = _C.ended_at.is_(None)
    if ended_since is not None:
        wanted = or_(wanted, _C.ended_at >= ended_since)
    with reading(db) as connection:
        rows = connection.execute(select(*_COLUMNS).where(_C.site_id == site_id, wanted).order_by(_C.id))
        return [AlarmRow(*row) for row in rows]


def read_alarm(db: Database | Connection, site_id: str, alarm_id: int) -> AlarmRow | None:
    with reading(db) as connection:
        query = select(*_COLUMNS).where(_C.site_id == site_id, _C.id == alarm_id)
        row = connection.execute(query).first()
    return None if row is None else AlarmRow(*row)


def told_since(db: Database | Connection, site_id: str, since: datetime) -> set[tuple[str, int]]:
    """(kind, agent) of the alarms somebody was told of since."""
    query = select(_C.kind, _C.agent_id).where(_C.site_id == site_id, _C.told_at >= since)
    with reading(db) as connection:
        return {(row.kind, row.agent_id) for row in connection.execute(query)}


def record_alarm(db: Database | Connection, site_id: str, kind: str, agent_id: int, now: datetime) -> bool:
    """Something is wrong; False: another worker has noted it."""
    same = and_(_C.site_id == site_id, _C.kind == kind, _C.agent_id == agent_id, _C.ended_at.is_(None))
    with writing(db) as connection:
        lock_site(connection, site_id)
        if connection.scalar(select(_C.id).where(same)) is not None:
            return False
        connection.execute(insert(alarms).values(site_id=site_id, kind=kind, agent_id=agent_id, began_at=now))
    return True


def record_alarm_told(connection: Connection, site_id: str, alarm_id: int, now: datetime) -> bool:
    """It is told now; False: another worker does, or it is over. The mails go into the same transaction."""
    lock_site(connection, site_id)  # before any row: whoever puts a mail does so too
    telling = update(alarms).where(_C.id == alarm_id, _C.told_at.is_(None), _C.ended_at.is_(None))
    return connection.execute(telling.values(told_at=now)).rowcount == 1


def record_alarm_told_again(
    connection: Connection, site_id: str, alarm_id: int, told_at: datetime, now: datetime
) -> bool:
    """It is told once more, having been told at told_at; False: another worker does, or it is over."""
    lock_site(connection, site_id)
    telling = update(alarms).where(_C.id == alarm_id, _C.told_at == told_at, _C.ended_at.is_(None))
    return connection.execute(telling.values(told_at=now)).rowcount == 1


def record_alarm_ended(connection: Connection, site_id: str, alarm_id: int, now: datetime) -> bool:
    """It is over. True: somebody was told of it, and is to be told this too; the mails go into the same
    transaction. False: another worker does, or nobody was told, and then it leaves no trace."""
    lock_site(connection, site_id)
    this = and_(_C.id == alarm_id, _C.ended_at.is_(None))
    ending = update(alarms).where(this, _C.told_at.is_not(None)).values(ended_at=now)
    if connection.execute(ending).rowcount == 1:
        return True
    connection.execute(delete(alarms).where(this, _C.told_at.is_(None)))
    return False


def record_alarm_back(db: Database | Connection, alarm_id: int) -> bool:
    """It was over for a moment only: it goes on, and whoever was told of it is not told again."""
    with writing(db) as connection:
        again = update(alarms).where(_C.id == alarm_id, _C.ended_at.is_not(None))
        return connection.execute(again.values(ended_at=None)).rowcount == 1


def prune_alarms(db: Database | Connection, before: datetime) -> int:
    with writing(db) as connection:
        return delete_found(connection, alarms, _C.ended_at < before)


def refused_clients(db: Database | Connection, site_id: str) -> list[RefusedClient]:
    """Clients in trouble, with the agents whose connected accounts work with them."""
    query = (
        select(
            clients.c.id,
            clients.c.provider,
            clients.c.problem,
            clients.c.problem_since,
            accounts.c.agent_id,
        )
        .join(accounts, accounts.c.client_ref == clients.c.id)
        .where(clients.c.site_id == site_id, clients.c.problem.is_not(None), accounts.c.state == "connected")
        .order_by(clients.c.id, accounts.c.agent_id)
    )
    found: dict[int, RefusedClient] = {}
    with reading(db) as connection:
        for client_ref, provider, problem, since, agent_id in connection.execute(query):
            before = found.get(client_ref)
            agents = (*before.agents, agent_id) if before else (agent_id,)
            found[client_ref] = RefusedClient(client_ref, provider, problem, since, agents)
    return list(found.values())
