"""All rows of all our tables out of one database and into another, whatever kind either is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, MetaData, Table, bindparam, func, insert, inspect, select

from latesync.errors import WrongInput
from latesync.store.column_types import Instant
from latesync.store.database import Database
from latesync.store.schema import metadata, sites

ROWS_AT_ONCE = 500
Record = list[Any]  # ["table", name, column names] or ["row", values]

_NOT_FITTING = "The backup holds something this LateSync cannot take over. Nothing was changed."


@contextmanager
def snapshot(db: Database) -> Iterator[Connection]:
    """A connection that sees the state as it is now, for as long as it is read. Raises StateUnavailable."""
    with db.read() as connection:
        if not db.is_sqlite:  # there a reader sees one moment anyway (WAL)
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(select(sites.c.id)).all()  # the moment is that of the first read, on every server
        yield connection


def read_records(connection: Connection) -> Iterator[Record]:
    """Every table and its rows as plain JSON values, tables that others point at first."""
    for table in metadata.sorted_tables:
        columns = list(table.columns)
        yield ["table", table.name, [column.name for column in columns]]
        to_plain = [_to_plain(column.type) for column in columns]
        query = select(table).order_by(*table.primary_key.columns)
        rows = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
        for row in rows:
            yield ["row", [plain(value) for plain, value in zip(to_plain, row, strict=True)]]


def write_records(connection: Connection, records: Iterable[Record]) -> int:
    """Put the rows into tables as they are in this database now, which must be empty; how many that were.

    They may be those of an older version: it is the database that is asked for its tables and columns.
    Raises WrongInput when a record does not fit; the caller's transaction must then be undone.
    """
    known, filling, count = _tables_of(connection), None, 0
    for record in records:
        match record:
            case ["table", str(name), list(columns)] if name in known:
                if filling is not None:
                    filling.flush()
                filling = _Filling(connection, known[name], columns)
            case ["row", list(values)] if filling is not None and len(values) == len(filling.columns):
                filling.add(values)
                count += 1
            case _:
                raise WrongInput(_NOT_FITTING)
    if filling is not None:
        filling.flush()
    _count_on(connection, known)
    return count


class _Filling:
    """A table that is being filled, some hundred rows at a time."""

    def __init__(self, connection: Connection, table: Table, columns: list[str]) -> None:
        if not set(columns) <= set(table.c.keys()):
            raise WrongInput(_NOT_FITTING)
        self.columns = columns
        self._connection, self._table = connection, table
        self._from_plain = [_from_plain(table.c[name].type) for name in columns]
        self._waiting: list[dict[str, Any]] = []

    def add(self, values: list[Any]) -> None:
        each = zip(self.columns, self._from_plain, values, strict=True)
        self._waiting.append({name: from_plain(value) for name, from_plain, value in each})
        if len(self._waiting) == ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._connection.execute(insert(self._table), self._waiting)
            self._waiting = []


def _tables_of(connection: Connection) -> dict[str, Table]:
    """As they are there, with the types of ours where a column is one of ours."""
    found = MetaData()
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there:
            reflected = Table(table.name, found, autoload_with=connection, resolve_fks=False)
            for column in reflected.columns:
                if column.name in table.c:
                    column.type = table.c[column.name].type
    return dict(found.tables)


def _count_on(connection: Connection, known: dict[str, Table]) -> None:
    """PostgreSQL numbers new rows from a sequence that does not see what was inserted with its number."""
    if connection.dialect.name != "postgresql":
        return
    find = select(func.pg_get_serial_sequence(bindparam("table"), "id"))
    for name, table in known.items():
        sequence = connection.scalar(find, {"table": name}) if "id" in table.c else None
        highest = connection.scalar(select(func.max(table.c.id))) if sequence else None
        if highest is not None:
            connection.execute(select(func.setval(sequence, highest)))


def _to_plain(kind: Any) -> Any:
    return _iso if isinstance(kind, (Instant, Date)) else _as_it_is


def _from_plain(kind: Any) -> Any:
    if isinstance(kind, Instant):
        return _instant
    return _day if isinstance(kind, Date) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _iso(value: datetime | date | None) -> str | None:
    return None if value is None else value.isoformat()


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
