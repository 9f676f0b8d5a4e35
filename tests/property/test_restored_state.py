"""A restored older state reconciles by marker: nothing doubled, nothing of others touched, nobody mailed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latesync.options import DriftPolicy
from tests.builders.plugin import FakePlugin
from tests.property.machine import laws
from tests.property.machine.happenings import Happening, Life, at_the_site
from tests.property.machine.people import People
from tests.property.machine.restoring import keep_state, put_back
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
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, BEN, CLEO, NOBODY, Town, opened_town
from tests.property.test_drift_policies import choose, told, with_plugin

few = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
changes = st.lists(at_the_site, max_size=6)


@pytest.fixture
def plugin(town: Town) -> Iterator[FakePlugin]:
    yield from with_plugin(town)


def test_bookings_made_moved_and_cancelled_since_stand_once_where_they_belong(town: Town) -> None:
    """users-ask.md U28, U30, U38: no doubles, no mail, nothing missing after a restore."""
    stays, moved, cancelled = book(town, 1), book(town, 2), book(town, 3)
    put_theirs(town, 4)
    town.settle()
    kept = keep_state(town)
    move(town, moved)
    cancel(town, cancelled)
    added = book(town, 5)
    town.settle()
    after = ours(town)
    put_back(town, kept)
    settle_and_check(town)
    assert ours(town) == after
    assert len(after) == len({stays, moved, added})
    assert not town.world.mails


def test_what_changed_after_the_last_run_too_is_followed(town: Town) -> None:
    first, second = book(town, 1), book(town, 2)
    town.settle()
    kept = keep_state(town)
    move(town, first)
    third = book(town, 3)
    town.settle()
    put_back(town, kept)
    move(town, first, minute=900)
    cancel(town, second)
    cancel(town, third)
    settle_and_check(town)
    assert len(ours(town)) == 1


def test_an_event_whose_booking_came_and_went_since_is_taken_out(town: Town) -> None:
    """The restored state never knew it: only the marker tells that it is ours."""
    book(town, 1)
    town.settle()
    kept = keep_state(town)
    gone = book(town, 2)
    town.settle()
    put_back(town, kept)
    town.site.execute(f"DELETE FROM {town.site.prefix}latepoint_bookings WHERE id = {gone}")
    town.note_site()
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00"]


def test_even_before_its_first_event_was_known_nothing_is_doubled(town: Town) -> None:
    kept = keep_state(town)
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    put_back(town, kept)
    settle_and_check(town)
    assert len(ours(town)) == 3


def test_no_booking_follows_an_event_that_only_an_old_state_finds_moved(
    town: Town, plugin: FakePlugin
) -> None:
    """Under "apply": the event is where we put it since, which is nobody's wish."""
    choose(town, DriftPolicy.APPLY)
    booking, other = book(town, 1), book(town, 2)
    town.settle()
    kept = keep_state(town)
    move(town, booking)
    cancel(town, other)
    town.settle()
    put_back(town, kept)
    work(town)
    settle_and_check(town)
    assert plugin.mailed == []


@given(before=changes, between=changes, after=changes)
@few
def test_whatever_happened_since_the_laws_hold(
    stand: Stand, before: list[Happening], between: list[Happening], after: list[Happening]
) -> None:
    """L1, L2, L3 and L10 after a restore."""
    with opened_town(stand, agents=[ANNA]) as town:
        people = People(town)
        life = Life(town, people)
        life.begin()
        life.happen(before)
        town.settle()
        kept = keep_state(town)
        life.happen(between)
        town.settle()
        put_back(town, kept)
        life.happen(after)
        town.settle()
        laws.check_second_plan_is_empty(town)
        laws.check_one_event_per_booking(town, people)
        people.check_untouched()
        assert not town.world.mails


def test_a_colleague_s_event_in_a_shared_calendar_never_makes_busy(stand: Stand) -> None:
    """L5: the restored state never knew it; that it is ours, its id and marker say."""
    with opened_town(stand, agents=[BEN, CLEO]) as town:
        town.settle()
        kept = keep_state(town)
        book(town, 1, CLEO)
        town.settle()
        put_back(town, kept)
        settle_and_check(town)
        assert (busy(town, BEN), ours(town, town.emails[BEN])) == ([], ["11-21 09:00"])


def test_no_booking_is_cancelled_for_an_event_that_we_took_away_since(town: Town, plugin: FakePlugin) -> None:
    """L10: its booking was another agent's meanwhile, and is this one's again; under "apply"."""
    choose(town, DriftPolicy.APPLY)
    booking = book(town, 1)
    town.settle()
    kept = keep_state(town)
    town.site.update("bookings", booking, agent_id=NOBODY)
    town.note_site()
    town.settle()
    assert ours(town) == []
    put_back(town, kept)
    town.site.update("bookings", booking, agent_id=ANNA)
    town.note_site()
    settle_and_check(town)
    assert (plugin.mailed, ours(town)) == ([], ["11-21 09:00"])


def test_no_booking_is_cancelled_for_an_event_that_stood_in_another_calendar_since(
    town: Town, plugin: FakePlugin
) -> None:
    choose(town, DriftPolicy.APPLY)
    book(town, 1)
    town.settle()
    kept = keep_state(town)
    town.choose(ANNA, town.team, [CALENDAR])
    town.settle()
    put_back(town, kept)
    settle_and_check(town)
    assert (plugin.mailed, ours(town)) == ([], ["11-21 09:00"])
    assert told(town) == []


def test_an_event_the_old_state_never_knew_is_taken_out_also_where_its_sync_token_is_over(
    town: Town,
) -> None:
    """A backup of last week: everything is listed anew, and still nobody's event must not stay."""
    book(town, 1)
    town.settle()
    kept = keep_state(town)
    gone = book(town, 2)
    town.settle()
    put_back(town, kept)
    town.world.kill_sync_tokens()
    town.site.delete("bookings", gone)
    town.note_site()
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00"]


def test_an_event_made_after_a_first_sign_in_is_taken_out_by_a_state_from_before_it(town: Town) -> None:
    book(town, 1)
    kept = keep_state(town)
    gone = book(town, 2)
    town.settle()
    put_back(town, kept)
    town.site.delete("bookings", gone)
    town.note_site()
    settle_and_check(town)
    assert ours(town) == ["11-21 09:00"]


def test_what_went_into_another_calendar_since_stands_once_in_the_one_that_is_chosen_now(town: Town) -> None:
    """users-ask.md U28: the other calendar is listed too, and does not say which of two is right."""
    town.choose(ANNA, CALENDAR, [CALENDAR, town.team])
    book(town, 1)
    town.settle()
    kept = keep_state(town)
    town.choose(ANNA, town.team, [CALENDAR, town.team])
    town.settle()
    put_back(town, kept)
    settle_and_check(town)
    assert (ours(town), ours(town, town.team)) == (["11-21 09:00"], [])
