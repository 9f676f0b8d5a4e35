"""What is selected of a booking, shared by the rows and the fingerprints. Builds statements, runs none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, or_

from latesync.latepoint.schema import SiteSchema

# How long before the asked day a booking may have begun and still be going on. By the rule of
# latepoint.md §2.3 the end falls at most two days later, unless a NULL end leaves it to the duration.
LONGEST_BOOKING = timedelta(days=7)

# Everything before it is a zero date ('0000-00-00'), which a lax server stores where a day is missing.
_FIRST_REAL_DAY = "1000-01-01"

_BOOKING_COLUMNS = (
    "id",
    "agent_id",
    "booking_code",
    "status",
    "start_date",
    "end_date",
    "start_time",
    "end_time",
    "duration",
    "buffer_before",
    "buffer_after",
    "service_id",
    "location_id",
    "customer_id",
    "order_item_id",
    "total_attendees",
    "total_attendies",
    "customer_comment",
)
_JOINED_COLUMNS = {
    "services": ("name", "duration"),
    "service_categories": ("name",),
    "agents": ("first_name", "last_name", "display_name"),
    "locations": ("name", "full_address"),
    "customers": ("first_name", "last_name", "email", "phone", "notes"),
    "orders": ("id", "customer_comment"),
}


@dataclass(frozen=True)
class Selection:
    """A FROM clause and the readable columns of it, labelled `bookings_id`, `services_name`, …"""

    source: FromClause
    bookings: FromClause
    columns: Sequence[ColumnElement[Any]]


def plain_selection(schema: SiteSchema) -> Selection:
    """The bookings table alone."""
    bookings = schema.table("bookings").alias("bookings")
    return Selection(bookings, bookings, _labelled(bookings, "bookings", _BOOKING_COLUMNS))


def joined_selection(schema: SiteSchema) -> Selection:
    """Bookings with service, location, customer and order, as far as they are readable.

    Every join is by primary key and may find nothing: people and places are deleted while their
    bookings stay (latepoint.md §2.8).
    """
    plain = plain_selection(schema)
    source, bookings = plain.source, plain.bookings
    columns = list(plain.columns)
    by_name = {"bookings": bookings}
    for short_name, key_of, key in _joins(schema):
        by_name[short_name] = joined = schema.table(short_name).alias(short_name)
        source = source.outerjoin(joined, joined.c.id == by_name[key_of].c[key])
        columns += _labelled(joined, short_name, _JOINED_COLUMNS[short_name])
    if schema.has_orders:
        items = schema.table("order_items").alias("order_items")
        orders = schema.table("orders").alias("orders")
        source = source.outerjoin(items, items.c.id == bookings.c.order_item_id)
        source = source.outerjoin(orders, orders.c.id == items.c.order_id)
        columns += _labelled(orders, "orders", _JOINED_COLUMNS["orders"])
    return Selection(source, bookings, columns)


def may_reach(bookings: FromClause, from_day: date) -> ColumnElement[bool]:
    """Rows that may end on or after a day, and rows whose day is missing.

    Ranges of start_date only: one index serves them all (latepoint.md §1.2). The real end is known after
    span_of_row.
    """
    earliest = (from_day - LONGEST_BOOKING).isoformat()
    starts = bookings.c.start_date
    return or_(starts >= earliest, starts.is_(None), starts < _FIRST_REAL_DAY)


def row_hash(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """CRC32 over all columns; CONCAT_WS alone would skip NULLs, so that a value could move unseen."""
    return func.crc32(func.concat_ws("\x1f", *(func.coalesce(column, "\x00") for column in columns)))


def _joins(schema: SiteSchema) -> list[tuple[str, str, str]]:
    """(table, the table that names it, by which column), each after the one that names it."""
    joins = [("services", "bookings", "service_id"), ("agents", "bookings", "agent_id")]
    if schema.has_categories:
        joins.append(("service_categories", "services", "category_id"))
    if schema.has_locations:
        joins.append(("locations", "bookings", "location_id"))
    if schema.has_customers:
        joins.append(("customers", "bookings", "customer_id"))
    return joins


def _labelled(source: FromClause, short_name: str, names: Sequence[str]) -> list[ColumnElement[Any]]:
    return [source.c[name].label(f"{short_name}_{name}") for name in names if name in source.c]
