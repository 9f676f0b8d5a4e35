"""Instants, spans and the site's zone. The only place that does zone arithmetic; no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_A_DAY = 1440
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """A half-open span of aware UTC instants; never empty or negative."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.end.utcoffset() != timedelta(0):
            raise ValueError("a TimeRange holds aware UTC instants")
        if self.end <= self.start:
            raise ValueError("a TimeRange ends after it starts")

    def overlaps(self, other: TimeRange) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, order=True)
class DayMinutes:
    """Wall-clock minutes of one day, half-open, from 0 to 1440; never empty."""

    day: date
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError("DayMinutes lie within one day and end after they start")


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: an IANA zone by name, or a fixed offset (name None), which providers do not know."""

    name: str | None
    offset_minutes: int = 0

    @property
    def tzinfo(self) -> tzinfo:
        if self.name is not None:
            return ZoneInfo(self.name)
        return timezone(timedelta(minutes=self.offset_minutes))

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        sign = "-" if self.offset_minutes < 0 else "+"
        hours, minutes = divmod(abs(self.offset_minutes), 60)
        return f"{sign}{hours:02d}:{minutes:02d}"


def zone_named(name: str) -> Zone:
    """The IANA zone of that name. Raises ValueError for a name this machine does not know."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(f"unknown time zone {name!r}") from exc
    return Zone(name)


def wordpress_zone(timezone_string: str | None, gmt_offset: str | None) -> Zone:
    """The site's zone from WordPress' two options.

    gmt_offset: decimal hours, "5.5" and "-0.5" included (latepoint-live.md §4a: LatePoint itself
    loses the sign of -0.5; the wall clock that people see in WordPress does not).
    Raises ValueError for a zone name or offset that cannot be understood.
    """
    if timezone_string:
        return zone_named(timezone_string)
    offset = float(gmt_offset) if gmt_offset else 0.0
    if not -14 <= offset <= 14:
        raise ValueError(f"gmt_offset {gmt_offset!r} is not an offset in hours")
    return Zone(None, round(offset * 60))


@dataclass(frozen=True, slots=True)
class MomentAsked:
    """A time somebody asked about: one instant, or two where clocks are put back and it comes twice.

    wall: as it was asked, in the site's zone, naive. is_skipped: clocks are put forward over it.
    """

    wall: datetime
    instants: tuple[datetime, ...]
    is_skipped: bool = False

    @property
    def is_doubled(self) -> bool:
        return len(self.instants) > 1


