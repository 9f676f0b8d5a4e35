"""The bridge's two tables in the site's database (design.md §8): their shape, how to make and miss them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, DateTime, Engine, Index, Integer, MetaData, String, Table, select
from sqlalchemy.dialects.sqlite import DATETIME as SQLITE_DATETIME
from sqlalchemy.types import TypeEngine

from latesync.errors import BridgeTableMissing, SchemaNotUnderstood
from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import checked_prefix

MESSAGE_LENGTH = 255


def busy_table_name(prefix: str) -> str:
    return f"{checked_prefix(prefix)}latesync_busy"


def accounts_table_name(prefix: str) -> str:
    return f"{checked_prefix(prefix)}latesync_accounts"


def create_table_statements(prefix: str) -> list[str]:
    """The two tables as MySQL and MariaDB make them; safe to repeat.

    The plugin's class-tables.php makes the same. Busy times have two keys, because a range of dates can be
    cut short from either side: `agent_times` reads little when most rows lie after it, `agent_ends` when
    most lie before it.
    """
    return [
        f"CREATE TABLE IF NOT EXISTS `{busy_table_name(prefix)}` (\n"
        "  `id` CHAR(32) NOT NULL,\n"
        "  `agent_id` INT UNSIGNED NOT NULL,\n"
        "  `starts_at` DATETIME NOT NULL COMMENT 'UTC',\n"
        "  `ends_at` DATETIME NOT NULL COMMENT 'UTC',\n"
        "  PRIMARY KEY (`id`),\n"
        "  KEY `agent_times` (`agent_id`, `starts_at`, `ends_at`),\n"
        "  KEY `agent_ends` (`agent_id`, `ends_at`, `starts_at`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        f"CREATE TABLE IF NOT EXISTS `{accounts_table_name(prefix)}` (\n"
        "  `agent_id` INT UNSIGNED NOT NULL,\n"
        "  `provider` VARCHAR(32) NOT NULL,\n"
        "  `state` VARCHAR(32) NOT NULL,\n"
        "  `consent_ends_at` DATETIME NULL COMMENT 'UTC',\n"
        f"  `message` VARCHAR({MESSAGE_LENGTH}) NOT NULL DEFAULT '',\n"
        "  `updated_at` DATETIME NOT NULL COMMENT 'UTC',\n"
        "  PRIMARY KEY (`agent_id`, `provider`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ]


def create_bridge_tables(engine: Engine, prefix: str) -> None:
    """Make both tables where they are missing. The site's user is often not allowed to.

    Raises SiteUnavailable, SchemaNotUnderstood (CREATE is not granted).
    """
    with site_errors(), engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            busy_table(prefix).metadata.create_all(connection)
            accounts_table(prefix).metadata.create_all(connection)
            return
        for statement in create_table_statements(prefix):
            connection.exec_driver_sql(statement)


def missing_bridge_tables(engine: Engine, prefix: str) -> list[str]:
    """The names of those that are missing or may not be read.

    Raises SiteUnavailable.
    """
    missing = []
    for table in (busy_table(prefix), accounts_table(prefix)):
        try:
            with bridge_errors(table), engine.connect() as connection:
                connection.execute(select(table).limit(1)).all()
        except BridgeTableMissing as absent:
            missing.append(absent.table)
    return missing


@contextmanager
def bridge_errors(table: Table) -> Iterator[None]:
    """As site_errors, but what is missing is the bridge's.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    try:
        with site_errors():
            yield
    except SchemaNotUnderstood as exc:
        raise BridgeTableMissing(table.name) from exc


def busy_table(prefix: str) -> Table:
    name = busy_table_name(prefix)
    return Table(
        name,
        MetaData(),
        Column("id", String(32), primary_key=True),
        Column("agent_id", Integer, nullable=False),
        Column("starts_at", whole_seconds(), nullable=False),
        Column("ends_at", whole_seconds(), nullable=False),
        Index(f"{name}_agent_times", "agent_id", "starts_at", "ends_at"),
        Index(f"{name}_agent_ends", "agent_id", "ends_at", "starts_at"),
    )


def accounts_table(prefix: str) -> Table:
    return Table(
        accounts_table_name(prefix),
        MetaData(),
        Column("agent_id", Integer, primary_key=True, autoincrement=False),
        Column("provider", String(32), primary_key=True),
        Column("state", String(32), nullable=False),
        Column("consent_ends_at", whole_seconds()),
        Column("message", String(MESSAGE_LENGTH), nullable=False),
        Column("updated_at", whole_seconds(), nullable=False),
    )


def whole_seconds() -> TypeEngine[Any]:
    """SQLite keeps text: written as MySQL shows it, so that any reader understands it."""
    on_sqlite: TypeEngine[Any] = SQLITE_DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call]
    return DateTime().with_variant(on_sqlite, "sqlite")
