"""Bookings that follow their events: what the plugin does in WordPress, on the demo's tables.

The plugin's own: wp_bridge/latesync-bridge/includes/class-write-back.php. The caller holds `writing`, and
every answer is an HTTP status and a body.
"""

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .bookings import NoSuchBooking, read_booking, write_move, write_status
from .slots import Span, blocking_statuses, booking_span, read_offer, site_zone, wall_to_utc

Answer = tuple[int, dict[str, object]]

COLUMNS = ("agent_id", "status", "start_date", "start_time", "end_date", "end_time")
CANCELLED = "cancelled"
_DAY_MIN = 1440


def reschedule(
    site: sqlite3.Connection, booking_id: int, expected: Mapping[str, object], to: Span, now: datetime
) -> Answer:
    """Move a booking, if its row is as LateSync read it and the booking form would offer the time."""
    try:
        row = read_booking(site, booking_id)
    except NoSuchBooking:
        return refused("unknown", 404)
    zone = site_zone(site)
    if row["status"] not in blocking_statuses(site):
        return refused("cancelled")
    to = Span(to.start.replace(second=0), to.end.replace(second=0))  # the columns know minutes
    if booking_span(row, zone) == to and _matches(row, expected, ("agent_id", "status")):
        return _applied(row)
    if not _matches(row, expected, COLUMNS):
        return refused("changed")
    if to.start <= now:
        return refused("past")
    day, minute, length = _wall(to, zone)
    # By the clock too: a wall of 25 hours would be read as one hour (latepoint.md §2.3).
    if to.end - to.start > timedelta(days=1) or length > _DAY_MIN:
        return refused("too_long")
    if not _is_told_by(day, minute, length, to, zone) or not _is_offered(site, row, day, minute, length, now):
        return refused("not_bookable")
    write_move(site, booking_id, day, minute, length, now)
    return _applied(read_booking(site, booking_id))


def cancel(
    site: sqlite3.Connection, booking_id: int, expected: Mapping[str, object], now: datetime
) -> Answer:
    """Cancel a booking, if its row is as LateSync read it; the row stays."""
    try:
        row = read_booking(site, booking_id)
    except NoSuchBooking:
        return refused("unknown", 404)
    if row["status"] == CANCELLED:
        return _applied(row)
    if not _matches(row, expected, COLUMNS):
        return refused("changed")
    if booking_span(row, site_zone(site)).start <= now:
        return refused("past")
    write_status(site, booking_id, CANCELLED, now)
    return _applied(read_booking(site, booking_id))


def refused(reason: str, status: int = 409) -> Answer:
    return status, {"v": 1, "result": "refused", "reason": reason}


def _applied(row: sqlite3.Row) -> Answer:
    return 200, {"v": 1, "result": "applied", "booking": {column: row[column] for column in COLUMNS}}


def _matches(row: sqlite3.Row, expected: Mapping[str, object], columns: tuple[str, ...]) -> bool:
    """Numbers may come as text, as databases give them; nothing is not the same as zero."""
    return all(
        row[column] is expected.get(column)
        if row[column] is None or expected.get(column) is None
        else str(row[column]) == str(expected.get(column))
        for column in columns
    )


def _wall(span: Span, zone: ZoneInfo) -> tuple[date, int, int]:
    """Day, minute and length in minutes, as clocks on the wall of the site show them."""
    start, end = (instant.astimezone(zone).replace(tzinfo=None) for instant in (span.start, span.end))
    return start.date(), 60 * start.hour + start.minute, round((end - start).total_seconds() / 60)


def _is_told_by(day: date, minute: int, length: int, span: Span, zone: ZoneInfo) -> bool:
    """Whether the columns can say these instants: not those of a doubled hour's second half."""
    told = Span(wall_to_utc(day, minute, zone), wall_to_utc(day, minute + length, zone))
    return length > 0 and told == span


def _is_offered(
    site: sqlite3.Connection, row: sqlite3.Row, day: date, minute: int, length: int, now: datetime
) -> bool:
    """By the booking form's own rules, as if the booking itself were not there."""
    offer = read_offer(
        site, row["service_id"], row["agent_id"], day, day, without_booking=row["id"], length=length
    )
    return any(slot.minute == minute and slot.is_free for slot in offer.slots(day, now))
