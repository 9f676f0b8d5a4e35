"""The booking sites LateSync serves, and each one's settings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from latesync.store.database import Database, reading, writing
from latesync.store.schema import settings, sites
from latesync.store.statements import problem_values, put_row


@dataclass(frozen=True, slots=True)
class SiteRow:
    """looked_at: the last complete look at the bookings. problem: why there is none now, a code.

    home_url: which booking site this is. stopped_for: why nothing is done until a person has answered.
    """

    id: str
    zone: str | None
    newest_booking_id: int
    looked_at: datetime | None
    problem: str | None
    problem_since: datetime | None
    home_url: str | None
    stopped_for: str | None
    stopped_at: datetime | None
    seen_home_url: str | None
    turn: str | None
    next_turn: str | None
    created_at: datetime


_FIRST_ID = select(sites.c.id).order_by(sites.c.created_at, sites.c.id).limit(1)
_THIS = sites.c.id == bindparam("site")
_SET_PROBLEM = update(sites).where(_THIS).ordered_values(*problem_values(sites))


def ensure_site(db: Database, now: datetime) -> str:
    """The site's id, 12 hex; made at first use and never changed, for it stands in every event's marker."""
    with db.read() as connection:
        known: str | None = connection.scalar(_FIRST_ID)
    if known is not None:
        return known
    with db.write_alone("first site") as connection:
        return connection.scalar(_FIRST_ID) or _make_site(connection, now)


def read_site(db: Database | Connection, site_id: str) -> SiteRow:
    with reading(db) as connection:
        row = connection.execute(select(sites).where(_THIS), {"site": site_id}).one()
        return SiteRow(**row._mapping)


def record_site_look(db: Database | Connection, site_id: str, newest_booking_id: int, now: datetime) -> None:
    """The site's bookings were read completely: whatever was wrong with the site is over."""
    with writing(db) as connection:
        connection.execute(
            update(sites)
            .where(sites.c.id == site_id)
            .values(newest_booking_id=newest_booking_id, looked_at=now, problem=None, problem_since=None)
        )


def record_site_problem(db: Database | Connection, site_id: str, problem: str | None, now: datetime) -> None:
    """problem_since stays while the same problem lasts."""
    with writing(db) as connection:
        connection.execute(_SET_PROBLEM, {"site": site_id, "new_problem": problem, "at": now})


def read_setting(db: Database | Connection, site_id: str, name: str) -> str | None:
    with reading(db) as connection:
        value: str | None = connection.scalar(
            select(settings.c.value).where(settings.c.site_id == site_id, settings.c.name == name)
        )
        return value


def write_setting(db: Database | Connection, site_id: str, name: str, value: str) -> None:
    with writing(db) as connection:
        put_row(connection, settings, site_id, {"name": name}, {"value": value})


def _make_site(connection: Connection, now: datetime) -> str:
    site_id = secrets.token_hex(6)
    connection.execute(insert(sites).values(id=site_id, created_at=now))
    return site_id
