"""Days for tests that lie ahead whenever the tests run: LatePoint offers nothing in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

YEAR = datetime.now(UTC).year + 1
A_DAY = f"{YEAR}-06-15"
A_MONTH = A_DAY[:7]


def clock_changes(zone: str) -> tuple[date, date]:
    """The days of next year on which the clocks go forward and back."""
    days = [date(YEAR, 1, 1) + timedelta(days=number) for number in range(365)]
    shifts = {day: _offset(zone, day + timedelta(days=1)) - _offset(zone, day) for day in days}
    forward = next(day for day, shift in shifts.items() if shift > timedelta(0))
    back = next(day for day, shift in shifts.items() if shift < timedelta(0))
    return forward, back


def utc(day: date | str, clock: str, zone: str) -> str:
    """A wall-clock time of a zone as the busy table holds it; "24:00" is the next midnight."""
    hour, minute = (int(part) for part in clock.split(":"))
    start = datetime.fromisoformat(f"{day}T00:00") + timedelta(days=hour // 24)
    wall = start.replace(hour=hour % 24, minute=minute, tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _offset(zone: str, day: date) -> timedelta:
    offset = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset
