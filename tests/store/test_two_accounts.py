"""An agent's accounts at two providers: exactly one of them is written to, whoever does what at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from latesync.errors import LeaseLost, WrongInput
from latesync.model import AccountState, MappingState
from latesync.options import AllDay, BlockingPolicy, NextSync, ResetEvents
from latesync.store.accounts import (
    active_account,
    active_accounts,
    choose_calendars,
    list_accounts,
    promote,
    read_account,
    record_disconnected,
    record_needs_sign_in,
)
from latesync.store.blocking import blocking_of, choose_blocking
from latesync.store.calendars import count_slots, read_calendars
from latesync.store.fenced import FencedDatabase
from latesync.store.fingerprints import pull_siblings_forward
from latesync.store.history import What, Who, record_of_account
from latesync.store.left_out import LeftOut, record_left_out
from latesync.store.mappings import read_mappings
from latesync.store.moves import record_notes_carried
from latesync.store.resets import ResetWish, ask_reset, open_reset
from tests.store.builders import HOUR, NOW, SITE, Site, a_slot, a_span, an_item

LATER = NOW + HOUR


def two(site: Site, **second: Any) -> tuple[int, int]:
    """Google first, then Outlook."""
    return site.connect(), outlook(site, **second)


def outlook(site: Site, **changes: Any) -> int:
    return site.connect(provider="microsoft", subject="oid.tid", write_calendar_id="AAA=", **changes)


def written(site: Site) -> list[tuple[str, str]]:
    """(provider, calendar) of the active accounts that are written to."""
    return [
        (row.provider, row.write_calendar_id)
        for row in active_accounts(site.database, SITE, 1)
        if row.is_written
    ]


def left_out(site: Site, account_id: int) -> dict[int, str]:
    known = read_mappings(site.database, account_id)
    return {row.booking_id: row.booking_hash for row in known if row.state is MappingState.LEFT_OUT}


def leave_out(site: Site, account_id: int, *booking_ids: int) -> None:
    rows = [
        LeftOut(number, 1, "primary", f"never{number}", a_span(), f"row-{number}") for number in booking_ids
    ]
    record_left_out(site.database, SITE, account_id, rows, NOW)


# --- who is written to ------------------------------------------------------------------------


def test_a_second_provider_brings_busy_time_only(site: Site) -> None:
    """odoo-calendar-sync.md §4, PR 241997: two calendars of one person must not both get every booking."""
    google, second = two(site)
    assert written(site) == [("google", "primary")]
    assert [(row.calendar_id, row.reads_busy) for row in read_calendars(site.database, second)] == [
        ("AAA=", True)
    ]
    assert [row.id for row in active_accounts(site.database, SITE, 1)] == [google, second]


def test_a_second_provider_is_written_to_where_its_agent_wished_that(site: Site) -> None:
    google, second = two(site, writes=True, now=LATER)
    assert written(site) == [("microsoft", "AAA=")]
    assert {site.account(row).outbound_due_at for row in (google, second)} == {LATER}
    assert [row.id for row in active_accounts(site.database, SITE, 1)] == [second, google]


def test_what_makes_the_agent_busy_holds_for_a_calendar_they_add_or_come_back_to(site: Site) -> None:
    google, second = two(site)
    record_disconnected(site.database, second, NOW)
    choose_blocking(site.database, google, BlockingPolicy(tentative_blocks=False, all_day=AllDay.NEVER), NOW)
    assert outlook(site) == second
    record_disconnected(site.database, google, NOW)
    assert site.connect() == google
    third = site.connect(agent_id=2)
    chosen = {row.id: blocking_of(row) for row in list_accounts(site.database, SITE)}
    assert (chosen[second].tentative_blocks, chosen[second].all_day) == (False, AllDay.NEVER)
    assert chosen[google] == chosen[second]
    assert chosen[third] == BlockingPolicy()


def test_a_second_calendar_begins_with_what_the_agent_chose_to_be_busy_by(site: Site) -> None:
    google = site.connect()
    choose_blocking(site.database, google, BlockingPolicy(all_day=AllDay.NEVER), NOW)
    added = read_account(site.database, outlook(site))
    assert added is not None
    assert blocking_of(added).all_day is AllDay.NEVER


def test_an_account_is_found_by_its_provider_and_else_it_is_the_one_written_to(site: Site) -> None:
    google, second = two(site, writes=True)
    found = [active_account(site.database, SITE, 1, name) for name in ("google", "microsoft", None)]
    assert [row and row.id for row in found] == [google, second, second]
    record_disconnected(site.database, google, NOW)
    assert active_account(site.database, SITE, 1, "google") is None


def test_a_second_account_of_one_provider_is_refused(site: Site) -> None:
    site.connect(subject="private")
    with pytest.raises(WrongInput, match="Another Google account is connected already"):
        site.connect(subject="work")
    assert len(active_accounts(site.database, SITE, 1)) == 1


def test_whoever_signs_in_again_keeps_the_role(site: Site) -> None:
    google, second = two(site)
    for account_id in (google, second):
        record_needs_sign_in(site.database, account_id, "revoked", NOW)
    two(site, now=LATER)
    assert written(site) == [("google", "primary")]


def test_choosing_a_calendar_to_write_to_takes_it_from_the_other_account(site: Site) -> None:
    google, second = two(site)
    site.claim("worker-1")

    choose_calendars(site.database, second, "AAA=", ["AAA="], None, LATER)

    assert written(site) == [("microsoft", "AAA=")]
    for account in map(site.account, (google, second)):
        assert (account.outbound_due_at, account.inbound_due_at, account.lease_owner) == (LATER, LATER, None)
    assert site.account(second).in_step is None


def test_the_calendar_that_is_left_is_still_listed_for_what_stands_in_it(site: Site) -> None:
    google, second = two(site)
    choose_calendars(site.database, second, "AAA=", ["AAA="], None, NOW)
    assert [row.calendar_id for row in read_calendars(site.database, google)] == ["primary"]


def test_busy_time_only_hands_the_bookings_to_the_other_account(site: Site) -> None:
    google, _ = two(site)
    choose_calendars(site.database, google, "", ["primary", "team"], None, LATER)
    assert written(site) == [("microsoft", "AAA=")]
    assert {row.calendar_id for row in read_calendars(site.database, google)} == {"primary", "team"}


def test_the_only_account_cannot_stop_being_written_to(site: Site) -> None:
    account_id = site.connect()
    with pytest.raises(WrongInput, match="no other account they could go to"):
        choose_calendars(site.database, account_id, "", ["team"], None, NOW)
    assert written(site) == [("google", "primary")]
    assert [row.calendar_id for row in read_calendars(site.database, account_id)] == ["primary"]


def test_a_disconnected_account_cannot_take_the_bookings(site: Site) -> None:
    google, second = two(site)
    record_disconnected(site.database, second, NOW)
    with pytest.raises(WrongInput, match="not connected any more"):
        promote(site.database, second, "AAA=", NOW)
    with pytest.raises(WrongInput, match="not connected any more"):
        choose_calendars(site.database, second, "AAA=", [], None, NOW)
    assert written(site) == [("google", "primary")]
    assert site.account(google).is_written


@pytest.mark.parametrize(("asked", "there"), [("home", "home"), ("", "AAA=")])
def test_disconnecting_the_written_account_promotes_the_other(site: Site, asked: str, there: str) -> None:
    google, second = two(site)
    record_disconnected(site.database, google, LATER, promote_to=asked)
    assert written(site) == [("microsoft", there)]
    account = site.account(second)
    assert (account.outbound_due_at, account.inbound_due_at) == (LATER, LATER)
    assert there in {row.calendar_id for row in read_calendars(site.database, second)}


def test_disconnecting_the_other_account_changes_nothing(site: Site) -> None:
    google, second = two(site)
    record_disconnected(site.database, second, LATER)
    assert written(site) == [("google", "primary")]
    assert site.account(google).outbound_due_at == NOW


def test_a_disconnected_account_that_returns_takes_nothing_away(site: Site) -> None:
    google, _ = two(site)
    record_disconnected(site.database, google, NOW)
    assert site.connect(now=LATER) == google
    assert written(site) == [("microsoft", "AAA=")]
    assert site.account(google).state is AccountState.CONNECTED


def test_an_account_that_returns_alone_is_written_to_where_it_was(site: Site) -> None:
    google = site.connect()
    choose_calendars(site.database, google, "work", ["work"], None, NOW)
    record_disconnected(site.database, google, NOW)
    site.connect(now=LATER)
    assert written(site) == [("google", "work")]


def test_another_agents_accounts_are_left_alone(site: Site) -> None:
    other = site.connect(2)
    _, second = two(site)
    choose_calendars(site.database, second, "AAA=", ["AAA="], None, LATER)
    assert site.account(other).is_written
    assert site.account(other).outbound_due_at == NOW


def test_whatever_is_done_at_once_exactly_one_account_is_written_to(site: Site) -> None:
    google, second = two(site)
    deeds: list[Callable[[], object]] = [
        lambda: choose_calendars(site.database, google, "primary", ["primary"], None, NOW),
        lambda: choose_calendars(site.database, second, "AAA=", ["AAA="], None, NOW),
        lambda: choose_calendars(site.database, second, "", ["AAA="], None, NOW),
        lambda: promote(site.database, google, "work", NOW),
        lambda: site.connect(now=LATER, writes=True),
        lambda: outlook(site, now=LATER, writes=True),
        lambda: record_needs_sign_in(site.database, second, "revoked", NOW),
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_done_or_refused, deeds * 4))
    assert len(written(site)) == 1


def test_two_disconnects_at_once_leave_nobody_written_to_and_one_leaves_one(site: Site) -> None:
    google, second = two(site)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda row: record_disconnected(site.database, row, NOW), (google, second)))
    assert active_accounts(site.database, SITE, 1) == []


def _done_or_refused(deed: Callable[[], object]) -> None:
    with suppress(WrongInput):
        deed()


def test_a_run_that_writes_meanwhile_is_not_in_the_way(site: Site) -> None:
    """Whoever works at an account holds its row, then refers to the site; who chooses does likewise."""
    google, second = two(site)

    def write_as_a_run(account_id: int) -> None:
        with suppress(LeaseLost), FencedDatabase(site.database, "worker-1", account_id).write() as connection:
            record_of_account(connection, account_id, What.CALENDAR_LOST, NOW, who=Who.LATESYNC)

    def choose(account_id: int) -> None:
        site.claim()
        choose_calendars(site.database, account_id, "work", ["work"], None, NOW)

    with ThreadPoolExecutor(4) as pool:
        for deed in (choose, write_as_a_run) * 4:
            list(pool.map(deed, (google, second) * 4))
        list(pool.map(lambda number: (choose, write_as_a_run)[number % 2](google), range(40)))
    assert len(written(site)) == 1


# --- what goes along --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["choose", "promote", "disconnect", "sign in"])
def test_bookings_that_were_left_out_stay_out_in_the_other_account(site: Site, how: str) -> None:
    google = site.connect()
    leave_out(site, google, 7, 8)
    second = outlook(site, writes=how == "sign in")
    match how:
        case "choose":
            choose_calendars(site.database, second, "AAA=", ["AAA="], None, NOW)
        case "promote":
            promote(site.database, second, "AAA=", NOW)
        case "disconnect":
            record_disconnected(site.database, google, NOW)
    assert left_out(site, second) == {7: "row-7", 8: "row-8"}


def test_what_was_taken_in_meanwhile_is_not_left_out_after_going_back(site: Site) -> None:
    google, second = two(site)
    leave_out(site, google, 7, 8)
    promote(site.database, second, "AAA=", NOW)
    site.live_mapping(second, 7, calendar_id="AAA=")
    promote(site.database, google, "primary", NOW)
    assert left_out(site, google) == {8: "row-8"}


def test_an_event_that_still_stands_is_not_forgotten_for_a_booking_left_out(site: Site) -> None:
    google, second = two(site)
    site.live_mapping(google, 7)
    promote(site.database, second, "AAA=", NOW)
    leave_out(site, second, 7, 9)
    promote(site.database, google, "primary", NOW)
    assert left_out(site, google) == {9: "row-9"}
    assert [row.state for row in read_mappings(site.database, google) if row.booking_id == 7] == [
        MappingState.LIVE
    ]


def test_a_wish_for_new_bookings_only_goes_along_while_it_is_open(site: Site) -> None:
    google, second = two(site)
    wish = ResetWish(ResetEvents.BOTH, NextSync.NEW, newest_booking_id=41)
    ask_reset(site.database, google, wish, Who.AGENT, NOW)
    promote(site.database, second, "AAA=", LATER)
    carried = open_reset(site.database, second)
    assert carried is not None
    assert carried.wish == ResetWish(ResetEvents.KEEP, NextSync.NEW, newest_booking_id=41)
    assert open_reset(site.database, google) is not None


# --- for runs ---------------------------------------------------------------------------------


def test_a_claim_knows_whether_its_agent_has_another_account(site: Site) -> None:
    google, second = two(site)
    alone = site.connect(2)
    assert {each.account.id: each.has_sibling for each in site.claim()} == {
        google: True, second: True, alone: False,
    }  # fmt: skip
    for account_id in (google, second):
        site.release(account_id)
    record_disconnected(site.database, google, NOW)
    later = site.claim(now=NOW + 2 * HOUR)
    assert [each.has_sibling for each in later if each.account.id == second] == [False]


def test_the_other_accounts_of_an_agent_are_told_and_nobody_else(site: Site) -> None:
    google, second = two(site)
    other = site.connect(2)
    site.claim()
    for account_id in (google, second, other):
        site.release(account_id)
    assert pull_siblings_forward(site.database, SITE, 1, second, LATER) == 1
    assert [site.account(row).outbound_due_at for row in (google, second, other)] == [LATER, None, None]


def test_notes_that_were_carried_are_no_change_of_the_event(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    assert record_notes_carried(site.database, mapping_id, etag_before='"1"', etag='"2"', now=LATER)
    (mapping,) = read_mappings(site.database, account_id)
    assert (mapping.etag, mapping.has_agent_notes, mapping.drift) == ('"2"', True, None)
    assert not record_notes_carried(site.database, mapping_id, etag_before='"1"', etag='"3"', now=LATER)


def test_busy_time_is_counted_by_account(site: Site) -> None:
    google, second = two(site)
    site.page(site.calendar(google).id, an_item(), slots=(a_slot("a" * 32), a_slot("b" * 32)))
    site.page(site.calendar(second).id, an_item(), slots=(a_slot("c" * 32),))
    assert [count_slots(site.database, row) for row in (google, second)] == [2, 1]
