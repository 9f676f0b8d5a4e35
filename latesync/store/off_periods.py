"""Our own rows among LatePoint's off periods: which they are, so that no other one is ever touched."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from latesync.off_periods import OffPeriod
from latesync.store.database import Database, reading, writing
from latesync.store.schema import off_periods
from latesync.store.statements import chunks, upsert_rows
from latesync.times import DayMinutes

_C = off_periods.c


def read_off_periods(db: Database | Connection, site_id: str, agent_id: int) -> list[OffPeriod]:
    query = select(off_periods).where(_C.site_id == site_id, _C.agent_id == agent_id).order_by(_C.id)
    with reading(db) as connection:
        return [
            OffPeriod(row.id, row.agent_id, DayMinutes(row.day, row.start_minute, row.end_minute), row.row_id)
            for row in connection.execute(query)
        ]


def agents_with_off_periods(db: Database | Connection, site_id: str) -> set[int]:
    """Agents for whom rows stand on the site, or may stand there."""
    with reading(db) as connection:
        return set(connection.scalars(select(_C.agent_id).where(_C.site_id == site_id).distinct()))


def record_intents(db: Database | Connection, site_id: str, periods: Collection[OffPeriod]) -> None:
    """Before their rows are inserted; one that is known already stays as it is."""
    rows = [_values(site_id, period) for period in sorted(periods, key=lambda period: period.id)]
    if rows:
        with writing(db) as connection:
            upsert_rows(connection, off_periods, rows, ["agent_id"])  # row_id is not among what is replaced


def record_rows(db: Database | Connection, site_id: str, periods: Collection[OffPeriod]) -> list[OffPeriod]:
    """Right after their rows were inserted or found; returns those that are not ours to keep.

    That is one which another process has meanwhile written a row for, or no longer wants.
    """
    refused = []
    with writing(db) as connection:
        for period in periods:
            claimed = update(off_periods).where(
                _C.site_id == site_id,
                _C.id == period.id,
                or_(_C.row_id.is_(None), _C.row_id == period.row_id),
            )
            if connection.execute(claimed.values(row_id=period.row_id)).rowcount != 1:
                refused.append(period)
    return refused


def forget_off_periods(db: Database | Connection, site_id: str, ids: Collection[str]) -> None:
    """After their rows were deleted, or left to an admin who changed them."""
    if not ids:
        return
    with writing(db) as connection:
        for some in chunks(ids):
            connection.execute(delete(off_periods).where(_these(site_id, some)))


def _these(site_id: str, ids: Collection[str]) -> ColumnElement[bool]:
    return (_C.site_id == site_id) & _C.id.in_(ids)


def _values(site_id: str, period: OffPeriod) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "id": period.id,
        "agent_id": period.agent_id,
        "day": period.minutes.day,
        "start_minute": period.minutes.start,
        "end_minute": period.minutes.end,
        "row_id": None,
    }
