"""Busy time as rows of our own in LatePoint's latepoint_blocked_periods, and nobody else's touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from latesync.errors import LeaseLost, SchemaNotUnderstood, SiteUnavailable, WrongInput
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.busy import read_busy
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.grants import grant_statements, off_periods_grant
from latesync.latepoint.off_periods import SUMMARY, read_our_off_periods, rehearse
from latesync.options import BusyWay, UnreadablePolicy, WhenUnreadable
from latesync.store import accounts, calendars
from latesync.store.choices import read_busy_way, write_unreadable_policy
from latesync.store.fenced import FencedDatabase
from latesync.sync.busy_time import choose_busy_way, publish_busy_time
from latesync.sync.off_periods import OffPeriodKeeper, publish_off_periods, remove_off_periods
from latesync.sync.tell_site import SiteTeller
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site
from tests.site.conftest import OpenAs
from tests.site.off_periods_stage import ADMINS, TABLE, TUESDAY, Crash, Stage, at, crashing, make_stage
from tests.store.builders import SITE

MARCH_3 = str(TUESDAY)
PRO = 'a:2:{i:0;s:23:"latepoint/latepoint.php";i:1;s:48:"latepoint-pro-features/latepoint-pro-features.php";}'
NO_PRO = 'a:1:{i:0;s:23:"latepoint/latepoint.php";}'


@pytest.fixture
def stage(site: Site, tmp_path: Path) -> Iterator[Stage]:
    """On MariaDB and on SQLite; the owner has chosen off periods."""
    made = make_stage(site, tmp_path)
    made.choose(BusyWay.OFF_PERIODS)
    yield made
    made.own.database.dispose()


@pytest.fixture(params=["InnoDB", "MyISAM"])
def server_stage(request: pytest.FixtureRequest, mariadb_site: Site, tmp_path: Path) -> Iterator[Stage]:
    """On MariaDB; LatePoint names no engine, so the table may have no transactions (latepoint.md §1.1)."""
    mariadb_site.execute(f"ALTER TABLE {TABLE} ENGINE={request.param}")
    made = make_stage(mariadb_site, tmp_path)
    made.choose(BusyWay.OFF_PERIODS)
    yield made
    made.own.database.dispose()


def publish(stage: Stage, agent_id: int = 1) -> tuple[int, int]:
    return publish_off_periods(stage.parts, agent_id)


# --- what is written ----------------------------------------------------------------------------


def test_rows_have_everything_that_pro_features_and_staff_need(stage: Stage) -> None:
    stage.busy(at(10.5, minutes=90))
    assert publish(stage) == (1, 0)
    (row,) = stage.rows()
    assert {name: str(value) for name, value in row.items()} == {
        "id": str(row["id"]),
        "summary": "Busy (LateSync)",
        "start_date": MARCH_3,
        "end_date": MARCH_3,
        "start_time": "630",
        "end_time": "720",
        "start_datetime_utc": "2026-03-03 09:30:00",
        "end_datetime_utc": "2026-03-03 11:00:00",
        "service_id": "0",
        "agent_id": "1",
        "location_id": "0",
        "server_timezone": "Europe/Berlin",
        "created_at": "2026-03-02 09:00:00",
        "updated_at": "2026-03-02 09:00:00",
    }


def test_exactly_the_busy_minutes_of_exactly_that_agent_are_closed(stage: Stage) -> None:
    stage.busy(at(10.5, minutes=90), at(23, minutes=120))
    publish(stage)
    for service_id, location_id in ((1, 1), (7, 3)):
        asked = {"service_id": service_id, "location_id": location_id}
        assert stage.closed(TUESDAY, **asked) == {*range(630, 720), *range(1380, 1440)}
        assert stage.closed(TUESDAY + timedelta(days=1), **asked) == set(range(60))
        assert stage.closed(TUESDAY, agent_id=2, **asked) == set()


def test_publishing_again_writes_nothing(stage: Stage) -> None:
    stage.busy(at(10), at(14))
    assert publish(stage) == (2, 0)
    rows = stage.rows()
    assert publish(stage) == (0, 0)
    assert stage.rows() == rows


def test_only_what_changed_is_written_and_no_row_is_ever_updated(stage: Stage) -> None:
    stage.busy(at(10), at(14))
    publish(stage)
    kept = [row for row in stage.rows() if row["start_time"] == 600]
    stage.busy(at(10), at(14, minutes=90), at(18))
    assert publish(stage) == (2, 1)
    assert stage.ours() == [(MARCH_3, 600, 660), (MARCH_3, 840, 930), (MARCH_3, 1080, 1140)]
    assert [row for row in stage.rows() if row["start_time"] == 600] == kept


def test_new_rows_stand_before_old_ones_go(stage: Stage) -> None:
    stage.busy(at(10))
    publish(stage)
    stage.busy(at(10, minutes=90))
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement.split()[0])

    event.listen(stage.site.engine, "before_cursor_execute", note)
    publish(stage)
    assert [word for word in said if word in ("INSERT", "DELETE", "UPDATE")] == ["INSERT", "DELETE"]


def test_hundreds_of_rows_come_and_go(stage: Stage) -> None:
    days = [TUESDAY + timedelta(days=number) for number in range(250)]
    stage.busy(*(at(10, day=day) for day in days))
    assert publish(stage) == (250, 0)
    assert [day for day, _, _ in stage.ours()] == [str(day) for day in days]
    assert remove_off_periods(stage.parts, 1) == 250
    assert stage.rows() == []
    assert stage.remembered() == []


def test_the_table_is_never_read_as_a_whole(mariadb_site: Site) -> None:
    mariadb_site.insert_rows("blocked_periods", [{**ADMINS, "agent_id": 2 + n % 90} for n in range(900)])
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        said.append((statement, values))

    event.listen(mariadb_site.engine, "before_cursor_execute", note)
    read_our_off_periods(mariadb_site.engine, "wp_", 1)
    event.remove(mariadb_site.engine, "before_cursor_execute", note)
    ((statement, values),) = said
    with mariadb_site.engine.connect() as connection:
        explained = connection.exec_driver_sql(f"EXPLAIN {statement}", values).mappings().one()
    assert explained["key"] == "agent_id_index"
    assert int(explained["rows"]) < 10


# --- what is an admin's -------------------------------------------------------------------------


def test_rows_of_an_admin_are_never_touched(stage: Stage) -> None:
    stage.insert_admins()
    stage.insert_admins(summary=SUMMARY)  # a namesake
    stage.insert_admins(summary=None, start_time=None, end_time=None, service_id=None, location_id=None)
    stage.insert_admins(summary=SUMMARY, start_date=None, end_date=None)
    stage.insert_admins(agent_id=0)
    admins = stage.rows()
    stage.busy(at(9), at(14))
    publish(stage)
    assert len(stage.rows()) == len(admins) + 2
    stage.busy()
    assert publish(stage) == (0, 2)
    stage.busy(at(9))
    publish(stage)
    stage.choose(BusyWay.PLUGIN)
    OffPeriodKeeper(stage.parts).keep()
    assert stage.rows() == admins


def test_a_row_that_an_admin_deleted_stands_again_at_the_next_look(stage: Stage) -> None:
    stage.busy(at(10))
    keeper = OffPeriodKeeper(stage.parts)
    keeper.keep()
    stage.site.delete("blocked_periods", stage.rows()[0]["id"])
    keeper.keep()
    assert stage.ours() == []  # looked at a moment ago
    stage.wait(minutes=10)
    keeper.keep()
    assert stage.ours() == stage.remembered() == [(MARCH_3, 600, 660)]


@pytest.mark.parametrize(
    "change",
    [
        {"start_time": 540},
        {"end_time": 1440},
        {"summary": "Dentist"},
        {"summary": "busy (latesync)"},
        {"start_date": "2026-03-10", "end_date": "2026-03-10"},
        {"end_date": "2026-03-04"},
        {"service_id": 1},
        {"location_id": None},
        {"agent_id": 2},
    ],
    ids=str,
)
def test_a_row_that_an_admin_changed_is_theirs_from_then_on(stage: Stage, change: dict[str, Any]) -> None:
    stage.busy(at(10))
    publish(stage)
    (row,) = stage.rows()
    stage.site.update("blocked_periods", row["id"], **change, updated_at="2026-03-02 12:00:00")
    theirs = stage.site.row("blocked_periods", row["id"])

    assert publish(stage) == (1, 0)
    assert set(range(600, 660)) <= stage.closed(TUESDAY)
    assert publish(stage) == (0, 0)
    stage.busy()
    publish(stage)
    assert stage.rows() == [theirs]
    assert stage.remembered() == []


def test_a_row_that_an_admin_changes_while_we_delete_it_stays(mariadb_site: Site, tmp_path: Path) -> None:
    stage = make_stage(mariadb_site, tmp_path)
    stage.busy(at(10))
    publish(stage)
    (row,) = stage.rows()
    admin = open_site_database(mariadb_site.engine.url.render_as_string(hide_password=False))

    def change_first(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE"):
            with admin.connect() as connection:
                connection.execute(text(f"UPDATE {TABLE} SET end_time = 700"))

    event.listen(mariadb_site.engine, "before_cursor_execute", change_first)
    remove_off_periods(stage.parts, 1)
    assert [(left["id"], left["end_time"]) for left in stage.rows()] == [(row["id"], 700)]
    admin.dispose()


# --- crashes and rivals -------------------------------------------------------------------------


def test_a_crash_anywhere_is_mended_by_the_next_look(server_stage: Stage) -> None:
    """Nothing is doubled, lost or left behind, and no admin's row is touched."""
    stage = server_stage
    stage.insert_admins()
    (admins,) = stage.rows()
    engines = [stage.site.engine, stage.own.database.engine]
    steps = 0
    while True:
        stage.busy(at(8), at(10), at(12))
        publish(stage)
        stage.busy(at(8), at(10.5), at(13), at(15))
        with crashing(engines, after=steps) as has_crashed, suppress(Crash):
            publish(stage)
        if steps % 2:  # what the crashed process wanted may be over
            stage.busy(at(8), at(13), at(17))
        publish(stage)
        starts = (480, 780, 1020) if steps % 2 else (480, 630, 780, 900)
        assert stage.ours() == stage.remembered() == [(MARCH_3, start, start + 60) for start in starts]
        assert stage.rows()[0] == admins
        if not has_crashed():
            break
        steps += 1
    assert steps > 12


