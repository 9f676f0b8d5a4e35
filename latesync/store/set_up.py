"""What the owner skipped or finished in the guided set-up, and whether anybody was invited yet."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from latesync.model import MappingState
from latesync.options import Publishing
from latesync.store.clients import PUBLISHING_STATUS
from latesync.store.consent_schema import outbox
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, mappings, personal_links
from latesync.store.sites import read_setting, write_setting
from latesync.store.statements import lock_site

PROJECT_DONE = "project_done"  # the owner says so: nothing at Google can be asked about it
MAIL_SKIPPED = "mail_skipped"
LINKS_MADE = "links_made"
FINISHED = "finished"
USES = {"google": "uses_google", "microsoft": "uses_microsoft"}  # whose calendars the owner's agents have
MARKS = frozenset({PROJECT_DONE, MAIL_SKIPPED, LINKS_MADE, FINISHED, *USES.values()})
_SETTING, _TESTED = "set_up", "mail_tested"


def read_marks(db: Database | Connection, site_id: str) -> frozenset[str]:
    return frozenset((read_setting(db, site_id, _SETTING) or "").split()) & MARKS


def add_mark(db: Database | Connection, site_id: str, mark: str) -> None:
    _change_marks(db, site_id, added={mark})


def choose_providers(db: Database | Connection, site_id: str, providers: Set[str]) -> None:
    """Which providers the owner wants to set up; from then on it is known that they said so."""
    wanted = {mark for provider, mark in USES.items() if provider in providers}
    _change_marks(db, site_id, added=wanted, removed=set(USES.values()) - wanted)


def remove_mark(db: Database | Connection, site_id: str, mark: str) -> None:
    _change_marks(db, site_id, removed={mark})


def write_tested_server(db: Database | Connection, site_id: str, stamp: str) -> None:
    """Which mail server took a test message."""
    write_setting(db, site_id, _TESTED, stamp)


def read_tested_server(db: Database | Connection, site_id: str) -> str | None:
    return read_setting(db, site_id, _TESTED)


def write_early_publishing(db: Database | Connection, site_id: str, status: Publishing) -> None:
    """What the owner says of the project before there is a client to say it of."""
    write_setting(db, site_id, PUBLISHING_STATUS, status.value)


def read_early_publishing(db: Database | Connection, site_id: str) -> Publishing | None:
    value = read_setting(db, site_id, PUBLISHING_STATUS)
    return Publishing(value) if value in list(Publishing) else None


@dataclass(frozen=True, slots=True)
class FirstEvent:
    booking_id: int
    agent_id: int
    starts_at: datetime


def first_event(db: Database | Connection, site_id: str) -> FirstEvent | None:
    """The first booking that stands in a calendar now."""
    query = (
        select(mappings.c.booking_id, mappings.c.agent_id, mappings.c.starts_at)
        .where(mappings.c.site_id == site_id, mappings.c.state == MappingState.LIVE.value)
        .where(mappings.c.booking_id > 0)  # no buffer
        .order_by(mappings.c.id)
        .limit(1)
    )
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else FirstEvent(**row._mapping)


def is_anybody_invited(db: Database | Connection, site_id: str) -> bool:
    """Whether a link was made or mailed, or somebody signed in."""
    queries = (
        select(accounts.c.id).where(accounts.c.site_id == site_id),
        select(personal_links.c.agent_id).where(personal_links.c.site_id == site_id),
        select(outbox.c.id).where(outbox.c.site_id == site_id, outbox.c.kind == "invitation"),
    )
    with reading(db) as connection:
        if LINKS_MADE in read_marks(connection, site_id):
            return True
        return any(connection.execute(query.limit(1)).first() is not None for query in queries)


def _change_marks(
    db: Database | Connection, site_id: str, *, added: Set[str] = frozenset(), removed: Set[str] = frozenset()
) -> None:
    with writing(db) as connection:
        lock_site(connection, site_id)  # of two who mark at once, one would lose the other's
        marks = (read_marks(connection, site_id) | added) - removed
        write_setting(connection, site_id, _SETTING, " ".join(sorted(marks)))
