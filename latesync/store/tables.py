"""How every table of ours is made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, String, Table
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MYSQL_TABLE: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4"}


def make_table(name: str, *parts: SchemaItem) -> Table:
    """A table whose engine and character set do not depend on the server's defaults."""
    return Table(name, metadata, *parts, **MYSQL_TABLE)


SiteId = String(12)
