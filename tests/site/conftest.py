"""Sites on real servers: every LatePoint version on MariaDB, and the newest on SQLite as the demo has it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from latesync.latepoint.connection import open_site_database
from latesync.latepoint.grants import grant_statements
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site, create_site
from tests.site.ddl import VERSIONS

OpenAs = Callable[..., Engine]


@pytest.fixture(params=VERSIONS)
def every_version(request: pytest.FixtureRequest, mariadb_database: str) -> Iterator[Site]:
    """One site of every version, on MariaDB."""
    engine = open_site_database(mariadb_database)
    yield create_site(engine, request.param)
    engine.dispose()


@pytest.fixture
def mariadb_site(mariadb_database: str) -> Iterator[Site]:
    engine = open_site_database(mariadb_database)
    yield create_site(engine)
    engine.dispose()


@pytest.fixture(params=["mariadb", "sqlite"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site of the newest version, on either kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'site.db'}"
    else:
        url = request.getfixturevalue("mariadb_database")
    engine = open_site_database(url)
    yield create_site(engine)
    engine.dispose()


@pytest.fixture
def open_as_reader(mariadb: MariaDBServer) -> Iterator[OpenAs]:
    """Open a MariaDB site as a user who has LateSync's grants, or those given, and no other right."""
    users: list[str] = []
    engines: list[Engine] = []

    def open_as(site: Site, statements: list[str] | None = None) -> Engine:
        database = site.engine.url.database or ""
        user = f"reader_{secrets.token_hex(4)}"
        users.append(user)
        if statements is None:
            has_orders = site.version != "4.9.91"
            statements = grant_statements(site.prefix, database, user, has_orders=has_orders)
        mariadb.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'read me'")
        mariadb.execute(*(statement.replace("{user}", f"'{user}'@'%'") for statement in statements))
        engine = open_site_database(mariadb.url(database, user, "read me"))
        engines.append(engine)
        return engine

    yield open_as
    for engine in engines:
        engine.dispose()
    for user in users:
        mariadb.execute(f"DROP USER '{user}'@'%'")
