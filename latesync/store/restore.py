"""A backup's rows in place of whatever state there is: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, inspect, or_, select, text, update

from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.store.comparisons import ask_all_for_comparison
from latesync.store.consent_schema import outbox
from latesync.store.database import Database
from latesync.store.dump import Record, write_records
from latesync.store.migrate import RESTORING, make_older_tables, migrate, record_version, version_of
from latesync.store.schema import accounts, calendars, metadata, sites
from latesync.store.version import HEAD, REVISIONS


def check_revision(revision: str) -> None:
    """Raises WrongInput for a backup of tables this program does not know."""
    if revision not in REVISIONS:
        raise WrongInput("A newer LateSync made this backup. Install that version here, then restore.")


def has_state(db: Database) -> bool:
    """Whether there is anything that a restore would lose; a site's mere number is not."""
    with db.read() as connection:
        there = set(inspect(connection).get_table_names())
        return any(
            connection.execute(select(*table.primary_key.columns).limit(1)).first() is not None
            for table in metadata.sorted_tables
            if table.name in there and table is not sites
        )


def is_at_work(db: Database, now: datetime) -> bool:
    """Whether some worker holds an account just now."""
    query = select(accounts.c.id).where(accounts.c.lease_until > now).limit(1)
    with db.read() as connection:
        return inspect(connection).has_table(accounts.name) and connection.execute(query).first() is not None


def restore_rows(db: Database, revision: str, records: Iterable[Record], now: datetime) -> int:
    """Replace every row by those of a backup whose tables had this revision; how many that are.

    Of this program's version: in one transaction, with all that was there before until it ends. Of an older
    one: into tables of that version, which are brought up to date afterwards; until then nothing works with
    them, and a restore can be repeated.
    Raises WrongInput for a backup that does not fit, StateNotReady when the tables here are newer.
    """
    check_revision(revision)
    if revision != HEAD:
        return _restore_older(db, revision, records, now)
    with db.read() as connection:
        is_unfinished = version_of(connection) == RESTORING
    if is_unfinished:
        _drop_tables(db)
    migrate(db)
    with db.write() as connection:
        _delete_rows(connection)
        count = write_records(connection, records)
        _begin_anew(connection, now)
    return count


def _restore_older(db: Database, revision: str, records: Iterable[Record], now: datetime) -> int:
    _drop_tables(db)
    make_older_tables(db, revision)
    with db.write() as connection:
        count = write_records(connection, records)
        record_version(connection, revision)
    migrate(db)
    with db.write() as connection:
        _begin_anew(connection, now)
    return count


def _delete_rows(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())


def _drop_tables(db: Database) -> None:
    """Our own tables and the note of their version; whatever else is in the database stays."""
    with db.write_alone("migration") as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        there = set(inspect(connection).get_table_names())
        for table in reversed(metadata.sorted_tables):
            if table.name in there:
                table.drop(connection)


def _begin_anew(connection: Connection, now: datetime) -> None:
    """What was copied from another machine is in nobody's hands: no leases, and everything is due.

    Busy times are told to the site again, and a mail that was being sent goes out. What was written into
    calendars since the backup is found by a full comparison.
    """
    nobody = {"lease_owner": None, "lease_until": None}
    connection.execute(update(accounts).values(**nobody))
    connected = accounts.c.state == AccountState.CONNECTED.value
    connection.execute(update(accounts).where(connected).values(outbound_due_at=now, inbound_due_at=now))
    connection.execute(update(calendars).values(is_unpublished=True))
    ask_all_for_comparison(connection)
    claimed = or_(outbox.c.lease_owner.is_not(None), outbox.c.due_at.is_(None)) & outbox.c.ended_at.is_(None)
    connection.execute(update(outbox).where(claimed).values(due_at=now, **nobody))
