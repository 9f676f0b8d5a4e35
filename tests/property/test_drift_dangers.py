"""No booking is moved or cancelled without the agent's own act: what could be mistaken for one.

The owner chose "apply" in every town here, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from latesync.model import Drift
from latesync.options import DriftPolicy, SafetyLimits
from latesync.store import accounts, drift, held, mappings
from latesync.store.refusals import list_refusals
from tests.builders.plugin import FakePlugin
from tests.property.machine.scenes import (
    CALENDAR,
    book,
    cancel,
    move,
    ours,
    settle_and_check,
    work,
)
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, Town, opened_town
from tests.property.test_drift_policies import (
    HALF_PAST_TWO,
    choose,
    delete,
    drag,
    times_of,
    with_plugin,
)


@pytest.fixture
def plugin(town: Town) -> Iterator[FakePlugin]:
    yield from with_plugin(town)


def approve(town: Town, booking: int) -> None:
    town.site.update("bookings", booking, status="approved")
    town.note_site()


def reasons(town: Town) -> list[tuple[str, str]]:
    since = town.clock() - timedelta(days=30)
    return [(row.wish, row.reason) for row in list_refusals(town.database, town.site_id, ANNA, since)]


def lose_answers(town: Town, method: str) -> None:
    # Google's library repeats once: two lost answers lose one call's (sandbox/google/faults.py).
    town.world.add_fault(kind="lost_answer", method=method, times=2)


# --- our own doing ----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [DriftPolicy.APPLY, DriftPolicy.LEAVE])
def test_our_own_deletion_without_an_answer_is_no_wish(
    town: Town, plugin: FakePlugin, policy: DriftPolicy
) -> None:
    """A booking is cancelled by mistake; its event goes, the answer is lost; the mistake is undone."""
    choose(town, policy)
    booking = book(town)
    town.settle()
    cancel(town, booking)
    lose_answers(town, "DELETE")
    work(town)
    assert ours(town) == []
    approve(town, booking)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


@pytest.mark.parametrize("is_before", [True, False])
def test_our_own_deletion_before_a_crash_is_no_wish(town: Town, plugin: FakePlugin, is_before: bool) -> None:
    booking = book(town)
    town.settle()
    cancel(town, booking)
    town.process.fuse.light("delete event", 0, town.process.fuse.crash, is_before=is_before)
    work(town)
    approve(town, booking)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


@pytest.mark.parametrize("policy", [DriftPolicy.APPLY, DriftPolicy.LEAVE])
def test_our_own_move_without_an_answer_is_no_wish(
    town: Town, plugin: FakePlugin, policy: DriftPolicy
) -> None:
    """A booking is moved by mistake, its event follows, the answer is lost; the mistake is undone."""
    choose(town, policy)
    booking = book(town)
    town.settle()
    move(town, booking, 900)
    lose_answers(town, "PATCH")
    work(town)
    assert ours(town) == ["11-21 14:00"]
    move(town, booking, 600)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


def test_our_own_move_before_a_crash_is_no_wish(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    move(town, booking, 900)
    town.process.fuse.light("update event", 0, town.process.fuse.crash, is_before=False)
    work(town)
    move(town, booking, 600)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


def test_an_event_that_left_for_another_calendar_of_ours_is_no_wish(town: Town, plugin: FakePlugin) -> None:
    """The agent chooses another calendar, the deletion's answer is lost, and they choose the first again."""
    book(town)
    town.settle()
    town.choose(ANNA, town.team, [CALENDAR])
    lose_answers(town, "DELETE")
    work(town)
    town.choose(ANNA, CALENDAR, [CALENDAR])
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


def test_a_wish_is_heard_where_our_own_writing_was_refused_because_of_it(
    town: Town, plugin: FakePlugin
) -> None:
    """The agent moves the event while a new name is written into it: that answer is known."""
    booking = book(town)
    town.settle()
    town.site.update("customers", 1, first_name="Kim")
    town.process.fuse.light("update event", 0, lambda: drag(town), is_before=True)
    settle_and_check(town)
    assert plugin.mailed == [("reschedule", booking)]


