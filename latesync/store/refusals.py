"""What agents wished by moving or deleting our events, and the site did not take over; they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.store.database import Database, reading, writing
from latesync.store.schema import CODE_LENGTH, refusals

_C = refusals.c


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """wish: "move" or "cancel". wanted_starts_at: of a move. reason: a code of drift_sentences.py.

    booking_code: as the booking's event shows it; "" where the site was not asked.
    starts_at: when the booking takes place, as its event said before.
    """

    id: int
    site_id: str
    agent_id: int
    booking_id: int
    wish: str
    wanted_starts_at: datetime | None
    reason: str
    refused_at: datetime
    booking_code: str = ""
    starts_at: datetime | None = None


def record_refusal(
    db: Database | Connection,
    site_id: str,
    agent_id: int,
    booking_id: int,
    *,
    wish: str,
    reason: str,
    now: datetime,
    wanted_starts_at: datetime | None = None,
    booking_code: str = "",
    starts_at: datetime | None = None,
) -> None:
    values = {
        "site_id": site_id,
        "agent_id": agent_id,
        "booking_id": booking_id,
        "wish": wish,
        "wanted_starts_at": wanted_starts_at,
        "reason": reason,
        "refused_at": now,
        "booking_code": booking_code[:CODE_LENGTH],
        "starts_at": starts_at,
    }
    with writing(db) as connection:
        connection.execute(insert(refusals), values)


def list_refusals(
    db: Database | Connection, site_id: str, agent_id: int, since: datetime, limit: int = 10
) -> list[RefusalRow]:
    """An agent's, the newest first."""
    query = (
        select(refusals)
        .where(_C.site_id == site_id, _C.agent_id == agent_id, _C.refused_at >= since)
        .order_by(_C.refused_at.desc(), _C.id.desc())
        .limit(limit)
    )
    with reading(db) as connection:
        return [RefusalRow(**row._mapping) for row in connection.execute(query)]


def forget_refusals(db: Database | Connection, site_id: str, booking_id: int) -> None:
    """Of a booking that has followed its event since: nobody needs to do anything about them any more."""
    of_booking = (_C.site_id == site_id) & (_C.booking_id == booking_id)
    with writing(db) as connection:
        connection.execute(delete(refusals).where(of_booking))


def prune_refusals(db: Database | Connection, older_than: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(refusals).where(_C.refused_at < older_than)).rowcount