def parse_moment(text: str, zone: Zone) -> MomentAsked:
    """An ISO date and time, of the zone where it names no offset of its own. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip()).replace(second=0, microsecond=0)
    if len(text.strip()) < len("2026-11-24T10"):
        raise ValueError("a time of day is missing")
    try:
        if moment.tzinfo is not None:
            instant = moment.astimezone(UTC)
            return MomentAsked(_wall(instant, zone), (instant,))
        first, second = (moment.replace(tzinfo=zone.tzinfo, fold=fold).astimezone(UTC) for fold in (0, 1))
        if _wall(first, zone) != moment:
            return MomentAsked(moment, (first,), is_skipped=True)
    except OverflowError as exc:  # the first or last day there is
        raise ValueError("out of range") from exc
    return MomentAsked(moment, (first,) if first == second else (first, second))


def wall_to_utc(day: date, minute: int, zone: Zone) -> datetime:
    """The instant of a wall-clock minute of a day; minute 1440 and above fall on later days.

    In the hour that spring skips, the clock that was valid before the change counts on (02:30 is
    03:30 afterwards), as PHP does (latepoint.md §2.3); of the hour that autumn doubles, the first.
    """
    days, rest = divmod(minute, MINUTES_A_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60))
    return wall.replace(tzinfo=zone.tzinfo, fold=0).astimezone(UTC)


def wall_span(day: date, start_minute: int, end_minute: int, zone: Zone) -> TimeRange | None:
    """The part of a day during which clocks show nothing but minutes from start to end, half-open.

    A start that comes twice counts the second time, an end the first; one in an hour that spring skips, on
    the far side of it. None where a clock change leaves nothing (a skipped hour, Samoa's skipped day).
    """
    start = max(_both_meanings(day, start_minute, zone))
    end = min(_both_meanings(day, end_minute, zone))
    return TimeRange(start, end) if start < end else None


def _both_meanings(day: date, minute: int, zone: Zone) -> list[datetime]:
    """The instants a wall-clock minute may mean: two where clocks are changed, else the same one twice."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone.tzinfo)
    return [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def midnight(day: date, zone: Zone) -> datetime:
    """The first instant of a day in a zone, as UTC."""
    return wall_to_utc(day, 0, zone)


def day_in(instant: datetime, zone: Zone) -> date:
    """The calendar day an instant falls on in a zone."""
    return instant.astimezone(zone.tzinfo).date()


def window_around(now: datetime, zone: Zone, *, days_back: int = 1, days_ahead: int = 365) -> TimeRange:
    """The span kept in step: from the start of `days_back` days ago to the end of the last day ahead."""
    today = day_in(now, zone)
    return TimeRange(
        midnight(today - timedelta(days=days_back), zone),
        midnight(today + timedelta(days=days_ahead + 1), zone),
    )


def minutes_by_day(span: TimeRange, zone: Zone) -> Iterator[DayMinutes]:
    """The wall-clock minutes a span takes up, day by day: the start rounded down, the end up.

    Where clocks are put back inside the span, a day's minutes are the hull of all that the clock showed
    meanwhile: a wall-clock minute that comes twice is taken up when either of the two is. A day whose every
    instant is taken up is 0 to 1440, also where its first hour is skipped. The plugin does the same
    (class-day-minutes.php).
    """
    day = day_in(span.start, zone)
    begins = midnight(day, zone)
    while begins < span.end:
        ends = midnight(day + timedelta(days=1), zone)
        if begins < ends:  # a zone may leave a whole day out (Samoa, 30 December 2011)
            yield _shown_minutes(day, span, TimeRange(begins, ends), zone)
        day, begins = day + timedelta(days=1), ends


def merged_minutes(several: Iterable[DayMinutes]) -> list[DayMinutes]:
    """The same minutes in as few pieces as can be, in order: overlapping and touching ones joined."""
    joined: list[DayMinutes] = []
    for piece in sorted(several):
        last = joined[-1] if joined else None
        if last is not None and last.day == piece.day and piece.start <= last.end:
            joined[-1] = DayMinutes(piece.day, last.start, max(last.end, piece.end))
        else:
            joined.append(piece)
    return joined


def _shown_minutes(day: date, span: TimeRange, whole: TimeRange, zone: Zone) -> DayMinutes:
    """What clocks showed during the span's part of a day."""
    start, end = max(span.start, whole.start), min(span.end, whole.end)
    first = _wall(start, zone)
    last = _wall(end - _INSTANT, zone) + _INSTANT  # clocks may be put back at the end itself
    if end - start > last - first:  # put back meanwhile
        turned_at = _turned_back_at(start, end, zone)
        first = min(first, _wall(turned_at, zone))
        last = max(last, _wall(start, zone) + (turned_at - start))
    day_begins = datetime.combine(day, time())
    return DayMinutes(
        day,
        0 if start == whole.start else max(0, (first - day_begins) // _MINUTE),
        MINUTES_A_DAY if end == whole.end else min(MINUTES_A_DAY, -((day_begins - last) // _MINUTE)),
    )


def _turned_back_at(start: datetime, end: datetime, zone: Zone) -> datetime:
    """The first instant after clocks were put back, on a whole minute; they are, once, between the two."""
    before, after = start, end
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        if _wall(middle, zone) - _wall(start, zone) < middle - start:
            after = middle
        else:
            before = middle
    return after.replace(second=0, microsecond=0)


def _wall(instant: datetime, zone: Zone) -> datetime:
    """What clocks show, naive."""
    return instant.astimezone(zone.tzinfo).replace(tzinfo=None)


def as_utc(naive_or_aware: datetime) -> datetime:
    """UTC, taking a naive value as already UTC (database drivers return those)."""
    if naive_or_aware.tzinfo is None:
        return naive_or_aware.replace(tzinfo=UTC)
    return naive_or_aware.astimezone(UTC)
