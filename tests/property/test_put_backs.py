"""Somebody, or another program, changes our event again each time it was put back."""

from __future__ import annotations

from datetime import timedelta

from latesync.model import FOUGHT_OVER
from latesync.options import DriftPolicy
from latesync.plan.put_backs import MOST_PUT_BACKS
from latesync.store import mappings
from latesync.store.history import Wanted, What, Who, read_history
from latesync.store.retries import retry_set_aside
from tests.property.machine.people import People
from tests.property.machine.scenes import CALENDAR, book, move, ours, settle_and_check, work
from tests.property.machine.town import Town
from tests.property.test_drift_policies import HALF_PAST_TWO, choose, delete, drag


def set_aside(town: Town) -> list[tuple[int, str]]:
    found = mappings.list_set_aside(town.database, town.site_id)
    return [(mapping.booking_id, mapping.problem) for mapping in found]


def fight(town: Town, rounds: int = MOST_PUT_BACKS + 5) -> int:
    """Another program drags the first event away as often as we put it back. Gives our writes."""
    event = People(town).events(CALENDAR, ours=True)[0]
    start = HALF_PAST_TWO.isoformat()
    times = {"start": {"dateTime": start}, "end": {"dateTime": start.replace("13:30", "14:30")}}
    town.world.forget_requests()
    for _ in range(rounds):
        town.world.patch_event(CALENDAR, event.id, times)
        work(town)
    return sum(request.method == "PATCH" and "/events/" in request.path for request in town.world.requests)


def test_two_programs_that_correct_each_other_do_not_go_on_for_ever(town: Town) -> None:
    """odoo-calendar-sync.md §4, PR 215449: an infinite sync loop in production."""
    fought, other = book(town, 1), book(town, 2)
    town.settle()
    assert fight(town) == MOST_PUT_BACKS
    assert set_aside(town) == [(fought, FOUGHT_OVER)]
    assert ours(town) == ["11-22 09:00", "11-22 13:30"]

    move(town, other)  # nothing else waits for it
    work(town)
    assert ours(town) == ["11-22 13:00", "11-22 13:30"]
    entries = read_history(town.database, town.site_id, Wanted(what=What.EVENT_SET_ASIDE))
    assert [(row.booking_id, row.result) for row in entries] == [(fought, FOUGHT_OVER)]


def test_an_event_that_is_deleted_again_and_again_is_not_made_for_ever(town: Town) -> None:
    """users-ask.md U26: I deleted it and it came back for ever."""
    booking = book(town)
    town.settle()
    for _ in range(MOST_PUT_BACKS):
        delete(town)
        work(town)
    assert ours(town) == ["11-21 09:00"]
    delete(town)
    town.settle()
    assert ours(town) == []
    assert set_aside(town) == [(booking, FOUGHT_OVER)]


def test_who_moves_an_event_now_and_then_finds_it_put_back_each_time(town: Town) -> None:
    book(town)
    town.settle()
    for _ in range(MOST_PUT_BACKS * 2):
        drag(town)
        town.pass_time(timedelta(minutes=10))
        town.settle()
    assert set_aside(town) == []
    assert ours(town) == ["11-21 09:00"]


def test_the_booking_s_own_changes_are_followed_in_the_middle_of_it(town: Town) -> None:
    booking = book(town)
    town.settle()
    fight(town)
    move(town, booking)
    settle_and_check(town)
    assert ours(town) == ["11-21 13:00"]


def test_once_the_other_has_given_in_a_person_s_click_puts_it_back(town: Town) -> None:
    booking = book(town)
    town.settle()
    fight(town)
    retry_set_aside(town.database, town.site_id, booking, town.clock(), who=Who.OWNER)
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00"]


def test_left_events_are_nothing_to_fight_over(town: Town) -> None:
    """users-ask.md U26: a second deletion under "leave" stays away."""
    choose(town, DriftPolicy.LEAVE)
    booking = book(town)
    town.settle()
    delete(town)
    town.settle()
    assert ours(town) == []
    move(town, booking)
    town.settle()
    assert ours(town) == ["11-21 13:00"]
    delete(town)
    for _ in range(3):
        work(town)
    assert ours(town) == []
    assert set_aside(town) == []
