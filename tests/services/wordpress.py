"""WordPress for tests: its files once per run, and databases copied from a template that is installed once.

A template is a database of the run's MariaDB in which WordPress and one version of the stand-in for LatePoint
were installed through WordPress itself; a site's own database is a copy of it (tests/services/copies.py).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text

from tests.services.mariadb import MariaDBServer
from tests.services.php import PhpFailed, check_extensions, php_command, run_script
from tests.services.server import NotInstalled

PREFIX = "wp_"
NEWEST_LATEPOINT = "5.6.5"
_OURS = Path(__file__).parents[1] / "wordpress"
_BRIDGE = Path(__file__).parents[2] / "wp_bridge" / "latesync-bridge"
_PLACES = ("/usr/share/wordpress", "/usr/share/webapps/wordpress")
_HOST_AT_INSTALL = "site.example"  # replaced in every copy


@dataclass(frozen=True)
class Kind:
    """What a site is copied from."""

    latepoint: str = NEWEST_LATEPOINT
    is_network: bool = False

    @property
    def name(self) -> str:
        return f"wordpress_{re.sub('[^0-9]', '_', self.latepoint)}{'_network' if self.is_network else ''}"


@dataclass(frozen=True)
class Place:
    """Where one WordPress runs: what its PHP processes are told."""

    folder: Path  # the site's own
    root: Path  # WordPress' files, shared
    cache: Path  # of compiled PHP, shared
    database_url: str
    is_network: bool = False

    @property
    def content(self) -> Path:
        return self.folder / "wp-content"

    @property
    def log(self) -> Path:
        return self.folder / "php.log"

    @property
    def php(self) -> list[str]:
        return php_command(self.log, self.cache)

    def environment(self, http_host: str) -> dict[str, str]:
        url = make_url(self.database_url)
        return {
            "WP_TEST_ROOT": str(self.root),
            "WP_TEST_CONTENT": str(self.content),
            "WP_TEST_LOG": str(self.log),
            "WP_TEST_PREFIX": PREFIX,
            "WP_TEST_HTTP_HOST": http_host,
            "WP_TEST_NETWORK": "1" if self.is_network else "",
            "WP_TEST_DB_HOST": f"{url.host}:{url.port}",
            "WP_TEST_DB_NAME": url.database or "",
            "WP_TEST_DB_USER": url.username or "",
            "WP_TEST_DB_PASSWORD": url.password or "",
        }

    def run(self, code: str, http_host: str, user: str = "", path: str = "/") -> Any:
        """Run PHP inside WordPress; what it returns, as JSON gives it.

        user: a login, "" for nobody, "install" before there is any. path: "/two/", a network's second site.
        Raises PhpFailed.
        """
        mark = secrets.token_hex(8)
        command = [*self.php, str(_OURS / "php" / "run.php"), mark, user, path]
        try:
            said = run_script(command, self.environment(http_host), code)
        except PhpFailed as failed:
            raise PhpFailed(f"{failed}\n{self._log_end()}") from None
        if said.count(mark) != 2:
            raise PhpFailed(f"{said}\n{self._log_end()}")
        return json.loads(said.split(mark)[1])

    def _log_end(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def make_place(run: Path, folder: Path, kind: Kind, database_url: str) -> Place:
    """A wp-content with the plugins in it, for a database that is already there."""
    shared = _shared_files(run)
    place = Place(folder, shared / "root", shared / "cache", database_url, kind.is_network)
    (place.content / "uploads").mkdir(parents=True)
    (place.content / "plugins").mkdir()
    shutil.copytree(_OURS / "php" / "mu-plugins", place.content / "mu-plugins")
    (place.content / "themes").symlink_to(place.root / "wp-content" / "themes")
    install_latepoint(place, kind.latepoint)
    # Copied, because WordPress' own "delete plugin" would follow a link and delete our sources.
    if _BRIDGE.is_dir():
        shutil.copytree(_BRIDGE, place.content / "plugins" / _BRIDGE.name)
    return place


def install_latepoint(place: Place, version: str) -> None:
    """Put the stand-in's files in place; the version in its header is the one it then behaves like."""
    target = place.content / "plugins" / "latepoint"
    shutil.copytree(_OURS / "latepoint", target, dirs_exist_ok=True)
    main_file = target / "latepoint.php"
    header = re.sub(r"(?m)^( \* Version: +).*$", rf"\g<1>{version}", main_file.read_text(), count=1)
    main_file.write_text(header)


