"""What the plugin's pages tell owner and agents when LateSync is another one, away, or refuses this site."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from latesync.bridge.connection import Connection, make_connection_string
from tests.services.ports import free_port
from tests.wordpress.site import WordPress
from tests.wordpress.together import ANNA, MY_CALENDAR, SETTINGS, STATUS, day, press

DAY = day()
SECRET, SITE_ID, OTHER_ID = "the two know it", "0123456789ab", "ba9876543210"
DASHBOARD = "wp-admin/index.php"
OTHER_SITE = (
    "LateSync answers, but for another site. Copy the connection string anew from its page “WordPress”"
)
OPEN, OPEN_OWN = 'value="latesync_bridge_open"', 'value="latesync_bridge_open_own"'


@dataclass
class Doorman:
    """Answers in LateSync's place as the test wishes; keeps the greetings that came."""

    site_id: str = SITE_ID
    refusal: str = ""
    address: str = ""
    home: str = ""
    greetings: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, note: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "hello" in note:
            self.greetings.append(note["hello"])
        if self.refusal:
            return 401, {"error": self.refusal, "time": int(time.time())}
        answer = {"v": 1, "version": "0.2.0", "site": self.site_id, "time": int(time.time())}
        return 200, {**answer, "home": self.home}


@contextmanager
def answering(doorman: Doorman, port: int = 0) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = doorman.answer(note)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    doorman.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def doorman() -> Iterator[Doorman]:
    doorman = Doorman()
    with answering(doorman):
        yield doorman


def settings_of(site: WordPress) -> dict[str, Any]:
    stored = site.option("latesync_bridge")
    return {name: stored.get(name, "") for name in ("address", "secret", "site")}


def connect_to(site: WordPress, address: str) -> None:
    settings = {"address": address, "secret": SECRET, "site": SITE_ID}
    site.php(f"LateSync_Bridge_Settings::set( json_decode( '{json.dumps(settings)}', true ) ); return 1;")


def forget_answer(site: WordPress) -> None:
    """As if the minute were over for which an answer is kept."""
    site.php("return delete_transient( LateSync_Bridge_Greetings::CACHE );")


def troubles_of(page: str) -> str:
    return page.partition("What went wrong lately")[2]


# Which LateSync


def test_string_of_another_site_is_refused_and_the_settings_stay(bridge: WordPress, doorman: Doorman) -> None:
    other = Doorman(site_id=OTHER_ID)
    with answering(other):
        connect_to(bridge, doorman.address)
        before = settings_of(bridge)
        stale = make_connection_string(Connection(other.address, SITE_ID, "another secret"))
        page = press(bridge, "admin", SETTINGS, "connect", connection=stale).text
        assert OTHER_SITE in page
        assert "Nothing was changed." in page
        assert settings_of(bridge) == before
    fine = make_connection_string(Connection(doorman.address, SITE_ID, SECRET))
    assert "Saved. The connection works." in press(bridge, "admin", SETTINGS, "connect", connection=fine).text


def test_first_connection_with_a_string_of_another_site_leaves_the_site_unconnected(
    bridge: WordPress, doorman: Doorman
) -> None:
    line = make_connection_string(Connection(doorman.address, OTHER_ID, SECRET))
    assert OTHER_SITE in press(bridge, "admin", SETTINGS, "connect", connection=line).text
    assert set(settings_of(bridge).values()) == {""}


def test_test_connection_notices_another_site_and_settings_by_hand_learn_it(
    bridge: WordPress, doorman: Doorman
) -> None:
    connect_to(bridge, doorman.address)
    doorman.site_id = OTHER_ID
    assert OTHER_SITE in press(bridge, "admin", SETTINGS, "test").text
    assert settings_of(bridge)["site"] == SITE_ID
    by_hand = press(bridge, "admin", SETTINGS, "save", address=doorman.address, secret=SECRET)
    assert "Saved. The connection works." in by_hand.text
    assert settings_of(bridge)["site"] == OTHER_ID


def test_empty_connection_string_is_asked_for(bridge: WordPress) -> None:
    assert "Paste the connection string first." in press(bridge, "admin", SETTINGS, "connect").text


# Greetings


def test_latesync_hears_of_an_update_at_the_next_page_and_not_at_every_page(
    bridge: WordPress, doorman: Doorman
) -> None:
    connect_to(bridge, doorman.address)
    admin = bridge.login("admin")
    for _ in range(2):
        bridge.get(DASHBOARD, admin)
    assert len(doorman.greetings) == 1
    file = bridge.content / "plugins/latesync-bridge/latesync-bridge.php"
    file.write_text(re.sub(r"(_VERSION', ')[^']+", r"\g<1>9.9.9", file.read_text()))
    for _ in range(2):
        bridge.get(DASHBOARD, admin)
    assert [greeting["plugin"] for greeting in doorman.greetings[1:]] == ["9.9.9"]


