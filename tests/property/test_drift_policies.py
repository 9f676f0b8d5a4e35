"""What follows when an agent moves or deletes our event: each policy, with a plugin behind its contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from latesync.model import OTHER_CALENDAR, MappingState
from latesync.options import DriftPolicy, SafetyLimits
from latesync.plan.failures import Problem
from latesync.sentences.drift_sentences import REFUSAL_REASONS
from latesync.store import drift, held, mappings
from latesync.store.choices import write_drift_policy
from latesync.store.refusals import RefusalRow, list_refusals
from latesync.store.runs import last_runs
from latesync.sync.tell_site import SiteTeller
from tests.builders.plugin import SECRET, FakePlugin
from tests.property.machine.people import People
from tests.property.machine.scenes import CALENDAR, book, move, ours, settle_and_check, work
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, Town, opened_town

HALF_PAST_TWO = datetime.fromisoformat("2026-11-22T13:30:00+00:00")


@pytest.fixture
def plugin(town: Town) -> Iterator[FakePlugin]:
    yield from with_plugin(town)


def with_plugin(town: Town) -> Iterator[FakePlugin]:
    plugin = town.bring_plugin()
    choose(town, DriftPolicy.APPLY)
    yield plugin


def choose(town: Town, policy: DriftPolicy) -> None:
    write_drift_policy(town.database, town.site_id, policy, town.clock())


def drag(town: Town, number: int = 0, to: datetime = HALF_PAST_TWO, hours: int = 1) -> None:
    """Anna drags an event of ours elsewhere."""
    event = People(town).events(CALENDAR, ours=True)[number]
    times = {"start": to, "end": to + timedelta(hours=hours)}
    body = {side: {"dateTime": at.isoformat(), "timeZone": "Europe/Berlin"} for side, at in times.items()}
    town.world.patch_event(CALENDAR, event.id, body)


def delete(town: Town, number: int = 0) -> None:
    town.world.delete_event(CALENDAR, People(town).events(CALENDAR, ours=True)[number].id)


def times_of(town: Town, booking_id: int) -> tuple[str, int, int]:
    row = town.site.row("bookings", booking_id)
    return row["start_date"], row["start_time"], row["end_time"]


def told(town: Town) -> list[RefusalRow]:
    return list_refusals(town.database, town.site_id, ANNA, town.clock() - timedelta(days=30))


def followed(town: Town) -> tuple[int, int]:
    """(bookings moved, bookings cancelled) by all recorded runs."""
    rows = last_runs(town.database, town.site_id, limit=100)
    return sum(row.bookings_moved for row in rows), sum(row.bookings_cancelled for row in rows)


# --- apply ------------------------------------------------------------------------------------


def test_a_moved_event_moves_its_booking_once(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    drag(town)
    settle_and_check(town)
    assert times_of(town, booking) == ("2026-11-22", 870, 930)
    assert ours(town) == ["11-22 13:30"]
    assert plugin.mailed == [("reschedule", booking)]
    assert told(town) == []
    assert followed(town) == (1, 0)


def test_the_plugin_gets_the_row_as_it_was_and_where_the_event_stands(town: Town, plugin: FakePlugin) -> None:
    book(town)
    town.settle()
    drag(town)
    town.settle()
    (asked,) = plugin.asked
    assert asked.body == {
        "v": 1,
        "expected": {
            "agent_id": ANNA,
            "status": "approved",
            "start_date": "2026-11-21",
            "start_time": 600,
            "end_date": "2026-11-21",
            "end_time": 660,
        },
        "to": {"starts_at": "2026-11-22T13:30:00Z", "ends_at": "2026-11-22T14:30:00Z"},
    }


def test_a_deleted_event_cancels_its_booking_and_is_not_deleted_once_more(
    town: Town, plugin: FakePlugin
) -> None:
    booking = book(town)
    town.settle()
    delete(town)
    town.world.forget_requests()
    settle_and_check(town)
    assert town.site.row("bookings", booking)["status"] == "cancelled"
    assert plugin.mailed == [("cancel", booking)]
    assert followed(town) == (0, 1)
    assert ours(town) == []
    assert [request for request in town.world.requests if request.method == "DELETE"] == []


@pytest.mark.parametrize("reason", sorted(REFUSAL_REASONS - {OTHER_CALENDAR, "changed", "unknown"}))
@pytest.mark.parametrize("wish", ["move", "cancel"])
def test_what_the_site_refuses_is_put_back_and_told(
    town: Town, plugin: FakePlugin, reason: str, wish: str
) -> None:
    booking = book(town)
    town.settle()
    plugin.refuses = reason
    drag(town) if wish == "move" else delete(town)
    settle_and_check(town)
    assert times_of(town, booking) == ("2026-11-21", 600, 660)
    assert ours(town) == ["11-21 09:00"]
    assert len(plugin.asked) == 1
    if (wish, reason) == ("cancel", "cancelled"):
        assert told(town) == []  # that wish has come true
    else:
        (row,) = told(town)
        assert (row.booking_id, row.wish, row.reason) == (booking, wish, reason)
        assert row.wanted_starts_at == (HALF_PAST_TWO if wish == "move" else None)
        assert row.starts_at == datetime.fromisoformat("2026-11-21T09:00:00+00:00")
        assert row.booking_code == town.site.row("bookings", booking)["booking_code"] != ""
    assert followed(town) == (0, 0)


def test_a_booking_that_changed_at_the_same_time_wins(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    drag(town)
    move(town, booking, 900)
    settle_and_check(town)
    assert times_of(town, booking) == ("2026-11-21", 900, 960)
    assert plugin.asked == []


def test_a_title_is_no_booking_and_is_put_back(town: Town, plugin: FakePlugin) -> None:
    book(town)
    people = People(town)
    town.settle()
    for change in ("rename", "wipe", "free", "make all-day"):
        people.touch_ours(CALENDAR, people.events(CALENDAR, ours=True)[0], change, 0)
        settle_and_check(town)
    assert plugin.asked == []


def test_a_lost_answer_moves_and_mails_once(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    drag(town)
    plugin.loses = 1
    work(town)
    assert town.account(ANNA).problem == Problem.PLUGIN_UNAVAILABLE
    settle_and_check(town)
    assert times_of(town, booking) == ("2026-11-22", 870, 930)
    assert plugin.mailed == [("reschedule", booking)]
    assert told(town) == []


def test_a_lost_answer_to_a_cancellation_mails_once(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    delete(town)
    plugin.loses = 1
    settle_and_check(town)
    assert plugin.mailed == [("cancel", booking)]
    assert ours(town) == []
    assert told(town) == []


def test_while_the_plugin_is_down_nothing_is_lost_and_nothing_else_waits(
    town: Town, plugin: FakePlugin
) -> None:
    kept, moved, deleted = book(town, 1), book(town, 2), book(town, 3)
    town.settle()
    plugin.answers = [(503, {"error": "latepoint_missing"})]
    drag(town, 1, HALF_PAST_TWO + timedelta(days=5))
    delete(town, 1)  # of what is sorted by time, the last but the dragged one
    move(town, kept)
    fresh = book(town, 7)
    work(town)
    assert len(plugin.asked) == 1
    assert "11-21 13:00" in ours(town)
    assert "11-27 09:00" in ours(town)
    assert town.account(ANNA).problem == Problem.PLUGIN_UNAVAILABLE
    assert town.account(ANNA).outbound_due_at is not None
    settle_and_check(town)
    assert sorted(plugin.mailed) == [("cancel", deleted), ("reschedule", moved)]
    assert town.site.row("bookings", fresh)["status"] == "approved"


def test_a_plugin_that_does_not_accept_us_is_the_operators_trouble(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    plugin.secret = "another"
    drag(town)
    work(town)
    assert town.account(ANNA).problem == Problem.PLUGIN_REJECTED
    assert ours(town) == ["11-22 13:30"]
    plugin.secret = SECRET
    settle_and_check(town)
    assert times_of(town, booking)[0] == "2026-11-22"


def test_an_event_that_was_moved_again_meanwhile_is_followed_to_where_it_stands(
    town: Town, plugin: FakePlugin
) -> None:
    booking = book(town)
    town.settle()
    drag(town)
    later = HALF_PAST_TWO + timedelta(hours=2)
    town.process.fuse.light("get event", 0, lambda: drag(town, to=later), is_before=True)
    settle_and_check(town)
    assert times_of(town, booking) == ("2026-11-22", 990, 1050)
    assert plugin.mailed == [("reschedule", booking)]


@pytest.mark.parametrize("wish", ["move", "cancel"])
def test_an_event_that_was_put_back_meanwhile_changes_no_booking(
    town: Town, plugin: FakePlugin, wish: str
) -> None:
    book(town)
    town.settle()
    event = People(town).events(CALENDAR, ours=True)[0]
    before = {side: event.resource[side] for side in ("start", "end")}
    drag(town) if wish == "move" else delete(town)
    undo: Any = {**before, "status": "confirmed"}

    def put_back() -> None:
        town.world.patch_event(CALENDAR, event.id, undo)

    town.process.fuse.light("get event", 0, put_back, is_before=True)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]


def test_the_same_wish_after_a_refusal_is_asked_for_anew(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    plugin.refuses = "not_bookable"
    drag(town)
    town.settle()
    plugin.refuses = ""
    drag(town)
    settle_and_check(town)
    assert times_of(town, booking)[0] == "2026-11-22"


def test_a_booking_that_follows_at_last_takes_its_refusals_along(town: Town, plugin: FakePlugin) -> None:
    moved, other = book(town, 1), book(town, 2)
    town.settle()
    teller = SiteTeller(town.process.parts)
    plugin.refuses = "not_bookable"
    drag(town, 1, HALF_PAST_TWO + timedelta(days=5))
    town.settle()
    drag(town, 0)
    town.settle()
    teller.tell(ANNA)
    assert [row.booking_id for row in told(town)] == [moved, other]
    assert message(town).startswith(f"Booking {code_of(town, moved)} ")
    plugin.refuses = ""
    drag(town, 0)
    work(town)
    assert [result.is_news for result in town.results[-1:]] == [True]
    teller.tell(ANNA)
    assert [row.booking_id for row in told(town)] == [other]
    assert message(town).startswith(f"Booking {code_of(town, other)} ")


def test_an_answer_that_changed_nothing_ends_the_asking(town: Town, plugin: FakePlugin) -> None:
    """As where the event was dragged to the second of a doubled hour: the row's clock reads the same."""
    booking = book(town)
    town.settle()
    plugin.answers = [(200, {"v": 1, "result": "applied", "booking": plugin.row(booking)})]
    drag(town)
    settle_and_check(town)
    assert len(plugin.asked) == 1
    assert [row.reason for row in told(town)] == ["not_saved"]


