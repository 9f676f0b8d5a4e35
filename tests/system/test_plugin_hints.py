"""Web and worker as processes: a signed note makes a booking appear at once, others change nothing."""

from __future__ import annotations

import json
import secrets
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from latesync.bridge.connection import Connection, read_connection_string
from latesync.bridge.signature import seal_headers, sign
from latesync.store.schema import site_hints
from tests.site.builders import Site
from tests.system.google import PretendGoogle, start_of
from tests.system.installation import DANA, Installation, at, day
from tests.system.waiting import eventually

PATH = "/hooks/site"


class Plugin:
    """What the plugin in WordPress sends, made from the connection string alone."""

    def __init__(self, installation: Installation) -> None:
        line = installation.fine("plugin", "--connection").strip()
        installation.secrets.add(line)  # no log may show it
        self.connection: Connection = read_connection_string(line)

    def headers(self, body: bytes, *, secret: str = "", late: int = 0) -> dict[str, str]:
        sealed = seal_headers(
            secret or self.connection.secret,
            self.connection.site,
            "POST",
            PATH,
            body,
            timestamp=int(datetime.now(UTC).timestamp()) - late,
            nonce=secrets.token_hex(16),
        )
        return {**sealed, "Content-Type": "application/json"}

    def post(self, body: bytes, headers: dict[str, str]) -> requests.Response:
        """On a connection of its own, as every request of WordPress' is."""
        return _browser().post(self.connection.address + PATH, data=body, headers=headers, timeout=30)

    def tell(self, **parts: Any) -> requests.Response:
        body = json.dumps({"v": 1, **parts}).encode()
        return self.post(body, self.headers(body))


def _browser() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def plugin(installation: Installation) -> Plugin:
    return Plugin(installation)


@pytest.fixture
def running(installation: Installation, plugin: Plugin, google: PretendGoogle) -> Iterator[None]:
    """Web, and two workers: hints are no one's alone."""
    installation.connect()
    with installation.web(), ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(installation.running("worker"))
        yield


def _hints(installation: Installation) -> int:
    with installation.services() as services, services.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(site_hints)) or 0


@pytest.mark.usefixtures("running")
def test_booking_the_plugin_tells_of_is_written_moved_and_deleted(
    installation: Installation, google: PretendGoogle, site: Site, plugin: Plugin
) -> None:
    def tell(booking: int) -> None:
        answer = plugin.tell(bookings=[booking])
        assert (answer.status_code, answer.json()["site"]) == (200, plugin.connection.site)

    calendar = "dana@example.test"
    booking = site.insert_booking(start_date=day(2))
    tell(booking)
    eventually(lambda: google.bookings(calendar) == [booking], "the booking appeared")
    site.update("bookings", booking, start_time=900, end_time=960)
    tell(booking)
    eventually(lambda: start_of(google.event_of(calendar, booking) or {}) == at(2, 15), "it was moved")
    site.delete("bookings", booking)
    tell(booking)
    eventually(lambda: google.bookings(calendar) == [], "it was deleted")
    site.insert_booking(start_date=day(3))
    assert plugin.tell(bookings=[0]).ok
    eventually(lambda: len(google.bookings(calendar)) == 1, "a look at everything found the next one")
    eventually(lambda: _hints(installation) == 0, "every hint was seen to")
    said = "".join(program.said for program in installation.programs)
    assert "hints taken bookings=1 agents=1 accounts=1" in said


@pytest.mark.usefixtures("running")
def test_calendar_a_visitor_looks_at_is_read_before_its_time(
    installation: Installation, google: PretendGoogle, plugin: Plugin
) -> None:
    # Read once, it is not read again for half a minute by itself; a note makes it so within that time.
    first = google.put_event("dana@example.test", at(20, 9), at(20, 10))
    assert first
    eventually(lambda: installation.busy() == [(at(20, 9), at(20, 10))], "the calendar was read", within_s=75)
    google.put_event("dana@example.test", at(21, 9), at(21, 10))

    def looked_and_read() -> bool:
        assert plugin.tell(looking_at=[DANA]).ok
        return len(installation.busy()) == 2

    eventually(looked_and_read, "it was read again", within_s=20)


