"""When bookings followed their events, for a while: many in a row are no longer one person's wishes."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from sqlalchemy import Connection

from latesync.store.database import Database, reading, writing
from latesync.store.sites import read_setting, write_setting

MOST_KEPT = 1000  # far more than a plan's brake lets through


def record_wish_granted(
    db: Database | Connection, site_id: str, account_id: int, now: datetime, *, since: datetime
) -> None:
    """A booking was moved or cancelled because its event was; what was before `since` is forgotten."""
    with writing(db) as connection:
        moments = [*_moments(connection, site_id, account_id, since), now][-MOST_KEPT:]
        seconds = " ".join(str(ceil(moment.timestamp())) for moment in moments)
        write_setting(connection, site_id, _name(account_id), seconds)


def count_wishes_granted(db: Database | Connection, site_id: str, account_id: int, since: datetime) -> int:
    with reading(db) as connection:
        return len(_moments(connection, site_id, account_id, since))


def _moments(connection: Connection, site_id: str, account_id: int, since: datetime) -> list[datetime]:
    kept = (read_setting(connection, site_id, _name(account_id)) or "").split()
    moments = (datetime.fromtimestamp(int(seconds), UTC) for seconds in kept)
    return [moment for moment in moments if moment >= since]


def _name(account_id: int) -> str:
    return f"wishes_granted:{account_id}"
