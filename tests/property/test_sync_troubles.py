"""Each trouble a run may meet, each choice people make, and what time does, by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.model import AccountState
from latesync.options import BlockingPolicy, SafetyLimits
from latesync.plan.failures import USAGE_PAUSE, Problem
from latesync.store import calendars, clients, held, mappings
from latesync.store.blocking import choose_blocking
from latesync.sync.outbound import plan_account
from tests.property.machine.people import People
from tests.property.machine.scenes import (
    CALENDAR,
    book,
    busy,
    cancel,
    move,
    ours,
    put_theirs,
    settle_and_check,
    work,
)
from tests.property.machine.stand import PREFIX, Stand
from tests.property.machine.town import ANNA, BEN, CLEO, Town, opened_town

# What the provider may answer


def test_a_listing_that_breaks_off_is_read_again_from_its_beginning(town: Town) -> None:
    town.world.set_switches(page_size_cap=1)
    for day in (1, 2, 3):
        put_theirs(town, day)
    town.settle()
    slots = busy(town)
    town.world.kill_sync_tokens()
    town.world.add_fault("status", method="GET", path="/events$", after=2, times=None, status=503)
    work(town)
    (row,) = calendars.read_calendars(town.database, town.account(ANNA).id)
    assert row.sync_token is None
    assert busy(town) == slots
    settle_and_check(town)


def test_an_unreadable_event_does_not_hold_up_the_sync_token(town: Town) -> None:
    key = put_theirs(town, 1)
    rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    town.world.patch_event(CALENDAR, key, rule)
    town.settle()
    (before,) = calendars.read_calendars(town.database, town.account(ANNA).id)
    town.world.calendars[CALENDAR].events[key].resource["recurrence"] = ["RRULE:FREQ=WHENEVER"]
    town.world.calendars[CALENDAR].changes.note(key)
    put_theirs(town, 5)
    work(town)
    (after,) = calendars.read_calendars(town.database, town.account(ANNA).id)
    assert after.sync_token not in (None, before.sync_token)
    assert busy(town) == ["11-21 08:00", "11-25 08:00"]


def test_a_refused_event_is_set_aside_until_its_booking_changes(town: Town) -> None:
    refused = book(town, 1)
    book(town, 2)
    book(town, 3)
    town.world.add_fault("status", method="POST", path="/events$", status=400, reason="invalid")
    work(town)
    assert ours(town) == ["11-22 09:00", "11-23 09:00"]
    (waiting,) = mappings.list_set_aside(town.database, town.site_id)
    assert (waiting.booking_id, waiting.problem) == (refused, "invalid")
    town.settle()
    assert len(ours(town)) == 2
    move(town, refused)
    settle_and_check(town)
    assert len(ours(town)) == 3


def test_one_failing_call_does_not_hold_up_the_others(town: Town) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.world.add_fault("status", method="POST", path="/events$", status=503)
    work(town)
    assert len(ours(town)) == 2
    settle_and_check(town)


def test_three_failures_in_a_row_end_the_run_and_lose_nothing(town: Town) -> None:
    for day in range(1, 7):
        book(town, day)
    town.world.forget_requests()
    town.world.add_fault("status", method="POST", path="/events$", status=503, times=None)
    work(town)
    asked = [
        request for request in town.world.requests if request.method == "POST" and "events" in request.path
    ]
    assert len(asked) == 3
    assert town.account(ANNA).problem == Problem.PROVIDER_UNAVAILABLE
    settle_and_check(town)
    assert len(ours(town)) == 6


@pytest.mark.parametrize(
    ("fault", "problem", "earliest"),
    [
        ({"status": 403, "reason": "rateLimitExceeded"}, Problem.RATE_LIMITED, timedelta(0)),
        ({"status": 429, "reason": "x", "retry_after_s": 90}, Problem.RATE_LIMITED, timedelta(seconds=90)),
        ({"status": 403, "reason": "quotaExceeded"}, Problem.USAGE_LIMITED, USAGE_PAUSE),
    ],
)
def test_nothing_is_asked_before_a_limit_allows_it(
    town: Town, fault: dict[str, object], problem: Problem, earliest: timedelta
) -> None:
    for day in (1, 2, 3):
        book(town, day)
    town.world.add_fault("status", method="POST", path="/events$", domain="usageLimits", **fault)
    work(town)
    account = town.account(ANNA)
    assert account.problem == problem
    assert account.outbound_due_at is not None
    assert account.outbound_due_at > town.clock() + earliest
    town.world.forget_requests()
    work(town, account.outbound_due_at - town.clock() - timedelta(seconds=1))
    assert not [
        request for request in town.world.requests if request.method == "POST" and "/events" in request.path
    ]
    settle_and_check(town)
    assert len(ours(town)) == 3


@pytest.mark.parametrize("path", ["/events$", "/events"], ids=["a write", "a listing"])
def test_a_limit_holds_for_both_directions(town: Town, path: str) -> None:
    """microsoft-graph.md L3: waiting less than told prolongs it."""
    town.settle()
    book(town)
    method = "POST" if path == "/events$" else "GET"
    town.world.add_fault("status", method=method, path=path, times=1, status=429, retry_after_s=90)
    town.pass_time(timedelta(seconds=50))
    town.world.forget_requests()
    town.work()
    account, asked = town.account(ANNA), list(town.world.requests)
    assert [request.status for request in asked if "/events" in request.path][-1] == 429
    for due_at in (account.outbound_due_at, account.inbound_due_at):
        assert due_at is not None
        assert due_at >= town.clock() + timedelta(seconds=90)
    settle_and_check(town)
    assert len(ours(town)) == 1


def test_a_rejected_client_is_the_operators_trouble_and_signs_nobody_out(town: Town) -> None:
    town.settle()
    book(town)
    town.world.rotate_secret(town.client_id)
    town.world.advance(timedelta(hours=2))
    town.clock.now += timedelta(hours=2)
    work(town)
    assert town.account(ANNA).state is AccountState.CONNECTED
    assert town.account(ANNA).problem == Problem.CLIENT_REJECTED
    client = clients.read_client(town.database, town.stand.box, town.client_ref)
    assert client.problem == Problem.CLIENT_REJECTED
    settle_and_check(town)
    assert len(ours(town)) == 1
    assert clients.read_client(town.database, town.stand.box, town.client_ref).problem is None


def test_what_came_while_signed_out_is_written_after_the_next_sign_in(town: Town) -> None:
    kept = book(town, 1)
    town.settle()
    town.world.revoke_grants(CALENDAR)
    book(town, 2)
    cancel(town, kept)
    put_theirs(town, 3)
    work(town)
    assert town.account(ANNA).state is AccountState.NEEDS_SIGN_IN
    book(town, 4)
    work(town, timedelta(days=1))
    assert ours(town) == ["11-21 09:00"]
    settle_and_check(town)
    assert ours(town) == ["11-22 09:00", "11-24 09:00"]
    assert busy(town) == ["11-23 08:00"]


def test_a_lost_calendar_keeps_its_busy_time_and_holds_up_nothing_else(town: Town) -> None:
    team = town.team
    town.choose(ANNA, CALENDAR, [CALENDAR, team])
    put_theirs(town, 1, team)
    town.settle()
    town.world.remove_calendar(team)
    put_theirs(town, 2)
    book(town, 3)
    work(town)
    assert busy(town) == ["11-21 08:00", "11-22 08:00"]
    assert ours(town) == ["11-23 09:00"]
    problems = [row.problem for row in calendars.read_calendars(town.database, town.account(ANNA).id)]
    assert sorted(filter(None, problems)) == [Problem.CALENDAR_LOST]


# What people choose


def test_events_move_when_another_calendar_is_chosen(town: Town) -> None:
    team = town.team
    for day in (1, 2):
        book(town, day)
    people = People(town)
    town.settle()
    people.touch_ours(CALENDAR, people.events(CALENDAR, ours=True)[0], "guest", 0)
    town.choose(ANNA, team, [CALENDAR, team])
    settle_and_check(town)
    assert ours(town) == []
    assert ours(town, team) == ["11-21 09:00", "11-22 09:00"]
    town.choose(ANNA, CALENDAR, [CALENDAR])
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00", "11-22 09:00"]
    assert ours(town, team) == []


@pytest.mark.parametrize("step", ["list page", "create event", "store write"])
def test_a_choice_made_in_the_middle_of_a_run_counts_from_then_on(town: Town, step: str) -> None:
    for day in (1, 2, 3):
        book(town, day)
        put_theirs(town, day)
        put_theirs(town, day + 3, town.team)
    town.choose(ANNA, CALENDAR, [CALENDAR, town.team])
    town.process.fuse.light(step, 1, lambda: town.choose(ANNA, town.team, [town.team]), is_before=False)
    work(town)
    settle_and_check(town)
    assert (ours(town), len(ours(town, town.team))) == ([], 3)
    assert busy(town) == ["11-24 08:00", "11-25 08:00", "11-26 08:00"]


def test_two_agents_may_share_one_account_and_calendar(stand: Stand) -> None:
    with opened_town(stand, agents=[BEN, CLEO]) as town:
        shared = "ben@example.test"
        given_away = book(town, 1, BEN)
        book(town, 2, BEN)
        book(town, 2, CLEO)
        put_theirs(town, 3, shared)
        settle_and_check(town)
        assert ours(town, shared) == ["11-21 09:00", "11-22 09:00", "11-22 09:00"]
        assert busy(town, BEN) == busy(town, CLEO) == ["11-23 08:00"]
        town.site.update("bookings", given_away, agent_id=CLEO)
        town.note_site()
        settle_and_check(town)
        assert len(ours(town, shared)) == 3


def test_an_event_taken_out_of_the_bin_does_not_become_a_second_one(town: Town) -> None:
    book(town)
    town.settle()
    people = People(town)
    (first,) = people.events(CALENDAR, ours=True)
    town.world.delete_event(CALENDAR, first.id)
    town.settle()
    town.world.patch_event(CALENDAR, first.id, {"status": "confirmed"})
    assert len(ours(town)) == 2
    settle_and_check(town)
    assert len(ours(town)) == 1


def test_our_event_that_was_shown_as_free_takes_up_time_again(town: Town) -> None:
    book(town)
    town.settle()
    (event,) = People(town).events(CALENDAR, ours=True)
    town.world.patch_event(CALENDAR, event.id, {"transparency": "transparent", "colorId": "11"})
    settle_and_check(town)
    (event,) = People(town).events(CALENDAR, ours=True)
    assert event.resource.get("transparency", "opaque") == "opaque"
    assert event.resource["colorId"] == "11"


def test_a_deletion_is_noticed_although_the_sync_token_died_meanwhile(town: Town) -> None:
    book(town)
    town.settle()
    (event,) = People(town).events(CALENDAR, ours=True)
    town.world.delete_event(CALENDAR, event.id)
    town.world.kill_sync_tokens()
    settle_and_check(town)
    assert len(ours(town)) == 1


def test_a_cancelled_bookings_event_does_not_come_back_from_the_bin(town: Town) -> None:
    cancelled = book(town)
    town.settle()
    (event,) = People(town).events(CALENDAR, ours=True)
    cancel(town, cancelled)
    town.settle()
    town.world.patch_event(CALENDAR, event.id, {"status": "confirmed"})
    settle_and_check(town)
    assert ours(town) == []


def test_a_series_taken_out_of_the_bin_keeps_its_cancelled_dates_free(town: Town) -> None:
    people = People(town)
    people.add(CALENDAR, 0, "series", 1)
    (series,) = people.events(CALENDAR, ours=False)
    people.change_occurrence(CALENDAR, series, 1, "cancel", 0)
    town.settle()
    people.change(CALENDAR, series, "delete", 0)
    town.settle()
    assert busy(town) == []
    people.restore(CALENDAR, people.events(CALENDAR, ours=False, alive=False)[0], ours=False)
    settle_and_check(town, people)
    assert busy(town) == ["11-20 08:00", "12-04 08:00", "12-11 08:00"]


# Time


def test_a_booking_beyond_the_window_comes_when_the_window_reaches_it(town: Town) -> None:
    book(town, 367)
    town.settle()
    assert ours(town) == []
    town.pass_time(timedelta(days=2))
    settle_and_check(town)
    assert len(ours(town)) == 1


def test_a_booking_moved_into_the_past_leaves_nothing_in_the_future(town: Town) -> None:
    booking = book(town, 5)
    town.settle()
    town.site.update("bookings", booking, start_date="2026-11-10", end_date="2026-11-10")
    settle_and_check(town)
    assert ours(town) == ["11-10 09:00"]


# The safety hold


def test_an_emptied_bookings_table_deletes_nothing(stand: Stand) -> None:
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        for day in range(1, 9):
            book(town, day)
        town.settle()
        town.site.execute(f"DELETE FROM {PREFIX}latepoint_bookings")
        work(town)
        work(town)
        assert len(ours(town)) == 8
        rows = held.list_held(town.database, town.site_id)
        assert {(row.operation, row.reason) for row in rows} == {("delete", "booking removed")}
        assert len(rows) == 8


def test_what_is_safe_goes_on_while_deletions_are_held(stand: Stand) -> None:
    with opened_town(stand, agents=[ANNA], limits=SafetyLimits()) as town:
        booked = [book(town, day) for day in range(1, 9)]
        town.settle()
        for booking in booked[:6]:
            cancel(town, booking)
        book(town, 20)
        work(town)
        assert len(ours(town)) == 9
        assert len(held.list_held(town.database, town.site_id)) == 6
        for booking in booked[:6]:
            town.site.update("bookings", booking, status="approved")
        work(town)
        assert held.list_held(town.database, town.site_id) == []
        _, safe, waiting = plan_account(town.process.parts, town.account(ANNA))
        assert (safe, waiting) == ([], [])


def test_what_makes_busy_is_chosen_while_a_dead_worker_s_bookings_wait(town: Town) -> None:
    """L9: choosing takes the lease away, by which alone they were known to be undone."""
    town.settle()
    book(town)
    town.process.fuse.light("create event", 0, town.process.fuse.crash, is_before=True)
    work(town)
    assert ours(town) == []
    choose_blocking(town.database, town.account(ANNA).id, BlockingPolicy(free_blocks=True), town.clock())
    work(town)
    assert ours(town) == ["11-21 09:00"]
