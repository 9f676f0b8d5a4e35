"""What was set aside is tried again because a person asked, not because its booking changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from latesync.booking_parts import with_parts
from latesync.model import MappingState
from latesync.store.database import Database, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import mappings

_C = mappings.c


def retry_set_aside(
    db: Database | Connection, site_id: str, booking_id: int, now: datetime, *, who: Who
) -> set[int]:
    """Let the next plan write the booking's events once more; the agents in whose calendars it was refused.

    Empty: nothing of this booking is set aside. Either all of it is noted and due, or nothing.
    """
    is_set_aside = (
        (_C.site_id == site_id)
        & _C.booking_id.in_(with_parts([booking_id]))
        & (_C.state == MappingState.SET_ASIDE.value)
    )
    with writing(db) as connection:
        rows = connection.execute(
            select(_C.agent_id, _C.account_id, _C.booking_id, _C.problem).where(is_set_aside)
        ).all()
        # No content equals this one, so the plan takes it for one that was never asked for.
        connection.execute(update(mappings).where(is_set_aside).values(content_hash="", changed_at=now))
        agents = {row.agent_id for row in rows}
        if agents:
            pull_forward(connection, site_id, agents, now, outbound=True, inbound=False)
        entries = [
            Entry(
                at=now,
                who=who,
                what=What.EVENT_RETRIED,
                why=row.problem,
                agent_id=row.agent_id,
                account_id=row.account_id,
                booking_id=row.booking_id,
            )
            for row in rows
        ]
        record_history(connection, site_id, entries)
    return agents
