"""How long a change took, as far as that can be told, and what 95 of 100 come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.plan.promise import (
    LISTED_BEFORE,
    LONGEST,
    UNMEASURED,
    UNSEEN_AT_MOST,
    Promise,
    inbound_delay,
    outbound_delay,
    promise_of,
    quantile,
)
from latesync.times import Zone

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)  # 14:05 in Berlin
BERLIN = Zone("Europe/Berlin")
SECOND = timedelta(seconds=1)
UTC_STAMP = datetime(2026, 11, 20, 13, 4, 57)
BERLIN_STAMP = datetime(2026, 11, 20, 14, 4, 57)


def test_ninety_five_of_a_hundred_arrived_within_the_promise() -> None:
    """users-ask.md U9."""
    assert promise_of(range(100, 0, -1)) == Promise(milliseconds=95, kept=95, measured=100)


@pytest.mark.parametrize(
    ("samples", "kept", "milliseconds"), [([7], 1, 7), ([1, 9, 4], 3, 9), (range(1, 21), 19, 19)]
)
def test_of_few_samples_the_promise_keeps_at_least_ninety_five_of_a_hundred(
    samples: list[int], kept: int, milliseconds: int
) -> None:
    assert promise_of(samples) == Promise(milliseconds, kept, len(samples))


def test_nothing_measured_promises_nothing() -> None:
    assert promise_of([]) == UNMEASURED


def test_a_quantile_is_one_of_the_samples() -> None:
    assert [quantile([5, 1, 3], share) for share in (0.0, 0.5, 1.0)] == [1, 3, 5]


@pytest.mark.parametrize("stamp", [UTC_STAMP, BERLIN_STAMP])
def test_a_rows_stamp_counts_in_utc_and_by_the_sites_clock(stamp: datetime) -> None:
    """LatePoint before 5.1.0 writes the site's clock (latepoint.md §2.8)."""
    assert outbound_delay(NOW, NOW + SECOND, stamp, True, BERLIN) == 4000


def test_a_change_made_after_the_notice_counts_from_itself() -> None:
    assert outbound_delay(NOW - 10 * SECOND, NOW + SECOND, UTC_STAMP, True, BERLIN) == 4000


@pytest.mark.parametrize(
    "stamp",
    [
        None,
        UTC_STAMP - timedelta(days=300),  # slid into the window, or changed in another table
        UTC_STAMP + timedelta(minutes=1),  # the site's clock is ahead
        UTC_STAMP - timedelta(minutes=31),
    ],
)
def test_a_stamp_that_tells_of_another_time_is_no_measure(stamp: datetime | None) -> None:
    assert outbound_delay(NOW, NOW + SECOND, stamp, True, BERLIN) is None


def test_a_stamp_that_may_mean_two_moments_is_no_measure() -> None:
    failing_since = NOW - timedelta(hours=3)
    stamp = datetime(2026, 11, 20, 12, 30)
    assert outbound_delay(failing_since, NOW, stamp, True, BERLIN) is None


def test_without_stamps_it_counts_from_when_it_was_known() -> None:
    assert outbound_delay(NOW, NOW + 2 * SECOND, None, False, BERLIN) == 2000


@pytest.mark.parametrize("passed", [timedelta(0), LONGEST])
def test_at_once_and_after_a_whole_day_are_still_measures(passed: timedelta) -> None:
    assert outbound_delay(NOW, NOW + passed, None, False, BERLIN) == passed / timedelta(milliseconds=1)


@pytest.mark.parametrize(("before_notice", "milliseconds"), [(UNSEEN_AT_MOST, 1_801_000), (-SECOND, 0)])
def test_a_stamp_counts_from_half_an_hour_before_the_notice_to_the_writing(
    before_notice: timedelta, milliseconds: int
) -> None:
    stamp = (NOW - before_notice).replace(tzinfo=None)
    assert outbound_delay(NOW, NOW + SECOND, stamp, True, BERLIN) == milliseconds


def test_a_change_of_the_moment_the_last_listing_ended_counts() -> None:
    assert inbound_delay(NOW, NOW + LISTED_BEFORE, NOW + 90 * SECOND) == 90_000


@pytest.mark.parametrize("passed", [-SECOND, timedelta(hours=25)])
def test_a_wrong_clock_makes_no_delay(passed: timedelta) -> None:
    assert outbound_delay(NOW, NOW + passed, None, False, BERLIN) is None


def test_a_calendars_change_counts_from_the_providers_word_to_the_form() -> None:
    assert inbound_delay(NOW, NOW - 40 * SECOND, NOW + 34 * SECOND) == 34_000


@pytest.mark.parametrize(
    ("updated", "shown"),
    [(-timedelta(minutes=5), SECOND), (SECOND, timedelta(0)), (timedelta(0), timedelta(hours=25))],
    ids=["older than the last look", "after it was shown", "absurd"],
)
def test_a_change_no_look_can_have_missed_is_no_measure(updated: timedelta, shown: timedelta) -> None:
    assert inbound_delay(NOW + updated, NOW - 40 * SECOND, NOW + shown) is None
