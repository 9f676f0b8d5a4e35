"""LateSync's own tables are made, brought up to date, and checked before use."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, bindparam, inspect, select, text
from sqlalchemy.schema import DropIndex

from latesync.errors import StateNotReady
from latesync.past_consent import PastConsent
from latesync.store import migrations
from latesync.store.accounts import list_accounts
from latesync.store.consents import list_consents
from latesync.store.database import Database
from latesync.store.migrate import migrate, require_current
from latesync.store.outbox import list_mails
from latesync.store.schema import admins, metadata, runs
from latesync.store.version import HEAD, REVISIONS
from tests.store.builders import NOW, SITE

INDEXES = {
    f"ix_{table.name}_{'_'.join(column.name for column in index.columns)}"
    for table in metadata.tables.values()
    for index in table.indexes
}


def test_the_scripts_make_exactly_the_tables_the_program_works_with(empty: Database) -> None:
    assert migrate(empty) == (None, HEAD)
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_scripts_and_the_program_name_indexes_and_constraints_alike(empty: Database) -> None:
    migrate(empty)
    with empty.read() as connection:
        by_scripts = _names(connection)
        for table in ["alembic_version", *(table.name for table in reversed(metadata.sorted_tables))]:
            connection.execute(text(f"DROP TABLE {table}"))
        metadata.create_all(connection)
        assert by_scripts == _names(connection)
        assert by_scripts >= INDEXES
        connection.commit()


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(admins.insert().values(email="a@example.com", password_hash="", created_at=NOW))
    assert migrate(empty) == (HEAD, HEAD)
    with empty.read() as connection:
        assert len(connection.execute(select(admins)).all()) == 1


def test_a_migration_that_stopped_half_way_can_be_repeated(empty: Database) -> None:
    """MySQL and MariaDB keep the tables made before a crash."""
    with empty.write() as connection:
        metadata.create_all(connection)
        connection.execute(text("DROP TABLE busy_slots"))
        (index,) = [i for i in runs.indexes if [*i.columns] == [runs.c.ended_at]]
        connection.execute(DropIndex(index))
    assert migrate(empty) == (None, HEAD)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_two_processes_that_migrate_at_once_make_the_tables_once(empty_url: str) -> None:
    together = Barrier(4)

    def one() -> tuple[str | None, str]:
        database = Database(empty_url)
        together.wait()
        try:
            return migrate(database)
        finally:
            database.dispose()

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(one) for _ in range(4)]]
    assert sorted(answers, key=str) == [(HEAD, HEAD)] * 3 + [(None, HEAD)]


def test_missing_tables_are_reported_with_the_remedy(empty: Database) -> None:
    with pytest.raises(StateNotReady, match=r"have not been made yet.*latesync migrate"):
        require_current(empty)


def test_current_tables_are_accepted(empty: Database) -> None:
    migrate(empty)
    require_current(empty)


def test_older_tables_are_reported_with_the_remedy(empty: Database) -> None:
    migrate(empty)
    with pytest.raises(StateNotReady, match=rf"at version {HEAD}.*works with 9999.*latesync migrate"):
        require_current(empty, revisions=(*REVISIONS, "9999"))


def test_a_second_script_that_stopped_half_way_can_be_repeated(empty: Database) -> None:
    settings = Config()
    settings.set_main_option("script_location", migrations.__path__[0])
    settings.set_main_option("path_separator", "os")
    with empty.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, REVISIONS[0])
        connection.execute(text("ALTER TABLE runs ADD COLUMN bookings_moved INTEGER DEFAULT 0 NOT NULL"))
    assert migrate(empty) == (REVISIONS[0], HEAD)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_older_tables_hold_is_there_afterwards(empty: Database) -> None:
    settings = Config()
    settings.set_main_option("script_location", migrations.__path__[0])
    settings.set_main_option("path_separator", "os")
    with empty.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, REVISIONS[0])
        connection.execute(admins.insert().values(email="a@example.com", password_hash="", created_at=NOW))
    assert migrate(empty) == (REVISIONS[0], HEAD)
    with empty.read() as connection:
        assert len(connection.execute(select(admins)).all()) == 1
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_version_0_2_holds_is_kept_and_its_consents_begin_the_history(empty: Database) -> None:
    _upgrade(empty, "0002")
    later = NOW + timedelta(days=6)
    with empty.write() as connection:
        _insert(connection, "sites", id=SITE, created_at=NOW)
        _insert(connection, "clients", id=1, site_id=SITE, provider="google", client_id="id-1",
                client_secret="sealed", redirect_uris="[]", uploaded_at=NOW, is_current=True)  # fmt: skip
        for agent_id, state, consented_at, told, since in [
            (1, "connected", NOW, NOW + timedelta(days=7), None),
            (2, "needs_sign_in", NOW, None, later),
            (3, "disconnected", NOW, None, None),
            (4, "connected", None, None, None),
        ]:
            _insert(connection, "accounts", id=agent_id, site_id=SITE, agent_id=agent_id, provider="google",
                    subject=f"person-{agent_id}", email="a@example.com", client_ref=1, state=state,
                    scopes="", consented_at=consented_at, consent_ends_at=told, write_calendar_id="primary",
                    tentative_blocks=True, problem_since=since, created_at=NOW)  # fmt: skip
    assert migrate(empty) == ("0002", HEAD)
    assert list_consents(empty, SITE) == [
        PastConsent(1, 1, NOW, NOW + timedelta(days=7), is_current=True),
        PastConsent(2, 2, NOW, None, later, "refused"),
    ]
    assert [account.agent_id for account in list_accounts(empty, SITE)] == [1, 2, 3, 4]
    assert list_mails(empty, SITE) == []
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_third_script_can_be_repeated_after_it_stopped_half_way(empty: Database) -> None:
    """MySQL and MariaDB keep what was made; no consent is remembered twice."""
    _upgrade(empty, HEAD)
    with empty.write() as connection:
        _insert(connection, "sites", id=SITE, created_at=NOW)
        _insert(connection, "clients", id=1, site_id=SITE, provider="google", client_id="id-1",
                client_secret="sealed", redirect_uris="[]", uploaded_at=NOW, is_current=True)  # fmt: skip
        _insert(connection, "accounts", id=1, site_id=SITE, agent_id=1, provider="google", subject="person",
                email="a@example.com", client_ref=1, state="connected", scopes="", consented_at=NOW,
                write_calendar_id="primary", tentative_blocks=True, created_at=NOW)  # fmt: skip
        _insert(connection, "consents", account_id=1, client_ref=1, consented_at=NOW)
        connection.execute(text("DROP TABLE quota_use"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    assert migrate(empty) == ("0002", HEAD)
    assert list_consents(empty, SITE) == [PastConsent(1, 1, NOW, is_current=True)]
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("attempt", [require_current, migrate])
def test_newer_tables_are_left_alone_with_another_remedy(empty: Database, attempt: object) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateNotReady, match=r"newer LateSync made.*Install the newer LateSync"):
        attempt(empty)  # type: ignore[operator]


def test_the_program_knows_every_script_without_loading_alembic() -> None:
    settings = Config()
    settings.set_main_option("script_location", migrations.__path__[0])
    settings.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(settings)
    assert scripts.get_heads() == [HEAD]
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS
    program = "import sys, latesync.store.migrate; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def _upgrade(database: Database, revision: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", migrations.__path__[0])
    settings.set_main_option("path_separator", "os")
    with database.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def _insert(connection: Connection, table: str, **values: Any) -> None:
    """Into a table as it is now, which may lack columns the program knows by now."""
    known = metadata.tables[table]
    typed = [bindparam(name, value, type_=known.c[name].type) for name, value in values.items()]
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})").bindparams(*typed))


def _names(connection: Connection) -> set[str | None]:
    """Of every index, unique and foreign key."""
    found: set[str | None] = set()
    look = inspect(connection)
    for table in metadata.tables:
        found |= {index["name"] for index in look.get_indexes(table)}
        found |= {unique["name"] for unique in look.get_unique_constraints(table)}
        found |= {key["name"] for key in look.get_foreign_keys(table)}
    return found
