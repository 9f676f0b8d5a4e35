"""When an agent can be booked: work hours minus blocking bookings minus LateSync's busy times."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .database import instant_of, stamp

DEFAULT_INTERVAL_MIN = 30


@dataclass(frozen=True)
class Span:
    """Half-open, aware UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Slot:
    """One line of the booking form: a start at a minute of a day, and whether it can be had."""

    minute: int
    is_free: bool

    @property
    def label(self) -> str:
        return clock_text(self.minute)


@dataclass(frozen=True)
class Offer:
    """What decides about an agent's slots for one service, read once for a range of days.

    hours: minutes from midnight per weekday (1 is Monday), as (start, end) pairs.
    """

    zone: ZoneInfo
    duration: int
    interval: int
    buffer_before: int
    buffer_after: int
    hours: dict[int, list[tuple[int, int]]]
    taken: tuple[Span, ...]

    def slots(self, day: date, now: datetime) -> list[Slot]:
        """The day's slots that have not begun, taken ones included."""
        starts = [
            minute
            for opens, closes in self.hours.get(day.isoweekday(), [])
            for minute in range(opens, closes - self.duration + 1, self.interval)
            if wall_to_utc(day, minute, self.zone) > now
        ]
        return [Slot(minute, self._is_free(day, minute)) for minute in starts]

    def _is_free(self, day: date, minute: int) -> bool:
        # LatePoint adds the buffers to the slot before it compares (latepoint-live.md §1b).
        wanted = Span(
            wall_to_utc(day, minute - self.buffer_before, self.zone),
            wall_to_utc(day, minute + self.duration + self.buffer_after, self.zone),
        )
        return not any(wanted.overlaps(taken) for taken in self.taken)


def read_offer(
    site: sqlite3.Connection,
    service_id: int,
    agent_id: int,
    first: date,
    last: date,
    *,
    without_booking: int | None = None,
    length: int | None = None,
) -> Offer:
    """What is needed to answer for the days from first to last.

    without_booking: the one being moved, which does not stand in its own way.
    length: how long it lasts, in minutes, where that is not the service's duration.
    """
    zone = site_zone(site)
    service = site.execute("SELECT * FROM wp_latepoint_services WHERE id = ?", (service_id,)).fetchone()
    around = Span(
        wall_to_utc(first - timedelta(days=1), 0, zone), wall_to_utc(last + timedelta(days=2), 0, zone)
    )
    return Offer(
        zone=zone,
        duration=length or service["duration"],
        interval=service["timeblock_interval"] or DEFAULT_INTERVAL_MIN,
        buffer_before=service["buffer_before"] or 0,
        buffer_after=service["buffer_after"] or 0,
        hours=_read_hours(site, agent_id),
        taken=(
            *_read_bookings(site, agent_id, first, last, zone, without_booking),
            *_read_busy(site, agent_id, around),
        ),
    )


def site_zone(site: sqlite3.Connection) -> ZoneInfo:
    row = site.execute("SELECT option_value FROM wp_options WHERE option_name = 'timezone_string'").fetchone()
    return ZoneInfo(row["option_value"])


def wall_to_utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock minute; in a skipped hour the old clock counts on (latepoint.md §2.3)."""
    days, rest = divmod(minute, 1440)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return wall.astimezone(UTC)


def clock_text(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def booking_span(row: sqlite3.Row, zone: ZoneInfo) -> Span:
    """A booking's time by its wall-clock columns; an end that says nothing falls back to the duration."""
    start, end = row["start_time"], row["end_time"]
    length = end - start if end is not None and end > start else row["duration"]
    return Span(
        wall_to_utc(date.fromisoformat(row["start_date"]), start, zone),
        wall_to_utc(date.fromisoformat(row["start_date"]), start + length, zone),
    )


def _read_hours(site: sqlite3.Connection, agent_id: int) -> dict[int, list[tuple[int, int]]]:
    """Weekly hours; an agent's own rows for a weekday replace everybody's (latepoint-live.md §1a)."""
    rows = site.execute(
        "SELECT agent_id, week_day, start_time, end_time FROM wp_latepoint_work_periods "
        "WHERE agent_id IN (0, ?) AND custom_date IS NULL ORDER BY week_day, start_time",
        (agent_id,),
    ).fetchall()
    hours: dict[int, list[tuple[int, int]]] = {}
    for week_day in range(1, 8):
        own = [row for row in rows if row["week_day"] == week_day and row["agent_id"] == agent_id]
        shared = [row for row in rows if row["week_day"] == week_day and row["agent_id"] == 0]
        hours[week_day] = [(row["start_time"], row["end_time"]) for row in own or shared]
    return hours


def _read_bookings(
    site: sqlite3.Connection, agent_id: int, first: date, last: date, zone: ZoneInfo, without: int | None
) -> Iterable[Span]:
    rows = site.execute(
        "SELECT * FROM wp_latepoint_bookings WHERE agent_id = ? AND end_date >= ? AND start_date <= ?",
        (agent_id, str(first - timedelta(days=1)), str(last + timedelta(days=1))),
    ).fetchall()
    blocking = blocking_statuses(site)
    for row in rows:
        if row["status"] in blocking and row["id"] != without:
            span = booking_span(row, zone)
            yield Span(
                span.start - timedelta(minutes=row["buffer_before"]),
                span.end + timedelta(minutes=row["buffer_after"]),
            )


def blocking_statuses(site: sqlite3.Connection) -> set[str]:
    """The statuses of bookings that take their time; the others are not active."""
    row = site.execute(
        "SELECT value FROM wp_latepoint_settings WHERE name = 'timeslot_blocking_statuses' ORDER BY id"
    ).fetchone()
    return {status.strip() for status in row["value"].split(",")}


def _read_busy(site: sqlite3.Connection, agent_id: int, around: Span) -> Iterable[Span]:
    rows = site.execute(
        "SELECT starts_at, ends_at FROM wp_latesync_busy "
        "WHERE agent_id = ? AND starts_at < ? AND ends_at > ?",
        (agent_id, stamp(around.end), stamp(around.start)),
    )
    for row in rows:
        yield Span(instant_of(row["starts_at"]), instant_of(row["ends_at"]))