def test_greeting_that_did_not_arrive_is_made_up_for(bridge: WordPress, doorman: Doorman) -> None:
    admin = bridge.login("admin")
    connect_to(bridge, f"http://127.0.0.1:{free_port()}")
    bridge.get(DASHBOARD, admin)  # nobody is there, which opens the breaker
    connect_to(bridge, doorman.address)
    bridge.get(DASHBOARD, admin)  # the breaker drops it
    assert doorman.greetings == []
    bridge.run("UPDATE wp_options SET option_value = '1' WHERE option_name = 'latesync_bridge_breaker'")
    bridge.get(DASHBOARD, admin)
    assert len(doorman.greetings) == 1


# The way in


def test_with_latesync_away_the_buttons_stay_and_say_so(bridge: WordPress) -> None:
    connect_to(bridge, f"http://127.0.0.1:{free_port()}")
    bridge.bookings.book(DAY, 600)
    mine = bridge.get(MY_CALENDAR, bridge.login("anna")).text
    assert OPEN_OWN in mine
    assert "LateSync did not answer when this site last asked" in mine
    assert "tell this site’s administrator" in mine
    owner = bridge.get(STATUS, bridge.login("admin")).text
    assert OPEN in owner
    assert "LateSync did not answer when this site last asked" in owner
    assert "Check on its server that LateSync runs." in owner
    assert "within seconds of being back" in troubles_of(owner)
    assert '<small class="latesync-code">Code: unreachable connect</small>' in troubles_of(owner)


def test_with_a_wrong_secret_the_owner_is_sent_to_the_settings_instead(
    bridge: WordPress, doorman: Doorman
) -> None:
    connect_to(bridge, doorman.address)
    doorman.refusal = "signature"
    owner = bridge.get(STATUS, bridge.login("admin")).text
    assert OPEN not in owner
    assert "LateSync does not accept this site’s secret" in owner
    assert "Paste the connection string" in owner
    forget_answer(bridge)
    bridge.bookings.book(DAY, 600)  # its note is refused too
    mine = bridge.get(MY_CALENDAR, bridge.login("anna")).text
    assert OPEN_OWN in mine
    assert "LateSync does not accept this site’s secret at the moment" in mine

    doorman.refusal = ""
    bridge.bookings.book(DAY, 720)
    assert "does not accept" not in bridge.get(MY_CALENDAR, bridge.login("anna")).text
    assert OPEN in bridge.get(STATUS, bridge.login("admin")).text


def test_with_clocks_apart_the_owner_s_button_stays(bridge: WordPress, doorman: Doorman) -> None:
    connect_to(bridge, doorman.address)
    doorman.refusal = "clock"
    owner = bridge.get(STATUS, bridge.login("admin")).text
    assert OPEN in owner
    assert "LateSync does not accept this site’s messages at the moment" in owner


def test_way_in_without_trouble_has_no_doubt_beside_it(bridge: WordPress, doorman: Doorman) -> None:
    connect_to(bridge, doorman.address)
    pages = [bridge.get(STATUS, bridge.login("admin")), bridge.get(MY_CALENDAR, bridge.login("anna"))]
    assert [("latesync-doubt" in page.text, page.status_code) for page in pages] == [(False, 200)] * 2


# The agents


def test_overview_names_the_agents_without_a_wordpress_user(bridge: WordPress, doorman: Doorman) -> None:
    connect_to(bridge, doorman.address)
    hint = "No WordPress user: gets a personal link from LateSync"
    page = bridge.get(STATUS, bridge.login("admin")).text
    rows = {row.split("<")[0]: hint in row for row in page.split('data-label="Agent">')[1:]}
    assert rows == {"Anna Adler": False, "Bruno Bauer": True, "Chen Chu": True}
    bridge.run("UPDATE wp_latepoint_agents SET wp_user_id = 0 WHERE id = :id", id=ANNA)
    assert bridge.get(STATUS, bridge.login("admin")).text.count(hint) == 3


# Whether LateSync lives


def test_a_latesync_that_was_not_heard_of_for_half_an_hour_is_said_on_every_page(bridge: WordPress) -> None:
    """users-ask.md U33: nothing syncs, and nobody says so."""
    connect_to(bridge, "http://127.0.0.1:9")
    bridge.run(
        "INSERT INTO wp_latesync_accounts (agent_id, provider, state, message, updated_at)"
        " VALUES (1, 'google', 'connected', '', UTC_TIMESTAMP() - INTERVAL 20 MINUTE)"
    )
    silent = "so calendars may be out of step. Check that LateSync runs on its server."
    assert silent not in bridge.get(DASHBOARD, bridge.login("admin")).text
    bridge.run("UPDATE wp_latesync_accounts SET updated_at = UTC_TIMESTAMP() - INTERVAL 3 HOUR")
    assert "LateSync last reported 3 hours ago" in bridge.get(DASHBOARD, bridge.login("admin")).text
    assert silent in bridge.get(DASHBOARD, bridge.login("admin")).text
