"""A full comparison: when it is due, and where a full listing differs from what we knew. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.model import BusySlot, CalendarItem, Event, MappingState
from latesync.model import Mapping as EventMapping
from latesync.plan.inbound import is_over, last_of_each, plan_inbound
from latesync.plan.occurrences import instant_of
from latesync.plan.ownership import Listening, is_certainly_ours
from latesync.times import TimeRange, Zone, day_in, wall_to_utc

# When nobody books, and away from midnight, when everybody's machines are busy (google-calendar.md Q2).
NIGHT_BEGINS, NIGHT_ENDS = 2 * 60, 5 * 60  # minutes of the site's day
# A machine that is off at night compares when it is on.
LONGEST_BETWEEN = timedelta(hours=48)
_A_SECOND = timedelta(seconds=1)
_STANDS = (MappingState.LIVE, MappingState.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a full comparison found; each number should be zero.

    events_wrong: events of ours missing, doubled, or other than we knew. busy_wrong: busy times other than
    the calendars give. form_wrong: rows on the site other than our busy times.
    """

    events_wrong: int = 0
    busy_wrong: int = 0
    form_wrong: int = 0

    @property
    def differences(self) -> int:
        return self.events_wrong + self.busy_wrong + self.form_wrong


@dataclass(frozen=True, slots=True)
class CalendarDifference:
    """Where one calendar's full listing differs from what is kept of it.

    busy: ids of slots that are missing, too many or at another time. is_kept_wrong: something that is kept
    differs, whether or not a slot hangs on it: the calendar is to be listed anew.
    events: how many events of ours are doubled, or were edited without our knowing.
    missing: the listing did not show their events; whether these are gone has to be asked by id.
    unknown: events of ours beyond doubt that no mapping knows of.
    """

    busy: frozenset[str] = frozenset()
    is_kept_wrong: bool = False
    events: int = 0
    missing: tuple[EventMapping, ...] = ()
    unknown: tuple[Event, ...] = ()


def is_comparison_due(
    now: datetime, zone: Zone, account_id: int, compared_at: datetime | None, made_at: datetime
) -> bool:
    """Once a night, each account at a minute of its own; at once where that was missed for long.

    compared_at: None for an account that never was; its first listing, when it was made, was a full one.
    """
    last = made_at if compared_at is None else compared_at
    if now - last > LONGEST_BETWEEN:
        return True
    today = day_in(now, zone)
    begins, ends = (wall_to_utc(today, minute, zone) for minute in (night_minute(account_id), NIGHT_ENDS))
    # Compared in what is the future now: the clock was set back since.
    return begins <= now < ends and (last < begins or last > now)


def night_minute(account_id: int) -> int:
    """The minute of the site's day from which on an account is compared: neighbours are far apart."""
    return NIGHT_BEGINS + account_id * 67 % (NIGHT_ENDS - NIGHT_BEGINS - 15)


def compare_calendar(
    listed: Sequence[Event],
    kept: Mapping[str, CalendarItem],
    slots: Mapping[str, BusySlot],
    mappings: Mapping[str, EventMapping],
    listening: Listening,
    *,
    changed: Collection[str],
    since: datetime,
    until: datetime | None = None,
) -> CalendarDifference:
    """What a full listing shows other than what is kept.

    listed: everything that ends after `since`; read before the look at changes that `kept` ends with.
    until: what begins then or later, this listing or the one that is kept need not know of; None: both do.
    changed: ids and roots of what that look showed: they may have changed in between, and are passed over.
    mappings: this site's of the listed events, by event id, and all of this account's.
    """
    zone, touched = listening.calendar_zone, set(changed)
    listed = last_of_each(listed)
    events = [
        event
        for event in listed
        if not {event.item.event_id, event.item.series_id} & touched
        and not _begins_after(event.item, zone, until)
    ]
    shown = {event.item.event_id for event in listed}
    out_of_reach = {
        event_id: item
        for event_id, item in kept.items()
        if event_id not in shown and _is_out_of_reach(item, zone, since)
    }
    plan = plan_inbound(events, out_of_reach, mappings, listening)
    wanted = {slot.id: slot for slot in plan.slots}
    known = {slot.id: slot for slot in slots.values() if slot.item_id not in changed}
    is_gone = any(
        event_id not in shown
        and event_id not in changed
        and _must_be_shown(item, listening)
        and not _begins_after(item, zone, until)
        for event_id, item in kept.items()
    )
    return CalendarDifference(
        busy=frozenset(key for key in wanted.keys() | known.keys() if wanted.get(key) != known.get(key)),
        is_kept_wrong=is_gone or any(kept.get(item.event_id) != item for item in plan.put),
        events=len(plan.strays) + sum(1 for own in plan.seen if own.drift is not None),
        missing=_missing(mappings.values(), listening, shown | touched, since, until),
        # Also what has just changed: to a restored older state everything made since is a change.
        unknown=tuple(event for event in listed if _is_unknown(event, mappings.values(), listening)),
    )


def count_form_differences(wanted: Mapping[str, TimeRange], shown: Mapping[str, TimeRange]) -> int:
    """Rows on the site that are missing, too many or at another time; they hold whole seconds."""
    rounded = {key: _whole_seconds(span) for key, span in wanted.items()}
    return sum(1 for key in rounded.keys() | shown.keys() if rounded.get(key) != shown.get(key))


def _is_out_of_reach(item: CalendarItem, zone: Zone, since: datetime) -> bool:
    """A date of a series that was moved to, or cancelled in, a time the listing does not reach back to."""
    moment = item.ends or item.original_start
    return item.series_id is not None and moment is not None and instant_of(moment, zone) <= since


def _begins_after(item: CalendarItem, zone: Zone, until: datetime | None) -> bool:
    return until is not None and item.starts is not None and instant_of(item.starts, zone) >= until


def _must_be_shown(item: CalendarItem, listening: Listening) -> bool:
    """Series that are over, and what hides their dates, are kept longer than a listing shows them."""
    is_plain = item.series_id is None and not item.recurrence
    return is_plain and not is_over(item, listening.window, listening.calendar_zone)


def _missing(
    mappings: Collection[EventMapping],
    listening: Listening,
    shown: Collection[str],
    since: datetime,
    until: datetime | None,
) -> tuple[EventMapping, ...]:
    found = (
        mapping
        for mapping in mappings
        if mapping.account_id == listening.account_id
        and mapping.calendar_id == listening.calendar_id
        and mapping.state in _STANDS
        and mapping.etag
        and mapping.drift is None
        and mapping.span.end > since
        and (until is None or mapping.span.start < until)
        and mapping.event_id not in shown
    )
    return tuple(sorted(found, key=lambda mapping: mapping.id))


def _is_unknown(event: Event, mappings: Collection[EventMapping], listening: Listening) -> bool:
    if event.item.is_cancelled or event.marker is None or not is_certainly_ours(event, listening):
        return False
    booking_id = event.marker.booking_id
    return not any(
        mapping.booking_id == booking_id and mapping.account_id == listening.account_id
        for mapping in mappings
    )


def _whole_seconds(span: TimeRange) -> TimeRange:
    """As the table keeps it: the start rounded down, the end up (latepoint/busy.py)."""
    start, end = span.start.replace(microsecond=0), span.end.replace(microsecond=0)
    return TimeRange(start, end if end == span.end else end + _A_SECOND)
