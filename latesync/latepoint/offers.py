"""What the site sells, and which bookings come next: for pages where an owner chooses and looks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine, select

from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema
from latesync.latepoint.selection import plain_selection


def read_services(engine: Engine, schema: SiteSchema) -> dict[int, str]:
    """The names of all services, disabled ones too, by id. Raises SiteUnavailable, SchemaNotUnderstood."""
    services = schema.table("services")
    query = select(services.c.id, services.c.name).order_by(services.c.name, services.c.id)
    with site_errors(), engine.connect() as connection:
        return {int(row[0]): " ".join(str(row[1] or "").split()) for row in connection.execute(query)}


def next_booking_ids(
    engine: Engine,
    schema: SiteSchema,
    from_day: date,
    statuses: Collection[str],
    *,
    service_id: int | None,
    most: int,
) -> list[int]:
    """The next bookings of these statuses from a day of the site on, soonest first.

    service_id: None: of any service. Raises SiteUnavailable, SchemaNotUnderstood.
    """
    bookings = plain_selection(schema).bookings
    query = (
        select(bookings.c.id)
        .where(bookings.c.start_date >= from_day.isoformat(), bookings.c.status.in_(sorted(statuses)))
        .order_by(bookings.c.start_date, bookings.c.start_time, bookings.c.id)
        .limit(most)
    )
    if service_id is not None:
        query = query.where(bookings.c.service_id == service_id)
    with site_errors(), engine.connect() as connection:
        return [int(row[0]) for row in connection.execute(query)]
