"""The first connection to a booking site, as the set-up page tries it: every failure has its own name."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import make_url

from latesync.errors import SiteUnavailable, WrongInput
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.grants import grant_statements
from latesync.latepoint.schema import read_prefixes
from latesync.latepoint.trial import Trial, TypedAddress, trouble_code, try_address, try_url
from latesync.sentences.set_up_sentences import trial_message
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site, create_site
from tests.site.cutting import cut_short, odd_server

PASSWORD = "r@d: me/#1%"
MakeUser = Callable[..., str]


@pytest.fixture
def make_user(mariadb: MariaDBServer) -> Iterator[MakeUser]:
    """A user of the server with these grants; {user} in them stands for it."""
    users: list[str] = []

    def make(*statements: str) -> str:
        user = f"owner_{secrets.token_hex(4)}"
        users.append(user)
        mariadb.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}'")
        mariadb.execute(*(line.replace("{user}", f"'{user}'@'%'") for line in statements))
        return user

    yield make
    for user in users:
        mariadb.execute(f"DROP USER '{user}'@'%'")


def all_rights(site: Site) -> str:
    return f"GRANT ALL ON `{site.engine.url.database}`.* TO {{user}}"


def typed(site: Site, user: str, **changes: str) -> TypedAddress:
    url = make_url(site.engine.url)
    values = {
        "host": url.host or "",
        "port": str(url.port),
        "database": url.database or "",
        "user": user,
        "password": PASSWORD,
    }
    return TypedAddress(**(values | changes))


def try_as(site: Site, user: str, **changes: str) -> Trial:
    return try_address(typed(site, user, **changes))


def test_a_site_is_found_with_its_prefix_and_kept_with_its_odd_password(
    mariadb_site: Site, make_user: MakeUser
) -> None:
    user = make_user(all_rights(mariadb_site))
    trial = try_as(mariadb_site, user)
    assert (trial.code, trial.prefixes, trial.agents) == ("fine", ("wp_",), 1)
    assert trial.address is not None
    assert trial.address.prefix == "wp_"
    assert trial.address.home_url == "https://spa.example.test"
    assert make_url(trial.address.url).password == PASSWORD
    assert PASSWORD not in repr(trial) + repr(trial.address) + repr(typed(mariadb_site, user))


def test_port_may_stand_behind_the_host_as_wordpress_writes_it(
    mariadb_site: Site, make_user: MakeUser
) -> None:
    url = mariadb_site.engine.url
    user = make_user(all_rights(mariadb_site))
    assert try_as(mariadb_site, user, host=f"{url.host}:{url.port}", port="").code == "fine"


def test_another_prefix_is_found_by_itself(mariadb_database: str, make_user: MakeUser) -> None:
    engine = open_site_database(mariadb_database)
    site = create_site(engine, prefix="salon7_")
    trial = try_as(site, make_user(all_rights(site)))
    assert trial.address is not None
    assert trial.address.prefix == "salon7_"
    engine.dispose()


def test_of_several_prefixes_one_must_be_chosen(mariadb_site: Site, make_user: MakeUser) -> None:
    create_site(mariadb_site.engine, prefix="wp_2_")
    user = make_user(all_rights(mariadb_site))
    asked = try_as(mariadb_site, user)
    assert (asked.code, asked.prefixes, asked.address) == ("several_prefixes", ("wp_", "wp_2_"), None)
    chosen = try_as(mariadb_site, user, prefix="wp_2_")
    assert chosen.address is not None
    assert chosen.address.prefix == "wp_2_"


def test_a_mistyped_prefix_is_answered_with_those_there_are(mariadb_site: Site, make_user: MakeUser) -> None:
    trial = try_as(mariadb_site, make_user(all_rights(mariadb_site)), prefix="wp1_")
    assert (trial.code, trial.prefixes) == ("other_prefix", ("wp_",))


def test_a_wrong_password_is_named(mariadb_site: Site, make_user: MakeUser) -> None:
    assert try_as(mariadb_site, make_user(), password="wrong").code == "wrong_password"


def test_an_unknown_database_is_named(mariadb_site: Site, make_user: MakeUser) -> None:
    user = make_user("GRANT ALL ON *.* TO {user}")
    assert try_as(mariadb_site, user, database="no_such_shop").code == "unknown_database"


def test_without_any_right_the_lines_to_paste_are_enough(
    mariadb: MariaDBServer, mariadb_site: Site, make_user: MakeUser
) -> None:
    user = make_user()
    trial = try_as(mariadb_site, user)
    assert trial.code == "database_denied"
    mariadb.execute(*(line.removesuffix(";") for line in trial.grants))
    assert try_as(mariadb_site, user).code == "fine"


def test_missing_grants_are_listed_with_the_lines_that_give_them(
    mariadb: MariaDBServer, mariadb_site: Site, make_user: MakeUser
) -> None:
    database = mariadb_site.engine.url.database or ""
    lines = grant_statements("wp_", database, "x")[:-2]
    some = [line.replace("'x'@'%'", "{user}") for line in lines if "_agents`" not in line]
    user = make_user(*some)
    trial = try_as(mariadb_site, user)
    assert trial.code == "not_granted"
    assert "wp_latepoint_agents.first_name" in trial.missing
    mariadb.execute(*(line.removesuffix(";") for line in trial.grants))
    assert try_as(mariadb_site, user).code == "fine"


def test_a_database_without_latepoint_is_named(
    mariadb: MariaDBServer, mariadb_site: Site, make_user: MakeUser
) -> None:
    mariadb_site.execute("DROP TABLE wp_latepoint_bookings")
    assert try_as(mariadb_site, make_user(all_rights(mariadb_site))).code == "no_latepoint"


def test_an_empty_database_is_named(mariadb_database: str, make_user: MakeUser) -> None:
    site = Site(open_site_database(mariadb_database))
    assert try_as(site, make_user(all_rights(site))).code == "nothing_granted"
    site.engine.dispose()


def test_a_port_at_which_nothing_listens_is_named(mariadb_site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        trial = try_as(mariadb_site, "anybody", port=str(taken.getsockname()[1]))
    assert trial.code == "nothing_listens"


def test_a_host_that_does_not_exist_is_named(mariadb_site: Site) -> None:
    assert try_as(mariadb_site, "anybody", host="no-such-host.invalid").code == "unknown_host"


def test_a_socket_that_does_not_exist_is_named(mariadb_site: Site) -> None:
    assert try_as(mariadb_site, "anybody", host="localhost:/no/such/mysqld.sock").code == "no_socket"


def test_silence_behind_an_open_port_is_no_answer() -> None:
    with odd_server(None) as server:
        engine = open_site_database(server.url, read_timeout_s=1)
        with pytest.raises(SiteUnavailable) as caught:
            read_prefixes(engine)
        assert trouble_code(caught.value) == "no_answer"


def test_what_speaks_no_mysql_is_named() -> None:
    with odd_server(b"\1\0\0\0\x0a") as server:
        assert try_url(server.url).code == "no_database"


def test_a_server_that_breaks_off_is_unreachable(mariadb_site: Site, make_user: MakeUser) -> None:
    with cut_short(mariadb_site.engine.url.render_as_string(hide_password=False), 20) as url:
        port = make_url(url).port
        assert try_as(mariadb_site, make_user(), port=str(port)).code == "unreachable"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": " "}, "host is missing"),
        ({"database": ""}, "database is missing"),
        ({"user": ""}, "user is missing"),
        ({"port": "mysql"}, "port is a number"),
        ({"port": "70000"}, "port is a number"),
        ({"prefix": "wp_; DROP"}, "table prefix"),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(changes: dict[str, str], words: str) -> None:
    values = {"host": "h", "port": "", "database": "d", "user": "u", "password": "hidden"}
    with pytest.raises(WrongInput, match=words) as caught:
        try_address(TypedAddress(**(values | changes)))
    assert "hidden" not in str(caught.value)


def test_every_failure_has_its_own_sentence() -> None:
    codes = (
        "unknown_host", "nothing_listens", "no_answer", "no_database", "no_socket", "wrong_password",
        "host_not_allowed",
        "unknown_database", "database_denied", "too_many", "needs_encryption", "login_unknown",
        "nothing_granted", "no_latepoint", "other_prefix", "several_prefixes", "not_granted", "unreachable",
    )  # fmt: skip
    assert len({trial_message(code).title for code in codes}) == len(codes)


# --- what is typed says where the database is, and nothing more -----------------------------


@pytest.mark.parametrize(
    "host",
    [
        "db.example/wp?local_infile=1&x=",  # the server could then ask for any file of this machine
        "db.example/wp?read_default_file=/etc/my.cnf#",
        "db.example?host=other.example&x=",
        "db.example/",
    ],
)
def test_host_that_says_more_than_a_host_is_refused(host: str) -> None:
    with pytest.raises(WrongInput, match="not a host"):
        try_address(TypedAddress(host=host, port="", database="wp", user="u", password="p"))


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost:/none.sock", "[::1]:1", "::1", "localhost"])
@pytest.mark.parametrize("password", ["", PASSWORD])
def test_every_way_wordpress_writes_a_host_is_tried(host: str, password: str) -> None:
    typed = TypedAddress(host=host, port="1", database="wp?local_infile=1", user="u@h/x", password=password)
    trial = try_address(typed)
    assert trial.code in {"nothing_listens", "no_socket", "unreachable"}


@pytest.mark.parametrize("host", ["https://spa.example.test/phpmyadmin", "mysql://db.example.test"])
def test_address_of_a_page_is_no_host(host: str) -> None:
    with pytest.raises(WrongInput, match="not a host"):
        try_address(TypedAddress(host=host, port="", database="shop", user="u", password="p"))
