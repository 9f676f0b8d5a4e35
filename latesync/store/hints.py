"""Bookings the plugin says have changed, until a worker has seen to them.

They only make it sooner: what is lost here is found by the fingerprints.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from latesync.store.database import Database, reading, writing
from latesync.store.schema import site_hints
from latesync.store.statements import upsert_rows

EVERYTHING = 0  # in place of a booking's id: look at the whole site
# More than that piles up only while the site does not answer; one look at everything then does as well.
MOST_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Hint:
    booking_id: int
    noted_at: datetime


_C = site_hints.c
_SEEN_TO = delete(site_hints).where(
    _C.site_id == bindparam("site"),
    _C.booking_id == bindparam("booking"),
    _C.noted_at == bindparam("at", type_=_C.noted_at.type),
)


def note_hints(db: Database | Connection, site_id: str, booking_ids: Collection[int], now: datetime) -> None:
    """Note that these bookings changed; one that is noted already was noted now."""
    if not booking_ids:
        return
    with writing(db) as connection:
        kept = connection.scalar(select(func.count()).where(_C.site_id == site_id)) or 0
        if kept + len(booking_ids) > MOST_KEPT:
            connection.execute(delete(site_hints).where(_C.site_id == site_id))
            booking_ids = [EVERYTHING]
        rows = [
            {"site_id": site_id, "booking_id": booking_id, "noted_at": now}
            for booking_id in sorted(booking_ids)
        ]
        upsert_rows(connection, site_hints, rows, ["noted_at"])


def read_hints(db: Database | Connection, site_id: str) -> list[Hint]:
    """All there are, at most MOST_KEPT; cheap enough to ask five times a second."""
    query = select(_C.booking_id, _C.noted_at).where(_C.site_id == site_id).order_by(_C.booking_id)
    with reading(db) as connection:
        return [Hint(row.booking_id, row.noted_at) for row in connection.execute(query)]


def drop_hints(db: Database | Connection, site_id: str, seen_to: Sequence[Hint]) -> None:
    """Take out what was seen to. What was noted again meanwhile stays: it may be about a later change."""
    if not seen_to:
        return
    rows = [{"site": site_id, "booking": hint.booking_id, "at": hint.noted_at} for hint in seen_to]
    with writing(db) as connection:
        connection.execute(_SEEN_TO, rows)
