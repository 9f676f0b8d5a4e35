"""The only rows LateSync writes on the site: busy times, and how the accounts are.

They go into the bridge's own tables; only times travel, never titles (design.md §5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from latesync.errors import SiteUnavailable
from latesync.latepoint.bridge_tables import (
    MESSAGE_LENGTH,
    accounts_table,
    bridge_errors,
    busy_table,
    create_bridge_tables,
    create_table_statements,
    missing_bridge_tables,
)
from latesync.latepoint.connection import transaction
from latesync.times import TimeRange, as_utc

__all__ = [
    "create_bridge_tables",
    "create_table_statements",
    "missing_bridge_tables",
    "publish_account",
    "publish_busy",
    "read_busy",
    "remove_account",
    "remove_busy",
    "touch_accounts",
]

ROWS_AT_ONCE = 500

_Id = TypeVar("_Id", int, str)
_Span = tuple[datetime, datetime]  # naive UTC, whole seconds, as the DATETIME columns hold it


def read_busy(engine: Engine, prefix: str, agent_id: int) -> dict[str, TimeRange]:
    """What stands in the busy table for an agent, by row id.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    rows = _read_rows(engine, busy_table(prefix), agent_id)
    return {
        row_id: TimeRange(as_utc(start), as_utc(end)) for row_id, (start, end) in rows.items() if start < end
    }


def publish_busy(
    engine: Engine, prefix: str, agent_id: int, desired: Mapping[str, TimeRange]
) -> tuple[int, int]:
    """Make the agent's rows equal `desired`, writing only differences, in one transaction.

    desired: 32-hex id → UTC span; kept in whole seconds, the start rounded down and the end up.
    Returns (added, removed); a row whose times changed is updated in place and counts in both.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    table = busy_table(prefix)
    wanted = {row_id: _whole_seconds(span) for row_id, span in desired.items()}
    for _attempt in range(2):
        counts = _write_differences(engine, table, agent_id, wanted)
        if counts is not None:
            return counts
    raise SiteUnavailable("the site's database: somebody else publishes busy times for the same agent")


def remove_busy(engine: Engine, prefix: str, agent_id: int) -> int:
    """Take all of an agent's rows out; how many there were.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    return publish_busy(engine, prefix, agent_id, {})[1]


def publish_account(
    engine: Engine,
    prefix: str,
    agent_id: int,
    provider: str,
    state: str,
    consent_ends_at: datetime | None,
    message: str,
    now: datetime,
) -> bool:
    """Say in WP admin how an account is; True if that was news. `touch_accounts` keeps `updated_at` fresh.

    message: a sentence for the site's staff; cut at 255 characters.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    table = accounts_table(prefix)
    ends_at = None if consent_ends_at is None else _naive_utc(consent_ends_at)
    notice = {"state": state, "consent_ends_at": ends_at, "message": message[:MESSAGE_LENGTH]}
    stamped = {**notice, "updated_at": _naive_utc(now)}
    key = (table.c.agent_id == agent_id, table.c.provider == provider)
    with bridge_errors(table), engine.connect() as connection:
        shown = connection.execute(select(*(table.c[name] for name in notice)).where(*key)).mappings().first()
        if shown is not None and dict(shown) == notice:
            return False
        row = {**stamped, "agent_id": agent_id, "provider": provider}
        if shown is None and _try_insert(connection, table, row):
            return True
        connection.execute(update(table).where(*key).values(stamped))
        return True


def touch_accounts(engine: Engine, prefix: str, agent_ids: Collection[int], now: datetime) -> int:
    """Say in WP admin that LateSync lives: `updated_at` of all these agents' notices becomes now.

    The plugin takes the newest `updated_at` for the moment the daemon last reported, so this must happen
    at least every five minutes. Returns how many notices there are; fewer than were published means that
    somebody emptied the table.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    table = accounts_table(prefix)
    touched = update(table).values(updated_at=_naive_utc(now))
    with bridge_errors(table), engine.connect() as connection:
        return sum(
            connection.execute(touched.where(table.c.agent_id.in_(chunk))).rowcount
            for chunk in _chunks(sorted(agent_ids))
        )


def remove_account(engine: Engine, prefix: str, agent_id: int, provider: str) -> None:
    """Take an account's notice out.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    table = accounts_table(prefix)
    with bridge_errors(table), engine.connect() as connection:
        connection.execute(delete(table).where(table.c.agent_id == agent_id, table.c.provider == provider))


def _write_differences(
    engine: Engine, table: Table, agent_id: int, wanted: Mapping[str, _Span]
) -> tuple[int, int] | None:
    """(added, removed); None when somebody else wrote one of the rows since we looked."""
    there = _read_rows(engine, table, agent_id)
    new = sorted(wanted.keys() - there.keys())
    gone = sorted(there.keys() - wanted.keys())
    changed = sorted(row_id for row_id in wanted.keys() & there.keys() if wanted[row_id] != there[row_id])
    if new or gone or changed:
        with bridge_errors(table):
            try:
                with transaction(engine) as connection:
                    _delete_rows(connection, table, agent_id, gone)
                    _update_rows(connection, table, agent_id, changed, wanted)
                    _insert_rows(connection, table, agent_id, new, wanted)
            except IntegrityError:
                return None
    return len(new) + len(changed), len(gone) + len(changed)


def _read_rows(engine: Engine, table: Table, agent_id: int) -> dict[str, _Span]:
    query = select(table.c.id, table.c.starts_at, table.c.ends_at).where(table.c.agent_id == agent_id)
    with bridge_errors(table), engine.connect() as connection:
        return {row.id: (row.starts_at, row.ends_at) for row in connection.execute(query).all()}


def _delete_rows(connection: Connection, table: Table, agent_id: int, ids: list[str]) -> None:
    for chunk in _chunks(ids):
        connection.execute(delete(table).where(table.c.agent_id == agent_id, table.c.id.in_(chunk)))


def _update_rows(
    connection: Connection, table: Table, agent_id: int, ids: list[str], wanted: Mapping[str, _Span]
) -> None:
    if not ids:
        return
    statement = (
        update(table)
        .where(table.c.agent_id == agent_id, table.c.id == bindparam("row_id"))
        .values(starts_at=bindparam("start"), ends_at=bindparam("end"))
    )
    rows = [{"row_id": row_id, "start": wanted[row_id][0], "end": wanted[row_id][1]} for row_id in ids]
    connection.execute(statement, rows)


def _insert_rows(
    connection: Connection, table: Table, agent_id: int, ids: list[str], wanted: Mapping[str, _Span]
) -> None:
    for chunk in _chunks(ids):
        rows = [
            {"id": row_id, "agent_id": agent_id, "starts_at": wanted[row_id][0], "ends_at": wanted[row_id][1]}
            for row_id in chunk
        ]
        connection.execute(insert(table), rows)


def _try_insert(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """False when somebody else inserted it meanwhile."""
    try:
        connection.execute(insert(table).values(row))
    except IntegrityError:
        return False
    return True


def _chunks(ids: Sequence[_Id]) -> Iterator[Sequence[_Id]]:
    for first in range(0, len(ids), ROWS_AT_ONCE):
        yield ids[first : first + ROWS_AT_ONCE]


def _whole_seconds(span: TimeRange) -> _Span:
    start, end = _naive_utc(span.start), span.end.replace(tzinfo=None)
    if end.microsecond:
        end = end.replace(microsecond=0) + timedelta(seconds=1)
    return start, end


def _naive_utc(instant: datetime) -> datetime:
    return as_utc(instant).replace(tzinfo=None, microsecond=0)
