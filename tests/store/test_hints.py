"""What the plugin brings: hints, nonces, and what is known of the plugin itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from latesync.store.bridges import Greeting, read_bridge, record_greeting, record_heard
from latesync.store.fingerprints import pull_stale_inbound_forward
from latesync.store.hints import EVERYTHING, MOST_KEPT, Hint, drop_hints, note_hints, read_hints
from latesync.store.mappings import agents_with_events, record_gone
from latesync.store.nonces import is_new_nonce, prune_nonces
from latesync.store.schema import sites
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site

NONCE = "0123456789abcdef" * 2
OTHER_SITE = "ba9876543210"


def booking_ids(site: Site) -> list[int]:
    return [hint.booking_id for hint in read_hints(site.database, SITE)]


def add_other_site(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(insert(sites).values(id=OTHER_SITE, created_at=NOW))


# --- hints ------------------------------------------------------------------------------------


def test_hints_are_kept_once_per_booking_with_the_newest_time(site: Site) -> None:
    note_hints(site.database, SITE, {13, 12}, NOW)
    note_hints(site.database, SITE, {13, 0}, NOW + SECOND)
    note_hints(site.database, SITE, [], NOW + HOUR)
    assert read_hints(site.database, SITE) == [
        Hint(0, NOW + SECOND),
        Hint(12, NOW),
        Hint(13, NOW + SECOND),
    ]


def test_hint_that_was_noted_again_meanwhile_stays(site: Site) -> None:
    note_hints(site.database, SITE, {12, 13}, NOW)
    taken = read_hints(site.database, SITE)
    note_hints(site.database, SITE, {13}, NOW + timedelta(microseconds=1))
    drop_hints(site.database, SITE, taken)
    assert booking_ids(site) == [13]
    drop_hints(site.database, SITE, [])
    assert booking_ids(site) == [13]


def test_hints_of_another_site_are_its_own(site: Site) -> None:
    add_other_site(site)
    note_hints(site.database, OTHER_SITE, {12}, NOW)
    note_hints(site.database, SITE, {12}, NOW)
    drop_hints(site.database, SITE, read_hints(site.database, SITE))
    assert booking_ids(site) == []
    assert read_hints(site.database, OTHER_SITE) == [Hint(12, NOW)]


def test_too_many_hints_become_one_look_at_everything(site: Site) -> None:
    for first in range(1, MOST_KEPT, 500):
        note_hints(site.database, SITE, range(first, first + 500), NOW)
    assert len(booking_ids(site)) == MOST_KEPT
    note_hints(site.database, SITE, {99_999}, NOW + SECOND)
    assert read_hints(site.database, SITE) == [Hint(EVERYTHING, NOW + SECOND)]


def test_hints_noted_by_many_at_once_are_all_there(site: Site) -> None:
    def note(number: int) -> None:
        note_hints(site.database, SITE, range(number, number + 20), NOW + number * SECOND)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(1, 33)))
    assert booking_ids(site) == list(range(1, 52))


def test_agents_of_hinted_bookings_are_those_that_have_events_of_them(site: Site) -> None:
    danas, bens = site.connect(1), site.connect(2)
    site.live_mapping(danas, 7)
    site.live_mapping(bens, 8, agent_id=2)
    gone = site.live_mapping(bens, 7, agent_id=2)
    record_gone(site.database, gone, NOW)
    assert agents_with_events(site.database, SITE, [7, 99]) == {1}
    assert agents_with_events(site.database, SITE, [7, 8]) == {1, 2}
    assert agents_with_events(site.database, OTHER_SITE, [7, 8]) == set()


# --- nonces -----------------------------------------------------------------------------------


def test_nonce_counts_once_per_site(site: Site) -> None:
    add_other_site(site)
    assert is_new_nonce(site.database, SITE, NONCE, NOW)
    assert not is_new_nonce(site.database, SITE, NONCE, NOW + HOUR)
    assert is_new_nonce(site.database, OTHER_SITE, NONCE, NOW)


def test_transaction_goes_on_after_a_nonce_that_was_used(site: Site) -> None:
    is_new_nonce(site.database, SITE, NONCE, NOW)
    with site.database.write() as connection:
        assert not is_new_nonce(connection, SITE, NONCE, NOW)
        note_hints(connection, SITE, {12}, NOW)
    assert booking_ids(site) == [12]


def test_nonce_is_not_used_up_by_a_transaction_that_failed(site: Site) -> None:
    def fail() -> None:
        with site.database.write() as connection:
            assert is_new_nonce(connection, SITE, NONCE, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert is_new_nonce(site.database, SITE, NONCE, NOW)


def test_of_many_who_come_with_one_nonce_one_is_first(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: is_new_nonce(site.database, SITE, NONCE, NOW), range(16)))
    assert first.count(True) == 1


def test_old_nonces_are_forgotten(site: Site) -> None:
    is_new_nonce(site.database, SITE, "a" * 32, NOW)
    is_new_nonce(site.database, SITE, "b" * 32, NOW + HOUR)
    assert prune_nonces(site.database, NOW + SECOND) == 1
    assert is_new_nonce(site.database, SITE, "a" * 32, NOW)
    assert not is_new_nonce(site.database, SITE, "b" * 32, NOW)


# --- the plugin -------------------------------------------------------------------------------


def test_plugin_is_unknown_until_it_is_heard(site: Site) -> None:
    assert read_bridge(site.database, SITE) is None
    record_heard(site.database, SITE, NOW)
    bridge = read_bridge(site.database, SITE)
    assert bridge is not None
    assert (bridge.heard_at, bridge.greeted_at, bridge.plugin_version) == (NOW, None, None)


def test_hearing_is_written_down_once_a_minute(site: Site) -> None:
    heard_at = []
    for seconds in (0, 59, 60):
        record_heard(site.database, SITE, NOW + seconds * SECOND)
        bridge = read_bridge(site.database, SITE)
        assert bridge is not None
        heard_at.append(bridge.heard_at)
    assert heard_at == [NOW, NOW, NOW + 60 * SECOND]


def test_newest_greeting_stands_and_later_notes_leave_it(site: Site) -> None:
    rest = "https://salon.example/wp-json/latesync/v1"
    first = Greeting("0.2.0", "6.1.9", "5.6.5", "https://salon.example", rest, 1)
    record_greeting(site.database, SITE, first, NOW)
    record_greeting(site.database, SITE, Greeting("0.3.0", "6.2", "", "", rest, 2), NOW + HOUR)
    record_heard(site.database, SITE, NOW + 2 * HOUR)
    bridge = read_bridge(site.database, SITE)
    assert bridge is not None
    assert (bridge.heard_at, bridge.greeted_at) == (NOW + 2 * HOUR, NOW + HOUR)
    assert (bridge.plugin_version, bridge.wordpress_version, bridge.latepoint_version) == (
        "0.3.0",
        "6.2",
        None,
    )
    assert (bridge.home_url, bridge.rest_url, bridge.protocol) == (None, rest, 2)


# --- somebody is looking ----------------------------------------------------------------------


def inbound_due(site: Site, account_id: int) -> datetime | None:
    return site.account(account_id).inbound_due_at


def look(site: Site, *agent_ids: int, at: datetime) -> int:
    return pull_stale_inbound_forward(site.database, SITE, agent_ids, at, at - 5 * SECOND)


def read_once(site: Site, agent_id: int = 1, **changes: Any) -> int:
    """An account that was read at NOW and is to be read again in an hour."""
    account_id = site.connect(agent_id)
    site.claim()
    site.release(account_id, **changes)
    return account_id


def test_calendar_somebody_looks_at_is_read_now_unless_it_was_just_read(site: Site) -> None:
    account_id, other = read_once(site), read_once(site, 2)
    assert look(site, 1, at=NOW + 4 * SECOND) == 0
    assert inbound_due(site, account_id) == NOW + HOUR
    assert look(site, 1, 77, at=NOW + 6 * SECOND) == 1
    assert inbound_due(site, account_id) == NOW + 6 * SECOND
    assert site.account(account_id).outbound_due_at is None
    assert inbound_due(site, other) == NOW + HOUR


def test_calendar_that_is_being_read_is_not_read_once_more(site: Site) -> None:
    account_id = read_once(site)
    site.claim(now=NOW + HOUR)
    assert look(site, 1, at=NOW + HOUR + SECOND) == 0
    assert inbound_due(site, account_id) is None


def test_visitor_does_not_hurry_a_calendar_that_cannot_be_read(site: Site) -> None:
    account_id = read_once(
        site, failures=1, problem="rate_limited", failing="inbound", inbound_good=False, outbound_good=True
    )
    assert look(site, 1, at=NOW + 60 * SECOND) == 0
    assert inbound_due(site, account_id) == NOW + HOUR


def test_trouble_with_writing_does_not_keep_from_reading(site: Site) -> None:
    account_id = read_once(site, failures=1, problem="usage_limited", failing="outbound", outbound_good=False)
    assert look(site, 1, at=NOW + 60 * SECOND) == 1
    assert inbound_due(site, account_id) == NOW + 60 * SECOND