def test_a_wish_after_a_round_that_was_stopped_is_heard(town: Town, plugin: FakePlugin) -> None:
    """Three failures end a round; what was not tried in it owes no answer."""
    bookings = [book(town, day) for day in range(1, 6)]
    town.settle()
    town.site.update("customers", 1, first_name="Kim")
    town.world.add_fault(kind="status", status=503, method="PATCH", times=3)
    work(town)
    town.site.update("customers", 1, first_name="Dana")
    drag(town, 4)
    settle_and_check(town)
    assert plugin.mailed == [("reschedule", bookings[4])]


# --- what was not seen happening --------------------------------------------------------------


@pytest.mark.parametrize("wish", ["move", "cancel"])
def test_what_was_done_while_disconnected_is_put_back_and_told(
    town: Town, plugin: FakePlugin, wish: str
) -> None:
    """Who disconnects and tidies up cancels nobody."""
    booking = book(town)
    town.settle()
    accounts.record_disconnected(town.database, town.account(ANNA).id, town.clock())
    drag(town) if wish == "move" else delete(town)
    town.pass_time(timedelta(days=0, hours=3))
    settle_and_check(town)
    assert plugin.asked == []
    assert times_of(town, booking) == ("2026-11-21", 600, 660)
    assert reasons(town) == [(wish, "unwitnessed")]
    drag(town)
    settle_and_check(town)
    assert plugin.mailed == [("reschedule", booking)]


@pytest.mark.parametrize("wish", ["move", "cancel"])
def test_after_a_lost_sync_token_what_differs_is_put_back(town: Town, plugin: FakePlugin, wish: str) -> None:
    book(town)
    town.settle()
    town.world.kill_sync_tokens(CALENDAR)
    drag(town) if wish == "move" else delete(town)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


def test_a_wish_beside_a_new_series_is_heard(town: Town, plugin: FakePlugin) -> None:
    """A new series has everything listed once more, but what changed was seen before."""
    moved, gone = book(town, 1), book(town, 2)
    town.settle()
    series = {
        "summary": "Yoga",
        "recurrence": ["RRULE:FREQ=WEEKLY"],
        "start": {"dateTime": "2026-11-23T18:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T19:00:00+01:00", "timeZone": "Europe/Berlin"},
    }
    town.world.set_switches(page_size_cap=1)
    town.world.put_event(CALENDAR, series)
    drag(town, 0, HALF_PAST_TWO + timedelta(days=5))
    delete(town, 0)
    settle_and_check(town)
    assert sorted(plugin.mailed) == [("cancel", gone), ("reschedule", moved)]


def test_an_event_that_google_does_not_find_for_a_while_cancels_nobody(
    town: Town, plugin: FakePlugin
) -> None:
    """Every single event answers 404, also to our writing; the calendars are there."""
    booking = book(town)
    town.settle()
    town.site.update("customers", 1, first_name="Kim")
    for method in ("GET", "PATCH"):
        town.world.add_fault(
            kind="status", status=404, reason="notFound", method=method, path="/events/", times=50
        )
    work(town)
    work(town)
    town.settle()
    assert plugin.asked == []
    assert town.site.row("bookings", booking)["status"] == "approved"


def test_an_event_that_is_not_found_when_its_move_is_looked_at_cancels_nobody(
    town: Town, plugin: FakePlugin
) -> None:
    booking = book(town)
    town.settle()
    drag(town)
    town.world.add_fault(
        kind="status", status=404, reason="notFound", method="GET", path="/events/", times=50
    )
    work(town)
    town.settle()
    assert plugin.asked == []
    assert town.site.row("bookings", booking)["status"] == "approved"


