"""What our columns hold, on every server alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.dialects import mysql


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored naive with microseconds on every server."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("store aware datetimes only")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def exact(length: int) -> Any:
    """A string compared byte by byte on every server."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


def event_id() -> Any:
    """An event id: up to 1024 ASCII characters (google-calendar.md E3), case-sensitive."""
    return String(1024).with_variant(
        mysql.VARCHAR(1024, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def long_text() -> Any:
    return Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
