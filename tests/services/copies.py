"""Copies of a template database: one takes a second to make, so it is kept and mended after each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.services.mariadb import MariaDBServer

_idle: dict[tuple[int, str], list[str]] = {}  # server's port and template → databases that equal it


@dataclass(frozen=True)
class _Table:
    """What tells whether a table is still as it was."""

    checksum: int
    next_id: int | None


@contextmanager
def copied_database(mariadb: MariaDBServer, template: str) -> Iterator[str]:
    """The URL of a database that equals the template and is nobody else's meanwhile."""
    idle = _idle.setdefault((mariadb.port, template), [])
    database = idle.pop() if idle else _make(mariadb, template)
    try:
        yield mariadb.url(database)
    finally:
        if _put_right(mariadb, template, database):
            idle.append(database)
        else:
            mariadb.drop_database(database)


def _make(mariadb: MariaDBServer, template: str) -> str:
    database = mariadb.create_database()
    with mariadb.connect() as connection:
        for table in _tables(connection, template):
            connection.execute(text(f"CREATE TABLE {database}.{table} LIKE {template}.{table}"))
            connection.execute(text(f"INSERT INTO {database}.{table} SELECT * FROM {template}.{table}"))
    return database


def _put_right(mariadb: MariaDBServer, template: str, database: str) -> bool:
    """Make it equal the template again; False if its tables' columns changed: that is not worth mending."""
    with mariadb.connect() as connection:
        _end_others(connection, database)
        known, found = _tables(connection, template), _tables(connection, database)
        for table in found - known:
            connection.execute(text(f"DROP TABLE {database}.`{table}`"))
        if known - found or _shape(connection, database) != _shape(connection, template):
            return False
        wanted, have = _states(connection, template, known), _states(connection, database, known)
        for table in known:
            if have[table] != wanted[table]:
                connection.execute(text(f"DELETE FROM {database}.{table}"))
                connection.execute(text(f"INSERT INTO {database}.{table} SELECT * FROM {template}.{table}"))
                if wanted[table].next_id:
                    connection.execute(
                        text(f"ALTER TABLE {database}.{table} AUTO_INCREMENT = {wanted[table].next_id}")
                    )
        return True


def _end_others(connection: Connection, database: str) -> None:
    """A transaction left open would hold locks."""
    left_open = connection.scalars(
        text("SELECT id FROM information_schema.processlist WHERE db = :database"), {"database": database}
    ).all()
    for connection_id in left_open:
        with suppress(OperationalError):  # it ended by itself
            connection.execute(text(f"KILL {connection_id}"))


def _tables(connection: Connection, database: str) -> set[str]:
    return set(connection.scalars(text(f"SHOW TABLES FROM {database}")).all())


def _shape(connection: Connection, database: str) -> list[tuple[object, ...]]:
    """Columns and keys of all tables."""
    columns = text(
        "SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_key"
        " FROM information_schema.columns WHERE table_schema = :database ORDER BY 1, 2"
    )
    return [tuple(row) for row in connection.execute(columns, {"database": database})]


def _states(connection: Connection, database: str, tables: set[str]) -> dict[str, _Table]:
    names = ", ".join(f"{database}.{table}" for table in sorted(tables))
    checksums = {
        row[0].partition(".")[2]: row[1] for row in connection.execute(text(f"CHECKSUM TABLE {names}"))
    }
    next_ids = text(
        "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = :database"
    )
    return {
        table: _Table(checksums[table], next_id)
        for table, next_id in connection.execute(next_ids, {"database": database})
    }
