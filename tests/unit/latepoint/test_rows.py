"""When a booking takes place: every row shape of latepoint.md §2.3 and latepoint-live.md §4b, §4c."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from latesync.latepoint.rows import span_of_row
from latesync.times import TimeRange, Zone, wordpress_zone, zone_named

BERLIN = zone_named("Europe/Berlin")
NEW_YORK = zone_named("America/New_York")
UTC_ZONE = Zone(None, 0)


def span(
    start_date: Any = "2026-12-01",
    start_time: Any = 600,
    end_date: Any = "2026-12-01",
    end_time: Any = 660,
    *,
    duration: Any = 60,
    service_duration: Any = 60,
    zone: Zone = UTC_ZONE,
) -> TimeRange:
    return span_of_row(start_date, end_date, start_time, end_time, duration, service_duration, zone)


def between(start: str, end: str) -> TimeRange:
    return TimeRange(
        datetime.fromisoformat(start).replace(tzinfo=UTC), datetime.fromisoformat(end).replace(tzinfo=UTC)
    )


def test_an_ordinary_booking_runs_from_its_start_to_its_end_in_the_sites_zone() -> None:
    assert span(zone=BERLIN) == between("2026-12-01 09:00", "2026-12-01 10:00")


def test_a_typed_end_wins_over_the_duration() -> None:
    assert span(start_time=840, end_time=930) == between("2026-12-01 14:00", "2026-12-01 15:30")


@pytest.mark.parametrize("end_date", ["2026-12-01", "2026-12-02", None, "2026-12-05", "0000-00-00"])
def test_an_end_of_24_00_is_the_next_midnight_whatever_the_end_date_says(end_date: str | None) -> None:
    assert span(start_time=1380, end_time=1440, end_date=end_date) == between(
        "2026-12-01 23:00", "2026-12-02 00:00"
    )


def test_minutes_beyond_24_00_count_on_into_the_next_day() -> None:
    assert span(start_time=1410, end_time=1470, end_date="2026-12-02") == between(
        "2026-12-01 23:30", "2026-12-02 00:30"
    )


def test_a_midnight_end_typed_by_an_admin_is_minute_zero_of_the_next_day() -> None:
    assert span(start_time=1380, end_time=0, end_date="2026-12-02") == between(
        "2026-12-01 23:00", "2026-12-02 00:00"
    )


@pytest.mark.parametrize("end_date", ["2026-12-02", "2026-12-01", None, "2026-11-20", "2027-01-01"])
def test_an_end_before_the_start_is_on_the_next_day(end_date: str | None) -> None:
    assert span(start_time=1410, end_time=30, end_date=end_date) == between(
        "2026-12-01 23:30", "2026-12-02 00:30"
    )


def test_a_booking_may_start_at_midnight() -> None:
    assert span(start_time=0, end_time=60) == between("2026-12-01 00:00", "2026-12-01 01:00")


def test_a_start_of_24_00_is_the_next_midnight() -> None:
    assert span(start_time=1440, end_time=1500, end_date="2026-12-02") == between(
        "2026-12-02 00:00", "2026-12-02 01:00"
    )


@pytest.mark.parametrize(
    ("duration", "service_duration", "end"),
    [(90, 30, "11:30"), (None, 45, "10:45"), (0, 45, "10:45"), (None, None, "11:00"), (-5, 0, "11:00")],
)
def test_a_missing_end_follows_the_duration_then_the_services_then_an_hour(
    duration: int | None, service_duration: int | None, end: str
) -> None:
    row = span(end_time=None, end_date=None, duration=duration, service_duration=service_duration)
    assert row == between("2026-12-01 10:00", f"2026-12-01 {end}")


def test_an_end_date_left_before_the_start_by_the_abilities_reschedule_is_ignored() -> None:
    assert span("2026-12-18", 600, "2026-12-14", 660) == between("2026-12-18 10:00", "2026-12-18 11:00")


def test_an_end_date_more_than_a_day_later_is_ignored() -> None:
    assert span(end_date="2026-12-03") == between("2026-12-01 10:00", "2026-12-01 11:00")


@pytest.mark.parametrize("duration", [60, None, 1439])
def test_an_end_date_left_on_the_next_day_does_not_make_an_hour_twenty_five(duration: int | None) -> None:
    assert span(end_date="2026-12-02", duration=duration) == between("2026-12-01 10:00", "2026-12-01 11:00")


def test_a_booking_of_more_than_a_day_is_believed() -> None:
    assert span(end_date="2026-12-02", duration=1500) == between("2026-12-01 10:00", "2026-12-02 11:00")


def test_an_end_equal_to_the_start_on_the_same_day_means_the_duration() -> None:
    assert span(end_time=600, duration=90) == between("2026-12-01 10:00", "2026-12-01 11:30")


def test_an_end_equal_to_the_start_on_the_next_day_is_a_whole_day() -> None:
    row = span(end_time=600, end_date="2026-12-02", duration=1440)
    assert row == between("2026-12-01 10:00", "2026-12-02 10:00")


def test_a_start_in_the_hour_that_spring_skips_keeps_its_length() -> None:
    row = span("2027-03-28", 150, "2027-03-28", 210, zone=BERLIN)
    assert row == between("2027-03-28 01:30", "2027-03-28 02:30")


def test_a_booking_across_the_skipped_hour_follows_the_clock_on_the_wall() -> None:
    row = span("2027-03-28", 90, "2027-03-28", 210, zone=BERLIN)
    assert row == between("2027-03-28 00:30", "2027-03-28 01:30")


def test_a_negative_real_length_is_replaced_by_the_wall_clock_length() -> None:
    row = span("2027-03-28", 150, "2027-03-28", 180, duration=30, zone=BERLIN)
    assert row == between("2027-03-28 01:30", "2027-03-28 02:00")


@pytest.mark.parametrize(
    ("zone", "day", "minute"), [(BERLIN, "2026-10-25", 150), (NEW_YORK, "2026-11-01", 90)]
)
def test_of_the_hour_that_autumn_repeats_the_first_is_meant(zone: Zone, day: str, minute: int) -> None:
    row = span(day, minute, day, minute + 20, zone=zone)
    first = datetime.fromisoformat(f"{day} {minute // 60:02d}:{minute % 60:02d}").replace(
        tzinfo=zone.tzinfo, fold=0
    )
    assert row.start == first.astimezone(UTC)
    assert row.end - row.start == datetime(2026, 1, 1, 0, 20) - datetime(2026, 1, 1)


def test_a_night_across_the_spring_change_ends_by_the_clock_on_the_wall() -> None:
    row = span("2027-03-27", 1410, "2027-03-28", 270, duration=300, zone=BERLIN)
    assert row == between("2027-03-27 22:30", "2027-03-28 02:30")


@pytest.mark.parametrize(
    ("gmt_offset", "start"), [("5.5", "04:30"), ("-3.5", "13:30"), ("-0.5", "10:30"), ("2", "08:00")]
)
def test_fixed_offsets_of_the_site_are_kept_to_the_half_hour(gmt_offset: str, start: str) -> None:
    row = span(zone=wordpress_zone("", gmt_offset))
    assert row.start == between(f"2026-12-01 {start}", "2027-01-01 00:00").start


@pytest.mark.parametrize(
    ("start_date", "end_date"),
    [
        (date(2026, 12, 1), date(2026, 12, 1)),
        (datetime(2026, 12, 1), datetime(2026, 12, 1)),
        ("2026-12-01 00:00:00", "2026-12-01 00:00:00"),
    ],
)
def test_days_are_read_as_any_driver_gives_them(start_date: object, end_date: object) -> None:
    assert span(start_date, "600", end_date, "660", duration="60") == span()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"start_date": None}, "no_start_date"),
        ({"start_date": "0000-00-00"}, "no_start_date"),
        ({"start_date": "2026-00-10"}, "no_start_date"),
        ({"start_date": ""}, "no_start_date"),
        ({"start_time": None}, "no_start_time"),
        ({"start_time": -15}, "start_time_out_of_range"),
        ({"start_time": 1500}, "start_time_out_of_range"),
        ({"end_time": -1}, "end_time_out_of_range"),
        ({"start_time": "ten"}, "unreadable_number"),
        ({"start_date": "9999-12-31", "start_time": 1380, "end_time": 1440}, "date_out_of_range"),
        ({"start_date": "0001-01-01", "start_time": 0, "zone": BERLIN}, "date_out_of_range"),
    ],
)
def test_a_row_without_a_usable_time_is_refused_with_a_code(row: dict[str, Any], code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        span(**row)
