"""Spans as wall-clock minutes of days: their laws are in tests/property/test_day_minute_laws.py."""

from __future__ import annotations

from datetime import date

import pytest

from latesync.times import DayMinutes, TimeRange, minutes_by_day, zone_named
from tests.builders.plan import BERLIN, a_span, utc


def days(*triples: tuple[str, int, int]) -> list[DayMinutes]:
    return [DayMinutes(date.fromisoformat(day), start, end) for day, start, end in triples]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # Put forward at 02:00: an hour takes up two of the clock's.
        ("2026-03-29 00:30", "2026-03-29 01:30", [("2026-03-29", 90, 210)]),
        # Put back at 03:00: 40 minutes that the clock shows as 02:30 to 03:00 and 02:00 to 02:10.
        ("2026-10-25 00:30", "2026-10-25 01:10", [("2026-10-25", 120, 180)]),
        ("2026-10-25 00:30", "2026-10-25 02:30", [("2026-10-25", 120, 210)]),
        # Each of the two hours closes the one the clock shows.
        ("2026-10-25 00:00", "2026-10-25 01:00", [("2026-10-25", 120, 180)]),
        ("2026-10-25 01:00", "2026-10-25 02:00", [("2026-10-25", 120, 180)]),
        # The whole of both days, of 23 and of 25 hours.
        ("2026-03-28 23:00", "2026-03-29 22:00", [("2026-03-29", 0, 1440)]),
        ("2026-10-24 22:00", "2026-10-25 23:00", [("2026-10-25", 0, 1440)]),
    ],
)
def test_days_of_a_clock_change_in_berlin(start: str, end: str, expected: list[tuple[str, int, int]]) -> None:
    assert list(minutes_by_day(TimeRange(utc(start), utc(end)), BERLIN)) == days(*expected)


def test_a_day_whose_midnight_is_skipped_is_closed_from_midnight() -> None:
    # In Beirut clocks go from 00:00 to 01:00.
    beirut = zone_named("Asia/Beirut")
    whole = TimeRange(utc("2026-03-28 22:00"), utc("2026-03-29 21:00"))
    assert list(minutes_by_day(whole, beirut)) == days(("2026-03-29", 0, 1440))


def test_seconds_are_rounded_outwards() -> None:
    span = TimeRange(utc("2026-12-01 09:00:59"), utc("2026-12-01 10:00:01"))
    assert list(minutes_by_day(span, BERLIN)) == days(("2026-12-01", 600, 661))
    last = TimeRange(utc("2026-12-01 22:59:59.5"), utc("2026-12-01 23:00"))
    assert list(minutes_by_day(last, BERLIN)) == days(("2026-12-01", 1439, 1440))


def test_several_days_are_cut_at_the_sites_midnight() -> None:
    assert list(minutes_by_day(a_span("2026-12-01 21:30", minutes=2 * 1440), BERLIN)) == days(
        ("2026-12-01", 1350, 1440), ("2026-12-02", 0, 1440), ("2026-12-03", 0, 1350)
    )


def test_a_day_that_a_zone_left_out_is_left_out() -> None:
    span = TimeRange(utc("2011-12-30 09:00"), utc("2011-12-30 11:00"))
    assert list(minutes_by_day(span, zone_named("Pacific/Apia"))) == days(
        ("2011-12-29", 1380, 1440), ("2011-12-31", 0, 60)
    )


@pytest.mark.parametrize(("start", "end"), [(0, 0), (10, 5), (-1, 5), (5, 1441)])
def test_minutes_lie_within_a_day(start: int, end: int) -> None:
    with pytest.raises(ValueError):
        DayMinutes(date(2026, 12, 1), start, end)
