"""What is remembered of one booking and of one account's rest, for whoever asks why. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from latesync.model import CalendarItem, Mapping
from latesync.store.calendars import CalendarRow, read_calendars, read_items
from latesync.store.database import Database, reading
from latesync.store.leases import EVERYBODY
from latesync.store.mappings import mapping_from
from latesync.store.schema import busy_slots, calendars, held_operations, mappings, sites
from latesync.store.trust_schema import pauses
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class Rest:
    """Why nobody works at an agent's account; None where nothing of the kind is so.

    stopped_for: a code of sites.stopped_for.
    """

    paused_since: datetime | None = None
    all_paused_since: datetime | None = None
    stopped_for: str | None = None
    stopped_at: datetime | None = None


NO_REST = Rest()


def mappings_of_booking(db: Database | Connection, site_id: str, booking_id: int) -> list[Mapping]:
    """One booking's, of every account of the site, retired and given up ones too."""
    query = (
        select(mappings)
        .where(mappings.c.site_id == site_id, mappings.c.booking_id == booking_id)
        .order_by(mappings.c.id)
    )
    with reading(db) as connection:
        return [mapping_from(row) for row in connection.execute(query)]


def read_rest(db: Database | Connection, site_id: str, agent_id: int) -> Rest:
    of_agent = select(pauses.c.agent_id, pauses.c.since).where(
        pauses.c.site_id == site_id, pauses.c.agent_id.in_((EVERYBODY, agent_id))
    )
    of_site = select(sites.c.stopped_for, sites.c.stopped_at).where(sites.c.id == site_id)
    with reading(db) as connection:
        since = {row.agent_id: row.since for row in connection.execute(of_agent)}
        stopped = connection.execute(of_site).one()
    return Rest(since.get(agent_id), since.get(EVERYBODY), stopped.stopped_for, stopped.stopped_at)


def held_since(db: Database | Connection, account_id: int, booking_id: int) -> datetime | None:
    """Since when an operation on the booking waits for a person."""
    query = select(held_operations.c.held_at).where(
        held_operations.c.account_id == account_id, held_operations.c.booking_id == booking_id
    )
    with reading(db) as connection:
        found: datetime | None = connection.scalar(query)
    return found


def read_read_calendars(
    db: Database | Connection, account_id: int
) -> list[tuple[CalendarRow, dict[str, CalendarItem]]]:
    """Each calendar that brings busy time, with all that is kept of what stands in it."""
    with reading(db) as connection:
        rows = [row for row in read_calendars(connection, account_id) if row.reads_busy]
        return [(row, read_items(connection, row.id)) for row in rows]


def slots_at(db: Database | Connection, agent_id: int, account_id: int, span: TimeRange) -> list[TimeRange]:
    """The account's busy slots that meet a span, as the booking form is told of them."""
    query = (
        select(busy_slots.c.starts_at, busy_slots.c.ends_at)
        .join_from(busy_slots, calendars)
        .where(
            busy_slots.c.agent_id == agent_id,
            calendars.c.account_id == account_id,
            calendars.c.reads_busy,
            busy_slots.c.starts_at < span.end,
            busy_slots.c.ends_at > span.start,
        )
        .order_by(busy_slots.c.starts_at, busy_slots.c.ends_at)
    )
    with reading(db) as connection:
        return [TimeRange(row.starts_at, row.ends_at) for row in connection.execute(query)]
