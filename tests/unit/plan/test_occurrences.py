"""Series in their own zone: moved, cancelled and added dates, clock changes, and lines nobody can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from latesync.model import CalendarItem
from latesync.plan.occurrences import occurrences
from latesync.times import TimeRange, Zone, zone_named
from tests.builders.plan import (
    BERLIN,
    a_cancelled_date,
    a_window,
    an_all_day_item,
    an_item,
    utc,
)

MARCH = a_window("2026-03-01", "2026-04-01")
WEEKLY = ("RRULE:FREQ=WEEKLY",)
DAILY = ("RRULE:FREQ=DAILY",)


def starts(
    root: CalendarItem | None,
    *exceptions: CalendarItem,
    zone: Zone = BERLIN,
    window: TimeRange = MARCH,
) -> list[str]:
    """The starts of what was found, as UTC text."""
    return [span.start.strftime("%m-%d %H:%M") for span in spans(root, *exceptions, zone=zone, window=window)]


def spans(
    root: CalendarItem | None,
    *exceptions: CalendarItem,
    zone: Zone = BERLIN,
    window: TimeRange = MARCH,
) -> list[TimeRange]:
    found = occurrences(root, exceptions, calendar_zone=zone, window=window)
    return sorted(span for _, _, span in found)


# --- single events ----------------------------------------------------------------------------


def test_single_event_is_its_own_time() -> None:
    assert starts(an_item(start="2026-03-03 10:00")) == ["03-03 10:00"]


def test_event_outside_the_window_is_nothing() -> None:
    assert starts(an_item(start="2026-04-01 00:00")) == []
    assert starts(an_item(start="2026-02-28 23:00")) == []


def test_event_that_reaches_into_the_window_counts_whole() -> None:
    (span,) = spans(an_item(start="2026-02-28 23:30"))
    assert (span.start, span.end) == (utc("2026-02-28 23:30"), utc("2026-03-01 00:30"))


def test_event_without_length_blocks_nothing() -> None:
    assert starts(an_item(minutes=0)) == []


def test_event_without_readable_times_blocks_nothing() -> None:
    assert starts(replace(an_item(), starts=None, ends=None)) == []


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Europe/Berlin", "2026-03-02 23:00", "2026-03-03 23:00"),
        ("America/New_York", "2026-03-03 05:00", "2026-03-04 05:00"),
        ("Asia/Kolkata", "2026-03-02 18:30", "2026-03-03 18:30"),
        ("Pacific/Kiritimati", "2026-03-02 10:00", "2026-03-03 10:00"),
    ],
)
def test_all_day_event_covers_the_calendars_own_day(zone: str, start: str, end: str) -> None:
    (span,) = spans(an_all_day_item(first="2026-03-03"), zone=zone_named(zone))
    assert (span.start, span.end) == (utc(start), utc(end))


def test_all_day_event_on_the_day_clocks_change_is_an_hour_shorter() -> None:
    (span,) = spans(an_all_day_item(first="2026-03-29"))
    assert span.end - span.start == timedelta(hours=23)


def test_all_day_event_in_a_calendar_with_a_fixed_offset() -> None:
    (span,) = spans(an_all_day_item(first="2026-03-03"), zone=Zone(None, 330))
    assert span.start == utc("2026-03-02 18:30")


def test_event_of_the_first_day_there_is_holds_up_nobody() -> None:
    first = CalendarItem("year one", date(1, 1, 1), date(1, 1, 2))
    assert starts(first, zone=zone_named("Asia/Tokyo")) == []


# --- series -----------------------------------------------------------------------------------


def test_series_keeps_its_wall_clock_when_clocks_change() -> None:
    series = an_item(start="2026-03-16 08:00", recurrence=WEEKLY)  # 09:00 in Berlin
    assert starts(series) == ["03-16 08:00", "03-23 08:00", "03-30 07:00"]


def test_series_keeps_its_wall_clock_when_clocks_change_back() -> None:
    series = an_item(start="2026-10-18 07:00", recurrence=WEEKLY)
    window = a_window("2026-10-15", "2026-11-05")
    assert starts(series, window=window) == ["10-18 07:00", "10-25 08:00", "11-01 08:00"]


def test_series_repeats_in_its_own_zone_not_the_calendars() -> None:
    series = an_item(start="2026-03-07 15:00", zone="America/New_York", recurrence=DAILY)
    assert starts(series, window=a_window("2026-03-07", "2026-03-09")) == ["03-07 15:00", "03-08 14:00"]


def test_series_without_a_zone_repeats_in_the_calendars() -> None:
    series = an_item(start="2026-03-28 08:00", zone=None, recurrence=DAILY)
    assert starts(series, window=a_window("2026-03-28", "2026-03-30")) == ["03-28 08:00", "03-29 07:00"]


def test_series_in_a_zone_unknown_here_repeats_in_the_calendars() -> None:
    series = an_item(start="2026-03-28 08:00", zone="Mars/Olympus", recurrence=DAILY)
    assert starts(series, window=a_window("2026-03-28", "2026-03-30")) == ["03-28 08:00", "03-29 07:00"]


def test_lord_howe_changes_by_half_an_hour() -> None:
    # 09:00 on the island is +11:00 until 5 April 2026, then +10:30.
    series = an_item(start="2026-04-02 22:00", zone="Australia/Lord_Howe", recurrence=DAILY)
    window = a_window("2026-04-02", "2026-04-06")
    assert starts(series, window=window) == ["04-02 22:00", "04-03 22:00", "04-04 22:30", "04-05 22:30"]


def test_half_hour_zone_has_its_own_days() -> None:
    series = an_item(
        start="2026-03-01 20:00",
        zone="Asia/Kolkata",
        recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,TU",),  # Monday 01:30
    )
    assert starts(series)[:3] == ["03-01 20:00", "03-02 20:00", "03-08 20:00"]


def test_time_in_the_hour_that_spring_skips_counts_on_and_keeps_its_length() -> None:
    series = an_item(start="2026-03-28 01:30", minutes=30, recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    (_, skipped, _) = spans(series)  # 02:30 in Berlin; on the 29th 03:30
    assert (skipped.start, skipped.end) == (utc("2026-03-29 01:30"), utc("2026-03-29 02:00"))


def test_time_in_the_hour_that_autumn_doubles_is_the_first() -> None:
    series = an_item(start="2026-10-24 00:30", recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    window = a_window("2026-10-24", "2026-10-27")
    assert starts(series, window=window) == ["10-24 00:30", "10-25 00:30"]


def test_night_across_a_clock_change_ends_by_the_wall_clock() -> None:
    night = an_item(start="2026-03-27 22:00", minutes=480, recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    (_, changed) = spans(night)
    assert changed.end == utc("2026-03-29 05:00")  # 07:00 in Berlin, as every day


def test_added_night_across_a_clock_change_ends_by_the_wall_clock_to_the_second() -> None:
    night = replace(
        an_item(start="2026-03-25 22:00", recurrence=("RDATE:20260328T220000Z",)),
        ends=utc("2026-03-26 06:30:15"),  # 07:30 in Berlin
    )
    (_, added) = spans(night)
    assert (added.start, added.end) == (utc("2026-03-28 22:00"), utc("2026-03-29 05:30:15"))


def test_series_without_end_fills_the_window_and_no_more() -> None:
    assert len(starts(an_item(start="2020-01-01 08:00", recurrence=DAILY))) == 31


def test_occurrence_that_began_before_the_window_is_seen() -> None:
    long_shift = an_item(start="2026-01-02 20:00", minutes=600, recurrence=DAILY)
    assert starts(long_shift)[0] == "02-28 20:00"


def test_series_that_begins_after_the_window_is_nothing_yet() -> None:
    assert starts(an_item(start="2026-05-01 08:00", recurrence=DAILY)) == []


def test_series_that_ended_before_the_window_is_nothing() -> None:
    assert starts(an_item(start="2026-01-01 08:00", recurrence=("RRULE:FREQ=DAILY;COUNT=9",))) == []


def test_every_second_week_is_counted_from_the_first() -> None:
    series = an_item(start="2026-01-05 08:00", recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2",))
    assert starts(series) == ["03-02 08:00", "03-16 08:00", "03-30 07:00"]


def test_last_friday_of_the_month() -> None:
    series = an_item(start="2026-01-30 08:00", recurrence=("RRULE:FREQ=MONTHLY;BYDAY=-1FR",))
    assert starts(series) == ["03-27 08:00"]


def test_day_that_a_month_lacks_is_left_out() -> None:
    series = an_item(start="2026-01-30 08:00", recurrence=("RRULE:FREQ=MONTHLY",))
    assert starts(series, window=a_window("2026-01-01", "2026-04-01")) == ["01-30 08:00", "03-30 07:00"]


@pytest.mark.parametrize(
    "until",
    ["20260309T080000Z", "20260309T090000", "20260309", "20260309T235959Z", "20260315T235959Z"],
    ids=["the very moment", "without zone", "a date", "that day", "between two dates"],
)
def test_last_date_is_not_lost(until: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(f"RRULE:FREQ=WEEKLY;UNTIL={until}",))
    assert starts(series) == ["03-02 08:00", "03-09 08:00"]


def test_until_as_a_date_means_the_series_own_day() -> None:
    # 23:30 in New York on 9 March is already the 10th in UTC.
    rule = "RRULE:FREQ=DAILY;UNTIL=20260309"
    series = an_item(start="2026-03-09 03:30", zone="America/New_York", recurrence=(rule,))
    assert starts(series) == ["03-09 03:30", "03-10 03:30"]


@pytest.mark.parametrize("until", ["20260305", "20260305T000000Z", "20260305T120000"])
def test_all_day_series_until_a_day_includes_it(until: str) -> None:
    series = an_all_day_item(first="2026-03-03", recurrence=(f"RRULE:FREQ=DAILY;UNTIL={until}",))
    assert starts(series) == ["03-02 23:00", "03-03 23:00", "03-04 23:00"]


def test_all_day_series_follows_the_calendars_midnights() -> None:
    series = an_all_day_item(first="2026-03-28", recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    assert starts(series) == ["03-27 23:00", "03-28 23:00", "03-29 22:00"]


def test_all_day_series_of_several_days_reaches_into_the_window() -> None:
    series = an_all_day_item(first="2025-02-25", days=7, recurrence=("RRULE:FREQ=YEARLY",))
    assert [span.end for span in spans(series)] == [utc("2026-03-03 23:00")]


# --- excluded and added dates -----------------------------------------------------------------

THREE_WEEKS = "RRULE:FREQ=WEEKLY;COUNT=3"


@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "EXDATE:20260309T080000Z",
        "EXDATE:20260309T090000",
        "EXDATE;VALUE=DATE:20260309",
        "EXDATE;TZID=Asia/Tokyo:20260309T170000",
        "exdate;tzid=Europe/Berlin:20260309T090000",
    ],
)
def test_excluded_date_does_not_take_place(exdate: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, exdate))
    assert starts(series) == ["03-02 08:00", "03-16 08:00"]


@pytest.mark.parametrize(
    "lines",
    [
        ("EXDATE;TZID=Europe/Berlin:20260302T090000,20260316T090000",),
        ("EXDATE:20260302T080000Z", "EXDATE:20260316T080000Z"),
        ("EXDATE:20260302T080000Z,nonsense,20260316T080000Z",),
    ],
    ids=["one line", "two lines", "one of them unreadable"],
)
def test_list_of_excluded_dates(lines: tuple[str, ...]) -> None:
    assert starts(an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, *lines))) == ["03-09 08:00"]


def test_excluded_date_that_is_none_of_the_series_changes_nothing() -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, "EXDATE:20260309T090000Z"))
    assert len(starts(series)) == 3


def test_excluded_date_spares_its_neighbour_of_the_same_day() -> None:
    # 09:00 in Berlin is 08:00 UTC: the meeting at 08:00 in Berlin is another one.
    rule = "RRULE:FREQ=DAILY;COUNT=4;BYHOUR=8,9"
    series = an_item(start="2026-03-02 07:00", recurrence=(rule, "EXDATE;TZID=Europe/Berlin:20260303T090000"))
    assert starts(series) == ["03-02 07:00", "03-02 08:00", "03-03 07:00"]


def test_excluded_rule_takes_its_dates_out() -> None:
    exrule = "EXRULE:FREQ=MONTHLY;BYMONTHDAY=9"
    series = an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, exrule))
    assert starts(series) == ["03-02 08:00", "03-16 08:00"]


def test_excluded_rule_that_begins_with_the_series_takes_the_first_date_out_too() -> None:
    exrule = "EXRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2"
    series = an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, exrule))
    assert starts(series) == ["03-09 08:00"]


def test_added_dates_belong_to_the_series() -> None:
    series = an_item(
        start="2026-03-02 08:00", recurrence=("RDATE;TZID=Europe/Berlin:20260304T100000,20260330T100000",)
    )
    assert starts(series) == ["03-02 08:00", "03-04 09:00", "03-30 08:00"]


def test_added_date_that_is_there_already_counts_once() -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(THREE_WEEKS, "RDATE:20260309T080000Z"))
    assert starts(series) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


def test_added_days_of_an_all_day_series() -> None:
    series = an_all_day_item(first="2026-03-03", recurrence=("RDATE;VALUE=DATE:20260305,20260310",))
    assert starts(series) == ["03-02 23:00", "03-04 23:00", "03-09 23:00"]


def test_day_added_to_a_timed_series_has_its_time_of_day() -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=("RDATE;VALUE=DATE:20260330",))
    assert starts(series) == ["03-02 08:00", "03-30 07:00"]


def test_added_period_has_its_own_length() -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=("RDATE;VALUE=PERIOD:20260304T080000Z/PT3H",))
    assert spans(series)[1] == TimeRange(utc("2026-03-04 08:00"), utc("2026-03-04 11:00"))


# --- exceptions -------------------------------------------------------------------------------

SERIES = an_item("standup", "2026-03-02 08:00", recurrence=(THREE_WEEKS,))
SECOND = utc("2026-03-09 08:00")


def a_moved_date(start: str, *, original: datetime = SECOND, minutes: int = 60) -> CalendarItem:
    return an_item("standup_2", start, minutes=minutes, series_id="standup", original_start=original)


def test_moved_date_takes_the_place_of_the_planned_one() -> None:
    assert starts(SERIES, a_moved_date("2026-03-10 15:00")) == ["03-02 08:00", "03-10 15:00", "03-16 08:00"]


def test_moved_date_keeps_its_key() -> None:
    planned = {key for key, _, _ in occurrences(SERIES, (), calendar_zone=BERLIN, window=MARCH)}
    moved = occurrences(SERIES, [a_moved_date("2026-03-10 15:00")], calendar_zone=BERLIN, window=MARCH)
    assert {key for key, _, _ in moved} == planned


def test_lengthened_date_is_as_long_as_it_says() -> None:
    assert spans(SERIES, a_moved_date("2026-03-09 08:00", minutes=180))[1].end == utc("2026-03-09 11:00")


def test_cancelled_date_does_not_take_place() -> None:
    assert starts(SERIES, a_cancelled_date("standup", SECOND)) == ["03-02 08:00", "03-16 08:00"]


def test_cancelled_day_of_an_all_day_series_does_not_take_place() -> None:
    series = an_all_day_item("trip", "2026-03-03", recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    cancelled = a_cancelled_date("trip", date(2026, 3, 4))
    assert starts(series, cancelled) == ["03-02 23:00", "03-04 23:00"]


def test_day_of_an_all_day_series_may_become_an_hour() -> None:
    series = an_all_day_item("trip", "2026-03-03", recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    hour = an_item("trip_2", "2026-03-04 10:00", series_id="trip", original_start=date(2026, 3, 4))
    assert starts(series, hour) == ["03-02 23:00", "03-04 10:00"]


def test_date_moved_out_of_the_window_is_gone_from_it() -> None:
    assert starts(SERIES, a_moved_date("2026-06-01 08:00")) == ["03-02 08:00", "03-16 08:00"]


def test_date_moved_into_the_window_is_seen_without_its_planned_time() -> None:
    moved = a_moved_date("2026-03-20 10:00", original=utc("2026-07-06 07:00"))
    assert starts(replace(SERIES, recurrence=WEEKLY, starts=utc("2026-06-01 07:00")), moved) == [
        "03-20 10:00"
    ]


def test_exception_of_a_date_that_is_none_of_the_series_still_counts() -> None:
    moved = a_moved_date("2026-03-20 10:00", original=utc("2026-03-11 08:00"))
    assert starts(SERIES, moved) == ["03-02 08:00", "03-09 08:00", "03-16 08:00", "03-20 10:00"]


def test_exception_whose_series_is_unknown_counts_alone() -> None:
    assert starts(None, a_moved_date("2026-03-20 10:00")) == ["03-20 10:00"]


def test_exception_without_readable_times_leaves_the_planned_time() -> None:
    unreadable = replace(a_moved_date("2026-03-10 15:00"), starts=None, ends=None)
    assert starts(SERIES, unreadable) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


def test_exception_without_length_blocks_nothing() -> None:
    assert starts(SERIES, a_moved_date("2026-03-10 15:00", minutes=0)) == ["03-02 08:00", "03-16 08:00"]


def test_cancelled_series_is_nothing() -> None:
    assert starts(replace(SERIES, is_cancelled=True)) == []


def test_what_was_once_a_date_of_a_series_hides_no_single_event() -> None:
    single = an_item("standup", "2026-03-09 08:00")
    assert starts(single, a_cancelled_date("standup", SECOND)) == ["03-09 08:00"]


# --- lines nobody can read --------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:",
        "RRULE",
        "RRULE:garbage",
        "RRULE:FREQ=NEVER",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=-1",
        "RRULE:FREQ=DAILY;INTERVAL=99999999999999999999",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;COUNT=many",
        "RRULE:FREQ=DAILY;UNTIL=tomorrow",
        "RRULE:FREQ=DAILY;UNTIL=99999999",
        "RRULE:FREQ=DAILY;BYDAY=XX",
        "RRULE:FREQ=MONTHLY;BYDAY=99MO",
        "RRULE:FREQ=MONTHLY;BYSETPOS=0",
        "RRULE:FREQ=MINUTELY",
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=HOURLY;BYSETPOS=5",
        "RRULE:FREQ=DAILY;BYMINUTE=0,1,2,3,4,5",
        "RRULE:FREQ=DAILY\r\nEND:VEVENT",
    ],
)
def test_rule_that_cannot_be_understood_counts_as_its_first_date(line: str) -> None:
    assert starts(an_item(start="2026-03-02 08:00", recurrence=(line,))) == ["03-02 08:00"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "END:VEVENT",
        "DTSTART:20200101",
        "DURATION:PT9H",
        "RECURRENCE-ID:20260309T080000Z",
        "X-FANCY:1",
        "EXDATE:",
        "EXDATE:nonsense",
        "EXDATE:20269999",
        "EXDATE:20260309T080000Z/PT1H",
        "RDATE:",
        "RDATE:20260230",
        "EXRULE:FREQ=NEVER",
        "EXRULE:FREQ=SECONDLY",
    ],
)
def test_line_that_cannot_be_understood_spares_the_others(line: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(line, THREE_WEEKS))
    assert starts(series) == ["03-02 08:00", "03-09 08:00", "03-16 08:00"]


@pytest.mark.parametrize("part", ["X-FANCY=1", "RSCALE=GREGORIAN", "SKIP=OMIT", "", "NONSENSE"])
def test_unknown_part_of_a_rule_is_ignored(part: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(f"{THREE_WEEKS};{part}",))
    assert len(starts(series)) == 3


def test_negative_count_means_without_end() -> None:
    assert len(starts(an_item(start="2026-03-01 08:00", recurrence=("RRULE:FREQ=DAILY;COUNT=-1",)))) == 31


def test_hourly_series_is_expanded() -> None:
    series = an_item(start="2026-03-02 08:00", minutes=10, recurrence=("RRULE:FREQ=HOURLY;COUNT=5",))
    assert starts(series) == [f"03-02 {hour:02d}:00" for hour in range(8, 13)]


def test_twice_an_hour_is_a_plan_too() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=4;BYHOUR=9;BYMINUTE=0,30"
    series = an_item(start="2026-03-02 08:00", minutes=10, recurrence=(rule,))
    assert starts(series) == ["03-02 08:00", "03-02 08:30", "03-03 08:00", "03-03 08:30"]


def test_series_of_the_distant_past_is_still_counted_right() -> None:
    series = an_item(start="1970-01-05 08:00", zone="UTC", recurrence=("RRULE:FREQ=WEEKLY;INTERVAL=2",))
    assert starts(series) == ["03-02 08:00", "03-16 08:00", "03-30 08:00"]


# --- what the edges of a rule mean --------------------------------------------------------------


def test_until_a_day_includes_its_last_half_minute() -> None:
    late = replace(
        an_item(recurrence=("RRULE:FREQ=DAILY;UNTIL=20260310",)),
        starts=utc("2026-03-09 22:59:30"),
        ends=utc("2026-03-09 23:30"),
    )
    assert starts(late) == ["03-09 22:59", "03-10 22:59"]


def test_an_excluded_rule_ends_by_the_wall_clock_of_its_series() -> None:
    exclusion = "EXRULE:FREQ=DAILY;UNTIL=20260304T090000"
    series = an_item(start="2026-03-02 08:00", recurrence=("RRULE:FREQ=DAILY;COUNT=5", exclusion))
    assert starts(series) == ["03-05 08:00", "03-06 08:00"]


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("RDATE;VALUE=PERIOD:20260310T090000/PT2H", "03-10 08:00"),
        ("RDATE;VALUE=PERIOD;TZID=America/New_York:20260310T090000/PT2H", "03-10 13:00"),
        ("RDATE;VALUE=PERIOD:20260310T090000Z/PT2H", "03-10 09:00"),
        ("RDATE;VALUE=PERIOD;TZID=America/New_York:20260310T090000Z/20260310T110000Z", "03-10 09:00"),
    ],
)
def test_an_added_period_begins_in_its_own_zone_or_its_series(line: str, start: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=("RRULE:FREQ=DAILY;COUNT=1", line))
    found = spans(series)
    assert [f"{span.start:%m-%d %H:%M}" for span in found] == ["03-02 08:00", start]
    assert found[1].end - found[1].start == timedelta(hours=2)


def test_every_excluded_rule_counts() -> None:
    lines = ("RRULE:FREQ=DAILY;COUNT=6", "EXRULE:FREQ=DAILY;COUNT=2", "EXRULE:FREQ=DAILY;INTERVAL=3")
    series = an_item(start="2026-03-02 08:00", recurrence=lines)
    assert starts(series) == ["03-04 08:00", "03-06 08:00", "03-07 08:00"]


@pytest.mark.parametrize("line", ["RRULE", "rrule", " RRULE "])
def test_a_rule_without_parts_counts_as_its_first_date_with_its_added_ones_unknown(line: str) -> None:
    series = an_item(start="2026-03-02 08:00", recurrence=(line, "RDATE:20260304T080000Z"))
    assert starts(series) == ["03-02 08:00"]


def test_a_cancelled_date_that_still_has_its_times_does_not_take_place() -> None:
    series = an_item("standup", start="2026-03-02 08:00", recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",))
    cancelled = an_item(
        "standup_1",
        start="2026-03-09 08:00",
        series_id="standup",
        original_start=utc("2026-03-09 08:00"),
        is_cancelled=True,
    )
    assert starts(series, cancelled) == ["03-02 08:00"]


def test_an_exception_of_a_whole_day_is_a_day_of_its_calendar() -> None:
    series = an_item("standup", start="2026-03-02 08:00", recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",))
    whole_day = replace(
        an_all_day_item("standup_1", "2026-03-09"),
        series_id="standup",
        original_start=utc("2026-03-09 08:00"),
    )
    assert starts(series, whole_day) == ["03-02 08:00", "03-08 23:00"]


@pytest.mark.parametrize("missing", ["starts", "ends"])
def test_an_event_with_only_one_readable_end_blocks_nothing(missing: str) -> None:
    changes: dict[str, None] = {missing: None}
    assert starts(replace(an_item(), **changes)) == []  # type: ignore[arg-type]
    assert starts(replace(an_item(recurrence=("RRULE:FREQ=DAILY",)), **changes)) == []  # type: ignore[arg-type]
