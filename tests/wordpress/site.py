"""A real WordPress for one test, and the ways a test has to look at it and to change it."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, NullPool, create_engine, text

from tests.services.copies import copied_database
from tests.services.mariadb import MariaDBServer
from tests.services.php import PhpFailed, running_server
from tests.services.server import HOST
from tests.services.wordpress import (
    NEWEST_LATEPOINT,
    PREFIX,
    Kind,
    Place,
    install_latepoint,
    make_place,
    set_address,
    template,
)
from tests.wordpress.actions import Bookings
from tests.wordpress.form import days_in, wanted_month
from tests.wordpress.log import troubles_in

__all__ = ["PhpFailed", "WordPress", "running_wordpress"]

BRIDGE = "latesync-bridge"
_ROUTER = Path(__file__).parent / "php" / "router.php"
_PATIENCE_S = 60


@dataclass
class WordPress:
    """What a test works with. path: "/two/" for a network's second site."""

    place: Place
    port: int
    latepoint: str = NEWEST_LATEPOINT
    path: str = "/"
    prefix: str = PREFIX
    expected: list[str] = field(default_factory=list)
    sessions: dict[str, requests.Session] = field(default_factory=dict)

    # Where it is

    @property
    def http_host(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.http_host}{self.path}".rstrip("/")

    home = url

    @property
    def database_url(self) -> str:
        return self.place.database_url

    @property
    def content(self) -> Path:
        return self.place.content

    @property
    def log(self) -> Path:
        return self.place.log

    @property
    def bookings(self) -> Bookings:
        return Bookings(self)

    # Its database

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def table(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(sql), values).mappings()]

    def value(self, sql: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.scalar(text(sql), values)

    def run(self, sql: str, **values: Any) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(sql), values)

    def fill_busy(self, *times: tuple[int, str, str]) -> None:
        """Add busy time as LateSync would: (agent, "2027-03-01 15:00", "2027-03-01 16:30"), UTC."""
        sql = f"INSERT INTO {self.table('latesync_busy')} VALUES (MD5(:key), :agent, :starts_at, :ends_at)"
        values = [
            {"key": f"{agent} {start} {end}", "agent": agent, "starts_at": start, "ends_at": end}
            for agent, start, end in times
        ]
        with self.engine.connect() as connection:
            connection.execute(text(sql), values)

    # Its insides

    def php(self, code: str, user: str = "") -> Any:
        """Run PHP inside this WordPress and give what it returns, as JSON. user: acts as this login.

        Raises PhpFailed with PHP's own words.
        """
        return self.place.run(code, self.http_host, user, self.path)

    def activate(self, plugin: str = BRIDGE, network_wide: bool = False) -> None:
        wide = "true" if network_wide else "false"
        self._plugin(
            plugin,
            f"$failed = activate_plugin( $plugin, '', {wide} );"
            "if ( is_wp_error( $failed ) ) { throw new RuntimeException( $failed->get_error_message() ); }",
        )

    def deactivate(self, plugin: str = BRIDGE, network_wide: bool = False) -> None:
        self._plugin(plugin, f"deactivate_plugins( $plugin, false, {'true' if network_wide else 'false'} );")

    def uninstall(self, plugin: str = BRIDGE) -> None:
        """Deactivate and delete, as an administrator does: uninstall.php runs and the files go."""
        self.deactivate(plugin, network_wide=self.place.is_network)
        self._plugin(
            plugin,
            "if ( true !== delete_plugins( array( $plugin ) ) )"
            " { throw new RuntimeException( 'not deleted' ); }",
        )

    def set_zone(self, zone: str | float) -> None:
        """An IANA name, or the hours of `gmt_offset` (5.5)."""
        name, offset = (zone, "") if isinstance(zone, str) else ("", str(zone))
        self.php(f"update_option('timezone_string', '{name}'); update_option('gmt_offset', '{offset}');")

    def option(self, name: str) -> Any:
        return self.php(f"return get_option( '{name}', null );")

    def set_option(self, name: str, value: Any) -> None:
        self.php(f"update_option( '{name}', json_decode( {_php(value)}, true ) );")

    def set_setting(self, name: str, value: str) -> None:
        """A row of LatePoint's own settings."""
        settings = self.table("latepoint_settings")
        self.run(f"DELETE FROM {settings} WHERE name = :name", name=name)
        self.run(f"INSERT INTO {settings} (name, value) VALUES (:name, :value)", name=name, value=value)

    def set_work_hours(self, start: int, end: int) -> None:
        """Everybody's, on every day, in minutes since midnight."""
        self.run(
            f"UPDATE {self.table('latepoint_work_periods')} SET start_time = :start, end_time = :end",
            start=start,
            end=end,
        )

    def define(self, name: str, value: Any) -> None:
        """A constant of wp-config.php, from the next request on."""
        constants = self.content / "test-constants.php"
        known = constants.read_text() if constants.exists() else "<?php\n"
        constants.write_text(f"{known}define( '{name}', json_decode( {_php(value)}, true ) );\n")

    def add_code(self, code: str, name: str = "of-the-test") -> None:
        """PHP that runs in every request from now on (a must-use plugin); the same name again replaces it."""
        (self.content / "mu-plugins" / f"{name}.php").write_text(f"<?php\n{code}\n")

    def install_latepoint(self, version: str) -> None:
        """Replace LatePoint's files, as an upgrade does; its tables follow at the next request."""
        install_latepoint(self.place, version)
        self.latepoint = version

    # Its pages

    def login(self, user: str = "admin") -> requests.Session:
        """A browser in which this user has signed in on wp-login.php; passwords equal the logins."""
        if user not in self.sessions:
            session = self.sessions[user] = requests.Session()
            session.trust_env = False
            form = {"log": user, "pwd": user, "testcookie": "1", "redirect_to": f"{self.url}/wp-admin/"}
            session.cookies.set("wordpress_test_cookie", "WP%20Cookie%20check")
            answer = session.post(f"{self.url}/wp-login.php", data=form, timeout=_PATIENCE_S)
            assert any(name.startswith("wordpress_logged_in") for name, _ in session.cookies.items()), (
                answer.text
            )
        return self.sessions[user]

    def get(self, path: str, session: requests.Session | None = None, **options: Any) -> requests.Response:
        return self.request("GET", path, session, **options)

    def post(
        self, path: str, data: Any = None, session: requests.Session | None = None, **options: Any
    ) -> requests.Response:
        return self.request("POST", path, session, data=data, **options)

    def request(
        self, method: str, path: str, session: requests.Session | None = None, **options: Any
    ) -> requests.Response:
        """path: after the site's address, or a whole URL."""
        url = path if path.startswith("http") else f"{self.url}/{path.lstrip('/')}"
        options.setdefault("timeout", _PATIENCE_S)
        if session is not None:
            return session.request(method, url, **options)
        with requests.Session() as visitor:
            visitor.trust_env = False
            return visitor.request(method, url, **options)

    def month(
        self, month: str, agent: int | str = "any", service: int = 1, **more: Any
    ) -> dict[str, list[int]]:
        """What a visitor may choose in a month ("2027-03"): day → bookable minutes, by the form's request."""
        return days_in(wanted_month(self, month, agent, service, **more))

    def slots(self, day: str, agent: int | str = "any", service: int = 1) -> list[int]:
        return self.month(day[:7], agent, service)[day]

    # What PHP complained of

    def expect_in_log(self, pattern: str) -> None:
        """Lines of our plugin or the stand-in that match are wanted: the test provokes them."""
        self.expected.append(pattern)

    def troubles_in_log(self) -> list[str]:
        """What stems from our plugin or the stand-in and nobody expected."""
        return troubles_in(self.log, self.expected)

    def logged(self, pattern: str) -> bool:
        return self.log.exists() and re.search(pattern, self.log.read_text(errors="replace")) is not None

    def _plugin(self, name: str, code: str) -> None:
        """Run code with $plugin, the main file of the plugin in this folder."""
        find = f"$plugin = '{name}/' . key( get_plugins( '/{name}' ) );"
        self.php(f"{find} {code}", user="admin")


