"""Instants, spans and the site's zone. The only place that does zone arithmetic; no clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_A_DAY = 1440


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


def wall_to_utc(day: date, minute: int, zone: Zone) -> datetime:
    """The instant of a wall-clock minute of a day; minute 1440 and above fall on later days.

    In the hour that spring skips, the clock that was valid before the change counts on (02:30 is
    03:30 afterwards), as PHP does (latepoint.md §2.3); of the hour that autumn doubles, the first.
    """
    days, rest = divmod(minute, MINUTES_A_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60))
    return wall.replace(tzinfo=zone.tzinfo, fold=0).astimezone(UTC)


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


def as_utc(naive_or_aware: datetime) -> datetime:
    """UTC, taking a naive value as already UTC (database drivers return those)."""
    if naive_or_aware.tzinfo is None:
        return naive_or_aware.replace(tzinfo=UTC)
    return naive_or_aware.astimezone(UTC)
