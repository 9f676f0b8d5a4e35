"""The demo site's database: one SQLite file, opened per request."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

BUSY_TIMEOUT_S = 10  # LateSync's worker writes busy times into the same file


def open_site(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; changes of several rows go into `writing`."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes between our reads and our writes."""
    connection.execute("BEGIN IMMEDIATE")
    outcome = "ROLLBACK"
    try:
        yield
        outcome = "COMMIT"
    finally:
        connection.execute(outcome)


def insert(connection: sqlite3.Connection, table: str, **values: object) -> int:
    """Add a row and return its id. Table and column names come from this package only."""
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))
    return int(cursor.lastrowid or 0)


def stamp(instant: datetime) -> str:
    """An instant as LatePoint keeps it since 5.1: UTC, whole seconds (latepoint.md §2.8)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def instant_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