@contextmanager
def running_wordpress(
    mariadb: MariaDBServer, run_folder: Path, latepoint: str = NEWEST_LATEPOINT, is_network: bool = False
) -> Iterator[WordPress]:
    """A WordPress of its own with the stand-in for LatePoint active, gone after the block.

    Raises NotInstalled; AssertionError afterwards, if PHP complained of our plugin or the stand-in.
    """
    kind = Kind(latepoint, is_network)
    with copied_database(mariadb, template(mariadb, run_folder, kind)) as database_url:
        folder = Path(tempfile.mkdtemp(prefix="site-", dir=run_folder))
        try:
            place = make_place(run_folder, folder, kind, database_url)
            with _served(place, latepoint) as site:
                yield site
            troubles = site.troubles_in_log()
            assert not troubles, "PHP complained:\n" + "\n".join(troubles)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _served(place: Place, latepoint: str) -> Iterator[WordPress]:
    # The port is known only when the server answers, so it takes its own address from each request's Host.
    with running_server(
        place.php, place.root, _ROUTER, place.environment(""), place.folder / "server.log"
    ) as port:
        site = WordPress(place, port, latepoint)
        set_address(place.database_url, site.http_host)
        yield site


def second_site(site: WordPress) -> WordPress:
    """A network's second site, as another object on the same server."""
    return WordPress(site.place, site.port, site.latepoint, "/two/", f"{site.prefix}2_", site.expected)


def _php(value: Any) -> str:
    """A value as a PHP string literal that holds its JSON."""
    quoted = json.dumps(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"
