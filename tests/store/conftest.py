"""Every test of the store runs on SQLite, MariaDB and PostgreSQL alike, on tables emptied before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from latesync.store.clients import record_client
from latesync.store.database import Database
from latesync.store.schema import metadata, sites
from latesync.store.secrets import SecretBox, new_key
from tests.services.server import Server
from tests.store.builders import NOW, SITE, Site

SERVERS = ("sqlite", "mariadb", "postgres")


@pytest.fixture(scope="session", params=SERVERS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with the tables in it, one per server and run."""
    if request.param == "sqlite":
        yield from _with_tables(f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db")
    else:
        server: Server = request.getfixturevalue(request.param)
        with server.fresh_database() as url:
            yield from _with_tables(url)


def _with_tables(url: str) -> Iterator[Database]:
    database = Database(url)
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def database(filled: Database) -> Database:
    with filled.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return filled


@pytest.fixture(params=SERVERS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def box() -> SecretBox:
    return SecretBox([new_key()])


@pytest.fixture
def site(database: Database, box: SecretBox) -> Site:
    """A site with a client, ready to connect agents to."""
    with database.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    client_ref = record_client(database, box, SITE, "google", "id-1", "secret-1", "project", [], NOW)
    return Site(database, box, client_ref)


@pytest.fixture(params=["mariadb", "postgres"])
def server_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of the test's own on a server."""
    database = Database(request.getfixturevalue(f"{request.param}_database"))
    yield database
    database.dispose()
