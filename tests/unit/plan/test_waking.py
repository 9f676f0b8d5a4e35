"""By day only, on the site's clock, also when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from latesync.errors import WrongInput
from latesync.plan.waking import (
    WakingHours,
    is_awake,
    last_waking_before,
    next_waking,
    parse_waking_hours,
    waking_hours_text,
)
from latesync.times import Zone
from tests.builders.plan import BERLIN, utc

DAYS = WakingHours(zone=BERLIN)
MINUTE = timedelta(minutes=1)


def at_clock(text: str, zone: Zone = BERLIN, *, fold: int = 0) -> datetime:
    """The instant at which the zone's clock shows this; fold 1: for the second time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone.tzinfo, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "awake", "following", "before"),
    [
        ("2026-11-20 07:59", False, "2026-11-20 08:00", "2026-11-19 19:59"),
        ("2026-11-20 08:00", True, "2026-11-20 08:00", "2026-11-20 08:00"),
        ("2026-11-20 19:59", True, "2026-11-20 19:59", "2026-11-20 19:59"),
        ("2026-11-20 20:00", False, "2026-11-21 08:00", "2026-11-20 19:59"),
        ("2026-11-20 23:59", False, "2026-11-21 08:00", "2026-11-20 19:59"),
        ("2026-11-21 00:00", False, "2026-11-21 08:00", "2026-11-20 19:59"),
        ("2026-12-31 21:00", False, "2027-01-01 08:00", "2026-12-31 19:59"),
    ],
)
def test_the_night_lies_between_two_days_of_the_site(
    clock: str, awake: bool, following: str, before: str
) -> None:
    at = at_clock(clock)
    assert is_awake(at, DAYS) is awake
    assert next_waking(at, DAYS) == at_clock(following)
    assert last_waking_before(at, DAYS) == at_clock(before)


def test_the_hours_are_the_sites_not_greenwichs() -> None:
    evening = utc("2026-11-20 13:00")
    assert is_awake(evening, DAYS)
    assert not is_awake(evening, WakingHours(zone=Zone("Asia/Tokyo")))  # 22:00 there
    assert not is_awake(evening, WakingHours(zone=Zone(None, 570)))  # 22:30 at +09:30


def test_a_night_with_a_clock_change_is_an_hour_shorter_or_longer() -> None:
    spring = next_waking(at_clock("2026-03-28 20:00"), DAYS) - at_clock("2026-03-28 20:00")
    autumn = next_waking(at_clock("2026-10-24 20:00"), DAYS) - at_clock("2026-10-24 20:00")
    assert (spring, autumn) == (timedelta(hours=11), timedelta(hours=13))


def test_hours_that_begin_in_the_skipped_hour_begin_after_it() -> None:
    hours = WakingHours(time(2, 30), time(10), BERLIN)
    night = at_clock("2026-03-29 01:59")
    assert next_waking(night, hours) == at_clock("2026-03-29 03:30")
    assert not is_awake(at_clock("2026-03-29 03:29"), hours)


def test_hours_that_end_in_the_skipped_hour_end_before_it() -> None:
    hours = WakingHours(time(0), time(2, 30), BERLIN)
    assert not is_awake(at_clock("2026-03-29 03:00"), hours)
    assert last_waking_before(at_clock("2026-03-29 12:00"), hours) == at_clock("2026-03-29 01:29")


def test_of_the_doubled_hour_the_second_begins_and_the_first_ends() -> None:
    morning = WakingHours(time(2, 30), time(10), BERLIN)
    assert next_waking(at_clock("2026-10-25 02:15"), morning) == at_clock("2026-10-25 02:30", fold=1)
    evening = WakingHours(time(0), time(2, 30), BERLIN)
    assert last_waking_before(at_clock("2026-10-25 02:15", fold=1), evening) == at_clock("2026-10-25 02:29")


def test_waking_hours_that_are_skipped_whole_wait_for_the_next_day() -> None:
    skipped = WakingHours(time(2), time(3), BERLIN)
    assert next_waking(at_clock("2026-03-29 00:00"), skipped) == at_clock("2026-03-30 02:00")
    samoa = Zone("Pacific/Apia")  # had no 30 December 2011
    assert next_waking(at_clock("2011-12-29 20:00", samoa), WakingHours(zone=samoa)) == at_clock(
        "2011-12-31 08:00", samoa
    )


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("08:00-20:00", (time(8), time(20))),
        (" 7:30 – 21:15 ", (time(7, 30), time(21, 15))),
        ("00:00-23:59", (time(0), time(23, 59))),
        ("09:00-10:00", (time(9), time(10))),
    ],
)
def test_waking_hours_are_read_as_people_write_them(text: str, hours: tuple[time, time]) -> None:
    assert parse_waking_hours(text) == hours
    assert parse_waking_hours(waking_hours_text(*hours)) == hours


@pytest.mark.parametrize(
    "text", ["", "8-20", "08:00", "08:00-24:00", "08:60-20:00", "08:00-20:00-22:00", "٠٨:٠٠-20:00"]
)
def test_what_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongInput, match="like 08:00-20:00"):
        parse_waking_hours(text)


@pytest.mark.parametrize("text", ["20:00-08:00", "08:00-08:00", "08:00-08:59"])
def test_hours_that_leave_no_hour_are_refused(text: str) -> None:
    with pytest.raises(WrongInput, match="at least one hour"):
        parse_waking_hours(text)


def test_hours_across_midnight_cannot_be_made() -> None:
    with pytest.raises(ValueError):
        WakingHours(time(20), time(8))
