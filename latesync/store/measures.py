"""What a machine that watches is told: counts of what is kept, in few statements, nothing of anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from latesync.model import AccountState
from latesync.store.consent_schema import outbox, quota_use
from latesync.store.database import Database, reading
from latesync.store.schema import accounts, clients, held_operations, mappings, unreadable_bookings
from latesync.store.trust_schema import comparisons


@dataclass(frozen=True, slots=True)
class Compared:
    """What full comparisons found since a time. at: the newest; None: there was none."""

    at: datetime | None = None
    accounts: int = 0
    events_wrong: int = 0
    busy_wrong: int = 0
    form_wrong: int = 0


def count_mappings(db: Database | Connection, site_id: str) -> dict[str, int]:
    """How many of bookings, by state; buffers are not counted."""
    query = (
        select(mappings.c.state, func.count())
        .where(mappings.c.site_id == site_id, mappings.c.booking_id > 0)
        .group_by(mappings.c.state)
    )
    with reading(db) as connection:
        return {state: int(count) for state, count in connection.execute(query)}


def count_unfinished(db: Database | Connection, site_id: str) -> tuple[int, int, int]:
    """(operations that wait for a person, bookings that cannot be read, mails to be sent)."""
    held = (
        select(func.count())
        .select_from(held_operations.join(accounts, accounts.c.id == held_operations.c.account_id))
        .where(
            accounts.c.site_id == site_id,
            accounts.c.state != AccountState.DISCONNECTED.value,
            held_operations.c.decided.is_(None),
        )
    )
    unreadable = select(func.count()).where(unreadable_bookings.c.site_id == site_id)
    mails = select(func.count()).where(outbox.c.site_id == site_id, outbox.c.ended_at.is_(None))
    query = select(held.scalar_subquery(), unreadable.scalar_subquery(), mails.scalar_subquery())
    with reading(db) as connection:
        row = connection.execute(query).one()
    return int(row[0]), int(row[1]), int(row[2])


def quota_units(db: Database | Connection, site_id: str, since: datetime) -> int:
    """What was asked of the providers since, in their units; of hours that began then or later."""
    query = (
        select(func.sum(quota_use.c.units))
        .join_from(quota_use, clients, clients.c.id == quota_use.c.client_ref)
        .where(clients.c.site_id == site_id, quota_use.c.hour >= since)
    )
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def compared_since(db: Database | Connection, site_id: str, since: datetime) -> Compared:
    c = comparisons.c
    query = select(
        func.max(c.at),
        func.count(c.account_id.distinct()),
        func.sum(c.events_wrong),
        func.sum(c.busy_wrong),
        func.sum(c.form_wrong),
    ).where(c.site_id == site_id, c.at >= since)
    with reading(db) as connection:
        at, compared, events, busy, form = connection.execute(query).one()
    return Compared(at, int(compared or 0), int(events or 0), int(busy or 0), int(form or 0))
