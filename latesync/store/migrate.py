"""Bringing LateSync's tables up to this program's version. Alembic is loaded only to do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from latesync.errors import StateNotReady
from latesync.store.database import Database
from latesync.store.version import HEAD, REVISIONS

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> tuple[str | None, str]:
    """Bring the tables up to date; returns the versions before and after.

    Safe to repeat, also after a crash half way, and while another process does the same.
    Raises StateNotReady when the tables are newer than this program; StateUnavailable.
    """
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    with database.write_alone("migration") as connection:
        before = _version(connection)
        _refuse_newer(before, REVISIONS)
        if before != HEAD:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    return before, HEAD


def require_current(database: Database, *, revisions: Sequence[str] = REVISIONS) -> None:
    """Raises StateNotReady, with the remedy, unless the tables are those this program works with.

    revisions: of the tables this program knows, oldest first.
    """
    with database.read() as connection:
        version = _version(connection)
    _refuse_newer(version, revisions)
    if version is None:
        raise StateNotReady("LateSync's tables have not been made yet. Run: latesync migrate")
    if version != revisions[-1]:
        raise StateNotReady(
            f"LateSync's tables are at version {version}, and this program works with {revisions[-1]}. "
            "Run: latesync migrate"
        )


def _refuse_newer(version: str | None, revisions: Sequence[str]) -> None:
    if version is not None and version not in revisions:
        raise StateNotReady(
            f"LateSync's tables are at version {version}, which a newer LateSync made; this program works "
            f"with {revisions[-1]}. Install the newer LateSync again, or restore a backup from before it."
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version
