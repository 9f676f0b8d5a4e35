from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.plan.pace import (
    MARGIN_AFTER,
    MARGIN_BEFORE,
    POLLS_A_DAY,
    SHORTEST_POLL,
    listed_span,
    poll_interval,
    probe_interval,
    runs_short,
)
from tests.builders.plan import a_window

DAY = timedelta(days=1)


def mean(calendars_read: int) -> timedelta:
    return (
        poll_interval(calendars_read, 0.0, provider="google")
        + poll_interval(calendars_read, 1.0, provider="google")
    ) / 2


def test_small_site_looks_every_half_minute_or_so() -> None:
    assert poll_interval(1, 0.0, provider="google") == SHORTEST_POLL
    assert poll_interval(1, 1.0, provider="google") == timedelta(seconds=45)


@pytest.mark.parametrize("calendars_read", [1, 10, 300, 304, 1_000, 10_000])
def test_a_day_of_polling_stays_inside_its_share_of_the_quota(calendars_read: int) -> None:
    assert calendars_read * (DAY / mean(calendars_read)) <= POLLS_A_DAY * 1.001


@pytest.mark.parametrize("calendars_read", [0, 1, 300, 10_000])
def test_nobody_polls_more_often_than_allowed(calendars_read: int) -> None:
    assert poll_interval(calendars_read, 0.0, provider="google") >= SHORTEST_POLL


def test_more_calendars_are_looked_at_less_often() -> None:
    assert (
        poll_interval(20_000, 0.5, provider="google")
        > poll_interval(2_000, 0.5, provider="google")
        > poll_interval(2, 0.5, provider="google")
    )


def test_no_two_accounts_stay_in_step() -> None:
    assert poll_interval(5, 0.2, provider="google") < poll_interval(5, 0.8, provider="google")


def test_cheap_look_at_the_site_is_repeated_at_the_shortest_pause() -> None:
    assert probe_interval(timedelta(milliseconds=2), shortest=timedelta(seconds=1)) == timedelta(seconds=1)


def test_costly_look_at_the_site_takes_one_hundredth_of_a_core() -> None:
    pause = probe_interval(timedelta(milliseconds=300), shortest=timedelta(seconds=1))
    assert pause == timedelta(seconds=30)


WINDOW = a_window()


def test_a_listing_reaches_further_than_the_window_on_both_sides() -> None:
    span = listed_span(WINDOW)
    assert (WINDOW.start - span.start, span.end - WINDOW.end) == (MARGIN_BEFORE, MARGIN_AFTER)


def test_a_listing_without_an_end_never_runs_short() -> None:
    assert not runs_short(None, WINDOW, 3)


def test_a_listing_runs_short_a_day_before_the_window_reaches_its_end() -> None:
    """microsoft-graph.md D3."""
    assert not runs_short(WINDOW.end + DAY, WINDOW, 0)
    assert runs_short(WINDOW.end + DAY - timedelta(seconds=1), WINDOW, 0)


def test_a_listing_just_made_does_not_run_short_for_any_calendar() -> None:
    assert not any(runs_short(listed_span(WINDOW).end - 20 * DAY, WINDOW, ref) for ref in range(50))


def test_calendars_listed_on_one_day_are_renewed_on_seven() -> None:
    until = WINDOW.end + MARGIN_AFTER
    slid = [a_window(last=f"{WINDOW.end + day * DAY:%Y-%m-%d}") for day in range(MARGIN_AFTER.days + 1)]
    due = {
        next(day for day, window in enumerate(slid) if runs_short(until, window, ref)) for ref in range(70)
    }
    assert len(due) == 7
