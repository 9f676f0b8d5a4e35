"""Every row of every table goes from one kind of database into another, whole and unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Integer, String, Table, insert, select, update

from latesync.errors import StateNotReady, WrongInput
from latesync.store.clients import record_client
from latesync.store.column_types import Instant
from latesync.store.consent_schema import consents, outbox
from latesync.store.database import Database
from latesync.store.dump import Record, read_records, snapshot, write_records
from latesync.store.migrate import make_older_tables, migrate, require_current
from latesync.store.restore import has_state, is_at_work, restore_rows
from latesync.store.schema import accounts, admins, calendars, metadata, sites
from latesync.store.secrets import SecretBox
from latesync.store.version import HEAD, REVISIONS
from tests.store.builders import HOUR, NOW, SITE, Site

Rows = dict[str, list[tuple[Any, ...]]]


def a_value(column: Any, number: int) -> Any:
    """Something that shows whether it was kept to the letter; each row has its own."""
    for key in column.foreign_keys:
        return a_value(key.column, number)
    if number == 2 and column.nullable:
        return None
    match column.type:
        case Instant():
            return NOW + timedelta(days=number, microseconds=number)
        case Date():
            return date(2026, 3, number)
        case Boolean():
            return number == 1
        case Integer():
            return 7 * number
        case String(length=int(length)) if column.name not in ("problem", "value"):
            return f"{number} {column.name}"[:length]
        case _:
            return f"{number} ä€😀\n\"'\\ {column.name}"


def fill_every_table(database: Database) -> None:
    with database.write() as connection:
        for table in metadata.sorted_tables:
            for number in (1, 2, 3):
                values = {column.name: a_value(column, number) for column in table.columns}
                connection.execute(insert(table).values(**values))


def rows_of(database: Database) -> Rows:
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_ordered(table))]
            for table in metadata.sorted_tables
        }


def _ordered(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def records_of(database: Database) -> list[Record]:
    """Through JSON, as a backup keeps them."""
    with snapshot(database) as connection:
        return [json.loads(json.dumps(record)) for record in read_records(connection)]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """A database of another kind, or at least another one: SQLite."""
    with disposed(Database(f"sqlite:///{tmp_path}/other.db")) as database:
        yield database


@pytest.fixture
def old_home(other: Database, box: SecretBox) -> Site:
    """A site on SQLite, to be moved; that rows leave every kind of server alike is a test of its own."""
    migrate(other)
    with other.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    client_ref = record_client(other, box, SITE, "google", "id-1", "secret-1", "project", [], NOW)
    return Site(other, box, client_ref)


@contextmanager
def disposed(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.dispose()


def copy_rows(source: Database, target: Database) -> None:
    migrate(target)
    with target.write() as connection:
        write_records(connection, records_of(source))


def test_every_row_goes_from_a_server_to_sqlite_unchanged(database: Database, other: Database) -> None:
    fill_every_table(database)
    copy_rows(database, other)
    assert rows_of(other) == rows_of(database)
    assert all(len(rows) == 3 for rows in rows_of(other).values())


def test_every_row_goes_from_sqlite_to_a_server_unchanged(empty: Database, other: Database) -> None:
    migrate(other)
    fill_every_table(other)
    copy_rows(other, empty)
    assert rows_of(empty) == rows_of(other)


def test_new_rows_get_new_numbers_after_a_restore(empty: Database, other: Database) -> None:
    migrate(other)
    fill_every_table(other)
    copy_rows(other, empty)
    with empty.write() as connection:
        new = connection.execute(
            insert(admins).values(email="new@example.com", password_hash="x", created_at=NOW)
        ).inserted_primary_key
    assert new is not None
    assert new[0] > 21


def test_more_rows_than_one_statement_takes_are_all_there(database: Database, other: Database) -> None:
    with database.write() as connection:
        people = [{"email": f"{n}@example.com", "password_hash": "x", "created_at": NOW} for n in range(1201)]
        connection.execute(insert(admins), people)
    copy_rows(database, other)
    assert rows_of(other) == rows_of(database)


def test_a_snapshot_does_not_see_what_is_written_while_it_is_read(site: Site) -> None:
    site.connect(1)
    with snapshot(site.database) as connection:
        records = read_records(connection)
        seen = [next(records)]
        site.connect(2)
        with site.database.write() as other:
            other.execute(insert(admins).values(email="late@example.com", password_hash="x", created_at=NOW))
        seen += records
    rows = [record for record in seen if record[0] == "row"]
    assert "late@example.com" not in json.dumps(rows)
    assert "person-2" not in json.dumps(rows)
    assert "person-1" in json.dumps(rows)


def test_restoring_replaces_everything_and_leaves_nobody_at_work(old_home: Site, empty: Database) -> None:
    account_id = old_home.connect()
    old_home.claim(owner="the old machine", now=NOW)
    with old_home.database.write() as connection:
        connection.execute(update(calendars).values(is_unpublished=False))
        mail = {"site_id": SITE, "kind": "reminder", "created_at": NOW}
        connection.execute(insert(outbox), [mail | {"key": "sending", "lease_owner": "the old machine"}])
        connection.execute(insert(outbox), [mail | {"key": "sent", "ended_at": NOW, "ended_as": "sent"}])
    migrate(empty)
    with empty.write() as connection:
        connection.execute(insert(sites).values(id="ffffffffffff", created_at=NOW))
        connection.execute(insert(admins).values(email="x@example.com", password_hash="x", created_at=NOW))

    restore_rows(empty, HEAD, records_of(old_home.database), NOW + HOUR)

    with empty.read() as connection:
        assert connection.scalars(select(sites.c.id)).all() == [SITE]
        assert connection.execute(select(admins)).all() == []
        account = connection.execute(select(accounts)).one()
        mails = {row.key: row.due_at for row in connection.execute(select(outbox.c.key, outbox.c.due_at))}
        assert connection.scalar(select(calendars.c.is_unpublished))
    assert account.id == account_id
    assert (account.lease_owner, account.lease_until) == (None, None)
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW + HOUR, NOW + HOUR)
    assert mails == {"sending": NOW + HOUR, "sent": None}
    assert not is_at_work(empty, NOW + HOUR)


def test_rows_that_break_off_leave_what_was_there(old_home: Site, empty: Database) -> None:
    migrate(empty)
    fill_every_table(empty)
    before = rows_of(empty)
    old_home.connect()

    def breaking_off() -> Iterator[Record]:
        yield from records_of(old_home.database)[:6]
        raise WrongInput("the file is damaged")

    with pytest.raises(WrongInput):
        restore_rows(empty, HEAD, breaking_off(), NOW)
    assert rows_of(empty) == before


@pytest.mark.parametrize(
    "strange",
    [
        ["table", "wp_users", ["id"]],
        ["table", "sites", ["id", "no_such_column"]],
        ["row", [1]],
        ["something", 1],
    ],
)
def test_records_that_fit_nowhere_are_refused(other: Database, strange: Record) -> None:
    with pytest.raises(WrongInput, match="cannot take over"):
        restore_rows(other, HEAD, [["table", "sites", ["id", "created_at"]], strange], NOW)


def test_rows_of_an_older_version_are_brought_up_to_date(empty: Database) -> None:
    """Version 0003 makes the first consent out of each account; a mere copy of the rows would miss it."""
    records = older_records()

    restore_rows(empty, REVISIONS[1], records, NOW + HOUR)

    require_current(empty)
    with empty.read() as connection:
        (consent,) = connection.execute(select(consents)).all()
        account = connection.execute(select(accounts)).one()
    assert consent.account_id == account.id
    assert account.outbound_due_at == NOW + HOUR


def test_an_older_backup_that_broke_off_is_said_and_can_be_repeated(empty: Database) -> None:
    records = older_records()

    def breaking_off() -> Iterator[Record]:
        yield records[0]
        raise WrongInput("the power is gone")

    with pytest.raises(WrongInput, match="the power"):
        restore_rows(empty, REVISIONS[1], breaking_off(), NOW)
    for attempt in (require_current, migrate):
        with pytest.raises(StateNotReady, match="latesync restore again"):
            attempt(empty)
    assert not has_state(empty)

    restore_rows(empty, REVISIONS[1], records, NOW)
    assert has_state(empty)


def test_a_current_backup_goes_in_where_an_older_one_broke_off(empty: Database, old_home: Site) -> None:
    make_older_tables(empty, REVISIONS[1])
    old_home.connect()
    restore_rows(empty, HEAD, records_of(old_home.database), NOW)
    require_current(empty)
    assert has_state(empty)


def test_a_backup_of_a_newer_version_is_refused(empty: Database) -> None:
    with pytest.raises(WrongInput, match="newer LateSync"):
        restore_rows(empty, "9999", [], NOW)


def test_a_sites_mere_number_is_no_state(empty: Database) -> None:
    assert not has_state(empty)
    assert not is_at_work(empty, NOW)
    migrate(empty)
    with empty.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    assert not has_state(empty)
    with empty.write() as connection:
        connection.execute(insert(admins).values(email="x@example.com", password_hash="x", created_at=NOW))
    assert has_state(empty)


def test_a_living_lease_is_somebody_at_work(site: Site) -> None:
    site.connect()
    assert not is_at_work(site.database, NOW)
    site.claim()
    assert is_at_work(site.database, NOW)
    assert not is_at_work(site.database, NOW + HOUR)


def older_records() -> list[Record]:
    """A signed-in agent, as a LateSync of version 0002 put it into a backup."""
    site = {"id": SITE, "newest_booking_id": 0, "created_at": NOW}
    client = {
        "id": 3,
        "site_id": SITE,
        "provider": "google",
        "client_id": "id-1",
        "client_secret": "sealed",
        "redirect_uris": "[]",
        "uploaded_at": NOW,
        "is_current": True,
    }
    account = {
        "id": 5,
        "site_id": SITE,
        "agent_id": 1,
        "provider": "google",
        "subject": "person-1",
        "email": "agent@example.com",
        "client_ref": 3,
        "state": "connected",
        "refresh_token": "sealed",
        "scopes": "calendar",
        "consented_at": NOW,
        "write_calendar_id": "primary",
        "tentative_blocks": True,
        "failures": 0,
        "created_at": NOW,
    }
    records: list[Record] = []
    for name, row in (("sites", site), ("clients", client), ("accounts", account)):
        plain = [value.isoformat() if isinstance(value, datetime) else value for value in row.values()]
        records += [["table", name, list(row)], ["row", plain]]
    return records
