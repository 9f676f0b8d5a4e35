"""Fixtures every test may use: real database servers and a real browser, started at first need.

run_folder                           a folder the run's workers share
mariadb, postgres                    the run's server (tests/services/server.py)
mariadb_database, postgres_database  the URL of an empty database of the test's own, dropped afterwards
browser, page, phone_page            Chromium; a fresh desktop page; a fresh phone page
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, Page

from tests.services import browser as chromium
from tests.services.following import end_with_parent
from tests.services.mariadb import MariaDBServer
from tests.services.postgres import PostgresServer
from tests.services.server import NotInstalled
from tests.services.shared import OwnedRun, ServerKind, shared_server

_OWNED = pytest.StashKey[OwnedRun]()
_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    _forget_own_settings()
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # end in order, as after Ctrl-C
        if os.environ.get("LATESYNC_TEST_SCRIPT") == str(os.getppid()):
            end_with_parent(signal.SIGTERM)
        config.stash[_OWNED] = OwnedRun.open()
        config.stash[_FOLDER] = config.stash[_OWNED].folder
    else:
        config.stash[_FOLDER] = Path(workerinput["run_folder"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist, in the controller: tell a worker where the run's folder is."""
    node.workerinput["run_folder"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if _OWNED in config.stash:
        config.stash[_OWNED].close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    failed = os.environ.get("LATESYNC_TEST_FAILED_CHECKS")
    if failed:
        terminalreporter.section("checks before the tests", red=True)
        terminalreporter.line(f"FAILED {failed} (script/test printed their output first)")


@pytest.fixture(autouse=True)
def log_levels_as_before() -> Iterator[None]:
    """A command called inside the test's own process makes our log quieter; the next test may read it."""
    loggers = [logging.getLogger(), logging.getLogger("latesync")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """What the whole run shares, its workers too; gone after it."""
    return pytestconfig.stash[_FOLDER]


@pytest.fixture(scope="session")
def mariadb(pytestconfig: pytest.Config) -> MariaDBServer:
    return _server(MariaDBServer, pytestconfig)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    return _server(PostgresServer, pytestconfig)


@pytest.fixture
def mariadb_database(mariadb: MariaDBServer) -> Iterator[str]:
    with mariadb.fresh_database() as url:
        yield url


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        chromium.find_chromium()
    except NotInstalled as absent:
        cannot_run(absent)
    with chromium.running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with chromium.desktop_page(browser) as fresh:
        yield fresh


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    with chromium.phone_page(browser) as fresh:
        yield fresh


def _server(kind: type[ServerKind], config: pytest.Config) -> ServerKind:
    try:
        return shared_server(kind, config.stash[_FOLDER])
    except NotInstalled as absent:
        cannot_run(absent)


def cannot_run(absent: NotInstalled) -> NoReturn:
    """Skip for a developer who runs pytest by hand; fail where the whole suite is asked for."""
    if os.environ.get("LATESYNC_TEST_ALL"):
        pytest.fail(str(absent), pytrace=False)
    pytest.skip(str(absent))


def _forget_own_settings() -> None:
    """Tests see neither the developer's own LateSync nor a proxy that would answer for 127.0.0.1."""
    for name in list(os.environ):
        if name.startswith("LATESYNC_") and not name.startswith("LATESYNC_TEST_"):
            del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
