"""When rows of bookings were last saved, as they say themselves: to measure with, not to sync by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, select

from latesync.latepoint.bookings import in_chunks
from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema


def read_stamps(
    engine: Engine, schema: SiteSchema, ids: Collection[int]
) -> dict[int, datetime | None] | None:
    """`updated_at` by booking, without a zone: the site's before LatePoint 5.1.0, UTC since.

    None for a row that has none, or nonsense. None altogether where the column may not be read.
    Source: latepoint.md §2.8.
    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    if not schema.has("bookings", "updated_at"):
        return None
    bookings = schema.table("bookings")
    found: dict[int, datetime | None] = {}
    with site_errors(), engine.connect() as connection:
        for chunk in in_chunks(ids):
            query = select(bookings.c.id, bookings.c.updated_at).where(bookings.c.id.in_(chunk))
            found |= {int(row[0]): _stamp(row[1]) for row in connection.execute(query)}
    return found


def _stamp(value: object) -> datetime | None:
    """As a driver gives it: a datetime, or on SQLite its text; '0000-00-00 00:00:00' is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value.replace(tzinfo=None) if isinstance(value, datetime) else None
