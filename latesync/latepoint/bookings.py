"""Booking rows → model. A read that fails or breaks off raises; it never returns less."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Engine, RowMapping, func, select

from latesync.latepoint.connection import site_errors
from latesync.latepoint.rows import day_of, span_of_row, wall_of_row
from latesync.latepoint.schema import SiteSchema
from latesync.latepoint.selection import joined_selection, may_reach
from latesync.model import Booking, UnreadableBooking
from latesync.times import TimeRange, Zone, midnight

IDS_AT_ONCE = 400

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")  # all but white space


def read_agent_bookings(
    engine: Engine, schema: SiteSchema, agent_id: int, zone: Zone, from_day: date
) -> Iterator[Booking | UnreadableBooking]:
    """Yield an agent's bookings of any status that end after the start of a day (in the site's zone).

    Rows without a start day are yielded too, as unreadable. The agent need not exist any more.
    All rows are fetched before the first is yielded: an agent has a few thousand at most, and a server-side
    cursor would hold the connection, show a half of them before it breaks off, and complain once more when
    PyMySQL clears it away.

    Raises SiteUnavailable, SchemaNotUnderstood; at the first row, never later.
    """
    selection = joined_selection(schema)
    query = (
        select(*selection.columns)
        .select_from(selection.source)
        .where(selection.bookings.c.agent_id == agent_id, may_reach(selection.bookings, from_day))
    )
    with site_errors(), engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    for row in rows:
        booking = _booking(row, zone)
        if not _is_over(booking, row, zone, from_day):
            yield booking


def look_up_bookings(
    engine: Engine, schema: SiteSchema, ids: Collection[int], zone: Zone
) -> dict[int, Booking | UnreadableBooking | None]:
    """Every asked id, with its booking, or with None: there is no such row.

    Raises SiteUnavailable, SchemaNotUnderstood; then nothing at all is known.
    """
    selection = joined_selection(schema)
    found: dict[int, Booking | UnreadableBooking | None] = dict.fromkeys(ids)
    with site_errors(), engine.connect() as connection:
        for chunk in in_chunks(ids):
            query = (
                select(*selection.columns)
                .select_from(selection.source)
                .where(selection.bookings.c.id.in_(chunk))
            )
            for row in connection.execute(query).mappings().all():
                booking = _booking(row, zone)
                found[booking.id] = booking
    return found


def agents_exist(engine: Engine, schema: SiteSchema, ids: Collection[int]) -> dict[int, bool]:
    """Of every asked agent, whether there is such a row (a disabled agent is there).

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    agents = schema.table("agents")
    found: set[int] = set()
    with site_errors(), engine.connect() as connection:
        for chunk in in_chunks(ids):
            found.update(
                int(row[0]) for row in connection.execute(select(agents.c.id).where(agents.c.id.in_(chunk)))
            )
    return {agent_id: agent_id in found for agent_id in ids}


def agents_of_bookings(engine: Engine, schema: SiteSchema, ids: Collection[int]) -> set[int]:
    """The agents of those of these bookings that are there, found by primary key.

    Raises SiteUnavailable, SchemaNotUnderstood; then nothing at all is known.
    """
    bookings = schema.table("bookings")
    found: set[int] = set()
    with site_errors(), engine.connect() as connection:
        for chunk in in_chunks(ids):
            query = select(bookings.c.agent_id).where(bookings.c.id.in_(chunk)).distinct()
            found.update(int(row[0]) for row in connection.execute(query))
    return found


def count_bookings(engine: Engine, schema: SiteSchema, ids: Collection[int]) -> int:
    """How many of these ids are bookings; far fewer than asked means another table or a restored backup.

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    bookings = schema.table("bookings")
    total = 0
    with site_errors(), engine.connect() as connection:
        for chunk in in_chunks(set(ids)):
            query = select(func.count()).select_from(bookings).where(bookings.c.id.in_(chunk))
            total += connection.execute(query).scalar_one()
    return total


def in_chunks(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in order, in parts fit for one IN (…)."""
    remaining = iter(sorted(ids))
    while chunk := list(islice(remaining, IDS_AT_ONCE)):
        yield chunk


