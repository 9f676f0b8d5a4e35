"""What was done to which booking's event, why, and what came of it. Codes, numbers and instants only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from latesync.booking_parts import booking_of, is_buffer, part_of, with_parts
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts
from latesync.store.statements import CHUNK
from latesync.store.trust_schema import history

Detail = Mapping[str, str | int]
WHY_LENGTH, RESULT_LENGTH = 64, 48  # of the columns; a vendor's code may be longer


class Who(StrEnum):
    LATESYNC = "latesync"
    AGENT = "agent"
    OWNER = "owner"
    SITE = "site"


class What(StrEnum):
    """Each has its sentence in history_sentences.py."""

    EVENT_CREATED = "event_created"
    EVENT_ADOPTED = "event_adopted"
    EVENT_UPDATED = "event_updated"
    EVENT_DELETED = "event_deleted"
    EVENT_LET_GO = "event_let_go"
    EVENT_SET_ASIDE = "event_set_aside"
    EVENT_RETRIED = "event_retried"
    STRAY_DELETED = "stray_deleted"
    DRIFT_SEEN = "drift_seen"
    BOOKING_MOVED = "booking_moved"
    BOOKING_CANCELLED = "booking_cancelled"
    WISH_REFUSED = "wish_refused"
    GUEST_INVITED = "guest_invited"
    GUEST_LEFT_OUT = "guest_left_out"
    MEETING_MADE = "meeting_made"
    PLAN_HELD = "plan_held"
    PLAN_RELEASED = "plan_released"
    PLAN_REJECTED = "plan_rejected"
    BUSY_CHANGED = "busy_changed"
    CALENDAR_LOST = "calendar_lost"
    CALENDAR_BACK = "calendar_back"
    COMPARED = "compared"
    RESET_ASKED = "reset_asked"
    RESET_DONE = "reset_done"
    RESET_CANCELLED = "reset_cancelled"
    PAUSED = "paused"
    RESUMED = "resumed"
    CONNECTED = "connected"
    SIGNED_OUT = "signed_out"
    DISCONNECTED = "disconnected"
    CALENDARS_CHOSEN = "calendars_chosen"
    SETTINGS_CHANGED = "settings_changed"
    SITE_STOPPED = "site_stopped"
    SITE_CONFIRMED = "site_confirmed"
    OTHER = "other"  # written by a newer program


@dataclass(frozen=True, slots=True)
class Entry:
    """why: a Reason of the plan, or a code. result: "" for done, else a code. run: shared within one run."""

    at: datetime
    who: Who
    what: What
    why: str = ""
    result: str = ""
    agent_id: int | None = None
    account_id: int | None = None
    booking_id: int | None = None
    run: str | None = None
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HistoryRow(Entry):
    """An entry as it was kept. Newer entries have higher ids, whatever a clock did meanwhile.

    provider: of its account; "" for one without, and where the account is forgotten.
    """

    id: int = 0
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None asks for all."""

    agent_id: int | None = None
    booking_id: int | None = None
    run: str | None = None
    what: What | None = None
    since: datetime | None = None


EVERYTHING = Wanted()
_WHOS = {who.value: who for who in Who}
_WHATS = {what.value: what for what in What}
_AT_ONCE = 1000


def record_history(db: Database | Connection, site_id: str, entries: Sequence[Entry]) -> None:
    """Add entries; in the transaction of what they tell, where there is one."""
    if not entries:
        return
    rows = [
        {
            "site_id": site_id,
            "at": entry.at,
            "who": entry.who.value,
            "what": entry.what.value,
            "why": entry.why[:WHY_LENGTH],
            "result": entry.result[:RESULT_LENGTH],
            "agent_id": entry.agent_id,
            "account_id": entry.account_id,
            "booking_id": entry.booking_id,
            "run": entry.run,
            "detail": json.dumps(entry.detail, sort_keys=True) if entry.detail else None,
        }
        for entry in entries
    ]
    with writing(db) as connection:
        connection.execute(insert(history), rows)


def record_of_account(
    connection: Connection,
    account_id: int,
    what: What,
    now: datetime,
    *,
    who: Who,
    why: str = "",
    detail: Detail | None = None,
) -> None:
    """Something that concerns a whole account and none of its bookings."""
    whose = select(accounts.c.site_id, accounts.c.agent_id).where(accounts.c.id == account_id)
    found = connection.execute(whose).first()
    if found is None:
        return
    entry = Entry(
        at=now,
        who=who,
        what=what,
        why=why,
        agent_id=found.agent_id,
        account_id=account_id,
        detail=detail or {},
    )
    record_history(connection, found.site_id, [entry])


def read_history(
    db: Database | Connection,
    site_id: str,
    wanted: Wanted = EVERYTHING,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[HistoryRow]:
    """The newest first. before: an id; only what is older than that entry."""
    query = _query(site_id, wanted, before).limit(limit)
    with reading(db) as connection:
        return [_row(row) for row in connection.execute(query)]


def stream_history(db: Database, site_id: str, wanted: Wanted = EVERYTHING) -> Iterator[HistoryRow]:
    """All of them, the newest first, read a thousand at a time: no transaction waits for a slow reader."""
    before = None
    while some := read_history(db, site_id, wanted, before=before, limit=_AT_ONCE):
        yield from some
        before = some[-1].id


def prune_history(db: Database | Connection, older_than: datetime) -> int:
    """From the oldest on, while any goes; how many went. Ids follow time, so that none is searched."""
    oldest = select(history.c.id, history.c.at).order_by(history.c.id).limit(CHUNK)
    deleted = 0
    with writing(db) as connection:
        while True:
            rows = connection.execute(oldest).all()
            old = [row.id for row in rows if row.at < older_than]
            if not old:
                return deleted
            connection.execute(delete(history).where(history.c.id.in_(old)))
            deleted += len(old)


def _query(site_id: str, wanted: Wanted, before: int | None) -> Select[Any]:
    c = history.c
    exact = {
        c.agent_id: wanted.agent_id,
        c.run: wanted.run,
        c.what: wanted.what.value if wanted.what else None,
    }
    whose = history.outerjoin(accounts, accounts.c.id == c.account_id)
    query = select(history, accounts.c.provider).select_from(whose)
    query = query.where(c.site_id == site_id).order_by(c.id.desc())
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    if wanted.booking_id is not None:
        query = query.where(c.booking_id.in_(sorted(with_parts([wanted.booking_id]))))
        # A sum is in no index: the few entries are found by their booking, not by going through all.
        query = query.order_by(None).order_by((c.id + 0).desc())
    if before is not None:
        query = query.where(c.id < before)
    if wanted.since is not None:
        query = query.where(c.at >= wanted.since)
    return query


def _row(row: Row[Any]) -> HistoryRow:
    """What a newer program wrote reads as this one can say it: its code, in `why`."""
    what = _WHATS.get(row.what)
    detail = json.loads(row.detail) if row.detail else {}
    if row.booking_id is not None and is_buffer(row.booking_id):
        detail["part"] = part_of(row.booking_id).value
    return HistoryRow(
        id=row.id,
        provider=row.provider or "",
        at=row.at,
        who=_WHOS.get(row.who, Who.LATESYNC),
        what=what or What.OTHER,
        why=row.why if what else row.what,
        result=row.result,
        agent_id=row.agent_id,
        account_id=row.account_id,
        booking_id=None if row.booking_id is None else booking_of(row.booking_id),
        run=row.run,
        detail=detail,
    )
