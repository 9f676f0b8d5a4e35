"""Cheap questions that tell which agents' bookings changed (clients-and-speed.md §4).

A fingerprint is "COUNT:SUM of row hashes". It is compared for equality only; an agent who is missing from
the answer has no rows any more, which is a change too.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, func, literal_column, select

from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema
from latesync.latepoint.selection import Selection, joined_selection, may_reach, plain_selection, row_hash

NEWEST_ROWS = 1000


def read_fingerprints(engine: Engine, schema: SiteSchema, from_day: date) -> dict[int, str]:
    """A fingerprint per agent over the bookings an event is made of, from a day of the site on.

    One statement, 0.15 s with 70,000 future rows. Sees what `updated_at` misses: raw updates, deletes,
    moves between agents, restored rows. Remember it only after what it announced has been dealt with.

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    return _fingerprints(engine, plain_selection(schema), from_day)


def read_detail_fingerprints(engine: Engine, schema: SiteSchema, from_day: date) -> dict[int, str]:
    """The same with names, phones, addresses and comments from the other tables; 1.4 to 1.7 times as dear.

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    return _fingerprints(engine, joined_selection(schema), from_day)


def newest_booking_id(engine: Engine, schema: SiteSchema, after: int) -> tuple[int, set[int]]:
    """The newest booking id (`after` when there is none) and the agents of the rows above `after`.

    A hint only: it sees new rows, of many at once the newest, and not one whose transaction took longer
    than a later row's. The fingerprint sees them all.

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    bookings = schema.table("bookings")
    query = (
        select(bookings.c.id, bookings.c.agent_id)
        .where(bookings.c.id > after)
        .order_by(bookings.c.id.desc())
        .limit(NEWEST_ROWS)
    )
    with site_errors(), engine.connect() as connection:
        rows = connection.execute(query).all()
    return max((int(row[0]) for row in rows), default=after), {int(row[1]) for row in rows}


def _fingerprints(engine: Engine, selection: Selection, from_day: date) -> dict[int, str]:
    # Not the bare column: grouping by it tempts the optimiser into walking agent_id_index through every
    # row there ever was, instead of start_date_index through those to come.
    agent_id = selection.bookings.c.agent_id + literal_column("0")
    query = (
        select(agent_id, func.count(), func.sum(row_hash(selection.columns)))
        .select_from(selection.source)
        .where(may_reach(selection.bookings, from_day))
        .group_by(agent_id)
    )
    with site_errors(), engine.connect() as connection:
        rows = connection.execute(query).all()
    return {int(agent): f"{int(count)}:{int(total)}" for agent, count, total in rows}
