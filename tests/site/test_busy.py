"""Busy times and account notices in the bridge's tables: only differences are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, text

from latesync.errors import BridgeTableMissing, SiteUnavailable
from latesync.latepoint.busy import (
    create_bridge_tables,
    create_table_statements,
    missing_bridge_tables,
    publish_account,
    publish_busy,
    read_busy,
    remove_account,
    remove_busy,
)
from latesync.latepoint.connection import open_site_database
from latesync.times import TimeRange

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["mariadb", "sqlite"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A site's database without the bridge."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'site.db'}"
    else:
        url = request.getfixturevalue("mariadb_database")
    engine = open_site_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(bare: Engine) -> Engine:
    create_bridge_tables(bare, "wp_")
    return bare


def slot(hours: float = 0, length_minutes: float = 60) -> TimeRange:
    start = NOON + timedelta(hours=hours)
    return TimeRange(start, start + timedelta(minutes=length_minutes))


def slots(count: int) -> dict[str, TimeRange]:
    return {f"{number:032x}": slot(number) for number in range(count)}


def watch_writes(engine: Engine) -> None:
    """Let the database itself note every row that is written."""
    run(engine, "CREATE TABLE writes (kind VARCHAR(6), id VARCHAR(32))")
    for kind, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        run(
            engine,
            f"CREATE TRIGGER note_{kind} AFTER {kind} ON wp_latesync_busy FOR EACH ROW"
            f" BEGIN INSERT INTO writes VALUES ('{kind}', {row}.id); END",
        )


def writes(engine: Engine) -> list[tuple[str, str]]:
    noted = [(str(kind), str(row_id)) for kind, row_id in run(engine, "SELECT kind, id FROM writes")]
    run(engine, "DELETE FROM writes")
    return sorted(noted)


def run(engine: Engine, statement: str) -> list[Any]:
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.all()) if result.returns_rows else []


def test_busy_times_stand_in_utc_as_any_client_reads_them(engine: Engine) -> None:
    assert publish_busy(engine, "wp_", 7, {"a" * 32: slot()}) == (1, 0)
    ((row_id, agent_id, starts_at, ends_at),) = run(engine, "SELECT * FROM wp_latesync_busy")
    assert (row_id, agent_id) == ("a" * 32, 7)
    assert (str(starts_at), str(ends_at)) == ("2026-12-01 12:00:00", "2026-12-01 13:00:00")
    assert read_busy(engine, "wp_", 7) == {"a" * 32: slot()}


def test_parts_of_seconds_are_rounded_outwards(engine: Engine) -> None:
    half = timedelta(milliseconds=500)
    publish_busy(engine, "wp_", 7, {"a" * 32: TimeRange(NOON + half, NOON + half + timedelta(minutes=1))})
    assert read_busy(engine, "wp_", 7)["a" * 32] == TimeRange(NOON, NOON + timedelta(seconds=61))


def test_only_differences_are_written(engine: Engine) -> None:
    publish_busy(engine, "wp_", 7, slots(4))
    watch_writes(engine)
    desired = slots(4)
    gone, moved, new = f"{0:032x}", f"{1:032x}", "f" * 32
    del desired[gone]
    desired |= {moved: slot(30), new: slot(40)}
    assert publish_busy(engine, "wp_", 7, desired) == (2, 2)
    assert writes(engine) == [("DELETE", gone), ("INSERT", new), ("UPDATE", moved)]
    assert read_busy(engine, "wp_", 7) == desired


def test_publishing_the_same_again_writes_nothing(engine: Engine) -> None:
    publish_busy(engine, "wp_", 7, slots(3))
    watch_writes(engine)
    assert publish_busy(engine, "wp_", 7, slots(3)) == (0, 0)
    assert writes(engine) == []


def test_other_agents_rows_are_not_touched(engine: Engine) -> None:
    publish_busy(engine, "wp_", 7, {"a" * 32: slot()})
    publish_busy(engine, "wp_", 8, {"b" * 32: slot()})
    assert remove_busy(engine, "wp_", 7) == 1
    assert read_busy(engine, "wp_", 7) == {}
    assert read_busy(engine, "wp_", 8) == {"b" * 32: slot()}


def test_thousands_of_slots_come_and_go(engine: Engine) -> None:
    assert publish_busy(engine, "wp_", 7, slots(1300)) == (1300, 0)
    assert len(read_busy(engine, "wp_", 7)) == 1300
    assert remove_busy(engine, "wp_", 7) == 1300


def test_a_write_that_fails_half_way_leaves_the_old_rows(engine: Engine) -> None:
    publish_busy(engine, "wp_", 7, slots(2))
    publish_busy(engine, "wp_", 8, {"e" * 32: slot()})
    with pytest.raises(SiteUnavailable):  # the id is another agent's: the insert is refused, twice
        publish_busy(engine, "wp_", 7, {"d" * 32: slot(), "e" * 32: slot()})
    assert read_busy(engine, "wp_", 7) == slots(2)


def test_two_who_publish_the_same_at_once_both_succeed(engine: Engine) -> None:
    rival = open_site_database(engine.url.render_as_string(hide_password=False))
    raced: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def publish_first(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT") and not raced:
            raced.append(statement)
            publish_busy(rival, "wp_", 7, slots(2))

    assert publish_busy(engine, "wp_", 7, slots(3)) == (1, 0)
    assert read_busy(engine, "wp_", 7) == slots(3)
    rival.dispose()


def test_missing_tables_are_named(bare: Engine) -> None:
    assert missing_bridge_tables(bare, "wp_2_") == ["wp_2_latesync_busy", "wp_2_latesync_accounts"]
    with pytest.raises(BridgeTableMissing) as busy:
        publish_busy(bare, "wp_2_", 7, slots(1))
    with pytest.raises(BridgeTableMissing) as accounts:
        publish_account(bare, "wp_2_", 7, "google", "connected", None, "", NOON)
    assert (busy.value.table, accounts.value.table) == ("wp_2_latesync_busy", "wp_2_latesync_accounts")


def test_making_the_tables_twice_does_no_harm(engine: Engine) -> None:
    publish_busy(engine, "wp_", 7, slots(1))
    create_bridge_tables(engine, "wp_")
    assert missing_bridge_tables(engine, "wp_") == []
    assert len(read_busy(engine, "wp_", 7)) == 1


def test_the_printed_statements_make_the_tables(mariadb_database: str) -> None:
    engine = open_site_database(mariadb_database)
    for statement in create_table_statements("wp_"):
        run(engine, statement)
    assert missing_bridge_tables(engine, "wp_") == []
    ((_, made),) = run(engine, "SHOW CREATE TABLE wp_latesync_busy")
    assert "InnoDB" in made
    assert "utf8mb4" in made
    engine.dispose()


def test_busy_times_can_be_searched_from_both_ends(bare: Engine) -> None:
    create_bridge_tables(bare, "wp_")
    keys = {tuple(key["column_names"]) for key in inspect(bare).get_indexes("wp_latesync_busy")}
    assert {("agent_id", "starts_at", "ends_at"), ("agent_id", "ends_at", "starts_at")} <= keys


def notice(engine: Engine) -> tuple[Any, ...]:
    ((state, ends_at, message, updated_at),) = run(
        engine, "SELECT state, consent_ends_at, message, updated_at FROM wp_latesync_accounts"
    )
    return str(state), ends_at and str(ends_at), str(message), str(updated_at)


def test_an_accounts_notice_is_written_when_it_is_news(engine: Engine) -> None:
    later = NOON + timedelta(hours=1)
    assert publish_account(engine, "wp_", 7, "google", "connected", NOON + timedelta(days=7), "", NOON)
    assert notice(engine) == ("connected", "2026-12-08 12:00:00", "", "2026-12-01 12:00:00")
    assert not publish_account(engine, "wp_", 7, "google", "connected", NOON + timedelta(days=7), "", later)
    assert notice(engine)[3] == "2026-12-01 12:00:00"
    assert publish_account(engine, "wp_", 7, "google", "needs_sign_in", None, "Sign in again.", later)
    assert notice(engine) == ("needs_sign_in", None, "Sign in again.", "2026-12-01 13:00:00")


def test_a_long_notice_is_cut_to_fit(engine: Engine) -> None:
    assert publish_account(engine, "wp_", 7, "google", "connected", None, "é" * 400, NOON)
    assert not publish_account(engine, "wp_", 7, "google", "connected", None, "é" * 400, NOON)
    assert notice(engine)[2] == "é" * 255


def test_a_notice_inserted_meanwhile_is_overwritten(engine: Engine) -> None:
    rival = open_site_database(engine.url.render_as_string(hide_password=False))
    raced: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def insert_first(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT") and not raced:
            raced.append(statement)
            publish_account(rival, "wp_", 7, "google", "connected", None, "", NOON)

    assert publish_account(engine, "wp_", 7, "google", "needs_sign_in", None, "", NOON)
    assert notice(engine)[0] == "needs_sign_in"
    rival.dispose()


def test_a_notice_can_be_taken_out(engine: Engine) -> None:
    publish_account(engine, "wp_", 7, "google", "connected", None, "", NOON)
    remove_account(engine, "wp_", 7, "google")
    assert run(engine, "SELECT * FROM wp_latesync_accounts") == []