def test_a_crash_while_removing_is_mended_too(server_stage: Stage) -> None:
    stage = server_stage
    engines = [stage.site.engine, stage.own.database.engine]
    steps, crashed = 0, True
    while crashed:
        stage.busy(at(8), at(10))
        publish(stage)
        with crashing(engines, after=steps) as has_crashed, suppress(Crash):
            remove_off_periods(stage.parts, 1)
        crashed = has_crashed()
        remove_off_periods(stage.parts, 1)
        assert stage.rows() == []
        assert stage.remembered() == []
        steps += 1
    assert steps > 5


@pytest.mark.parametrize("statement", ["SELECT", "INSERT"])
def test_two_who_publish_at_once_write_one_row_between_them(server_stage: Stage, statement: str) -> None:
    stage = server_stage
    stage.busy(at(10))
    before_the_first(statement, stage, lambda: publish(stage))
    publish(stage)
    assert stage.ours() == stage.remembered() == [(MARCH_3, 600, 660)]


def test_rows_that_nobody_wants_when_they_are_written_are_taken_out(server_stage: Stage) -> None:
    """The owner goes back to the plugin while a run is about to insert."""
    stage = server_stage
    stage.busy(at(10))
    before_the_first("INSERT", stage, lambda: remove_off_periods(stage.parts, 1))
    publish(stage)
    assert stage.rows() == []
    assert stage.remembered() == []


