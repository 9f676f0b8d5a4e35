"""What runs did, for people: numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.store.database import Database, reading, writing
from latesync.store.schema import runs


@dataclass(frozen=True, slots=True)
class RunRow:
    """outcome: "fine" or a failure's code. run: as in `history`."""

    id: int
    site_id: str
    account_id: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    events_created: int
    events_updated: int
    events_deleted: int
    busy_added: int
    busy_removed: int
    operations_held: int
    bookings_moved: int = 0
    bookings_cancelled: int = 0
    run: str | None = None


def record_run(
    db: Database | Connection,
    *,
    site_id: str,
    account_id: int,
    started_at: datetime,
    ended_at: datetime,
    outcome: str,
    events_created: int = 0,
    events_updated: int = 0,
    events_deleted: int = 0,
    busy_added: int = 0,
    busy_removed: int = 0,
    operations_held: int = 0,
    bookings_moved: int = 0,
    bookings_cancelled: int = 0,
    run: str | None = None,
) -> None:
    values = {
        "site_id": site_id,
        "account_id": account_id,
        "started_at": started_at,
        "ended_at": ended_at,
        "outcome": outcome,
        "events_created": events_created,
        "events_updated": events_updated,
        "events_deleted": events_deleted,
        "busy_added": busy_added,
        "busy_removed": busy_removed,
        "operations_held": operations_held,
        "bookings_moved": bookings_moved,
        "bookings_cancelled": bookings_cancelled,
        "run": run,
    }
    with writing(db) as connection:
        connection.execute(insert(runs), values)


def last_runs(
    db: Database | Connection, site_id: str, account_id: int | None = None, limit: int = 20
) -> list[RunRow]:
    """The newest first."""
    query = select(runs).where(runs.c.site_id == site_id).order_by(runs.c.id.desc()).limit(limit)
    if account_id is not None:
        query = query.where(runs.c.account_id == account_id)
    with reading(db) as connection:
        return [RunRow(**row._mapping) for row in connection.execute(query)]


def prune_runs(db: Database | Connection, older_than: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(runs).where(runs.c.ended_at < older_than)).rowcount
