"""Bringing LateSync's tables up to this program's version. Alembic is loaded only to do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from latesync.errors import StateNotReady
from latesync.store.database import Database
from latesync.store.version import HEAD, REVISIONS

RESTORING = "restoring"  # in place of a version, while tables are there that a backup's rows are yet to fill
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> tuple[str | None, str]:
    """Bring the tables up to date; returns the versions before and after.

    Safe to repeat, also after a crash half way, and while another process does the same.
    Raises StateNotReady when the tables are newer than this program; StateUnavailable.
    """
    with database.write_alone("migration") as connection:
        before = version_of(connection)
        _refuse_newer(before, REVISIONS)
        if before != HEAD:
            _upgrade(connection, HEAD)
    return before, HEAD


def make_older_tables(database: Database, revision: str) -> None:
    """Tables of an earlier version in a database that has none of ours, for the rows of a backup.

    Until `record_version` says that the rows are in, nothing works with them.
    """
    with database.write_alone("migration") as connection:
        _upgrade(connection, revision)
        record_version(connection, RESTORING)


def record_version(connection: Connection, version: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def require_current(database: Database, *, revisions: Sequence[str] = REVISIONS) -> None:
    """Raises StateNotReady, with the remedy, unless the tables are those this program works with.

    revisions: of the tables this program knows, oldest first.
    """
    with database.read() as connection:
        version = version_of(connection)
    _refuse_newer(version, revisions)
    if version is None:
        raise StateNotReady("LateSync's tables have not been made yet. Run: latesync migrate")
    if version != revisions[-1]:
        raise StateNotReady(
            f"LateSync's tables are at version {version}, and this program works with {revisions[-1]}. "
            "Run: latesync migrate"
        )


def _refuse_newer(version: str | None, revisions: Sequence[str]) -> None:
    if version == RESTORING:
        raise StateNotReady("A backup was being restored here and is not in yet. Run latesync restore again.")
    if version is not None and version not in revisions:
        raise StateNotReady(
            f"LateSync's tables are at version {version}, which a newer LateSync made; this program works "
            f"with {revisions[-1]}. Install the newer LateSync again, or restore a backup from before it."
        )


def version_of(connection: Connection) -> str | None:
    """None where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version
