"""From kept items to the times they cover: series expanded in their own zone, exceptions put in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from latesync.model import CalendarItem
from latesync.plan.recurrence import SeriesStart, sound_recurrence
from latesync.times import TimeRange, Zone, midnight, wall_to_utc, zone_named

_A_DAY = timedelta(days=1)
# What the library raises at a rule it cannot follow.
_NOT_UNDERSTOOD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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
    replaced = _replaced_starts(root, exceptions)
    if root is not None and not root.is_cancelled:
        for start, span in _of_root(root, calendar_zone, window):
            if start not in replaced and span.overlaps(window):
                key = root.event_id if not root.recurrence else f"{root.event_id}@{start.isoformat()}"
                yield key, root, span
    for exception in exceptions:
        own_span = None if exception.is_cancelled else span_of(exception, calendar_zone)
        if own_span is not None and own_span.overlaps(window):
            yield _key_of(exception), exception, own_span


def _replaced_starts(
    root: CalendarItem | None, exceptions: Sequence[CalendarItem]
) -> set[datetime | date | None]:
    if root is not None and not root.recurrence:
        return set()  # the series became a single event: what replaced its dates replaces nothing now
    # An exception whose times cannot be read hides nothing: the date counts as planned.
    return {
        exception.original_start
        for exception in exceptions
        if exception.is_cancelled or exception.starts is not None
    }


def _key_of(exception: CalendarItem) -> str:
    if exception.original_start is None:
        return exception.event_id
    return f"{exception.series_id}@{exception.original_start.isoformat()}"


def span_of(item: CalendarItem, calendar_zone: Zone) -> TimeRange | None:
    """The span of an item's own times; an all-day item covers the calendar's local midnights (E2)."""
    if item.starts is None or item.ends is None:
        return None
    starts, ends = (instant_of(moment, calendar_zone) for moment in (item.starts, item.ends))
    return TimeRange(starts, ends) if starts < ends else None


def instant_of(moment: datetime | date, zone: Zone) -> datetime:
    """The instant itself, or the first of a day."""
    if isinstance(moment, datetime):
        return moment
    try:
        return midnight(moment, zone)
    except OverflowError:  # the first day of year 1 in a zone ahead of UTC
        return datetime.min.replace(tzinfo=UTC)


def _of_root(
    root: CalendarItem, calendar_zone: Zone, window: TimeRange
) -> Iterator[tuple[datetime | date, TimeRange]]:
    """(original start, span) of each plain occurrence that may meet the window."""
    first = span_of(root, calendar_zone)
    if first is None or root.starts is None or root.ends is None:
        return
    if not root.recurrence:
        yield root.starts, first
        return
    for starts, ends in _expand(root, root.starts, root.ends, calendar_zone, window):
        begin, finish = instant_of(starts, calendar_zone), instant_of(ends, calendar_zone)
        if isinstance(starts, datetime) and finish - begin == first.end - first.start:
            finish = _same_time_of_day(begin, first, _zone_or(root.zone, calendar_zone))
        if finish <= begin:
            # In the hour that spring skips, 02:30 is 03:30 but 03:00 stays: there the length is what counts.
            finish = begin + (first.end - first.start)
        yield starts, TimeRange(begin, finish)


def _same_time_of_day(begin: datetime, span: TimeRange, zone: Zone) -> datetime:
    """A night shift ends by the clock when clocks change; the library does so for RRULE, not for RDATE."""
    wall, first, last = (
        moment.astimezone(zone.tzinfo).replace(tzinfo=None) for moment in (begin, span.start, span.end)
    )
    end = wall + (last - first)
    return wall_to_utc(end.date(), end.hour * 60 + end.minute, zone) + timedelta(seconds=end.second)


def _expand(
    root: CalendarItem, starts: datetime | date, ends: datetime | date, calendar_zone: Zone, window: TimeRange
) -> list[tuple[datetime | date, datetime | date]]:
    import recurring_ical_events  # heavy, and only needed where a calendar holds series

    # A day more on both sides: all-day items know no zone here.
    reach = TimeRange(window.start - _A_DAY, window.end + _A_DAY)
    zone = _zone_or(root.zone, calendar_zone)
    try:
        sound = sound_recurrence(root.recurrence, SeriesStart(starts, zone))
        found = _run(starts, ends, zone, sound.lines, reach)
    except (*_NOT_UNDERSTOOD, recurring_ical_events.InvalidCalendar):
        return [(starts, ends)]
    left_out: set[datetime | date] = set()
    for rule in sound.excluded_rules:
        with suppress(*_NOT_UNDERSTOOD, recurring_ical_events.InvalidCalendar):
            hit = {start for start, _ in _run(starts, ends, zone, (rule,), reach)}
            # The library counts the first date in, which a rule with BY parts need not hit.
            left_out |= hit - {starts} if ";BY" in rule else hit
    return [(start, end) for start, end in found if start not in left_out and not sound.excludes(start, zone)]


def _run(
    starts: datetime | date, ends: datetime | date, zone: Zone, lines: Sequence[str], reach: TimeRange
) -> list[tuple[datetime | date, datetime | date]]:
    import icalendar
    import recurring_ical_events

    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:latesync", "BEGIN:VEVENT", "UID:series"]
    times = [_ical_time("DTSTART", starts, zone), _ical_time("DTEND", ends, zone)]
    text = "\r\n".join([*head, *times, *lines, "END:VEVENT", "END:VCALENDAR", ""])
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(reach.start, reach.end)
    return [(_plain(event.start), _plain(event.end)) for event in found]


def _ical_time(name: str, moment: datetime | date, zone: Zone) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    if zone.name is None or zone.name == "UTC":
        return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={zone.name}:{moment.astimezone(zone.tzinfo):%Y%m%dT%H%M%S}"


def _zone_or(name: str | None, fallback: Zone) -> Zone:
    try:
        return zone_named(name) if name else fallback
    except ValueError:  # a zone this machine's database does not know yet
        return fallback


def _plain(moment: datetime | date) -> datetime | date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