def test_half_a_minute_is_no_move(town: Town, plugin: FakePlugin) -> None:
    book(town)
    town.settle()
    drag(town, to=datetime.fromisoformat("2026-11-21T09:00:30+00:00"))
    settle_and_check(town)
    assert plugin.asked == []


def test_the_event_of_a_booking_that_is_over_may_be_tidied_up(town: Town, plugin: FakePlugin) -> None:
    booking = book(town, 1)
    town.settle()
    town.pass_time(timedelta(days=1, hours=1))  # the booking ended an hour ago
    delete(town)
    settle_and_check(town)
    assert plugin.asked == []
    assert town.site.row("bookings", booking)["status"] == "approved"
    assert [row.reason for row in told(town)] == ["past"]


@pytest.mark.parametrize("is_listed", [True, False])
def test_an_event_moved_into_another_calendar_cancels_nothing_and_comes_back(
    town: Town, plugin: FakePlugin, is_listed: bool
) -> None:
    booking = book(town)
    town.choose(ANNA, CALENDAR, [CALENDAR, town.team] if is_listed else [CALENDAR])
    town.settle()
    event = People(town).events(CALENDAR, ours=True)[0]
    body = {name: value for name, value in event.resource.items() if name not in ("iCalUID", "etag")}
    town.world.put_event(town.team, {**body, "id": event.id})
    town.world.delete_event(CALENDAR, event.id)
    settle_and_check(town)
    assert plugin.asked == []
    assert ours(town) == ["11-21 09:00"]
    assert ours(town, town.team) == []
    (row,) = told(town)
    assert (row.booking_id, row.reason) == (booking, OTHER_CALENDAR)


