"""Which rows among LatePoint's off periods are ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import insert

from latesync.off_periods import OffPeriod
from latesync.options import BusyWay
from latesync.store.choices import read_busy_way, write_busy_way
from latesync.store.off_periods import (
    agents_with_off_periods,
    forget_off_periods,
    read_off_periods,
    record_intents,
    record_rows,
)
from latesync.store.schema import sites
from latesync.store.sites import write_setting
from latesync.times import DayMinutes
from tests.store.builders import HOUR, NOW, SITE, Site

OTHER_SITE = "ba9876543210"


def a_period(number: int = 1, *, agent_id: int = 1, row_id: int | None = None) -> OffPeriod:
    return OffPeriod(f"{number:032x}", agent_id, DayMinutes(date(2026, 3, 3), 600, 600 + number), row_id)


def test_an_insert_is_remembered_before_it_is_made_and_has_its_number_after(site: Site) -> None:
    record_intents(site.database, SITE, [a_period(1), a_period(2)])
    assert read_off_periods(site.database, SITE, 1) == [a_period(1), a_period(2)]
    assert record_rows(site.database, SITE, [a_period(1, row_id=70_001)]) == []
    assert read_off_periods(site.database, SITE, 1) == [a_period(1, row_id=70_001), a_period(2)]


def test_an_intent_that_is_there_already_keeps_its_number(site: Site) -> None:
    record_intents(site.database, SITE, [a_period(1)])
    record_rows(site.database, SITE, [a_period(1, row_id=5)])
    record_intents(site.database, SITE, [a_period(1), a_period(2)])
    assert read_off_periods(site.database, SITE, 1) == [a_period(1, row_id=5), a_period(2)]


def test_a_second_row_for_the_same_minutes_is_not_ours_to_keep(site: Site) -> None:
    record_intents(site.database, SITE, [a_period(1), a_period(2)])
    first, second = a_period(1, row_id=5), a_period(1, row_id=6)
    assert record_rows(site.database, SITE, [first]) == []
    assert record_rows(site.database, SITE, [first]) == []  # once more, as after a lost answer
    assert record_rows(site.database, SITE, [second, a_period(2, row_id=7)]) == [second]
    assert read_off_periods(site.database, SITE, 1) == [first, a_period(2, row_id=7)]


def test_a_row_that_nobody_wants_any_more_is_not_ours_to_keep(site: Site) -> None:
    record_intents(site.database, SITE, [a_period(1)])
    forget_off_periods(site.database, SITE, [a_period(1).id])
    assert record_rows(site.database, SITE, [a_period(1, row_id=5)]) == [a_period(1, row_id=5)]
    assert read_off_periods(site.database, SITE, 1) == []


def test_agents_and_sites_have_their_own(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(insert(sites).values(id=OTHER_SITE, created_at=NOW))
    mine, anothers = a_period(1), replace(a_period(2), agent_id=4)
    record_intents(site.database, SITE, [mine, anothers])
    record_intents(site.database, OTHER_SITE, [mine])
    forget_off_periods(site.database, SITE, [mine.id])
    assert agents_with_off_periods(site.database, SITE) == {4}
    assert read_off_periods(site.database, SITE, 4) == [anothers]
    assert read_off_periods(site.database, OTHER_SITE, 1) == [mine]


def test_many_are_remembered_and_forgotten_at_once(site: Site) -> None:
    many = [a_period(number) for number in range(1, 700)]
    record_intents(site.database, SITE, many)
    assert read_off_periods(site.database, SITE, 1) == many
    forget_off_periods(site.database, SITE, [period.id for period in many])
    assert agents_with_off_periods(site.database, SITE) == set()


# --- the owner's choice -------------------------------------------------------------------------


def test_the_plugin_is_the_way_until_another_is_chosen(site: Site) -> None:
    assert read_busy_way(site.database, SITE) is BusyWay.PLUGIN
    write_busy_way(site.database, SITE, BusyWay.OFF_PERIODS, NOW)
    assert read_busy_way(site.database, SITE) is BusyWay.OFF_PERIODS
    write_setting(site.database, SITE, "busy_way", "carrier pigeons")
    assert read_busy_way(site.database, SITE) is BusyWay.PLUGIN


def test_a_new_way_makes_every_calendar_due(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    site.release(account_id)
    write_busy_way(site.database, SITE, BusyWay.OFF_PERIODS, NOW + HOUR / 2)
    row = site.account(account_id)
    assert (row.inbound_due_at, row.outbound_due_at) == (NOW + HOUR / 2, None)
