"""Who asked for no more mail. who: "agent:3" or "admin:1"."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from latesync.store.consent_schema import mail_stops
from latesync.store.database import Database, reading, writing
from latesync.store.statements import put_row


def agent_name(agent_id: int) -> str:
    return f"agent:{agent_id}"


def admin_name(admin_id: int) -> str:
    return f"admin:{admin_id}"


def stop_mail(db: Database | Connection, site_id: str, who: str, now: datetime) -> None:
    with writing(db) as connection:
        put_row(connection, mail_stops, site_id, {"who": who}, {"stopped_at": now})


def resume_mail(db: Database | Connection, site_id: str, who: str) -> None:
    with writing(db) as connection:
        connection.execute(delete(mail_stops).where(mail_stops.c.site_id == site_id, mail_stops.c.who == who))


def is_stopped(db: Database | Connection, site_id: str, who: str) -> bool:
    query = select(mail_stops.c.who).where(mail_stops.c.site_id == site_id, mail_stops.c.who == who)
    with reading(db) as connection:
        return connection.scalar(query) is not None
