"""Connections and transactions: what is kept, what waits, and what a broken database looks like."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Executable, Integer, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from latesync.errors import StateUnavailable, WrongInput
from latesync.store.database import Database
from latesync.store.schema import admins, metadata, sites
from latesync.store.sites import ensure_site, read_setting, write_setting
from tests.store.builders import NOW, SITE, Site

LOOK_AND_LEAVE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT COUNT(*) FROM admins").fetchone()[0])
connection.close()
"""


def test_another_process_that_looks_and_leaves_takes_no_commit_along(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    with database.read(), database.read():  # two connections: the second must not touch the first one's locks
        pass
    _look_and_leave(path)
    with database.write() as connection:
        connection.execute(admins.insert().values(email="a@example.test", password_hash="x", created_at=NOW))
    assert _look_and_leave(path) == "1"
    database.dispose()


def _look_and_leave(path: Path) -> str:
    command = [sys.executable, "-c", LOOK_AND_LEAVE, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_failed_transaction_keeps_nothing(database: Database) -> None:
    first = sites.insert().values(id=SITE, created_at=NOW)
    with pytest.raises(IntegrityError), database.write() as connection:
        _execute_all(connection, first, first)
    with database.read() as connection:
        assert connection.execute(select(sites)).all() == []


def test_many_threads_that_read_and_then_write_lose_no_update(site: Site) -> None:
    """A read that turns into a write fails on SQLite unless it asked to write at once."""

    def count_up() -> None:
        for _ in range(10):
            with site.database.write() as connection:
                newest = connection.scalar(select(sites.c.newest_booking_id).with_for_update())
                connection.execute(update(sites).values(newest_booking_id=(newest or 0) + 1))

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(count_up) for _ in range(8)]:
            future.result()
    with site.database.read() as connection:
        assert connection.scalar(select(sites.c.newest_booking_id)) == 80


def test_readers_do_not_wait_for_a_writer(site: Site) -> None:
    with site.database.write() as writer:
        writer.execute(update(sites).values(newest_booking_id=5))
        with site.database.read() as reader:
            assert reader.scalar(select(sites.c.newest_booking_id)) == 0


def test_forty_threads_have_a_connection_each(database: Database) -> None:
    inside, leave = [Event() for _ in range(40)], Event()

    def hold(arrived: Event) -> None:
        with database.read():
            arrived.set()
            assert leave.wait(30)

    with ThreadPoolExecutor(40) as pool:
        held = [pool.submit(hold, arrived) for arrived in inside]
        assert all(arrived.wait(30) for arrived in inside)
        leave.set()
        for future in held:
            future.result()


def test_instants_keep_their_microseconds_and_their_zone(site: Site) -> None:
    with site.database.read() as connection:
        assert connection.scalar(select(sites.c.created_at)) == NOW


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="aware datetimes only"), database.write() as connection:
        connection.execute(sites.insert().values(id=SITE, created_at=datetime(2026, 1, 1)))


def test_a_broken_rule_of_ours_is_not_called_an_outage(database: Database) -> None:
    admin = {"email": "a@example.com", "password_hash": "", "created_at": NOW}
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(admins.insert(), [admin, admin])


def test_an_error_text_shows_none_of_the_values(database: Database) -> None:
    admin = {"email": "dana@example.com", "password_hash": "argon", "created_at": NOW}
    with pytest.raises(IntegrityError) as failure, database.write() as connection:
        connection.execute(admins.insert(), [admin | {"id": 1}, admin | {"id": 2, "email": None}])
    text_of_all = "".join(traceback.format_exception(failure.value))
    assert "argon" not in text_of_all
    assert "dana" not in text_of_all


def test_a_fault_in_our_sql_is_not_called_an_outage(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_settings_keep_the_last_value_whoever_writes_it(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write_setting, site.database, SITE, "language", "de") for _ in range(8)]
        for write in writes:
            write.result()
    write_setting(site.database, SITE, "language", "ein “längerer” Wert 🙂")
    assert read_setting(site.database, SITE, "language") == "ein “längerer” Wert 🙂"
    assert read_setting(site.database, SITE, "colour") is None


