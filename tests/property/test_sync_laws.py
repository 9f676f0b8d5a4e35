"""Laws of design.md §9 one by one, in small towns; then each trouble that a run may meet, by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latesync.latepoint.busy import read_busy
from latesync.model import AccountState
from latesync.plan.failures import USAGE_PAUSE, Problem
from latesync.plan.safety import SafetyLimits
from latesync.store import calendars, clients, held, mappings
from latesync.sync.crew import Crew
from latesync.sync.outbound import plan_account
from tests.property.machine import laws
from tests.property.machine.happenings import Happening, Life, by_people
from tests.property.machine.people import People
from tests.property.machine.stand import PREFIX, Stand, opened_stand
from tests.property.machine.town import ANNA, BEN, CLEO, Town, opened_town

CALENDAR = "anna@example.test"
A_LITTLE_LATER = timedelta(seconds=50)

few = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
moves = st.lists(by_people, max_size=8)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with opened_stand(tmp_path_factory.mktemp("stand")) as stand:
        yield stand


@pytest.fixture
def town(stand: Stand) -> Iterator[Town]:
    """Anna's town: one agent, nothing booked."""
    with opened_town(stand, agents=[ANNA]) as town:
        yield town


def work(town: Town, after: timedelta = A_LITTLE_LATER) -> None:
    town.pass_time(after)
    town.work()


def book(town: Town, day: int = 1, agent: int = ANNA) -> int:
    site_day = str((town.clock() + timedelta(days=day)).date())
    booking_id = town.site.insert_booking(agent_id=agent, start_date=site_day)
    town.note_site()
    return booking_id


def cancel(town: Town, booking_id: int) -> None:
    town.site.update("bookings", booking_id, status="cancelled")
    town.note_site()


def move(town: Town, booking_id: int, minute: int = 840) -> None:
    town.site.update("bookings", booking_id, start_time=minute, end_time=minute + 60)


def ours(town: Town, calendar_id: str = CALENDAR) -> list[str]:
    """What stands in a calendar of ours, by the site's wall clock."""
    events = People(town).events(calendar_id, ours=True)
    return [f"{datetime.fromtimestamp(event.start_ts, UTC):%m-%d %H:%M}" for event in events]


def put_theirs(town: Town, day: int, calendar_id: str = CALENDAR) -> str:
    start = (town.clock() + timedelta(days=day)).replace(hour=8, minute=0, second=0)
    times = {"start": start, "end": start + timedelta(hours=1)}
    body = {side: {"dateTime": moment.isoformat(), "timeZone": "UTC"} for side, moment in times.items()}
    return str(town.world.put_event(calendar_id, {"summary": "Dentist", **body})["id"])


def busy(town: Town, agent_id: int = ANNA) -> list[str]:
    return sorted(
        f"{span.start:%m-%d %H:%M}" for span in read_busy(town.site.engine, PREFIX, agent_id).values()
    )


def settle_and_check(town: Town, people: People | None = None) -> None:
    town.settle()
    people = people or _who_left_everything_as_it_is(town)
    laws.check_laws(town, people)


def _who_left_everything_as_it_is(town: Town) -> People:
    people = People(town)
    people.left = people._theirs()
    return people


# The laws


@given(before=moves, after=moves)
@few
def test_a_second_plan_is_empty(stand: Stand, before: list[Happening], after: list[Happening]) -> None:
    """L1."""
    with opened_town(stand) as town:
        _live(town, before, after)
        laws.check_second_plan_is_empty(town)


@given(before=moves, after=moves)
@few
def test_every_wanted_booking_has_one_event(
    stand: Stand, before: list[Happening], after: list[Happening]
) -> None:
    """L2."""
    with opened_town(stand) as town:
        people = _live(town, before, after)
        laws.check_one_event_per_booking(town, people)


@given(before=moves, after=moves)
@few
def test_what_is_not_ours_is_never_touched(
    stand: Stand, before: list[Happening], after: list[Happening]
) -> None:
    """L3."""
    with opened_town(stand) as town:
        people = _live(town, before, after)
        people.check_untouched()
        people.check_wishes()