def test_notes_that_are_not_the_plugins_change_nothing(installation: Installation, plugin: Plugin) -> None:
    body = json.dumps({"v": 1, "bookings": [1]}).encode()
    huge = json.dumps({"v": 1, "bookings": [1], "more": "x" * 70_000}).encode()
    with installation.web():
        headers = plugin.headers(body)
        refused = {
            "forged": plugin.post(body, plugin.headers(body, secret="a guess")),
            "changed": plugin.post(body.replace(b"[1]", b"[2]"), headers),
            "late": plugin.post(body, plugin.headers(body, late=301)),
            "early": plugin.post(body, plugin.headers(body, late=-330)),
            "huge": plugin.post(huge, plugin.headers(huge)),
            "bare": plugin.post(body, {"Content-Type": "application/json"}),
        }
        assert {name: answer.status_code for name, answer in refused.items()} == {
            "forged": 401,
            "changed": 401,
            "late": 401,
            "early": 401,
            "huge": 413,
            "bare": 400,
        }
        _send_without_end(plugin, headers)
        assert _hints(installation) == 0

        with ThreadPoolExecutor(6) as pool:  # over both of gunicorn's processes
            answers = list(pool.map(lambda _: plugin.post(body, headers).status_code, range(12)))
        assert sorted(answers) == [200] + [409] * 11
        assert _hints(installation) == 1


def _send_without_end(plugin: Plugin, headers: dict[str, str]) -> None:
    """A body of no declared length; the answer may be lost when gunicorn hangs up in the middle of it."""
    chunks = (b"x" * 1000 for _ in range(10_000))
    address = plugin.connection.address + PATH
    with suppress(requests.ConnectionError):
        assert _browser().post(address, data=chunks, headers=headers, timeout=30).status_code == 413


def test_link_from_wordpress_opens_the_agents_page_once(installation: Installation, plugin: Plugin) -> None:
    path, timestamp, nonce = f"/enter/agent/{DANA}", int(datetime.now(UTC).timestamp()), secrets.token_hex(16)
    query: dict[str, str] = {
        "site": plugin.connection.site,
        "timestamp": str(timestamp),
        "nonce": nonce,
        "signature": sign(plugin.connection.secret, "GET", path, timestamp, nonce, b""),
    }
    with installation.web():
        browser = _browser()
        page = browser.get(plugin.connection.address + path, params=query, timeout=30)
        assert page.url == f"{plugin.connection.address}/connect"
        assert "Sign in with Google" in page.text
        again = _browser().get(plugin.connection.address + path, params=query, timeout=30)
        assert again.status_code == 410
        owner = browser.get(plugin.connection.address + "/google", timeout=30)
        assert owner.status_code == 403


def test_command_shows_the_plugin_and_writes_its_zip(
    installation: Installation, plugin: Plugin, tmp_path: Path
) -> None:
    assert installation.json("plugin")["heard_at"] is None
    hello = {"plugin": "0.2.0", "protocol": 1, "home": "https://spa.example.test"}
    with installation.web():
        answer = plugin.tell(hello=hello)
        assert answer.json()["home"] == "https://spa.example.test"
    assert "Plugin: 0.2.0" in installation.fine("plugin")
    with installation.web():
        assert plugin.tell(hello={**hello, "home": "https://copy.example.test"}).ok
    ended = installation.latesync("plugin")
    assert ended.code == 1
    assert "speaks for https://copy.example.test" in ended.out

    file = tmp_path / "plugin.zip"
    installation.fine("plugin", "--zip", str(file))
    assert "latesync-bridge/latesync-bridge.php" in zipfile.ZipFile(file).namelist()
    assert installation.latesync("plugin", "--zip", str(tmp_path / "no" / "folder.zip")).code == 2


def test_heartbeat_reaches_the_site(installation: Installation, site: Site) -> None:
    """The worker says at its start that it lives, and not only when an account's state changes."""
    installation.connect()
    table = f"{site.prefix}latesync_accounts"
    old = datetime.now(UTC) - timedelta(days=3)
    site.execute(
        f"INSERT INTO {table} (agent_id, provider, state, message, updated_at) "
        f"VALUES ({DANA}, 'google', 'connected', '', '{old:%Y-%m-%d %H:%M:%S}')"
    )
    with installation.running("worker") as worker:
        eventually(lambda: _updated_at(site, table) > old + timedelta(days=2), "it was touched")
        assert worker.stop() == 0


def _updated_at(site: Site, table: str) -> datetime:
    with site.engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT updated_at FROM {table} WHERE agent_id = {DANA}"
        ).scalar_one()
    assert isinstance(found, datetime)
    return found.replace(tzinfo=UTC)