def set_address(database_url: str, http_host: str) -> None:
    """Tell a copied WordPress its own address, in every table that knows it."""
    with create_engine(database_url, poolclass=NullPool).begin() as connection:
        tables = connection.scalars(text("SHOW TABLES")).all()
        columns = [(table, "option_value") for table in tables if re.fullmatch(r"wp_(\d+_)?options", table)]
        columns += [("wp_blogs", "domain"), ("wp_site", "domain"), ("wp_sitemeta", "meta_value")]
        for table, column in columns:
            if table in tables:
                # Serialised values never hold it: they carry their length.
                connection.execute(
                    text(
                        f"UPDATE {table} SET {column} = REPLACE({column}, :old, :new)"
                        f" WHERE {column} LIKE :like AND {column} NOT LIKE 'a:%'"
                    ),
                    {"old": _HOST_AT_INSTALL, "new": http_host, "like": f"%{_HOST_AT_INSTALL}%"},
                )


def template(mariadb: MariaDBServer, run: Path, kind: Kind) -> str:
    """The name of a kind's database; the first to ask installs it, the others wait for that.

    Raises NotInstalled.
    """
    done = run / f"{kind.name}.installed"
    with _locked(run / f"{kind.name}.installing"):
        if not done.exists():
            mariadb.execute(f"DROP DATABASE IF EXISTS {kind.name}", f"CREATE DATABASE {kind.name}")
            folder = run / f"{kind.name}.site"
            shutil.rmtree(folder, ignore_errors=True)
            _install(make_place(run, folder, Kind(kind.latepoint), mariadb.url(kind.name)), kind)
            done.touch()
    return kind.name


def find_wordpress() -> Path:
    """Raises NotInstalled."""
    named = os.environ.get("LATESYNC_TEST_WORDPRESS")
    for place in (named,) if named else _PLACES:
        if (Path(place) / "wp-includes" / "version.php").is_file():
            return Path(place)
    raise NotInstalled(
        "needs WordPress: apt-get install wordpress wordpress-theme-twentytwentythree,"
        " or name its folder in LATESYNC_TEST_WORDPRESS"
    )


def _shared_files(run: Path) -> Path:
    """WordPress' files with our wp-config.php, copied once per run: links would lead it to its own one.

    Raises NotInstalled.
    """
    check_extensions()
    source = find_wordpress()
    shared = run / "wordpress"
    with _locked(run / "wordpress.copying"):
        if not shared.exists():
            unfinished = run / "wordpress.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            (unfinished / "cache").mkdir(parents=True)
            leave_out = shutil.ignore_patterns("wp-config.php", ".htaccess", "languages", "plugins")
            shutil.copytree(source, unfinished / "root", ignore=leave_out)
            shutil.copyfile(_OURS / "php" / "wp-config.php", unfinished / "root" / "wp-config.php")
            unfinished.rename(shared)
    return shared


def _install(place: Place, kind: Kind) -> None:
    steps = [("install", "install"), ("network", "")] if kind.is_network else [("install", "install")]
    for step, user in steps:
        place.run(_code(step), _HOST_AT_INSTALL, user)
    paths = ["/"]
    if kind.is_network:
        place = Place(place.folder, place.root, place.cache, place.database_url, is_network=True)
        place.run(_code("second-site"), _HOST_AT_INSTALL)
        paths.append("/two/")
    for path in paths:
        place.run(_code("latepoint"), _HOST_AT_INSTALL, "admin", path)


def _code(step: str) -> str:
    return (_OURS / "php" / f"step-{step}.php").read_text().removeprefix("<?php")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
