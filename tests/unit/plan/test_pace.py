from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.plan.pace import POLLS_A_DAY, SHORTEST_POLL, poll_interval, probe_interval

DAY = timedelta(days=1)


def mean(calendars_read: int) -> timedelta:
    return (poll_interval(calendars_read, 0.0) + poll_interval(calendars_read, 1.0)) / 2


def test_small_site_looks_every_half_minute_or_so() -> None:
    assert poll_interval(1, 0.0) == SHORTEST_POLL
    assert poll_interval(1, 1.0) == timedelta(seconds=45)


@pytest.mark.parametrize("calendars_read", [1, 10, 300, 304, 1_000, 10_000])
def test_a_day_of_polling_stays_inside_its_share_of_the_quota(calendars_read: int) -> None:
    assert calendars_read * (DAY / mean(calendars_read)) <= POLLS_A_DAY * 1.001


@pytest.mark.parametrize("calendars_read", [0, 1, 300, 10_000])
def test_nobody_polls_more_often_than_allowed(calendars_read: int) -> None:
    assert poll_interval(calendars_read, 0.0) >= SHORTEST_POLL


def test_more_calendars_are_looked_at_less_often() -> None:
    assert poll_interval(20_000, 0.5) > poll_interval(2_000, 0.5) > poll_interval(2, 0.5)


def test_no_two_accounts_stay_in_step() -> None:
    assert poll_interval(5, 0.2) < poll_interval(5, 0.8)


def test_cheap_look_at_the_site_is_repeated_at_the_shortest_pause() -> None:
    assert probe_interval(timedelta(milliseconds=2), shortest=timedelta(seconds=1)) == timedelta(seconds=1)


def test_costly_look_at_the_site_takes_one_hundredth_of_a_core() -> None:
    pause = probe_interval(timedelta(milliseconds=300), shortest=timedelta(seconds=1))
    assert pause == timedelta(seconds=30)