def before_the_first(statement: str, stage: Stage, rival: Callable[[], object]) -> None:
    """Let somebody else do something right before our first such statement on LatePoint's table."""
    raced: list[str] = []

    def before(_connection: Any, _cursor: Any, said: str, *_rest: Any) -> None:
        if said.startswith(statement) and TABLE in said and not raced:
            raced.append(said)
            rival()

    event.listen(stage.site.engine, "before_cursor_execute", before)


def test_a_run_that_was_overtaken_takes_its_rows_out_again(stage: Stage) -> None:
    stage.busy(at(10))
    account_id = stage.accounts[1]
    stage.own.claim("worker-1")
    fenced = FencedDatabase(stage.own.database, "worker-1", account_id)
    overtaken = replace(stage.parts, database=fenced)

    def lose(_connection: Any, _cursor: Any, said: str, *_rest: Any) -> None:
        if said.startswith("INSERT") and TABLE in said:
            stage.own.claim("worker-2", now=stage.clock() + timedelta(minutes=5))

    event.listen(stage.site.engine, "before_cursor_execute", lose)
    with pytest.raises(LeaseLost):
        publish_off_periods(overtaken, 1)
    event.remove(stage.site.engine, "before_cursor_execute", lose)
    assert stage.rows() == []
    publish(stage)
    assert stage.ours() == stage.remembered() == [(MARCH_3, 600, 660)]


