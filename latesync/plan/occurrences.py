"""From kept items to the times they cover: series expanded in their own zone, exceptions put in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from latesync.model import CalendarItem
from latesync.times import TimeRange, Zone, midnight, zone_named


def occurrences(
    root: CalendarItem | None,
    exceptions: Sequence[CalendarItem],
    *,
    calendar_zone: Zone,
    window: TimeRange,
) -> Iterator[tuple[str, CalendarItem, TimeRange]]:
    """Yield (key, the item it comes from, span) of everything that meets the window.

    root: a single event, a series, or None when only exceptions of it are known.
    key: stays the same when an occurrence is moved, since a series and an original start identify it
      (google-calendar.md X1).
    A cancelled item yields nothing and an exception hides the occurrence it replaces. A recurrence
    that cannot be understood counts as its first occurrence alone.
    """
    replaced = {exception.original_start for exception in exceptions}
    if root is not None and not root.is_cancelled:
        for start, span in _of_root(root, calendar_zone, window):
            if start not in replaced and span.overlaps(window):
                key = root.event_id if not root.recurrence else f"{root.event_id}@{start.isoformat()}"
                yield key, root, span
    for exception in exceptions:
        own_span = None if exception.is_cancelled else span_of(exception, calendar_zone)
        if own_span is not None and own_span.overlaps(window):
            yield _key_of(exception), exception, own_span


def _key_of(exception: CalendarItem) -> str:
    if exception.original_start is None:
        return exception.event_id
    return f"{exception.series_id}@{exception.original_start.isoformat()}"


def span_of(item: CalendarItem, calendar_zone: Zone) -> TimeRange | None:
    """The span of an item's own times; an all-day item covers the calendar's local midnights (E2)."""
    if item.starts is None or item.ends is None:
        return None
    starts, ends = (_instant(moment, calendar_zone) for moment in (item.starts, item.ends))
    return TimeRange(starts, ends) if starts < ends else None


def _instant(moment: datetime | date, zone: Zone) -> datetime:
    return moment if isinstance(moment, datetime) else midnight(moment, zone)


def _of_root(
    root: CalendarItem, calendar_zone: Zone, window: TimeRange
) -> Iterator[tuple[datetime | date, TimeRange]]:
    """(original start, span) of each plain occurrence that may meet the window."""
    if not root.recurrence:
        span = span_of(root, calendar_zone)
        if span is not None and root.starts is not None:
            yield root.starts, span
        return
    for starts, ends in _expand(root, calendar_zone, window):
        begin, finish = _instant(starts, calendar_zone), _instant(ends, calendar_zone)
        if begin < finish:
            yield starts, TimeRange(begin, finish)


def _expand(
    root: CalendarItem, calendar_zone: Zone, window: TimeRange
) -> list[tuple[datetime | date, datetime | date]]:
    import icalendar  # heavy, and only needed where a calendar holds series
    import recurring_ical_events

    if root.starts is None or root.ends is None:
        return []
    text = _as_ical(root, calendar_zone)
    # A day more on both sides: all-day items know no zone here.
    first, last = window.start - timedelta(days=1), window.end + timedelta(days=1)
    try:
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(first, last)
        return [(_plain(event.start), _plain(event.end)) for event in found]
    except (ValueError, KeyError, TypeError, OverflowError, recurring_ical_events.InvalidCalendar):
        return [(root.starts, root.ends)]


def _as_ical(root: CalendarItem, calendar_zone: Zone) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:latesync", "BEGIN:VEVENT", "UID:series"]
    lines += [_ical_time("DTSTART", root.starts, root.zone, calendar_zone)]
    lines += [_ical_time("DTEND", root.ends, root.zone, calendar_zone)]
    return "\r\n".join([*lines, *root.recurrence, "END:VEVENT", "END:VCALENDAR", ""])


def _ical_time(name: str, moment: datetime | date | None, zone: str | None, calendar_zone: Zone) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    series_zone = _zone_or(zone, calendar_zone)
    if series_zone.name is None or series_zone.name == "UTC":
        return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={series_zone.name}:{moment.astimezone(series_zone.tzinfo):%Y%m%dT%H%M%S}"


def _zone_or(name: str | None, fallback: Zone) -> Zone:
    try:
        return zone_named(name) if name else fallback
    except ValueError:  # a zone this machine's database does not know yet
        return fallback


def _plain(moment: datetime | date) -> datetime | date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