def test_processes_that_start_at_once_make_one_site(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = {future.result() for future in [pool.submit(ensure_site, database, NOW) for _ in range(6)]}
    (site_id,) = made
    assert len(site_id) == 12
    assert int(site_id, 16) >= 0
    assert ensure_site(database, NOW) == site_id


# --- addresses and outages --------------------------------------------------------------------


def test_the_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE booking (id INTEGER)"))
        rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert rights == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


def test_sqlite_is_set_up_as_it_was_measured(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path}/state.db").read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 5000, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["sqlite:///{folder}/none/state.db", "sqlite:///{folder}"])
def test_a_file_that_cannot_be_opened_is_an_outage(url: str, tmp_path: Path) -> None:
    with pytest.raises(StateUnavailable), Database(url.format(folder=tmp_path)).read():
        pass


def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("these are not bookings" * 100)
    with pytest.raises(StateUnavailable), Database(f"sqlite:///{tmp_path}/state.db").read():
        pass


def test_a_database_locked_for_too_long_is_an_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateUnavailable), database.write():
        pass
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://latesync:secret@127.0.0.1:1/latesync",
        "mariadb://latesync:secret@127.0.0.1:1/latesync",
        "postgresql://latesync:secret@127.0.0.1:1/latesync",
    ],
)
def test_a_server_that_is_not_there_is_an_outage_and_its_password_stays_secret(url: str) -> None:
    with pytest.raises(StateUnavailable) as failure, Database(url).read():
        pass
    assert "secret" not in str(failure.value)


def test_a_connection_that_the_server_closed_is_replaced(server_database: Database) -> None:
    with pytest.raises(StateUnavailable):
        _ask_after_the_end(server_database)
    with server_database.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_database_that_does_not_exist_is_an_outage(server_database: Database) -> None:
    elsewhere = server_database.url.set(database="no_such_database")
    with pytest.raises(StateUnavailable), Database(elsewhere.render_as_string(hide_password=False)).read():
        pass


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("mysql://u:p@host/db", "mysql+pymysql://u:p@host/db?charset=utf8mb4"),
        ("mariadb://u:p@host/db", "mysql+pymysql://u:p@host/db?charset=utf8mb4"),
        ("mysql+pymysql://u@host/db?charset=latin1", "mysql+pymysql://u@host/db?charset=utf8mb4"),
        ("postgresql://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
        ("postgres://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
    ],
)
def test_addresses_are_taken_as_people_write_them(given: str, used: str) -> None:
    assert Database(given).url.render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("", "It looks like sqlite:"),
        ("state.db", "It looks like sqlite:"),
        ("oracle://host/db", "cannot keep its state in oracle"),
        ("sqlite://", "Name one: sqlite:"),
        ("sqlite:///:memory:", "Name one: sqlite:"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(url: str, remedy: str) -> None:
    with pytest.raises(WrongInput, match=remedy):
        Database(url)


def _execute_all(connection: Connection, *statements: Executable) -> None:
    for statement in statements:
        connection.execute(statement)


def _ask_after_the_end(database: Database) -> None:
    with database.read() as connection:
        _end_other_connections(database)
        connection.execute(text("SELECT 1"))


def _end_other_connections(database: Database) -> None:
    """As an administrator or a restart does; each test has a database of its own."""
    if database.engine.dialect.name == "postgresql":
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        kill = f"{others} AND pid <> pg_backend_pid()"
        with database.write() as connection:
            connection.execute(text(kill))
        return
    with database.write() as connection:
        others = "SELECT id FROM information_schema.processlist WHERE db = database()"
        ids = connection.scalars(text(f"{others} AND id <> connection_id()").columns(id=Integer)).all()
        for each in ids:
            connection.execute(text(f"KILL {each}"))
