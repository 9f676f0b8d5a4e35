"""What goes along when an agent's bookings are written to another of their accounts."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select, update

from latesync.model import MappingState
from latesync.store.database import Database, writing
from latesync.store.left_out import LeftOut, record_left_out, take_in_again
from latesync.store.mappings import IN_FORCE, mapping_from
from latesync.store.schema import mappings

_C = mappings.c


def carry_left_out(
    connection: Connection, site_id: str, from_account: int, to_account: int, now: datetime
) -> None:
    """What waits in one account until it changes waits in the other from now on, and nothing else does.

    Whoever asked for new bookings only must not get all of them by changing to another provider.
    """
    take_in_again(connection, to_account, now)
    in_force = set(
        connection.scalars(select(_C.booking_id).where(_C.account_id == to_account, _C.state.in_(IN_FORCE)))
    )
    left_out = select(mappings).where(_C.account_id == from_account, _C.state == MappingState.LEFT_OUT.value)
    rows = [mapping_from(row) for row in connection.execute(left_out)]
    carried = [
        LeftOut(
            booking_id=row.booking_id,
            agent_id=row.agent_id,
            calendar_id=row.calendar_id,
            event_id=_never_an_event(to_account, row.booking_id),
            span=row.span,
            row_hash=row.booking_hash,
        )
        for row in rows
        if row.booking_id not in in_force
    ]
    record_left_out(connection, site_id, to_account, carried, now)


def record_notes_carried(
    db: Database | Connection, mapping_id: int, *, etag_before: str, etag: str, now: datetime
) -> bool:
    """We wrote the agent's own lines into this event. False: it was not as known any more, and the next look
    at its calendar tells what it is."""
    noted = update(mappings).where(_C.id == mapping_id, _C.etag == etag_before)
    with writing(db) as connection:
        values = {"etag": etag, "has_agent_notes": True, "changed_at": now}
        return connection.execute(noted.values(**values)).rowcount == 1


def _never_an_event(account_id: int, booking_id: int) -> str:
    """An id that no provider makes and nothing derives: every row of an account needs its own."""
    return hashlib.sha256(f"left out|{account_id}|{booking_id}".encode()).hexdigest()[:32]
