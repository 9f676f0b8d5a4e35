"""Sites, what is held or unreadable, runs, sign-ins on their way, admins and links."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from latesync.errors import SignInRefused, WrongInput
from latesync.model import UnreadableBooking
from latesync.store.held import HeldOperation, list_held, replace_held
from latesync.store.people import (
    count_admins,
    create_admin,
    find_admin,
    link_serial,
    read_admin,
    replace_link,
    set_password_hash,
)
from latesync.store.runs import last_runs, prune_runs, record_run
from latesync.store.sign_ins import SignInRow, claim_sign_in, prune_sign_ins, record_sign_in
from latesync.store.site_rules import record_site_zone
from latesync.store.sites import read_site, record_site_look, record_site_problem
from latesync.store.unreadable import list_unreadable, replace_unreadable
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site

MAX_AGE = timedelta(minutes=10)


# --- the site ---------------------------------------------------------------------------------


def test_a_sites_problem_remembers_since_when_and_ends_with_a_complete_look(site: Site) -> None:
    record_site_zone(site.database, SITE, "Europe/Berlin", NOW)
    for hours, problem in enumerate(["unavailable", "unavailable", "schema"]):
        record_site_problem(site.database, SITE, problem, NOW + hours * HOUR)
        since = NOW if problem == "unavailable" else NOW + hours * HOUR
        row = read_site(site.database, SITE)
        assert (row.problem, row.problem_since, row.looked_at) == (problem, since, None)
    record_site_look(site.database, SITE, 4182, NOW + 3 * HOUR)
    row = read_site(site.database, SITE)
    assert (row.zone, row.newest_booking_id, row.looked_at) == ("Europe/Berlin", 4182, NOW + 3 * HOUR)
    assert (row.problem, row.problem_since) == (None, None)


# --- held, unreadable -------------------------------------------------------------------------


def test_what_is_held_keeps_the_time_it_was_first_held(site: Site) -> None:
    account_id, other = site.connect(1), site.connect(2)
    deletes = [HeldOperation(booking_id, "delete", "booking removed") for booking_id in (7, 8, 9)]
    replace_held(site.database, other, deletes[:1], NOW)
    replace_held(site.database, account_id, deletes[:2], NOW)
    changed = HeldOperation(8, "delete", "booking cancelled")
    replace_held(site.database, account_id, [deletes[0], changed, deletes[2]], NOW + HOUR)
    held = list_held(site.database, SITE)
    assert [(row.account_id, row.agent_id, row.booking_id, row.reason, row.held_at) for row in held] == [
        (account_id, 1, 7, "booking removed", NOW),
        (account_id, 1, 8, "booking cancelled", NOW + HOUR),
        (account_id, 1, 9, "booking removed", NOW + HOUR),
        (other, 2, 7, "booking removed", NOW),
    ]
    replace_held(site.database, account_id, [], NOW)
    assert [row.account_id for row in list_held(site.database, SITE)] == [other]


def test_unreadable_bookings_are_listed_while_they_are_and_under_their_agent(site: Site) -> None:
    first = [UnreadableBooking(booking_id, 1, "no start") for booking_id in (7, 8)]
    replace_unreadable(site.database, SITE, 1, first, NOW)
    replace_unreadable(site.database, SITE, 1, [first[0], UnreadableBooking(8, 1, "no end")], NOW + HOUR)
    replace_unreadable(site.database, SITE, 2, [UnreadableBooking(7, 2, "no start")], NOW + HOUR)
    assert [
        (row.booking_id, row.agent_id, row.why, row.seen_at) for row in list_unreadable(site.database, SITE)
    ] == [
        (7, 2, "no start", NOW + HOUR),
        (8, 1, "no end", NOW + HOUR),
    ]
    replace_unreadable(site.database, SITE, 1, [], NOW)
    assert [row.booking_id for row in list_unreadable(site.database, SITE)] == [7]


# --- runs -------------------------------------------------------------------------------------


def test_the_newest_runs_come_first_and_old_ones_go(site: Site) -> None:
    first, second = site.connect(1), site.connect(2)
    for number, account_id in enumerate((first, second, first)):
        times: dict[str, Any] = {"started_at": NOW + number * HOUR, "ended_at": NOW + number * HOUR + SECOND}
        record_run(
            site.database, site_id=SITE, account_id=account_id, outcome="fine", events_created=number, **times
        )
    assert [row.events_created for row in last_runs(site.database, SITE)] == [2, 1, 0]
    assert [row.events_created for row in last_runs(site.database, SITE, first, limit=1)] == [2]
    assert last_runs(site.database, "another-one") == []
    assert prune_runs(site.database, NOW + HOUR) == 1
    assert [row.events_created for row in last_runs(site.database, SITE)] == [2, 1]


def test_a_run_remembers_what_became_of_bookings(site: Site) -> None:
    times: dict[str, Any] = {"started_at": NOW, "ended_at": NOW}
    account_id = site.connect(1)
    record_run(site.database, site_id=SITE, account_id=account_id, outcome="fine", **times)
    record_run(
        site.database, site_id=SITE, account_id=account_id, outcome="fine", bookings_moved=2,
        bookings_cancelled=1, **times,
    )  # fmt: skip
    rows = last_runs(site.database, SITE)
    assert [(row.bookings_moved, row.bookings_cancelled) for row in rows] == [(2, 1), (0, 0)]


# --- sign-ins ---------------------------------------------------------------------------------


def test_a_sign_in_returns_as_it_was_begun(site: Site) -> None:
    _begin(site, "state-1")
    found = _return(site, "state-1")
    assert (found.site_id, found.agent_id, found.provider) == (SITE, 5, "google")
    assert (found.client_ref, found.code_verifier, found.created_at) == (site.client_ref, "verifier", NOW)
    assert "verifier" not in repr(found).replace("code_verifier", "")


@pytest.mark.parametrize(
    ("state", "browser", "after", "code"),
    [
        ("state-2", "browser-1", SECOND, "state_unknown"),
        ("STATE-1", "browser-1", SECOND, "state_unknown"),
        ("state-1", "browser-2", SECOND, "other_browser"),
        ("state-1", "browser-1", MAX_AGE, "state_expired"),
        ("state-1", "browser-2", MAX_AGE, "other_browser"),
    ],
)
def test_a_sign_in_that_does_not_fit_is_refused(
    site: Site, state: str, browser: str, after: timedelta, code: str
) -> None:
    _begin(site, "state-1")
    with pytest.raises(SignInRefused) as refusal:
        claim_sign_in(site.database, site.box, state, browser, NOW + after, MAX_AGE)
    assert refusal.value.code == code


def test_a_state_is_used_once(site: Site) -> None:
    _begin(site, "state-1")
    _return(site, "state-1")
    with pytest.raises(SignInRefused) as refusal:
        _return(site, "state-1")
    assert refusal.value.code == "state_used"


def test_another_browser_does_not_use_a_state_up(site: Site) -> None:
    _begin(site, "state-1")
    with pytest.raises(SignInRefused):
        claim_sign_in(site.database, site.box, "state-1", "browser-2", NOW, MAX_AGE)
    assert _return(site, "state-1").agent_id == 5


def test_of_two_returns_at_once_one_wins(site: Site) -> None:
    _begin(site, "state-1")
    with ThreadPoolExecutor(8) as pool:
        attempts = [pool.submit(_return, site, "state-1") for _ in range(8)]
        failures = [attempt.exception() for attempt in attempts]
    refused = [failure.code for failure in failures if isinstance(failure, SignInRefused)]
    assert refused == ["state_used"] * 7
    assert failures.count(None) == 1


def test_old_sign_ins_are_forgotten(site: Site) -> None:
    _begin(site, "state-1")
    assert prune_sign_ins(site.database, NOW) == 0
    assert prune_sign_ins(site.database, NOW + SECOND) == 1


# --- people -----------------------------------------------------------------------------------


def test_an_admin_is_found_by_address_however_it_is_written(site: Site) -> None:
    assert count_admins(site.database) == 0
    admin_id = create_admin(site.database, " Dana@Example.com", "argon2-1", NOW)
    found = find_admin(site.database, "dana@EXAMPLE.com ")
    assert found is not None
    assert (found.id, found.email, found.created_at) == (admin_id, "dana@example.com", NOW)
    assert "argon2" not in repr(found)
    set_password_hash(site.database, admin_id, "argon2-2")
    changed = read_admin(site.database, admin_id)
    assert changed is not None
    assert changed.password_hash == "argon2-2"
    assert find_admin(site.database, "dan@example.com") is None
    assert read_admin(site.database, admin_id + 1) is None


def test_an_address_belongs_to_one_admin(site: Site) -> None:
    create_admin(site.database, "dana@example.com", "argon2-1", NOW)
    with pytest.raises(WrongInput, match="already"):
        create_admin(site.database, "Dana@example.com", "argon2-2", NOW)
    assert count_admins(site.database) == 1


def test_a_replaced_link_has_a_serial_of_its_own(site: Site) -> None:
    assert link_serial(site.database, SITE, 5) == 1
    assert [replace_link(site.database, SITE, 5) for _ in range(2)] == [2, 3]
    assert (link_serial(site.database, SITE, 5), link_serial(site.database, SITE, 6)) == (3, 1)


def test_links_replaced_at_the_same_time_end_all_before_them(site: Site) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = [
            future.result()
            for future in [pool.submit(replace_link, site.database, SITE, 5) for _ in range(6)]
        ]
    assert sorted(made) == [2, 3, 4, 5, 6, 7]
    assert link_serial(site.database, SITE, 5) == 7


def _begin(site: Site, state: str) -> None:
    record_sign_in(
        site.database,
        site.box,
        state,
        site_id=SITE,
        agent_id=5,
        provider="google",
        client_ref=site.client_ref,
        code_verifier="verifier",
        browser="browser-1",
        now=NOW,
    )


def _return(site: Site, state: str) -> SignInRow:
    return claim_sign_in(site.database, site.box, state, "browser-1", NOW + SECOND, MAX_AGE)
