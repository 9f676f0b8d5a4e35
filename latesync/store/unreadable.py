"""Bookings whose times cannot be understood; reported, and nothing is done about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.model import UnreadableBooking
from latesync.store.database import Database, reading, writing
from latesync.store.schema import unreadable_bookings
from latesync.store.statements import chunks

_C = unreadable_bookings.c


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    booking_id: int
    agent_id: int
    why: str
    seen_at: datetime


def replace_unreadable(
    db: Database | Connection,
    site_id: str,
    agent_id: int,
    bookings: Collection[UnreadableBooking],
    now: datetime,
) -> None:
    """What cannot be read of an agent's bookings now; what could not before keeps its time.

    A booking given to another agent leaves the list of the first.
    """
    of_agent = select(_C.booking_id, _C.why).where(_C.site_id == site_id, _C.agent_id == agent_id)
    wanted = {(booking.id, booking.why) for booking in bookings}
    with reading(db) as connection:
        before = {(booking_id, why) for booking_id, why in connection.execute(of_agent)}
    if before == wanted:
        return
    with writing(db) as connection:
        for some in chunks([booking_id for booking_id, _ in before ^ wanted]):
            connection.execute(
                delete(unreadable_bookings).where(_C.site_id == site_id, _C.booking_id.in_(some))
            )
        added = [
            {"site_id": site_id, "booking_id": booking_id, "agent_id": agent_id, "why": why, "seen_at": now}
            for booking_id, why in wanted - before
        ]
        if added:
            connection.execute(insert(unreadable_bookings), added)


def list_unreadable(db: Database | Connection, site_id: str) -> list[UnreadableRow]:
    query = (
        select(_C.booking_id, _C.agent_id, _C.why, _C.seen_at)
        .where(_C.site_id == site_id)
        .order_by(_C.booking_id)
    )
    with reading(db) as connection:
        return [UnreadableRow(*row) for row in connection.execute(query)]
