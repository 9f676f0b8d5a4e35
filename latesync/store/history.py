"""What was done to which booking's event, why, and what came of it. Codes, numbers and instants only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert

from latesync.store.database import Database, writing
from latesync.store.trust_schema import history

Detail = Mapping[str, str | int]


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
            "why": entry.why,
            "result": entry.result,
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