# --- the zone, the days, the way ----------------------------------------------------------------


def test_after_a_change_of_the_sites_zone_every_row_is_right_again(stage: Stage) -> None:
    stage.busy(at(10), at(20))
    keeper = OffPeriodKeeper(stage.parts)
    keeper.keep()
    stage.site.set_option("timezone_string", "America/New_York")
    stage.wait(minutes=1)
    keeper.keep()
    assert stage.ours() == stage.remembered() == [(MARCH_3, 240, 300), (MARCH_3, 840, 900)]
    assert {row["server_timezone"] for row in stage.rows()} == {"America/New_York"}


def test_days_that_leave_the_window_are_taken_out(stage: Stage) -> None:
    stage.insert_admins(start_date=date(2026, 2, 1), end_date=date(2026, 2, 1))
    stage.busy(at(10), at(10, day=TUESDAY + timedelta(days=1)))
    keeper = OffPeriodKeeper(stage.parts)
    keeper.keep()
    stage.wait(days=2)  # Tuesday is yesterday, and still in the window
    keeper.keep()
    assert len(stage.ours()) == 2
    stage.wait(days=1)
    keeper.keep()
    assert stage.ours() == stage.remembered() == [("2026-03-04", 600, 660)]
    assert len(stage.rows()) == 2


def test_going_back_to_the_plugin_takes_every_row_of_ours_out(stage: Stage) -> None:
    stage.insert_admins()
    admins = stage.rows()
    create_bridge_tables(stage.site.engine, "wp_")
    stage.busy(at(10))
    stage.busy(at(11), agent_id=2)
    keeper = OffPeriodKeeper(stage.parts)
    keeper.keep()
    assert len(stage.rows()) == 3
    stage.choose(BusyWay.PLUGIN)
    publish_busy_time(stage.parts, 1, calendars.read_slots(stage.own.database, 1))
    keeper.keep()
    assert stage.rows() == admins
    assert list(read_busy(stage.site.engine, "wp_", 1).values()) == [at(10)]
    stage.choose(BusyWay.OFF_PERIODS)
    keeper.keep()
    assert len(stage.rows()) == 3


