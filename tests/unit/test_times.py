from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from latesync.times import (
    TimeRange,
    Zone,
    as_utc,
    day_in,
    midnight,
    wall_to_utc,
    window_around,
    wordpress_zone,
    zone_named,
)
from tests.builders.plan import BERLIN, a_span, utc

NEW_YORK = zone_named("America/New_York")


# --- spans ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc("2026-03-02 09:00"), utc("2026-03-02 09:00")),
        (utc("2026-03-02 09:00"), utc("2026-03-02 08:00")),
        (datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10)),
        (utc("2026-03-02 09:00").astimezone(BERLIN.tzinfo), utc("2026-03-02 10:00")),
    ],
    ids=["empty", "backwards", "naive", "not UTC"],
)
def test_span_is_a_stretch_of_utc(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError):
        TimeRange(start, end)


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not a_span("2026-03-02 09:00").overlaps(a_span("2026-03-02 10:00"))
    assert not a_span("2026-03-02 10:00").overlaps(a_span("2026-03-02 09:00"))


def test_spans_that_share_a_minute_overlap() -> None:
    assert a_span("2026-03-02 09:00", minutes=61).overlaps(a_span("2026-03-02 10:00"))
    assert a_span("2026-03-02 09:00", minutes=600).overlaps(a_span("2026-03-02 10:00"))


# --- zones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "/etc/passwd", "a\0b"])
def test_unknown_zone_is_said_to_be_one(name: str) -> None:
    with pytest.raises(ValueError):
        zone_named(name)


def test_wordpress_zone_by_name() -> None:
    assert wordpress_zone("Europe/Berlin", "0") == BERLIN


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("5.5", 330), ("-0.5", -30), ("5.75", 345), ("-12", -720), ("14", 840), ("0", 0), ("", 0), (None, 0)],
)
def test_wordpress_zone_by_offset(offset: str | None, minutes: int) -> None:
    zone = wordpress_zone("", offset)
    assert zone == Zone(None, minutes)
    assert zone.tzinfo.utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("name", "offset"), [("Mars/Olympus", "0"), ("", "15"), ("", "nan"), ("", "UTC+1"), (None, "-14.5")]
)
def test_wordpress_zone_nobody_understands(name: str | None, offset: str) -> None:
    with pytest.raises(ValueError):
        wordpress_zone(name, offset)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (BERLIN, "Europe/Berlin"),
        (Zone(None, 330), "+05:30"),
        (Zone(None, -30), "-00:30"),
        (Zone(None), "+00:00"),
    ],
)
def test_zone_is_written_as_people_write_it(zone: Zone, text: str) -> None:
    assert str(zone) == text


# --- wall clock to UTC ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "minute", "zone", "expected"),
    [
        ("2026-03-02", 600, "Europe/Berlin", "2026-03-02 09:00"),
        ("2026-07-02", 600, "Europe/Berlin", "2026-07-02 08:00"),
        ("2026-03-02", 1440, "Europe/Berlin", "2026-03-02 23:00"),
        ("2026-03-02", 1500, "Europe/Berlin", "2026-03-03 00:00"),
        ("2026-03-02", 600, "Asia/Kolkata", "2026-03-02 04:30"),
        ("2026-03-29", 150, "Europe/Berlin", "2026-03-29 01:30"),
        ("2026-03-08", 150, "America/New_York", "2026-03-08 07:30"),
        ("2026-10-25", 150, "Europe/Berlin", "2026-10-25 00:30"),
        ("2026-11-01", 90, "America/New_York", "2026-11-01 05:30"),
        ("2026-04-05", 105, "Australia/Lord_Howe", "2026-04-04 14:45"),
        ("2026-10-04", 135, "Australia/Lord_Howe", "2026-10-03 15:45"),
    ],
    ids=[
        "winter",
        "summer",
        "midnight as 24:00",
        "beyond midnight",
        "half-hour zone",
        "skipped hour in Berlin",
        "skipped hour in New York",
        "doubled hour in Berlin",
        "doubled hour in New York",
        "doubled half hour",
        "skipped half hour",
    ],
)
def test_wall_clock_becomes_utc(day: str, minute: int, zone: str, expected: str) -> None:
    assert wall_to_utc(date.fromisoformat(day), minute, zone_named(zone)) == utc(expected)


def test_wall_clock_of_a_fixed_offset() -> None:
    assert wall_to_utc(date(2026, 7, 2), 600, Zone(None, -30)) == utc("2026-07-02 10:30")


def test_midnight_that_spring_skips_is_the_first_instant_of_the_day() -> None:
    # In Beirut clocks go from 00:00 to 01:00.
    beirut = zone_named("Asia/Beirut")
    assert midnight(date(2026, 3, 29), beirut) == utc("2026-03-28 22:00")
    assert day_in(utc("2026-03-28 22:00"), beirut) == date(2026, 3, 29)


def test_midnight_that_autumn_doubles_is_the_first() -> None:
    # In Havana clocks go from 01:00 back to 00:00.
    assert midnight(date(2026, 11, 1), zone_named("America/Havana")) == utc("2026-11-01 04:00")


def test_day_an_instant_falls_on_depends_on_the_zone() -> None:
    instant = utc("2026-03-02 23:30")
    assert day_in(instant, BERLIN) == date(2026, 3, 3)
    assert day_in(instant, NEW_YORK) == date(2026, 3, 2)


# --- the window -------------------------------------------------------------------------------


def test_window_reaches_from_yesterday_to_a_year_ahead() -> None:
    window = window_around(utc("2026-03-02 12:00"), BERLIN)
    assert window == TimeRange(utc("2026-02-28 23:00"), utc("2027-03-02 23:00"))


def test_window_counts_the_sites_days() -> None:
    window = window_around(utc("2026-03-02 23:30"), BERLIN, days_back=0, days_ahead=0)
    assert window == TimeRange(utc("2026-03-02 23:00"), utc("2026-03-03 23:00"))


def test_window_of_the_day_clocks_change_is_the_whole_day() -> None:
    window = window_around(utc("2026-03-29 12:00"), BERLIN, days_back=0, days_ahead=0)
    assert window.end - window.start == timedelta(hours=23)


def test_window_stands_still_within_a_day() -> None:
    morning, night = utc("2026-03-01 23:00"), utc("2026-03-02 22:59")
    assert window_around(morning, BERLIN) == window_around(night, BERLIN)


# --- what databases return --------------------------------------------------------------------


def test_naive_time_is_taken_as_utc() -> None:
    assert as_utc(datetime(2026, 3, 2, 9)) == utc("2026-03-02 09:00")


def test_aware_time_becomes_utc() -> None:
    berlin_ten = datetime(2026, 3, 2, 10, tzinfo=BERLIN.tzinfo)
    assert as_utc(berlin_ten) == utc("2026-03-02 09:00")
    assert as_utc(berlin_ten).tzinfo is UTC
