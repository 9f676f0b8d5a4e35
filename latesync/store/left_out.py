"""Bookings that stay out of a calendar because its agent asked for new ones only, and events given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, null, select, update

from latesync import model
from latesync.model import MappingState
from latesync.store.database import Database, reading, writing
from latesync.store.mappings import mapping_from
from latesync.store.schema import mappings
from latesync.store.statements import chunks
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A booking to leave out.

    event_id, calendar_id: of an event that never stands, for a booking nothing was known of.
    row_hash: of the booking as it is now (plan/content.py); it comes when that differs.
    """

    booking_id: int
    agent_id: int
    calendar_id: str
    event_id: str
    span: TimeRange
    row_hash: str


_C = mappings.c
_NO_EVENT: dict[str, Any] = {
    "content_hash": "",
    "guests_hash": "",
    "meeting": "",
    "echo_hash": "",
    "etag": "",
    "has_agent_notes": False,
    "drift": null(),
    "drift_starts_at": null(),
    "drift_ends_at": null(),
    "drift_refused": null(),
    "problem": "",
}


def read_every_mapping(db: Database | Connection, account_id: int) -> list[model.Mapping]:
    """An account's, retired and gone ones too, by booking."""
    query = select(mappings).where(_C.account_id == account_id).order_by(_C.booking_id)
    with reading(db) as connection:
        return [mapping_from(row) for row in connection.execute(query)]


def record_given_up(db: Database | Connection, hashes: Mapping[int, str | None], now: datetime) -> None:
    """These mappings have no event of ours any more; the rows remember their generation.

    hashes: by mapping, of the booking that stays out until it changes; None: it comes again if it is wanted.
    """
    with writing(db) as connection:
        gone = [mapping_id for mapping_id, value in hashes.items() if value is None]
        for some in chunks(gone):
            given_up = update(mappings).where(_C.id.in_(some))
            connection.execute(given_up.values(state=MappingState.GONE.value, changed_at=now, **_NO_EVENT))
        for mapping_id, value in hashes.items():
            if value is not None:
                _leave_out(connection, mapping_id, value, now)


def record_left_out(
    db: Database | Connection, site_id: str, account_id: int, rows: Sequence[LeftOut], now: datetime
) -> None:
    """These bookings have no event of ours and get none until they change."""
    with writing(db) as connection:
        known = _known(connection, account_id, [row.booking_id for row in rows])
        for row in rows:
            if row.booking_id in known:
                _leave_out(connection, known[row.booking_id], row.row_hash, now)
        added = [
            {
                "site_id": site_id,
                "account_id": account_id,
                "booking_id": row.booking_id,
                "agent_id": row.agent_id,
                "calendar_id": row.calendar_id,
                "event_id": row.event_id,
                "generation": 0,
                "state": MappingState.LEFT_OUT.value,
                "booking_hash": row.row_hash,
                "starts_at": row.span.start,
                "ends_at": row.span.end,
                "changed_at": now,
                **(_NO_EVENT | dict.fromkeys(_NULLS)),
            }
            for row in rows
            if row.booking_id not in known
        ]
        if added:
            connection.execute(insert(mappings), added)


def take_in_again(db: Database | Connection, account_id: int, now: datetime) -> int:
    """What was left out comes with the next plan, if it is wanted; how many there were."""
    left_out = update(mappings).where(_C.account_id == account_id, _C.state == MappingState.LEFT_OUT.value)
    with writing(db) as connection:
        return connection.execute(left_out.values(state=MappingState.GONE.value, changed_at=now)).rowcount


def count_left_out(db: Database | Connection, account_id: int) -> int:
    query = select(func.count()).where(_C.account_id == account_id, _C.state == MappingState.LEFT_OUT.value)
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def count_standing(db: Database | Connection, account_id: int) -> int:
    """How many events of ours stand in the account's calendars as far as we know, past ones too."""
    standing = (MappingState.LIVE.value, MappingState.RETIRED.value)
    query = select(func.count()).where(_C.account_id == account_id, _C.state.in_(standing), _C.etag != "")
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


_NULLS = tuple(name for name, value in _NO_EVENT.items() if value is not False and value != "")


def _leave_out(connection: Connection, mapping_id: int, row_hash: str, now: datetime) -> None:
    left_out = update(mappings).where(_C.id == mapping_id)
    connection.execute(
        left_out.values(**_NO_EVENT, state=MappingState.LEFT_OUT.value, booking_hash=row_hash, changed_at=now)
    )


def _known(connection: Connection, account_id: int, booking_ids: Collection[int]) -> dict[int, int]:
    """Mapping by booking."""
    query = select(_C.booking_id, _C.id).where(_C.account_id == account_id)
    return {
        booking_id: mapping_id
        for some in chunks(booking_ids)
        for booking_id, mapping_id in connection.execute(query.where(_C.booking_id.in_(some)))
    }
