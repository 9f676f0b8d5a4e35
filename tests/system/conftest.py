"""Installations for whole processes. Everything that ran is searched for secrets when the test is over."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.grants import grant_statements
from tests.services.mariadb import MariaDBServer
from tests.services.ports import free_port
from tests.site.builders import Site, create_site
from tests.system.google import PretendGoogle, pretend_google
from tests.system.installation import SITE_PASSWORD, Installation
from tests.system.microsoft import PretendMicrosoft, pretend_microsoft


@pytest.fixture
def google() -> Iterator[PretendGoogle]:
    with pretend_google() as running:
        yield running


@pytest.fixture
def microsoft(tmp_path: Path, installation: Installation) -> Iterator[PretendMicrosoft]:
    """Beside Google: the app is registered and known to LateSync; nobody has signed in."""
    with pretend_microsoft(tmp_path) as running:
        installation.environment["LATESYNC_MICROSOFT_BASE_URL"] = running.url
        running.register(installation)
        yield running
        installation.secrets |= running.secrets()


@pytest.fixture
def site(mariadb_database: str) -> Iterator[Site]:
    """A furnished booking site without LateSync's own tables."""
    engine = open_site_database(mariadb_database)
    yield create_site(engine)
    engine.dispose()


@pytest.fixture
def bare(tmp_path: Path, google: PretendGoogle, site: Site, mariadb: MariaDBServer) -> Iterator[Installation]:
    """Nothing of LateSync's exists yet but a database user who may read the site's tables."""
    database, user = site.engine.url.database or "", f"latesync_{secrets.token_hex(4)}"
    mariadb.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{SITE_PASSWORD}'")
    environment = {
        "LATESYNC_HOME": str(tmp_path / "home"),
        "LATESYNC_SITE_DATABASE_URL": mariadb.url(database, user, SITE_PASSWORD),
        "LATESYNC_BASE_URL": f"http://localhost:{free_port()}",
        "LATESYNC_GOOGLE_BASE_URL": google.url,
    }
    installation = Installation(tmp_path, google, site, environment, mariadb, user)
    mariadb.execute(
        *(
            grant
            for grant in grant_statements(site.prefix, database, user)
            if "latesync_" not in _table(grant)
        )
    )
    yield installation
    mariadb.execute(f"DROP USER '{user}'@'%'")
    installation.check_nothing_secret_was_said()


@pytest.fixture
def fresh(bare: Installation) -> Installation:
    """As after the plugin was installed: its tables are there and granted, LateSync's own state is not."""
    site = bare.site
    create_bridge_tables(site.engine, site.prefix)
    bare.grant(grant_statements(site.prefix, site.engine.url.database or "", bare.user))
    return bare


@pytest.fixture
def installation(fresh: Installation) -> Installation:
    """Tables made and client imported; nobody has signed in."""
    fresh.set_up()
    return fresh


def _table(grant: str) -> str:
    """The `database`.`table` of a GRANT."""
    return grant.partition(" ON ")[2].partition(" TO ")[0]
