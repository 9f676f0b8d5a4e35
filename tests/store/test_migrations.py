"""LateSync's own tables are made, brought up to date, and checked before use."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.schema import DropIndex

from latesync.errors import StateNotReady
from latesync.store import migrations
from latesync.store.database import Database
from latesync.store.migrate import migrate, require_current
from latesync.store.schema import admins, metadata, runs
from latesync.store.version import HEAD, REVISIONS
from tests.store.builders import NOW

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


def _names(connection: Connection) -> set[str | None]:
    """Of every index, unique and foreign key."""
    found: set[str | None] = set()
    look = inspect(connection)
    for table in metadata.tables:
        found |= {index["name"] for index in look.get_indexes(table)}
        found |= {unique["name"] for unique in look.get_unique_constraints(table)}
        found |= {key["name"] for key in look.get_foreign_keys(table)}
    return found
