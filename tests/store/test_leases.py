"""One worker at a time per account; what is due gets done, also after a crash, and no hint is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from latesync.store.accounts import (
    choose_calendars,
    record_disconnected,
    record_needs_sign_in,
)
from latesync.store.fingerprints import pull_forward, read_fingerprints, record_fingerprints
from latesync.store.leases import next_due, owns, renew_leases
from tests.store.builders import HOUR, LEASE, NOW, SECOND, SITE, Site

AFTER_LEASE = NOW + LEASE


def test_a_claim_brings_all_a_run_needs(site: Site) -> None:
    account_id = site.connect(agent_id=3)
    choose_calendars(site.database, account_id, "primary", ["primary", "team"], False, NOW)
    (claim,) = site.claim()
    assert (claim.account.id, claim.account.agent_id) == (account_id, 3)
    assert (claim.outbound_due, claim.inbound_due) == (True, True)
    assert [calendar.calendar_id for calendar in claim.calendars] == ["primary", "team"]
    assert claim.refresh_token is not None
    assert site.box.open(claim.refresh_token) == "token-1"
    client = claim.client.open(site.box)
    assert (client.id, client.client_id, client.client_secret) == (site.client_ref, "id-1", "secret-1")


def test_a_claim_shows_no_secret_and_no_address(site: Site) -> None:
    site.connect(email="dana@example.com", write_calendar_id="dana@example.com")
    (claim,) = site.claim()
    for secret in ("dana", str(claim.refresh_token), claim.client.sealed.client_secret):
        assert secret not in repr(claim)


def test_a_hundred_accounts_are_claimed_with_three_statements(site: Site) -> None:
    for agent_id in range(100):
        site.connect(agent_id)
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    try:
        assert len(site.claim()) == 100
    finally:
        event.remove(site.database.engine, "before_cursor_execute", note)
    assert len(statements) == 3


def test_the_longest_due_are_claimed_first_and_no_more_than_asked_for(site: Site) -> None:
    ids = [site.connect(agent_id, now=NOW - agent_id * SECOND) for agent_id in (1, 2, 3)]
    assert [claim.account.id for claim in site.claim(limit=2)] == [ids[2], ids[1]]
    assert [claim.account.id for claim in site.claim(limit=2)] == [ids[0]]
    assert site.claim() == []


def test_only_the_accounts_asked_for_are_claimed(site: Site) -> None:
    ids = [site.connect(agent_id) for agent_id in (1, 2)]
    assert site.claim(account_ids=[]) == []
    assert site.claim(site_id="another-site") == []
    assert [claim.account.id for claim in site.claim(account_ids=ids[1:], site_id=SITE)] == ids[1:]


def test_only_the_due_direction_is_claimed(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    site.release(account_id, outbound_due_at=NOW + SECOND, inbound_due_at=NOW + HOUR)
    assert site.claim() == []
    (claim,) = site.claim(now=NOW + SECOND)
    assert (claim.outbound_due, claim.inbound_due) == (True, False)
    assert site.account(account_id).inbound_due_at == NOW + HOUR


def test_something_due_is_noticed(site: Site) -> None:
    assert not next_due(site.database, NOW)
    account_id = site.connect()
    assert next_due(site.database, NOW)
    assert not next_due(site.database, NOW - SECOND)
    site.claim()
    assert not next_due(site.database, NOW)
    assert next_due(site.database, AFTER_LEASE)
    site.release(account_id, outbound_due_at=None, inbound_due_at=NOW + HOUR)
    assert not next_due(site.database, AFTER_LEASE)
    assert next_due(site.database, NOW + HOUR)


@pytest.mark.parametrize("leave", [record_disconnected, record_needs_sign_in])
def test_an_account_that_is_not_connected_is_neither_due_nor_claimed(site: Site, leave: Any) -> None:
    account_id = site.connect()
    leave(site.database, account_id, *(["revoked"] * (leave is record_needs_sign_in)), NOW)
    assert not next_due(site.database, NOW)
    assert site.claim() == []


def test_workers_that_claim_at_once_get_different_accounts_and_none_is_left(site: Site) -> None:
    ids = {site.connect(agent_id) for agent_id in range(60)}
    together = Barrier(6)

    def work(owner: str) -> list[int]:
        together.wait()
        mine = []
        while next_due(site.database, NOW):
            mine += [claim.account.id for claim in site.claim(owner, limit=7)]
        return mine

    with ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(work, f"worker-{number}") for number in range(6)]
        claimed = [account_id for future in futures for account_id in future.result()]
    assert sorted(claimed) == sorted(ids)


def test_threads_of_one_worker_that_claim_at_once_get_different_accounts(site: Site) -> None:
    ids = {site.connect(agent_id) for agent_id in range(20)}
    together = Barrier(4)

    def work() -> list[int]:
        together.wait()
        mine = []
        while next_due(site.database, NOW):
            mine += [claim.account.id for claim in site.claim("worker-1", limit=3)]
        return mine

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work) for _ in range(4)]
        claimed = [account_id for future in futures for account_id in future.result()]
    assert sorted(claimed) == sorted(ids)


# --- leases -----------------------------------------------------------------------------------


def test_a_dead_workers_account_is_claimed_whole_when_its_lease_is_over(site: Site) -> None:
    account_id = site.connect()
    site.claim("dead")
    assert site.claim("worker-2", now=AFTER_LEASE - SECOND) == []
    (claim,) = site.claim("worker-2", now=AFTER_LEASE)
    assert claim.account.id == account_id
    assert (claim.outbound_due, claim.inbound_due) == (True, True)
    assert not owns(site.database, "dead", account_id, AFTER_LEASE)
    assert owns(site.database, "worker-2", account_id, AFTER_LEASE)


def test_whoever_lost_the_lease_releases_nothing(site: Site) -> None:
    account_id = site.connect()
    site.claim("late")
    site.claim("worker-2", now=AFTER_LEASE)
    assert not site.release(account_id, "late", now=AFTER_LEASE, problem="late")
    assert owns(site.database, "worker-2", account_id, AFTER_LEASE)
    assert site.account(account_id).problem is None


def test_a_renewed_lease_lasts_longer(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    assert renew_leases(site.database, "worker-1", NOW + 15 * SECOND, LEASE) == 1
    assert owns(site.database, "worker-1", account_id, AFTER_LEASE)
    assert site.claim("worker-2", now=AFTER_LEASE) == []
    assert len(site.claim("worker-2", now=AFTER_LEASE + 15 * SECOND)) == 1
    assert renew_leases(site.database, "worker-1", AFTER_LEASE + 15 * SECOND, LEASE) == 0


def test_a_worker_that_slept_does_not_claim_a_second_time_what_its_threads_are_at(site: Site) -> None:
    """After a suspended laptop wakes up, its threads go on where they were."""
    account_id = site.connect()
    site.claim()
    woken = NOW + HOUR
    assert not owns(site.database, "worker-1", account_id, woken)
    assert site.claim(now=woken, except_ids={account_id}) == []
    assert renew_leases(site.database, "worker-1", woken, LEASE, {account_id}) == 1
    assert owns(site.database, "worker-1", account_id, woken)


def test_what_a_broken_run_left_behind_is_free_again_for_its_own_worker_too(site: Site) -> None:
    broken, running = site.connect(1), site.connect(2)
    site.claim()
    assert renew_leases(site.database, "worker-1", NOW + 15 * SECOND, LEASE, {running}) == 1
    (claim,) = site.claim(now=AFTER_LEASE, except_ids={running})
    assert (claim.account.id, claim.outbound_due, claim.inbound_due) == (broken, True, True)


def test_owners_whose_names_differ_in_capitals_are_different(site: Site) -> None:
    account_id = site.connect()
    site.claim("worker-a")
    assert not owns(site.database, "Worker-A", account_id, NOW)
    assert not site.release(account_id, "Worker-A")


# --- release ----------------------------------------------------------------------------------


def test_a_good_run_is_noted_per_direction(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    assert site.release(account_id, inbound_good=False, inbound_due_at=NOW + HOUR)
    account = site.account(account_id)
    assert (account.outbound_good_at, account.inbound_good_at) == (NOW, None)
    assert (account.outbound_due_at, account.inbound_due_at) == (None, NOW + HOUR)
    assert (account.lease_owner, account.lease_until) == (None, None)


def test_a_problem_remembers_since_when_it_lasts(site: Site) -> None:
    account_id = site.connect()
    for hours, problem in enumerate(["rate limited", "rate limited", "unavailable", "unavailable", None]):
        now = NOW + hours * HOUR
        site.claim(now=now)
        site.release(account_id, now=now, inbound_due_at=now, failures=hours, problem=problem)
        account = site.account(account_id)
        since = {"rate limited": NOW, "unavailable": NOW + 2 * HOUR, None: None}[problem]
        assert (account.problem, account.problem_since, account.failures) == (problem, since, hours)


@pytest.mark.parametrize("after", [timedelta(0), SECOND, LEASE + SECOND])
def test_a_hint_that_comes_during_a_run_is_kept(site: Site, after: timedelta) -> None:
    account_id = site.connect()
    site.claim()
    hinted = NOW + after
    pull_forward(site.database, SITE, [1], hinted, outbound=True, inbound=False)
    site.release(account_id, now=hinted, outbound_due_at=NOW + HOUR, inbound_due_at=NOW + HOUR)
    account = site.account(account_id)
    assert (account.outbound_due_at, account.inbound_due_at) == (hinted, NOW + HOUR)
    (claim,) = site.claim(now=hinted)
    assert (claim.outbound_due, claim.inbound_due) == (True, False)


def test_calendars_chosen_during_a_run_are_read_right_after_it(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    choose_calendars(site.database, account_id, "primary", ["team"], True, NOW)
    site.release(account_id, outbound_due_at=None, inbound_due_at=NOW + HOUR)
    (claim,) = site.claim()
    assert (claim.outbound_due, claim.inbound_due) == (True, True)


def test_a_consent_given_during_a_run_with_the_old_one_stands(site: Site) -> None:
    account_id = site.connect()
    (claim,) = site.claim()
    site.connect(refresh_token="token-2", consented_at=NOW + SECOND, now=NOW + SECOND)
    assert not record_needs_sign_in(
        site.database, account_id, "revoked", NOW + SECOND, consented_at=claim.account.consented_at
    )
    assert not site.release(account_id, problem="revoked")
    account = site.account(account_id)
    assert (account.state, account.problem) == ("connected", None)
    assert len(site.claim(now=NOW + SECOND)) == 1


def test_a_disconnect_takes_the_account_from_the_worker(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    record_disconnected(site.database, account_id, NOW)
    assert not owns(site.database, "worker-1", account_id, NOW)
    assert not site.release(account_id, inbound_due_at=NOW)
    assert site.account(account_id).inbound_due_at is None


# --- what makes work --------------------------------------------------------------------------


def test_changed_bookings_make_their_agents_accounts_due(site: Site) -> None:
    changed, vanished, same = (site.connect(agent_id) for agent_id in (1, 2, 3))
    _finish_all(site)
    record_fingerprints(site.database, SITE, "bookings", {1: "b", 9: "x"}, [2], NOW + SECOND)
    due = {claim.account.id: claim for claim in site.claim(now=NOW + SECOND)}
    assert due.keys() == {changed, vanished}
    assert same not in due
    assert not any(claim.inbound_due for claim in due.values())


def test_fingerprints_are_kept_by_kind_replaced_and_dropped(site: Site) -> None:
    record_fingerprints(site.database, SITE, "bookings", {1: "a", 2: "b"}, [], NOW)
    record_fingerprints(site.database, SITE, "details", {1: "d"}, [], NOW)
    record_fingerprints(site.database, SITE, "bookings", {2: "c", 3: "e"}, [1], NOW)
    assert read_fingerprints(site.database, SITE, "bookings") == {2: "c", 3: "e"}
    assert read_fingerprints(site.database, SITE, "details") == {1: "d"}


def test_fingerprints_and_the_work_they_make_are_kept_together_or_not_at_all(site: Site) -> None:
    account_id = site.connect()
    _finish_all(site)
    too_long = "x" * 97 if not site.database.is_sqlite else None  # refused by each server
    with pytest.raises(Exception, match=r"value|long"):
        record_fingerprints(site.database, SITE, "bookings", {1: too_long}, [], NOW)  # type: ignore[dict-item]
    assert site.account(account_id).outbound_due_at is None
    assert read_fingerprints(site.database, SITE, "bookings") == {}


def test_a_hint_brings_nothing_later_and_resets_nothing_else(site: Site) -> None:
    early, none, late = (site.connect(agent_id) for agent_id in (1, 2, 3))
    for account_id, due in ((early, NOW - SECOND), (none, None), (late, NOW + HOUR)):
        site.claim(account_ids=[account_id])
        site.release(account_id, outbound_due_at=due, inbound_due_at=due, failures=4, problem="rate limited")
    before = {account_id: site.account(account_id) for account_id in (early, none, late)}
    assert pull_forward(site.database, SITE, None, NOW, outbound=True, inbound=True) == 3
    assert site.account(early) == before[early]
    for account_id in (none, late):
        due_now = replace(before[account_id], outbound_due_at=NOW, inbound_due_at=NOW)
        assert site.account(account_id) == due_now


def test_a_hint_reaches_connected_accounts_of_these_agents_only(site: Site) -> None:
    hinted, other, waiting = (site.connect(agent_id) for agent_id in (1, 2, 3))
    _finish_all(site)
    record_needs_sign_in(site.database, waiting, "revoked", NOW)
    assert pull_forward(site.database, SITE, [1, 3], NOW, outbound=False, inbound=True) == 1
    assert site.account(hinted).inbound_due_at == NOW
    assert site.account(hinted).outbound_due_at is None
    assert site.account(other).inbound_due_at == NOW + HOUR
    assert site.account(waiting).inbound_due_at == NOW + HOUR
    assert pull_forward(site.database, SITE, [], NOW, outbound=True, inbound=True) == 0


def _finish_all(site: Site) -> None:
    for claim in site.claim():
        site.release(claim.account.id)