def test_both_ways_are_kept_in_step_while_off_periods_are_chosen(stage: Stage) -> None:
    create_bridge_tables(stage.site.engine, "wp_")
    stage.busy(at(10), at(10.5))
    slots = calendars.read_slots(stage.own.database, 1)
    assert publish_busy_time(stage.parts, 1, slots) == (1, 0)
    assert read_busy(stage.site.engine, "wp_", 1) == slots


def test_off_periods_need_no_table_of_latesyncs(stage: Stage) -> None:
    stage.busy(at(10))
    publish_busy_time(stage.parts, 1, calendars.read_slots(stage.own.database, 1))
    assert stage.ours() == [(MARCH_3, 600, 660)]


def test_an_agent_whose_calendar_cannot_be_read_for_long_has_every_day_taken_and_then_none(
    stage: Stage,
) -> None:
    """users-ask.md U11, where off periods are the way."""
    stage.busy(at(10))
    database, now = stage.own.database, stage.clock()
    write_unreadable_policy(database, SITE, UnreadablePolicy(24, WhenUnreadable.CLOSE), now)
    accounts.record_needs_sign_in(database, stage.accounts[1], "sign_in_again", now)
    stage.wait(hours=25)
    OffPeriodKeeper(stage.parts).keep()
    assert stage.closed(TUESDAY) == set(range(1440))
    assert stage.closed(TUESDAY + timedelta(days=200)) == set(range(1440))
    stage.own.connect(1, consented_at=stage.clock(), now=stage.clock())
    OffPeriodKeeper(stage.parts).keep()
    assert stage.ours() == [(MARCH_3, 600, 660)]


def test_a_disconnected_account_takes_its_rows_along(stage: Stage) -> None:
    create_bridge_tables(stage.site.engine, "wp_")
    stage.busy(at(10))
    stage.busy(at(11), agent_id=2)
    keeper = OffPeriodKeeper(stage.parts)
    keeper.keep()
    accounts.record_disconnected(stage.own.database, stage.accounts[1], stage.clock())
    SiteTeller(stage.parts).take_back()
    assert stage.ours() == []
    assert stage.ours(agent_id=2) == [(MARCH_3, 660, 720)]


def test_an_account_that_waits_for_a_sign_in_is_looked_after(stage: Stage) -> None:
    stage.busy(at(10))
    accounts.record_needs_sign_in(stage.own.database, stage.accounts[1], "sign_in_again", stage.clock())
    OffPeriodKeeper(stage.parts).keep()
    assert stage.ours() == [(MARCH_3, 600, 660)]


def test_a_site_that_does_not_answer_is_asked_again_at_the_next_look(stage: Stage) -> None:
    stage.busy(at(10))
    keeper = OffPeriodKeeper(stage.parts)
    stage.parts.site.zone()
    name = stage.site.name("blocked_periods")
    stage.site.execute(f"ALTER TABLE {name} RENAME TO gone")
    keeper.keep()
    with pytest.raises(SchemaNotUnderstood):
        publish(stage)
    stage.site.execute(f"ALTER TABLE gone RENAME TO {name}")
    keeper.keep()
    assert stage.ours() == [(MARCH_3, 600, 660)]


# --- may it be chosen? --------------------------------------------------------------------------


def test_off_periods_can_be_chosen_where_pro_features_is_active(site: Site, tmp_path: Path) -> None:
    stage = make_stage(site, tmp_path)
    site.set_option("active_plugins", PRO)
    assert choose_busy_way(stage.parts, BusyWay.OFF_PERIODS) is None
    assert read_busy_way(stage.own.database, SITE) is BusyWay.OFF_PERIODS


def test_off_periods_are_refused_without_pro_features(site: Site, tmp_path: Path) -> None:
    stage = make_stage(site, tmp_path)
    site.set_option("active_plugins", NO_PRO)
    with pytest.raises(WrongInput, match="only LatePoint’s Pro Features reads them"):
        choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)
    assert read_busy_way(stage.own.database, SITE) is BusyWay.PLUGIN