@given(works=st.integers(0, 40), breaks=st.sampled_from(["site", "calendar"]), full=st.booleans())
@few
def test_nothing_is_deleted_after_a_failed_read(stand: Stand, works: int, breaks: str, full: bool) -> None:
    """L4: whatever read fails, after however many that worked."""
    with opened_town(stand, agents=[ANNA]) as town:
        town.world.set_switches(page_size_cap=1)
        for day in (1, 2, 3):
            book(town, day)
            put_theirs(town, day)
        town.settle()
        events, slots = ours(town), busy(town)
        if full:
            town.world.kill_sync_tokens()
        if breaks == "site":
            town.outage.begin(works)
        else:
            town.world.add_fault("status", method="GET", times=None, after=works // 4, status=503)
        for _ in range(3):
            work(town)
        assert (ours(town), busy(town)) == (events, slots)


@given(order=st.permutations(range(5)))
@few
def test_the_order_of_things_does_not_matter(stand: Stand, order: list[int]) -> None:
    """L7."""
    shown = []
    for numbers in (range(5), order):
        with opened_town(stand, agents=[ANNA]) as town:
            for number in numbers:
                book(town, number)
                put_theirs(town, number)
            town.settle()
            shown.append((ours(town), busy(town)))
    assert shown[0] == shown[1]


def _live(town: Town, before: list[Happening], after: list[Happening]) -> People:
    people = People(town)
    life = Life(town, people)
    life.begin()
    life.happen(before)
    work(town)
    life.happen(after)
    town.settle()
    return people


# Crashes


CRASHES = [
    pytest.param("create event", True, id="create-after-the-intent-before-the-call"),
    pytest.param("create event", False, id="create-after-the-call-before-the-record"),
    pytest.param("update event", True, id="update-before-the-call"),
    pytest.param("update event", False, id="update-after-the-call-before-the-record"),
    pytest.param("delete event", True, id="delete-before-the-call"),
    pytest.param("delete event", False, id="delete-after-the-call-before-the-record"),
    pytest.param("list page", False, id="listing-read-but-not-recorded"),
    pytest.param("publish busy", False, id="busy-time-published-but-not-recorded"),
]


@pytest.mark.parametrize(("step", "is_before"), CRASHES)
def test_a_crash_is_mended(town: Town, step: str, is_before: bool) -> None:
    _prepare_one_of_each(town)
    fuse = town.process.fuse
    fuse.light(step, 0, fuse.crash, is_before=is_before)
    work(town)
    assert town.process.owner == "process-2"  # the first one died
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00", "11-22 13:00"]


@pytest.mark.parametrize("is_before", [True, False])
def test_a_crash_at_any_write_to_the_store_is_mended(stand: Stand, is_before: bool) -> None:
    for write in range(100):
        with opened_town(stand, agents=[ANNA]) as town:
            _prepare_one_of_each(town)
            fuse = town.process.fuse
            fuse.light("store write", write, fuse.crash, is_before=is_before)
            work(town)
            if town.process.owner == "process-1":
                assert write > 5
                return
            settle_and_check(town)
            assert ours(town) == ["11-21 09:00", "11-22 13:00"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("fault", ["lost_answer", "garbage"])
def test_an_answer_that_says_nothing_is_mended(town: Town, method: str, fault: str) -> None:
    """It was lost, or some proxy answered in Google's place; whether it was done is unknown."""
    _prepare_one_of_each(town)
    town.world.add_fault(fault, method=method, path="/events", times=2, status=200)
    work(town)
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00", "11-22 13:00"]


def _prepare_one_of_each(town: Town) -> None:
    """Two bookings stand in the calendar; a run is due that creates, updates, deletes and publishes."""
    cancelled, moved = book(town, 1), book(town, 2)
    town.settle()
    cancel(town, cancelled)
    move(town, moved)
    book(town, 1)
    put_theirs(town, 3)


# Two at once


def test_two_crews_side_by_side_write_everything_once(stand: Stand) -> None:
    with opened_town(stand) as town:
        for agent in (ANNA, BEN, CLEO):
            for day in range(3):
                book(town, day, agent)
        crews = [Crew(town.new_process().parts, f"crew-{number}", threads=4) for number in (1, 2)]
        for _ in range(3):
            town.pass_time(A_LITTLE_LATER)
            town.process.look()
            while sum(crew.take_due() for crew in crews):
                pass
            for crew in crews:
                while not crew.is_idle:
                    crew.wait_for_one(5)
        for crew in crews:
            crew.stop()
        settle_and_check(town)


def test_a_stalled_process_does_not_undo_what_its_successor_did(town: Town) -> None:
    booking = book(town)
    town.settle()
    cancel(town, booking)

    def succeed() -> None:
        """The booking comes back while the first process sleeps, and another one deals with both."""
        other = town.new_process()
        for status in ("cancelled", "approved", "approved"):
            town.site.update("bookings", booking, status=status)
            town.note_site()
            town.pass_time(timedelta(minutes=2))
            other.look()
            other.work()

    town.process.fuse.light("delete event", 0, succeed, is_before=True)
    work(town)
    settle_and_check(town)
    assert len(ours(town)) == 1


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
