"""Addresses, and what becomes of a server that does not answer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import text

from latesync.errors import SchemaNotUnderstood, SiteUnavailable, WrongInput
from latesync.latepoint.connection import open_site_database, site_errors
from latesync.latepoint.schema import read_schema
from latesync.latepoint.settings import read_agents
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site
from tests.site.cutting import odd_server


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql"])
def test_every_usual_address_leads_to_pymysql_and_utf8mb4(scheme: str) -> None:
    engine = open_site_database(f"{scheme}://wp:pa%40ss@db.example.test:3307/shop?unix_socket=/run/db.sock")
    assert engine.url.drivername == "mysql+pymysql"
    assert engine.url.query == {"charset": "utf8mb4", "unix_socket": "/run/db.sock"}
    assert (engine.url.password, engine.url.database) == ("pa@ss", "shop")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hidden@h/d",
        "mysql+mysqldb://u:hidden@h/d",
        "mysql://u:hidden@h:notaport/d",
        "mysql://u:hidden@h",
        "u:hidden@h/d",
        "",
        "sqlite://",
    ],
)
def test_an_unusable_address_is_explained_without_its_password(url: str) -> None:
    with pytest.raises(WrongInput) as caught:
        open_site_database(url)
    assert "hidden" not in str(caught.value)
    assert "mysql://" in str(caught.value)


def test_nothing_at_the_address_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        engine = open_site_database(f"mysql://wp:hidden@127.0.0.1:{taken.getsockname()[1]}/shop")
        with pytest.raises(SiteUnavailable, match="nothing answers") as caught:
            read_schema(engine, "wp_")
    assert "hidden" not in str(caught.value)


VERSION = b"\x0a8.0.40\0"  # protocol 10 and the server's version, as a greeting begins


def packet(content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + b"\0" + content


@pytest.mark.parametrize(
    "greeting",
    [
        packet(b""),
        packet(VERSION),
        packet(VERSION + b"1234"),
        packet(VERSION + b"1234" + b"saltsalt\0" + b"\xff\xf7"),
        b"220 mail.example.test ESMTP\r\n",
    ],
)
def test_what_speaks_no_mysql_is_unavailable(greeting: bytes) -> None:
    with odd_server(greeting) as server:
        engine = open_site_database(server.url)
        with pytest.raises(SiteUnavailable) as caught:
            read_schema(engine, "wp_")
    assert "hidden" not in str(caught.value)


def test_a_refused_password_is_unavailable_and_not_repeated(mariadb: MariaDBServer) -> None:
    engine = open_site_database(mariadb.url("mysql", "nobody", "hidden"))
    with pytest.raises(SiteUnavailable, match="user name or password") as caught:
        read_schema(engine, "wp_")
    assert "hidden" not in str(caught.value)


def test_an_unknown_database_is_unavailable(mariadb: MariaDBServer) -> None:
    engine = open_site_database(mariadb.url("no_such_shop"))
    with pytest.raises(SiteUnavailable, match="no database of that name"):
        read_schema(engine, "wp_")


def test_a_connection_closed_while_idle_is_replaced_unnoticed(
    mariadb_site: Site, mariadb: MariaDBServer, mariadb_database: str
) -> None:
    engine = open_site_database(mariadb_database)
    schema = read_schema(engine, "wp_")
    with mariadb.connect() as connection:
        for connection_id in connection.scalars(
            text("SELECT id FROM information_schema.processlist WHERE db = :database"),
            {"database": engine.url.database},
        ).all():
            connection.execute(text(f"KILL {connection_id}"))
    assert len(read_agents(engine, schema)) == 1
    engine.dispose()


def test_a_statement_that_is_killed_is_unavailable_not_empty(mariadb_site: Site) -> None:
    with pytest.raises(SiteUnavailable), site_errors(), mariadb_site.engine.connect() as connection:
        connection.execute(text("KILL CONNECTION_ID()"))


def test_a_table_that_vanishes_later_is_named(site: Site) -> None:
    schema = read_schema(site.engine, "wp_")
    site.execute(f"DROP TABLE {site.name('agents')}")
    with pytest.raises(SchemaNotUnderstood) as caught:
        read_agents(site.engine, schema)
    assert caught.value.missing == ["wp_latepoint_agents"]


def test_a_column_that_vanishes_later_is_named(mariadb_site: Site) -> None:
    schema = read_schema(mariadb_site.engine, "wp_")
    mariadb_site.execute(f"ALTER TABLE {mariadb_site.name('agents')} DROP COLUMN display_name")
    with pytest.raises(SchemaNotUnderstood, match="display_name"):
        read_agents(mariadb_site.engine, schema)


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "site.db").write_text("not a database, but long enough to be taken for one " * 40)
    engine = open_site_database(f"sqlite:///{tmp_path / 'site.db'}")
    with pytest.raises(SiteUnavailable):
        read_schema(engine, "wp_")
