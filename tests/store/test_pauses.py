"""Who is paused is not worked at, and goes on as if due from then on."""

from __future__ import annotations

from latesync.store.fingerprints import pull_forward
from latesync.store.guests import record_in_step_since
from latesync.store.history import What, read_history
from latesync.store.leases import EVERYBODY, next_due
from latesync.store.pauses import last_resumed, paused_among, read_resting, record_paused, record_resumed
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site


def claimed(site: Site) -> set[int]:
    return {claim.account.agent_id for claim in site.claim(now=NOW + HOUR)}


def test_a_paused_agent_is_not_worked_at_and_another_is(site: Site) -> None:
    site.connect(1), site.connect(2)
    assert record_paused(site.database, SITE, 1, NOW)
    assert claimed(site) == {2}


def test_a_pause_of_everybody_leaves_nothing_due(site: Site) -> None:
    site.connect(1), site.connect(2)
    record_paused(site.database, SITE, EVERYBODY, NOW)
    assert not next_due(site.database, NOW + HOUR)
    assert claimed(site) == set()


def test_a_second_pause_keeps_the_time_of_the_first(site: Site) -> None:
    record_paused(site.database, SITE, 1, NOW)
    assert not record_paused(site.database, SITE, 1, NOW + HOUR)
    assert read_resting(site.database, SITE).since(1) == NOW


def test_whoever_goes_on_is_due_from_then_on_and_not_late(site: Site) -> None:
    account_id = site.connect(1)
    record_paused(site.database, SITE, 1, NOW)
    pull_forward(site.database, SITE, [1], NOW + SECOND, outbound=True, inbound=True)
    assert record_resumed(site.database, SITE, 1, NOW + HOUR)
    account = site.account(account_id)
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW + HOUR, NOW + HOUR)
    assert claimed(site) == {1}


def test_what_happened_during_a_pause_is_news_to_nobody_s_guests(site: Site) -> None:
    """design.md §9, L10: however short the pause was."""
    mine, other = site.connect(1), site.connect(2)
    for account_id in (mine, other):
        record_in_step_since(site.database, account_id, "{}")
    record_paused(site.database, SITE, 1, NOW)
    record_resumed(site.database, SITE, 1, NOW + SECOND)
    assert (site.account(mine).in_step, site.account(other).in_step) == (None, "{}")


def test_going_on_is_said_once(site: Site) -> None:
    record_paused(site.database, SITE, 1, NOW)
    assert record_resumed(site.database, SITE, 1, NOW + HOUR)
    assert not record_resumed(site.database, SITE, 1, NOW + HOUR)
    assert not record_resumed(site.database, SITE, EVERYBODY, NOW + HOUR)


def test_an_agent_who_is_paused_alone_and_with_all_rests_until_both_have_ended(site: Site) -> None:
    site.connect(1)
    record_paused(site.database, SITE, 1, NOW + SECOND)
    record_paused(site.database, SITE, EVERYBODY, NOW)
    assert read_resting(site.database, SITE).since(1) == NOW
    record_resumed(site.database, SITE, EVERYBODY, NOW + HOUR)
    assert read_resting(site.database, SITE).since(1) == NOW + SECOND
    assert claimed(site) == set()


def test_the_newest_end_of_a_pause_is_known_of_an_agent(site: Site) -> None:
    for whom, hours in ((1, 1), (EVERYBODY, 3), (2, 5)):
        record_paused(site.database, SITE, whom, NOW)
        record_resumed(site.database, SITE, whom, NOW + hours * HOUR)
    assert last_resumed(site.database, SITE, 1) == NOW + 3 * HOUR
    assert last_resumed(site.database, SITE, 9) == NOW + 3 * HOUR


def test_a_run_under_way_is_told_that_its_agent_is_paused(site: Site) -> None:
    accounts = {agent_id: site.connect(agent_id) for agent_id in (1, 2)}
    record_paused(site.database, SITE, 2, NOW)
    assert paused_among(site.database, set(accounts.values())) == {accounts[2]}


def test_pauses_stand_in_the_history(site: Site) -> None:
    record_paused(site.database, SITE, 3, NOW)
    record_resumed(site.database, SITE, 3, NOW + HOUR)
    told = [(row.what, row.agent_id, row.at) for row in read_history(site.database, SITE)]
    assert told == [(What.RESUMED, 3, NOW + HOUR), (What.PAUSED, 3, NOW)]