def _booking(row: RowMapping, zone: Zone) -> Booking | UnreadableBooking:
    booking_id, agent_id = int(row["bookings_id"]), int(row["bookings_agent_id"])
    try:
        span = _span(row, zone)
    except ValueError as exc:
        return UnreadableBooking(booking_id, agent_id, str(exc))
    return Booking(
        id=booking_id,
        agent_id=agent_id,
        status=_line(row, "bookings_status"),
        span=span,
        code=_line(row, "bookings_booking_code"),
        service_name=_line(row, "services_name"),
        location_name=_line(row, "locations_name"),
        location_address=_paragraph(row, "locations_full_address"),
        customer_name=" ".join(
            f"{_line(row, 'customers_first_name')} {_line(row, 'customers_last_name')}".split()
        ),
        customer_email=_line(row, "customers_email"),
        customer_phone=_line(row, "customers_phone"),
        customer_comment=_comment(row),
        attendees=_attendees(row),
        wall=wall_of_row(
            row["bookings_start_date"],
            row["bookings_start_time"],
            row["bookings_end_date"],
            row["bookings_end_time"],
        ),
        service_id=_number(row, "bookings_service_id"),
        location_id=_number(row, "bookings_location_id"),
        buffer_before=_number(row, "bookings_buffer_before"),
        buffer_after=_number(row, "bookings_buffer_after"),
        customer_first_name=_line(row, "customers_first_name"),
        customer_last_name=_line(row, "customers_last_name"),
        customer_notes=_paragraph(row, "customers_notes"),
        service_category=_line(row, "service_categories_name"),
        agent_first_name=_line(row, "agents_first_name"),
        agent_last_name=_line(row, "agents_last_name"),
        agent_display_name=_line(row, "agents_display_name"),
    )


def _span(row: RowMapping, zone: Zone) -> TimeRange:
    return span_of_row(
        row["bookings_start_date"],
        row["bookings_end_date"],
        row["bookings_start_time"],
        row["bookings_end_time"],
        row["bookings_duration"],
        row["services_duration"],
        zone,
    )


def _is_over(booking: Booking | UnreadableBooking, row: RowMapping, zone: Zone, from_day: date) -> bool:
    if isinstance(booking, Booking):
        return booking.span.end <= midnight(from_day, zone)
    day = day_of(row["bookings_start_date"])
    return day is not None and day < from_day


def _comment(row: Mapping[Any, Any]) -> str:
    """The order's, where there is an order; the bookings column is stale then (latepoint.md §1.8).

    Where orders are not granted, that column is the best there is. An upgrade to LatePoint 5 under the grants
    of LatePoint 4 would else take the comment out of every event.
    """
    if row.get("orders_id") is not None:
        return _paragraph(row, "orders_customer_comment")
    return _paragraph(row, "bookings_customer_comment")


def _attendees(row: Mapping[Any, Any]) -> int:
    """LatePoint 5's column, else LatePoint 4's; NULL and nonsense mean one (latepoint.md §1.8, §2.4)."""
    seats = row.get("bookings_total_attendees") or row.get("bookings_total_attendies") or 1
    return max(int(seats), 1)


def _number(row: Mapping[Any, Any], name: str) -> int:
    """A key to another table, or minutes; 0 where the row names none, or nonsense."""
    value = str(row.get(name) or "")
    return int(value) if value.isdecimal() else 0


def _line(row: Mapping[Any, Any], name: str) -> str:
    """A value on one line, free of control characters; "" when it is NULL or not readable here."""
    return " ".join(_printable(row.get(name)).split())


def _paragraph(row: Mapping[Any, Any], name: str) -> str:
    """A value whose lines are kept, without blank space around them."""
    lines: Sequence[str] = [line.strip() for line in _printable(row.get(name)).splitlines()]
    return "\n".join(lines).strip()


def _printable(value: object) -> str:
    return "" if value is None else _CONTROL.sub("", str(value))
