"""Which site this state belongs to: its home address, whether it waits for an answer, and its turns.

A copy gives up everything of the identity it was copied with: accounts with their tokens, client files,
mappings, busy time, mails to be sent. It keeps what the owner chose, and who wants no mail.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, or_, select, update

from latesync.model import Stop
from latesync.store.comparisons import ask_all_for_comparison
from latesync.store.consent_schema import mail_stops
from latesync.store.database import Database, reading, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import accounts, metadata, settings, sites
from latesync.store.sites import SiteRow
from latesync.store.trust_schema import event_settings

# What a copy keeps, under its new id.
KEPT: tuple[Table, ...] = (settings, event_settings, mail_stops)
# Of the settings: what was noted of the old identity's plugin, set-up, links and mails is no choice.
_NOTES = ("set_up", "owner_link", "bridge_protocol", "bridge_unlisted", "person_needed_since")
_WISHES = "wishes_granted:%"  # store/wishes.py: of accounts that are given up
_READABLE = "readable:%"  # store/readable.py: likewise
_C = sites.c


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """home_url: as first seen or last confirmed. stopped_for: a Stop of model.py; None: go on."""

    home_url: str | None
    stopped_for: str | None
    stopped_at: datetime | None
    seen_home_url: str | None
    turn: str | None
    next_turn: str | None

    @property
    def question(self) -> tuple[str, str | None, str | None]:
        """What a person is asked about: (why it is stopped, the remembered address, the one that is seen)."""
        return self.stopped_for or "", self.home_url, self.seen_home_url


_SHOWN = (_C.home_url, _C.stopped_for, _C.stopped_at, _C.seen_home_url, _C.turn, _C.next_turn)
_IN_USE = select(_C.id, _C.stopped_for).order_by(_C.created_at, _C.id).limit(1)


def site_in_use(db: Database | Connection) -> tuple[str, str | None] | None:
    """(id, why it is stopped) of the site this state is for; None before there is one."""
    with reading(db) as connection:
        row = connection.execute(_IN_USE).first()
    return None if row is None else (row.id, row.stopped_for)


def read_identity(db: Database | Connection, site_id: str) -> IdentityRow | None:
    """None: this identity was given up."""
    with reading(db) as connection:
        row = connection.execute(select(*_SHOWN).where(_C.id == site_id)).first()
    return None if row is None else IdentityRow(**row._mapping)


def identity_of(row: SiteRow) -> IdentityRow:
    """The part of a site's row that says which site it is."""
    return IdentityRow(
        row.home_url, row.stopped_for, row.stopped_at, row.seen_home_url, row.turn, row.next_turn
    )


def remember_home(db: Database | Connection, site_id: str, home_url: str) -> bool:
    """The first home address that is seen; one that is remembered already stays."""
    return _change(db, and_(_C.id == site_id, _C.home_url.is_(None)), home_url=home_url)


def stop_site(
    db: Database | Connection, site_id: str, stop: Stop, seen_home_url: str | None, now: datetime
) -> bool:
    """Nothing of the site is done until a person answers. False: it was stopped already; since when stays,
    and so does the first reason."""
    found = {"stopped_for": stop.value, "stopped_at": now, "seen_home_url": seen_home_url}
    with writing(db) as connection:
        is_news = _change(connection, and_(_C.id == site_id, _C.stopped_for.is_(None)), **found)
        if is_news:
            entry = Entry(now, Who.LATESYNC, What.SITE_STOPPED, why=stop.value)
            record_history(connection, site_id, [entry])
    return is_news


def note_other_home(db: Database | Connection, site_id: str, seen_home_url: str) -> bool:
    """While it waits for an answer, the site shows yet another address: the question is about that one."""
    is_asked = and_(_C.id == site_id, _C.stopped_for == Stop.OTHER_HOME.value)
    return _change(db, is_asked, seen_home_url=seen_home_url)


def end_stop(db: Database | Connection, site_id: str, stop: Stop, now: datetime) -> bool:
    """What it was stopped for is over by itself: everything is due again."""
    is_asked = and_(_C.id == site_id, _C.stopped_for == stop.value)
    return _go_on(db, site_id, is_asked, Entry(now, Who.LATESYNC, What.SITE_CONFIRMED, why="home_is_back"))


