"""Laws of design.md §9 one by one, in small towns; then crashes, lost answers and two crews at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latesync.sync.crew import Crew
from tests.property.machine import laws
from tests.property.machine.happenings import Happening, Life, by_people
from tests.property.machine.people import People
from tests.property.machine.scenes import (
    A_LITTLE_LATER,
    book,
    busy,
    cancel,
    move,
    ours,
    put_theirs,
    settle_and_check,
    work,
)
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, BEN, CLEO, Town, opened_town

few = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
moves = st.lists(by_people, max_size=8)


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
