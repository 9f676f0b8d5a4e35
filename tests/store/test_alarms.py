"""Alarms and delays as they are kept: noted once, told once, ended once, whoever does it."""

from __future__ import annotations

from latesync.store.accounts import record_disconnected
from latesync.store.alarms import (
    list_alarms,
    prune_alarms,
    read_alarm,
    record_alarm,
    record_alarm_back,
    record_alarm_ended,
    record_alarm_told,
    refused_clients,
    told_since,
)
from latesync.store.clients import record_client_problem
from latesync.store.delays import INBOUND, OUTBOUND, prune_delays, read_delays, record_delays
from tests.store.builders import HOUR, NOW, SITE, Site


def an_alarm(site: Site, kind: str = "work_late", agent_id: int = 0) -> int:
    assert record_alarm(site.database, SITE, kind, agent_id, NOW)
    return list_alarms(site.database, SITE)[-1].id


def tell(site: Site, alarm_id: int) -> bool:
    with site.database.write() as connection:
        return record_alarm_told(connection, SITE, alarm_id, NOW)


def end(site: Site, alarm_id: int) -> bool:
    with site.database.write() as connection:
        return record_alarm_ended(connection, SITE, alarm_id, NOW + HOUR)


def test_the_same_trouble_is_noted_once(site: Site) -> None:
    an_alarm(site, agent_id=3)
    assert not record_alarm(site.database, SITE, "work_late", 3, NOW + HOUR)
    assert record_alarm(site.database, SITE, "work_late", 2, NOW)


def test_one_worker_tells_and_one_ends(site: Site) -> None:
    alarm_id = an_alarm(site)
    assert [tell(site, alarm_id), tell(site, alarm_id)] == [True, False]
    assert [end(site, alarm_id), end(site, alarm_id)] == [True, False]


def test_what_nobody_was_told_of_leaves_no_trace(site: Site) -> None:
    alarm_id = an_alarm(site)
    assert not end(site, alarm_id)
    assert read_alarm(site.database, SITE, alarm_id) is None


def test_what_is_over_is_not_told(site: Site) -> None:
    alarm_id = an_alarm(site)
    tell(site, alarm_id)
    end(site, alarm_id)
    assert not tell(site, alarm_id)
    assert list_alarms(site.database, SITE) == []
    assert [row.id for row in list_alarms(site.database, SITE, ended_since=NOW)] == [alarm_id]


def test_what_comes_back_keeps_that_it_was_told(site: Site) -> None:
    alarm_id = an_alarm(site)
    tell(site, alarm_id)
    end(site, alarm_id)
    assert record_alarm_back(site.database, alarm_id)
    (row,) = list_alarms(site.database, SITE)
    assert (row.id, row.told_at, row.is_open) == (alarm_id, NOW, True)


def test_todays_alarms_are_known_to_the_digest(site: Site) -> None:
    tell(site, an_alarm(site, agent_id=3))
    assert told_since(site.database, SITE, NOW) == {("work_late", 3)}
    assert told_since(site.database, SITE, NOW + HOUR) == set()


def test_old_alarms_are_forgotten_and_those_that_last_are_not(site: Site) -> None:
    old, lasting = an_alarm(site), an_alarm(site, "held_plan")
    tell(site, old)
    end(site, old)
    assert prune_alarms(site.database, NOW + 2 * HOUR) == 1
    assert [row.id for row in list_alarms(site.database, SITE, ended_since=NOW)] == [lasting]


def test_a_refused_client_costs_something_while_connected_accounts_work_with_it(site: Site) -> None:
    assert refused_clients(site.database, SITE) == []
    first, second = site.connect(1), site.connect(2)
    record_client_problem(site.database, site.client_ref, "client_rejected", NOW)
    (refused,) = refused_clients(site.database, SITE)
    assert (refused.problem, refused.since, refused.agents) == ("client_rejected", NOW, (1, 2))
    for account_id in (first, second):
        record_disconnected(site.database, account_id, NOW)
    assert refused_clients(site.database, SITE) == []


def test_delays_are_read_by_direction_the_shortest_first_and_forgotten(site: Site) -> None:
    record_delays(site.database, SITE, OUTBOUND, [1900, 800], NOW)
    record_delays(site.database, SITE, INBOUND, [34_000], NOW)
    record_delays(site.database, SITE, INBOUND, [], NOW)
    record_delays(site.database, SITE, OUTBOUND, [5], NOW - 48 * HOUR)
    assert read_delays(site.database, SITE, NOW - HOUR) == {OUTBOUND: [800, 1900], INBOUND: [34_000]}
    assert prune_delays(site.database, NOW - HOUR) == 1
    assert read_delays(site.database, SITE, NOW - 72 * HOUR)[OUTBOUND] == [800, 1900]