def test_where_pro_features_cannot_be_seen_the_owner_is_told_to_look(site: Site, tmp_path: Path) -> None:
    stage = make_stage(site, tmp_path)
    warning = choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)
    assert warning is not None
    assert "under Plugins" in warning
    assert read_busy_way(stage.own.database, SITE) is BusyWay.OFF_PERIODS


def test_off_periods_are_refused_on_a_latepoint_that_has_none(every_version: Site, tmp_path: Path) -> None:
    stage = make_stage(every_version, tmp_path)
    if "5.6.5" in every_version.version:
        assert choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)
        return
    with pytest.raises(WrongInput, match=r"wp_latepoint_blocked_periods.* 5\.1\.8"):
        choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)


def test_a_missing_column_refuses_them_too(mariadb_site: Site, tmp_path: Path) -> None:
    stage = make_stage(mariadb_site, tmp_path)
    mariadb_site.execute(f"ALTER TABLE {TABLE} DROP COLUMN server_timezone")
    with pytest.raises(WrongInput, match=r"a column of it, is missing"):
        choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)


def granted(site: Site, open_as_reader: OpenAs, *further: str) -> Any:
    database = site.engine.url.database or ""
    create_bridge_tables(site.engine, site.prefix)
    statements = [*grant_statements(site.prefix, database, "USER"), *further]
    return open_as_reader(site, [line.replace("'USER'@'%'", "{user}") for line in statements])


def test_the_grant_is_enough_for_everything_and_for_nothing_else(
    mariadb_site: Site, tmp_path: Path, open_as_reader: OpenAs
) -> None:
    grant = off_periods_grant("wp_", mariadb_site.engine.url.database or "", "USER")
    stage = make_stage(mariadb_site, tmp_path, granted(mariadb_site, open_as_reader, grant))
    assert choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)
    stage.busy(at(10))
    assert publish(stage) == (1, 0)
    stage.busy(at(11))
    assert publish(stage) == (1, 1)
    with pytest.raises(Exception, match="denied"), stage.parts.site.engine.connect() as connection:
        connection.execute(text(f"UPDATE {TABLE} SET summary = 'ours'"))


@pytest.mark.parametrize(
    "right", ["", "INSERT, DELETE", "SELECT (`id`), DELETE", "SELECT, INSERT", "SELECT, DELETE"]
)
def test_a_missing_right_is_answered_with_the_grant_that_gives_it(
    mariadb_site: Site, mariadb: MariaDBServer, tmp_path: Path, open_as_reader: OpenAs, right: str
) -> None:
    database = mariadb_site.engine.url.database or ""
    given = [f"GRANT {right} ON `{database}`.`{TABLE}` TO 'USER'@'%'"] if right else []
    stage = make_stage(mariadb_site, tmp_path, granted(mariadb_site, open_as_reader, *given))
    with pytest.raises(WrongInput) as caught:
        choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)
    sentence = str(caught.value)
    assert sentence.endswith(";")
    mariadb.execute(sentence[sentence.index("GRANT ") :].rstrip(";"))
    assert choose_busy_way(stage.parts, BusyWay.OFF_PERIODS)


def test_rehearsing_changes_nothing(stage: Stage) -> None:
    stage.insert_admins()
    before = stage.rows()
    rehearse(stage.site.engine, "wp_")
    assert stage.rows() == before


def test_a_site_that_does_not_answer_is_no_refusal(mariadb_site: Site, tmp_path: Path) -> None:
    stage = make_stage(mariadb_site, tmp_path)
    stage.parts.site.facts()
    with mariadb_site.engine.connect() as connection:
        connection.exec_driver_sql(f"LOCK TABLES {TABLE} READ")
        limited = open_site_database(mariadb_site.engine.url.render_as_string(hide_password=False))
        event.listen(limited, "connect", _impatient)
        with pytest.raises(SiteUnavailable):
            rehearse(limited, "wp_")
        limited.dispose()
        connection.exec_driver_sql("UNLOCK TABLES")


def _impatient(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 1")
