"""A copied WordPress keeps quiet towards LateSync until somebody says whether the site has moved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wordpress.site import WordPress
from tests.wordpress.test_owner_pages import SECRET, SITE_ID, Doorman, answering, connect_to
from tests.wordpress.together import MY_CALENDAR, SETTINGS, STATUS, day, press

DAY = day()
ASKED = "Has this site moved, or is it a copy?"
MOVED = 'value="latesync_bridge_moved"'
OTHER = "https://salon.example"


@pytest.fixture
def doorman() -> Iterator[Doorman]:
    doorman = Doorman()
    with answering(doorman):
        yield doorman


def connected_elsewhere(site: WordPress, doorman: Doorman) -> None:
    """As in a copy: everything is there, and was connected under another address."""
    connect_to(site, doorman.address)
    site.php(f"LateSync_Bridge_Home::remember( array( LateSync_Bridge_Home::mark( '{OTHER}' ) ) ); return 1;")


def test_a_copy_sends_nothing_and_says_so(bridge: WordPress, doorman: Doorman) -> None:
    """odoo-calendar-sync.md PR 127729."""
    connected_elsewhere(bridge, doorman)
    bridge.bookings.book(DAY, 600)
    admin = bridge.login("admin")
    assert "connected to LateSync under another address" in bridge.get("wp-admin/index.php", admin).text
    assert "connected to LateSync under another address" in bridge.get(STATUS, admin).text
    shown = bridge.get(SETTINGS, admin).text
    assert ASKED in shown
    assert MOVED in shown
    assert "latesync_bridge_open_own" not in bridge.get(MY_CALENDAR, bridge.login("anna")).text
    assert doorman.greetings == []
    assert bridge.value("SELECT COUNT(*) FROM wp_options WHERE option_name = 'latesync_bridge_breaker'") == 0


def test_busy_time_that_was_stored_closes_slots_on_a_copy_too(bridge: WordPress, doorman: Doorman) -> None:
    connected_elsewhere(bridge, doorman)
    before = bridge.slots(DAY)
    bridge.fill_busy((1, f"{DAY} 00:00:00", f"{DAY} 23:00:00"), (2, f"{DAY} 00:00:00", f"{DAY} 23:00:00"))
    assert len(bridge.slots(DAY)) < len(before)


def test_a_site_that_has_moved_goes_on(bridge: WordPress, doorman: Doorman) -> None:
    connected_elsewhere(bridge, doorman)
    page = press(bridge, "admin", SETTINGS, "moved").text
    assert "Saved. The connection works." in page
    assert ASKED not in page
    assert len(doorman.greetings) == 1
    assert bridge.option("latesync_bridge")["secret"] == SECRET


def test_a_copy_can_be_disconnected(bridge: WordPress, doorman: Doorman) -> None:
    connected_elsewhere(bridge, doorman)
    page = press(bridge, "admin", SETTINGS, "disconnect").text
    assert "Disconnected." in page
    assert ASKED not in page
    assert doorman.greetings == []


def test_a_site_that_was_connected_before_remembers_its_address_by_itself(
    bridge: WordPress, doorman: Doorman
) -> None:
    doorman.home = bridge.url
    connect_to(bridge, doorman.address)
    assert not bridge.option("latesync_bridge").get("homes")
    press(bridge, "admin", SETTINGS, "test")
    assert bridge.option("latesync_bridge")["homes"]
    assert ASKED not in bridge.get(SETTINGS, bridge.login("admin")).text


def test_what_latesync_asks_of_a_copy_is_refused(bridge: WordPress, doorman: Doorman) -> None:
    connected_elsewhere(bridge, doorman)
    answer = bridge.get("index.php?rest_route=/latesync/v1/hello", headers={"X-LateSync-Site": SITE_ID})
    assert (answer.status_code, answer.json()) == (401, {"error": "copy"})


def test_a_turn_of_latesyncs_is_no_account(bridge: WordPress, doorman: Doorman) -> None:
    connect_to(bridge, doorman.address)
    bridge.run(
        "INSERT INTO wp_latesync_accounts (agent_id, provider, state, message, updated_at) "
        "VALUES (0, 'latesync', 'turn', :turn, '2020-01-01 00:00:00')",
        turn="a" * 32,
    )
    assert bridge.php("return LateSync_Bridge_Accounts::all();") == []
