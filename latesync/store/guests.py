"""Who was invited to an event, its meeting link, and since when an account's events were in step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from latesync.model import Mapping, MappingState
from latesync.store.database import Database, reading, writing
from latesync.store.mappings import THIS, given, mapping_from
from latesync.store.schema import accounts, mappings

ASKED = "asked"  # of the provider, whose answer comes later
MADE = "made"  # the link is there, and the site does not know it yet
TOLD = "told"
FAILED = "failed"  # the provider, or the site, would not take it

_C = mappings.c
_OPEN = (
    select(mappings)
    .where(
        _C.account_id == bindparam("account"),
        _C.meeting.in_((ASKED, MADE)),
        _C.state == MappingState.LIVE.value,
    )
    .order_by(_C.starts_at, _C.id)
)
_GUEST_LEFT_OUT = select(func.count()).where(
    _C.site_id == bindparam("site"),
    _C.state == MappingState.LIVE.value,
    _C.ends_at > bindparam("at", type_=_C.ends_at.type),
    _C.guests_hash.like("-%"),
)


def record_guests(db: Database | Connection, mapping_id: int, guests_hash: str) -> None:
    """guests_hash: of plan/invitations.py; "" for nobody."""
    _record(db, mapping_id, guests_hash=guests_hash)


def record_meeting(db: Database | Connection, mapping_id: int, meeting: str, now: datetime) -> None:
    """meeting: one of the words above. now: it is waited for from then on."""
    _record(db, mapping_id, meeting=meeting, changed_at=now)


def open_meetings(db: Database | Connection, account_id: int) -> list[tuple[Mapping, datetime]]:
    """Living events whose link is not made, or not told to the site, and since when; soonest first."""
    with reading(db) as connection:
        rows = connection.execute(_OPEN, {"account": account_id})
        return [(mapping_from(row), row.changed_at) for row in rows]


def count_guests_left_out(db: Database | Connection, site_id: str, now: datetime) -> int:
    """Events to come whose guest the provider would not take (plan/invitations.py: LEFT_OUT)."""
    with reading(db) as connection:
        return int(connection.scalar(_GUEST_LEFT_OUT, {"site": site_id, "at": now}) or 0)


def record_in_step_since(db: Database | Connection, account_id: int, in_step: str | None) -> None:
    """What plan/invitations.py notes when an account's events are all as wanted; None: that is not known."""
    noted = update(accounts).where(accounts.c.id == account_id).values(in_step=in_step)
    with writing(db) as connection:
        connection.execute(noted)


def _record(db: Database | Connection, mapping_id: int, **values: Any) -> None:
    changed = update(mappings).where(THIS).values(**given(*values))
    named = {f"new_{name}": value for name, value in values.items()}
    with writing(db) as connection:
        connection.execute(changed, {"mapping": mapping_id, **named})