def test_a_calendar_that_is_not_there_proves_no_absence(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.choose(ANNA, town.team, [CALENDAR])
    town.settle()
    (event,) = People(town).events(town.team, ours=True)
    town.world.delete_event(town.team, event.id)
    town.process.fuse.light(
        "list calendars", 0, lambda: town.world.remove_calendar(town.team), is_before=True
    )
    work(town)
    assert town.process.fuse.burnt_at == "before list calendars"
    assert plugin.asked == []
    assert town.account(ANNA).problem == Problem.CALENDAR_LOST
    assert town.site.row("bookings", booking)["status"] == "approved"


def test_an_emptied_calendar_cancels_nobody(stand: Stand) -> None:
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        for fake in with_plugin(town):
            for day in range(1, 8):
                book(town, day)
            town.settle()
            for _ in range(7):
                delete(town)
            work(town)
            assert fake.asked == []
            rows = held.list_held(town.database, town.site_id)
            assert {row.operation for row in rows} == {"cancel booking"}
            assert len(rows) == 7
            choose(town, DriftPolicy.RESTORE)
            settle_and_check(town)
            assert len(ours(town)) == 7


def test_the_agent_is_told_in_wordpress_for_a_day(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    teller = SiteTeller(town.process.parts)
    teller.tell(ANNA)
    plugin.refuses = "not_bookable"
    drag(town)
    work(town)
    assert any(result.is_news for result in town.results[-1:])
    teller.tell(ANNA)
    first = (
        f"Booking {code_of(town, booking)} (Sat 21 Nov, 10:00) was moved to Sun 22 Nov, 14:30 in the "
        "calendar. LatePoint does not offer that time (it is off its grid, outside working hours, or taken), "
        "so the event was put back."
    )
    assert message(town) == f"{first} Choose another time."
    plugin.refuses = "busy"
    drag(town)
    work(town)
    teller.tell(ANNA)
    assert "The agent’s own calendar has something at that time" in message(town)
    assert message(town).endswith(" (and 1 more: see LateSync’s page)")
    town.pass_time(timedelta(hours=25))
    teller.tell_all_again()
    assert message(town) == ""


def test_a_refusal_that_was_found_later_names_the_booking_too(town: Town, plugin: FakePlugin) -> None:
    booking = book(town)
    town.settle()
    town.world.kill_sync_tokens(CALENDAR)
    delete(town)
    town.settle()
    assert [(row.reason, row.booking_code) for row in told(town)] == [("unwitnessed", "")]
    SiteTeller(town.process.parts).tell(ANNA)
    assert message(town).startswith(
        f"Booking {code_of(town, booking)} (Sat 21 Nov, 10:00): its event was deleted in the calendar."
    )


def code_of(town: Town, booking: int) -> str:
    code = str(town.site.row("bookings", booking)["booking_code"])
    assert code
    return code


def message(town: Town) -> str:
    with town.site.engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SELECT message FROM {PREFIX}latesync_accounts").scalar_one())


# --- leave ------------------------------------------------------------------------------------


def test_left_events_stay_where_they_were_put_until_the_booking_changes(town: Town) -> None:
    choose(town, DriftPolicy.LEAVE)
    first, second = book(town, 1), book(town, 2)
    town.settle()
    drag(town, 0, HALF_PAST_TWO + timedelta(days=8))
    delete(town, 0)
    town.settle()
    assert ours(town) == ["11-30 13:30"]
    drifted = {row.booking_id: row for row in drift.list_drifted(town.database, town.site_id)}
    moved_to = drifted[first].drift_span
    assert moved_to is not None
    assert moved_to.start == HALF_PAST_TWO + timedelta(days=8)
    assert drifted[second].drift_span is None
    move(town, first)
    move(town, second)
    settle_and_check(town)
    assert ours(town) == ["11-21 13:00", "11-22 13:00"]
    assert drift.list_drifted(town.database, town.site_id) == []


def test_a_left_event_of_a_past_booking_is_let_go_as_it_stands(town: Town) -> None:
    choose(town, DriftPolicy.LEAVE)
    book(town, 1)
    town.settle()
    drag(town)
    town.settle()
    town.world.forget_requests()
    town.pass_time(timedelta(days=4))
    town.settle()
    assert [request for request in town.world.requests if request.method in ("PATCH", "DELETE")] == []
    assert mappings.read_mappings(town.database, town.account(ANNA).id) == []


def test_going_back_to_restore_puts_left_events_back(town: Town) -> None:
    choose(town, DriftPolicy.LEAVE)
    for day in (1, 2):
        book(town, day)
    town.settle()
    drag(town, 1, HALF_PAST_TWO)
    delete(town, 0)
    town.settle()
    choose(town, DriftPolicy.RESTORE)
    assert town.account(ANNA).outbound_due_at == town.clock()
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00", "11-22 09:00"]
    states = {row.state for row in mappings.read_mappings(town.database, town.account(ANNA).id)}
    assert states == {MappingState.LIVE}


def test_an_event_moved_into_a_calendar_that_is_read_comes_back_also_where_drift_is_left(town: Town) -> None:
    choose(town, DriftPolicy.LEAVE)
    book(town)
    town.choose(ANNA, CALENDAR, [CALENDAR, town.team])
    town.settle()
    event = People(town).events(CALENDAR, ours=True)[0]
    body = {name: value for name, value in event.resource.items() if name not in ("iCalUID", "etag")}
    town.world.put_event(town.team, {**body, "id": event.id})
    town.world.delete_event(CALENDAR, event.id)
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00"]
    assert told(town) == []
