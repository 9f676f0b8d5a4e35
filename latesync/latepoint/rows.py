"""The span of a booking row, by the rule of latepoint.md §2.3. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from latesync.model import WallTimes
from latesync.times import MINUTES_A_DAY, TimeRange, Zone, wall_to_utc

FALLBACK_MINUTES = 60  # LatePoint's own when neither booking nor service says (latepoint.md §2.3, rule 1)


def span_of_row(
    start_date: object,
    end_date: object,
    start_time: object,
    end_time: object,
    duration: object,
    service_duration: object,
    zone: Zone,
) -> TimeRange:
    """When a booking takes place, from its wall-clock columns and the site's zone.

    The values are as a driver gives them: dates or text, numbers or digits, None.
    latepoint.md §2.3, and two things of latepoint-live.md §4b: a real length of zero or less (the hour
    that spring skips) becomes the wall-clock length in real minutes, and an end equal to the start on the
    same day means `duration`.

    Raises ValueError with a short code: `no_start_date`, `no_start_time`, `start_time_out_of_range`,
    `end_time_out_of_range`, `unreadable_number`, `date_out_of_range`.
    """
    day = day_of(start_date)
    first = _number(start_time)
    if day is None:
        raise ValueError("no_start_date")
    if first is None:
        raise ValueError("no_start_time")
    if not 0 <= first <= MINUTES_A_DAY:
        raise ValueError("start_time_out_of_range")
    length = _length(duration, service_duration)
    is_over_a_day = (_number(duration) or 0) >= MINUTES_A_DAY
    last = _end_minute(day, day_of(end_date), first, _number(end_time), length, is_over_a_day=is_over_a_day)
    return _span(day, first, last if last > first else first + length, zone)


def wall_of_row(start_date: object, start_time: object, end_date: object, end_time: object) -> WallTimes:
    """The wall-clock columns of a row whose span is understood, as they stand there, in JSON's types.

    A driver gives NULL for '0000-00-00', or the text; either way that is what is passed on.
    """
    return WallTimes(_date_text(start_date), _number(start_time), _date_text(end_date), _number(end_time))


def day_of(value: object) -> date | None:
    """A DATE column's day; None for NULL and for what is no day ('0000-00-00')."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _end_minute(
    day: date, end_day: date | None, first: int, end: int | None, length: int, *, is_over_a_day: bool
) -> int:
    """The end in wall-clock minutes after the midnight that `day` begins with."""
    if end is None:
        return first + length
    if end < 0:
        raise ValueError("end_time_out_of_range")
    if end >= MINUTES_A_DAY:  # written as "24:00"; LatePoint moved end_date too: ignore that
        return end
    if end == first and end_day in (None, day):
        return first + length
    if end <= first:
        return MINUTES_A_DAY + end
    if end_day == day + timedelta(days=1) and is_over_a_day:
        return MINUTES_A_DAY + end
    return end  # any other end_date is a leftover


def _span(day: date, first: int, last: int, zone: Zone) -> TimeRange:
    try:
        start, end = wall_to_utc(day, first, zone), wall_to_utc(day, last, zone)
        if end <= start:
            end = start + timedelta(minutes=last - first)
    except OverflowError as exc:
        raise ValueError("date_out_of_range") from exc
    return TimeRange(start, end)


def _length(duration: object, service_duration: object) -> int:
    for value in (duration, service_duration):
        minutes = _number(value)
        if minutes is not None and minutes > 0:
            return minutes
    return FALLBACK_MINUTES


def _date_text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def _number(value: object) -> int | None:
    if value is None:
        return None
    try:
        return int(str(value))
    except ValueError as exc:
        raise ValueError("unreadable_number") from exc
