"""Which bookings carry a code: what customers and agents name a booking by."""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema

MOST_FOUND = 20  # LatePoint makes each code once; an import may have brought the same again


def bookings_with_code(engine: Engine, schema: SiteSchema, code: str) -> list[int]:
    """Their ids, whatever case the code is written in. Raises SiteUnavailable, SchemaNotUnderstood."""
    bookings = schema.table("bookings")
    if "booking_code" not in bookings.c:
        return []
    query = (
        select(bookings.c.id)
        .where(func.upper(bookings.c.booking_code) == code.strip().upper())
        .order_by(bookings.c.id.desc())
        .limit(MOST_FOUND)
    )
    with site_errors(), engine.connect() as connection:
        return [int(row[0]) for row in connection.execute(query)]
