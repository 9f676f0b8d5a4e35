"""How much there is on the site, for people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine, func, select

from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema
from latesync.latepoint.selection import plain_selection


def count_bookings_between(
    engine: Engine, schema: SiteSchema, from_day: date, until_day: date, statuses: Collection[str]
) -> int:
    """Bookings of these statuses that begin on these days, the last one excluded. Raises SiteError."""
    bookings = plain_selection(schema).bookings
    query = (
        select(func.count())
        .select_from(bookings)
        .where(
            bookings.c.start_date >= from_day.isoformat(),
            bookings.c.start_date < until_day.isoformat(),
            bookings.c.status.in_(sorted(statuses)),
        )
    )
    with site_errors(), engine.connect() as connection:
        return int(connection.scalar(query) or 0)
