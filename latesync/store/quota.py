"""What was asked of each client's project, by the hour; every process adds its own counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, insert, select, update

from latesync.store.consent_schema import quota_use
from latesync.store.database import Database, reading, writing
from latesync.store.schema import clients

HOUR = timedelta(hours=1)
_C = quota_use.c


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """busiest_minute: the most that one process spent within a minute."""

    units: int = 0
    busiest_minute: int = 0


def add_quota_use(
    db: Database | Connection, client_ref: int, hour: datetime, units: int, busiest_minute: int
) -> None:
    """Add what one process spent. hour: its beginning. A client that is forgotten meanwhile is nobody's."""
    with writing(db) as connection:
        # One process at a time: inserting first and updating after a duplicate would deadlock on InnoDB.
        client = select(clients.c.id).where(clients.c.id == client_ref).with_for_update()
        if connection.scalar(client) is None:
            return
        known = update(quota_use).where(_C.client_ref == client_ref, _C.hour == hour)
        most = case((_C.busiest_minute < busiest_minute, busiest_minute), else_=_C.busiest_minute)
        if connection.execute(known.values(units=_C.units + units, busiest_minute=most)).rowcount:
            return
        row = {"client_ref": client_ref, "hour": hour, "units": units, "busiest_minute": busiest_minute}
        connection.execute(insert(quota_use).values(**row))


def quota_used(db: Database | Connection, client_ref: int, since: datetime) -> QuotaUse:
    """What was spent in the hours that ended after `since`."""
    query = select(func.sum(_C.units), func.max(_C.busiest_minute)).where(
        _C.client_ref == client_ref, _C.hour > since - HOUR
    )
    with reading(db) as connection:
        units, busiest_minute = connection.execute(query).one()
    return QuotaUse(int(units or 0), int(busiest_minute or 0))


def prune_quota_use(db: Database | Connection, before: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(quota_use).where(_C.hour < before)).rowcount