@pytest.mark.parametrize("page", [1, 2500])
def test_a_restored_backup_that_knows_an_older_event_cancels_nobody(
    town: Town, plugin: FakePlugin, page: int
) -> None:
    booking = book(town)
    town.settle()
    backup = Path(str(town.database.url.database)).with_name("backup.db")
    _copy(town, backup)
    plugin.refuses = "not_bookable"
    delete(town)
    town.settle()
    plugin.refuses, plugin.asked = "", []
    _bring_back(town, backup)
    town.world.set_switches(page_size_cap=page)
    # The new event's page of the listing is not seen before the bookings' turn comes.
    town.world.add_fault(
        kind="status", status=503, method="GET", path="/events$", after=1 if page == 1 else 0, times=3
    )
    settle_and_check(town)
    assert plugin.asked == []
    assert town.site.row("bookings", booking)["status"] == "approved"
    assert ours(town) == ["11-21 09:00"]


def test_a_restored_backup_whose_run_breaks_off_cancels_nobody(town: Town, plugin: FakePlugin) -> None:
    """The page with the newer event is not reached: it is looked for by its name."""
    booking = book(town)
    town.settle()
    backup = Path(str(town.database.url.database)).with_name("backup.db")
    _copy(town, backup)
    plugin.refuses = "not_bookable"
    delete(town)
    town.settle()
    plugin.refuses, plugin.asked = "", []
    _bring_back(town, backup)
    account = town.account(ANNA)
    (mapping,) = mappings.read_mappings(town.database, account.id)
    drift.record_seen(
        town.database, mapping.id, etag="", has_agent_notes=False, drift=Drift.DELETED, now=town.clock()
    )
    town.world.add_fault(kind="status", status=503, method="GET", path="/events$", times=3)
    town.site.update("customers", 1, first_name="Kim")
    settle_and_check(town)
    assert plugin.asked == []
    assert town.site.row("bookings", booking)["status"] == "approved"


def _copy(town: Town, path: Path) -> None:
    import sqlite3

    with (
        closing(sqlite3.connect(str(town.database.url.database))) as state,
        closing(sqlite3.connect(path)) as copy,
    ):
        state.backup(copy)


def _bring_back(town: Town, path: Path) -> None:
    import sqlite3

    town.database.engine.dispose()
    with (
        closing(sqlite3.connect(path)) as copy,
        closing(sqlite3.connect(str(town.database.url.database))) as state,
    ):
        copy.backup(state)
    town.process = town.new_process()


# --- another choice ---------------------------------------------------------------------------


@pytest.mark.parametrize("before", [DriftPolicy.LEAVE, DriftPolicy.RESTORE])
def test_what_differed_before_apply_was_chosen_is_put_back(
    town: Town, plugin: FakePlugin, before: DriftPolicy
) -> None:
    choose(town, before)
    book(town, 1)
    book(town, 2)
    town.settle()
    town.process.brake.stopping.set()  # restoring takes its time
    drag(town, 1, HALF_PAST_TWO + timedelta(days=8))
    delete(town, 0)
    town.process.brake.stopping.clear()
    town.world.add_fault(kind="status", status=503, method="PATCH|POST", times=6)
    work(town)
    choose(town, DriftPolicy.APPLY)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00", "11-22 09:00"]


def test_saving_apply_once_more_keeps_wishes(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    plugin.answers = [(503, {"error": "latepoint_missing"})]
    drag(town)
    work(town)
    choose(town, DriftPolicy.APPLY)
    settle_and_check(town)
    assert plugin.mailed == [("reschedule", booking)]


# --- too much ---------------------------------------------------------------------------------


def test_a_calendar_that_is_emptied_one_event_at_a_time_cancels_few(stand: Stand) -> None:
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        for plugin in with_plugin(town):
            for day in range(1, 16):
                book(town, day)
            town.settle()
            for _ in range(15):
                delete(town)
                work(town)
            assert len(plugin.mailed) == 5
            assert {row.operation for row in held.list_held(town.database, town.site_id)} == {
                "cancel booking"
            }
            choose(town, DriftPolicy.RESTORE)
            settle_and_check(town)
            assert len(ours(town)) == 10


def test_five_changes_on_another_day_are_five_new_ones(stand: Stand) -> None:
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        for plugin in with_plugin(town):
            for day in range(3, 16):
                book(town, day)
            town.settle()
            for _ in range(5):
                delete(town)
            town.settle()
            town.pass_time(timedelta(days=1))
            delete(town)
            settle_and_check(town)
            assert len(plugin.mailed) == 6