def confirm_move(db: Database | Connection, site_id: str, seen_home_url: str | None, now: datetime) -> bool:
    """A person says that it is the same site: everything stays, and is due.

    seen_home_url: as the person read it. False: the question is another one by now, or was answered.
    """
    same = _C.seen_home_url.is_(None) if seen_home_url is None else _C.seen_home_url == seen_home_url
    is_asked = and_(_C.id == site_id, _C.stopped_for.is_not(None), same)
    known = {} if seen_home_url is None else {"home_url": seen_home_url}
    entry = Entry(now, Who.OWNER, What.SITE_CONFIRMED, why="moved")
    with writing(db) as connection:
        goes_on = _go_on(connection, site_id, is_asked, entry, **known)
        if goes_on and seen_home_url is None:  # another LateSync has worked on with what was copied
            ask_all_for_comparison(connection, site_id)
    return goes_on


def note_turn(
    db: Database | Connection, site_id: str, known: IdentityRow, *, last: str | None, coming: str
) -> bool:
    """Write the turn to be taken into the state, before the site shows it.

    False: another process of this state did so first.
    """
    unchanged = and_(
        _C.id == site_id,
        _C.turn.is_(None) if known.turn is None else _C.turn == known.turn,
        _C.next_turn.is_(None) if known.next_turn is None else _C.next_turn == known.next_turn,
    )
    return _change(db, unchanged, turn=last, next_turn=coming)


def become_copy(db: Database, site_id: str, home_url: str | None, now: datetime) -> str | None:
    """Give the identity up and begin as another site; returns its id. All or nothing.

    Nobody outside is told, and nothing is given back at a provider: tokens and events are the original's.
    None: it was given up already.
    """
    new_id = secrets.token_hex(6)
    with db.write_alone("identity") as connection:
        known = connection.execute(select(_C.zone).where(_C.id == site_id).with_for_update()).first()
        if known is None:
            return None
        new = {"id": new_id, "zone": known.zone, "home_url": home_url, "created_at": now}
        connection.execute(insert(sites).values(**new))
        name = settings.c.name
        forget_notes = or_(name.in_(_NOTES), name.like(_WISHES), name.like(_READABLE))
        connection.execute(delete(settings).where(settings.c.site_id == site_id, forget_notes))
        for table in KEPT:
            connection.execute(update(table).where(table.c.site_id == site_id).values(site_id=new_id))
        for table in reversed(metadata.sorted_tables):  # those that point at others first
            of_site = belongs_to(table, site_id)
            if of_site is not None and table not in KEPT:
                connection.execute(delete(table).where(of_site))
        connection.execute(delete(sites).where(_C.id == site_id))
        entry = Entry(now, Who.OWNER, What.SITE_CONFIRMED, why="copy")
        record_history(connection, new_id, [entry])
    return new_id


def belongs_to(table: Table, site_id: str) -> ColumnElement[bool] | None:
    """Which of a table's rows are of a site, by its own column or through the rows they point at.

    None for a table whose rows are no site's.
    """
    if "site_id" in table.c:
        return table.c.site_id == site_id
    for key in sorted(table.foreign_keys, key=lambda found: found.parent.name):
        parent = key.column.table
        of_parent = belongs_to(parent, site_id)
        if of_parent is not None:
            return key.parent.in_(select(key.column).where(of_parent))
    return None


def _go_on(
    db: Database | Connection, site_id: str, is_asked: ColumnElement[bool], entry: Entry, **known: str
) -> bool:
    with writing(db) as connection:
        is_news = _change(
            connection, is_asked, stopped_for=None, stopped_at=None, seen_home_url=None, **known
        )
        if is_news:
            pull_forward(connection, site_id, None, entry.at, outbound=True, inbound=True)
            # However short the stop was: what is caught up mails no guest (plan/invitations.py).
            connection.execute(update(accounts).where(accounts.c.site_id == site_id).values(in_step=None))
            record_history(connection, site_id, [entry])
    return is_news


def _change(db: Database | Connection, where: ColumnElement[bool], **values: object) -> bool:
    with writing(db) as connection:
        return connection.execute(update(sites).where(where).values(**values)).rowcount == 1
