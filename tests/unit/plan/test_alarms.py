"""An alarm lasts and costs something, is told once, ends with one all-clear (users-ask.md U8, U9, U14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from latesync.plan.alarms import Decision, Kind, Known, Trouble, decide, kind_of_problem
from latesync.plan.failures import Problem

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = Trouble(Kind.SITE_UNREACHABLE, NOW - 40 * MINUTE)


def an_alarm(trouble: Trouble = SITE, *, minutes: int = 20, told: int | None = None) -> Known:
    """Seen so many minutes ago; told: so many minutes ago."""
    told_at = None if told is None else NOW - told * MINUTE
    return Known(1, trouble.kind, trouble.agent_id, NOW - minutes * MINUTE, told_at)


def ended(row: Known, minutes: int) -> Known:
    return replace(row, ended_at=NOW - minutes * MINUTE)


def test_what_is_wrong_is_noted_before_anybody_is_told() -> None:
    assert decide([SITE], [], NOW) == Decision(begin=(SITE.key,))


@pytest.mark.parametrize(("minutes", "told"), [(14, ()), (15, (1,)), (300, (1,))])
def test_a_hiccup_is_no_alarm(minutes: int, told: tuple[int, ...]) -> None:
    """users-ask.md U14."""
    assert decide([SITE], [an_alarm(minutes=minutes)], NOW).tell == told


@pytest.mark.parametrize(
    ("bookings", "minutes", "told"),
    [(0, 60, ()), (1, 14, ()), (1, 15, (1,)), (4, 14, ()), (5, 9, ()), (5, 10, (1,))],
)
def test_waiting_bookings_are_told_by_number_and_time(
    bookings: int, minutes: int, told: tuple[int, ...]
) -> None:
    """users-ask.md U14: an alarm needs a consequence."""
    trouble = Trouble(Kind.BOOKINGS_WAIT, NOW, count=bookings)
    assert decide([trouble], [an_alarm(trouble, minutes=minutes)], NOW).tell == told


def test_the_owners_hours_are_patience_enough_for_a_calendar() -> None:
    trouble = Trouble(Kind.CALENDAR_UNREADABLE, NOW, agent_id=3)
    assert decide([trouble], [an_alarm(trouble, minutes=4)], NOW).tell == ()
    assert decide([trouble], [an_alarm(trouble, minutes=5)], NOW).tell == (1,)


def test_an_alarm_is_told_once() -> None:
    assert decide([SITE], [an_alarm(told=5)], NOW) == Decision()


def test_an_alarm_ends_when_nothing_is_wrong_any_more() -> None:
    assert decide([], [an_alarm(told=5)], NOW) == Decision(end=(1,))


def test_what_cannot_be_told_neither_begins_nor_ends() -> None:
    assert decide([], [an_alarm(told=5)], NOW, unsure=[SITE.key]) == Decision()


def test_nobody_is_told_right_after_a_sleep() -> None:
    assert decide([SITE], [an_alarm(minutes=600)], NOW, is_settled=False) == Decision()


def test_what_comes_back_before_its_all_clear_goes_on_untold() -> None:
    assert decide([SITE], [ended(an_alarm(told=30), 9)], NOW) == Decision(go_on=(1,))


def test_what_comes_back_after_its_all_clear_begins_anew() -> None:
    assert decide([SITE], [ended(an_alarm(told=30), 10)], NOW) == Decision(begin=(SITE.key,))


@pytest.mark.parametrize(("minutes", "told"), [(69, ()), (70, (2,))])
def test_what_comes_and_goes_mails_no_more_than_once_an_hour(minutes: int, told: tuple[int, ...]) -> None:
    """Its all-clear went out ten minutes after it ended."""
    before, again = ended(an_alarm(minutes=200, told=180), minutes), replace(an_alarm(), id=2)
    assert decide([SITE], [before, again], NOW).tell == told


def test_one_agents_alarm_says_nothing_of_anothers() -> None:
    dana, ben = (Trouble(Kind.CALENDAR_LOST, NOW, agent_id=each) for each in (3, 2))
    assert decide([dana], [an_alarm(ben, told=5)], NOW) == Decision(begin=(dana.key,), end=(1,))


def test_a_sign_in_that_ends_passes_for_nothing_but_an_unread_calendar() -> None:
    """users-ask.md U8: the consent's own reminders ask for the sign-in."""
    assert kind_of_problem(Problem.SIGN_IN_AGAIN) is Kind.CALENDAR_UNREADABLE
    assert kind_of_problem(None) is None
