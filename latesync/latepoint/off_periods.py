"""Our own rows in LatePoint's `latepoint_blocked_periods`: the one table of LatePoint's we may write to.

Switched on by the owner only (design.md §6), and read by Pro Features only (latepoint.md §3.3). Rows are
inserted and deleted, never updated; what an admin wrote or changed is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    literal,
    select,
)

from latesync.errors import SchemaNotUnderstood
from latesync.latepoint.bridge_tables import whole_seconds
from latesync.latepoint.connection import site_errors, transaction
from latesync.latepoint.schema import checked_prefix, table_name
from latesync.off_periods import OffPeriod, OffPeriodSeen
from latesync.times import DayMinutes, Zone, wall_to_utc

# What staff see in LatePoint's calendar; also how our rows are told from an admin's. Never a title.
SUMMARY = "Busy (LateSync)"

# Read to recognise our rows; all else is written only.
READ_COLUMNS = (
    "id",
    "summary",
    "start_date",
    "end_date",
    "start_time",
    "end_time",
    "service_id",
    "agent_id",
    "location_id",
    "created_at",
    "updated_at",
)
EVERYTHING = 0  # in service_id and location_id; NULL would match nothing (latepoint-live.md §1a)


def off_periods_table_name(prefix: str) -> str:
    return table_name(checked_prefix(prefix), "blocked_periods")


def read_our_off_periods(engine: Engine, prefix: str, agent_id: int) -> list[OffPeriodSeen]:
    """The agent's rows that read as we write them, found by the index on agent_id.

    Raises SchemaNotUnderstood (the table is missing or not granted), SiteUnavailable.
    """
    table = _table(prefix)
    query = select(*(table.c[name] for name in READ_COLUMNS)).where(
        table.c.agent_id == agent_id, table.c.summary == SUMMARY
    )
    with site_errors(), engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return [seen for seen in (_seen(dict(row)) for row in rows) if seen is not None]


def insert_off_periods(
    engine: Engine, prefix: str, periods: Collection[OffPeriod], zone: Zone, now: datetime
) -> list[OffPeriod]:
    """Write a row for each, all or (where the table has transactions) none; returns them with their numbers.

    Raises SchemaNotUnderstood, SiteUnavailable; then nothing is known of any of them.
    """
    table = _table(prefix)
    with site_errors(), transaction(engine) as connection:
        return [_insert(connection, table, period, zone, now) for period in periods]


def delete_off_periods(engine: Engine, prefix: str, periods: Iterable[OffPeriod]) -> int:
    """Delete those of the rows that still are as we wrote them; how many were.

    Raises SchemaNotUnderstood, SiteUnavailable.
    """
    table = _table(prefix)
    with site_errors(), transaction(engine) as connection:
        return sum(
            connection.execute(delete(table).where(_is_still(table, period))).rowcount for period in periods
        )


def rehearse(engine: Engine, prefix: str) -> None:
    """Do everything that is done with the table, to no row at all.

    Raises SchemaNotUnderstood (the table or a column is missing, or a right is not granted),
    SiteUnavailable.
    """
    table = _table(prefix)
    nothing = table.c.id == -1
    columns = [column for column in table.c if column.name != "id"]
    with site_errors(), transaction(engine) as connection:
        connection.execute(select(*(table.c[name] for name in READ_COLUMNS)).where(nothing)).all()
        empty = select(*(literal(None, column.type) for column in columns)).select_from(table).where(nothing)
        connection.execute(insert(table).from_select([column.name for column in columns], empty))
        connection.execute(delete(table).where(nothing))


def is_missing(error: SchemaNotUnderstood) -> bool:
    """Whether the table or a column of it is not there, and not merely not granted."""
    cause = error.__cause__
    original = getattr(cause, "orig", None)
    arguments = getattr(original, "args", ())
    first = arguments[0] if arguments else None
    return first in _MISSING if isinstance(first, int) else str(first).startswith("no such")


_MISSING = (1054, 1146)  # MySQL: unknown column, unknown table


def _insert(connection: Connection, table: Table, period: OffPeriod, zone: Zone, now: datetime) -> OffPeriod:
    made = connection.execute(insert(table).values(_row(period, zone, now)))
    return OffPeriod(period.id, period.agent_id, period.minutes, int(made.lastrowid))


def _row(period: OffPeriod, zone: Zone, now: datetime) -> dict[str, Any]:
    """Every column filled: a NULL among the minutes ends in a PHP TypeError (latepoint.md §3.3)."""
    minutes, stamp = period.minutes, now.replace(tzinfo=None, microsecond=0)
    return {
        "summary": SUMMARY,
        "start_date": minutes.day,
        "end_date": minutes.day,
        "start_time": minutes.start,
        "end_time": minutes.end,
        "start_datetime_utc": wall_to_utc(minutes.day, minutes.start, zone).replace(tzinfo=None),
        "end_datetime_utc": wall_to_utc(minutes.day, minutes.end, zone).replace(tzinfo=None),
        "service_id": EVERYTHING,
        "agent_id": period.agent_id,
        "location_id": EVERYTHING,
        "server_timezone": str(zone),
        "created_at": stamp,
        "updated_at": stamp,
    }


def _is_still(table: Table, period: OffPeriod) -> ColumnElement[bool]:
    """The row by its number, unless somebody changed it since we looked."""
    return (
        (table.c.id == period.row_id)
        & (table.c.agent_id == period.agent_id)
        & (table.c.summary == SUMMARY)
        & (table.c.start_date == period.minutes.day)
        & (table.c.end_date == period.minutes.day)
        & (table.c.service_id == EVERYTHING)
        & (table.c.location_id == EVERYTHING)
        & (table.c.start_time == period.minutes.start)
        & (table.c.end_time == period.minutes.end)
    )


def _seen(row: Mapping[str, Any]) -> OffPeriodSeen | None:
    """None for what we never write: an admin has changed it, or wrote it."""
    everything = (row["service_id"], row["location_id"]) == (EVERYTHING, EVERYTHING)
    day, start, end = row["start_date"], row["start_time"], row["end_time"]
    # The server compares without regard to case and to spaces at the end.
    is_ours = row["summary"] == SUMMARY and everything and isinstance(day, date) and row["end_date"] == day
    if not is_ours or start is None or end is None or not 0 <= start < end <= 1440:
        return None
    is_untouched = row["created_at"] == row["updated_at"]
    return OffPeriodSeen(int(row["id"]), DayMinutes(day, int(start), int(end)), is_untouched)


def _table(prefix: str) -> Table:
    return Table(
        off_periods_table_name(prefix),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("summary", Text),
        Column("start_date", Date),
        Column("end_date", Date),
        Column("start_time", Integer),
        Column("end_time", Integer),
        Column("start_datetime_utc", whole_seconds()),
        Column("end_datetime_utc", whole_seconds()),
        Column("service_id", Integer),
        Column("agent_id", Integer),
        Column("location_id", Integer),
        Column("server_timezone", Text),
        Column("created_at", whole_seconds()),
        Column("updated_at", whole_seconds()),
    )
