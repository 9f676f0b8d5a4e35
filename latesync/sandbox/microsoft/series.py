"""Occurrences of a series, and what replaces them (microsoft-graph.md E5)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from .errors import Json, not_found
from .graph_state import Item, Mailbox
from .graph_times import instant, wall
from .ids import occurrence_id, of_occurrence
from .recurrence import crossing, rule


def rhythm(item: Item) -> Json:
    """What decides which occurrences a series has."""
    return {
        "start_ts": item.start_ts,
        "end_ts": item.end_ts,
        "zone": zone_of(item),
        "recurrence": item.resource["recurrence"],
    }


def zone_of(master: Item) -> str:
    name: str = master.resource["recurrence"]["range"].get("recurrenceTimeZone") or master.start_zone
    return name


def days(rhythm: Json, after_ts: float, before_ts: float) -> Iterator[tuple[str, float, float]]:
    """Day, start and end of every date of the rule that lies in the span, at least in part."""
    zone_name = rhythm["zone"]
    start = wall(rhythm["start_ts"], zone_name)
    length = wall(rhythm["end_ts"], zone_name) - start
    dates = rule(rhythm["recurrence"], start.time())
    floor = wall(max(after_ts, 0.0), zone_name) - length - timedelta(days=1)
    for moment in dates.xafter(floor, inc=True):
        start_ts, end_ts = instant(moment, zone_name), instant(moment + length, zone_name)
        if start_ts >= before_ts:
            return
        if overlaps(start_ts, end_ts, after_ts, before_ts):
            yield moment.date().isoformat(), start_ts, end_ts


def overlaps(start_ts: float, end_ts: float, after_ts: float, before_ts: float) -> bool:
    """An item of no length counts where it begins."""
    return start_ts < before_ts and (end_ts > after_ts or start_ts == end_ts >= after_ts)


def first_span(master: Item) -> tuple[float, float]:
    """Where a series begins: its rule's first date, which its own start need not be."""
    for _, start_ts, end_ts in days(rhythm(master), 0.0, 1e11):
        return start_ts, end_ts
    return master.start_ts, master.end_ts


def expanded(mailbox: Mailbox, master: Item, after_ts: float, before_ts: float) -> Iterator[Item]:
    """A series' occurrences and exceptions in the span, in no order."""
    for day, start_ts, end_ts in days(rhythm(master), after_ts, before_ts):
        if day not in master.exceptions and day not in master.cancelled_days:
            yield as_occurrence(master, day, start_ts, end_ts)
    for event_id in master.exceptions.values():
        exception = mailbox.items[event_id]
        if overlaps(exception.start_ts, exception.end_ts, after_ts, before_ts):
            yield exception


def as_occurrence(master: Item, day: str, start_ts: float, end_ts: float) -> Item:
    """Its id and change key come from the series; nothing is stored."""
    resource = {name: value for name, value in master.resource.items() if name != "recurrence"}
    return replace(
        master,
        id=occurrence_id(master.id, day),
        mutable_id=occurrence_id(master.mutable_id, day),
        resource=resource,
        start_ts=start_ts,
        end_ts=end_ts,
        kind="occurrence",
        master_id=master.id,
        day=day,
        cancelled_days=[],
        exceptions={},
        was=[],
    )


def find(mailbox: Mailbox, event_id: str) -> Item:
    """Whatever an id names: stored, or an occurrence. Raises GraphError 404."""
    item = mailbox.stored(event_id)
    if item is not None:
        return item
    parts = of_occurrence(event_id)
    master = mailbox.stored(parts[0]) if parts else None
    if parts is None or master is None or not master.is_series:
        raise not_found()
    return occurrence_on(master, parts[1])


def occurrence_on(master: Item, day: str) -> Item:
    """Raises GraphError 404 where the series has none on this day, or no longer."""
    found = _planned(master, day)
    if found is None or day in master.cancelled_days or day in master.exceptions:
        raise not_found()
    return as_occurrence(master, *found)


def _planned(master: Item, day: str) -> tuple[str, float, float] | None:
    try:
        midnight = datetime.combine(date.fromisoformat(day), time())
    except ValueError:
        return None
    zone_name = zone_of(master)
    after, before = instant(midnight, zone_name), instant(midnight + timedelta(days=1), zone_name)
    return next((one for one in days(rhythm(master), after, before) if one[0] == day), None)


def check_neighbours(mailbox: Mailbox, master: Item, day: str, start_ts: float, end_ts: float) -> None:
    """An exception stays between the days of its neighbours. Raises GraphError 400 (§11)."""
    zone_name = zone_of(master)
    planned = _planned(master, day)
    if planned is None:
        return
    around = 400 * 86_400.0  # as far as the next one of a yearly series
    near = [
        item
        for item in expanded(mailbox, master, planned[1] - around, planned[2] + around)
        if item.day != day
    ]
    start, end = wall(start_ts, zone_name).date(), wall(end_ts, zone_name).date()
    before = max((wall(item.start_ts, zone_name).date() for item in near if item.day < day), default=None)
    after = min((wall(item.start_ts, zone_name).date() for item in near if item.day > day), default=None)
    if (before is not None and start <= before) or (after is not None and max(start, end) > after):
        raise crossing()
    if after is not None and start == after:
        raise crossing()


def lost_days(master: Item, before: Json, after_ts: float, before_ts: float) -> list[str]:
    """Ids of occurrences that an earlier rhythm had in the span and the series has no longer."""
    now = {day for day, _, _ in days(rhythm(master), after_ts, before_ts)} if master.is_series else set()
    had = {day for day, _, _ in days(before, after_ts, before_ts)}
    return sorted(had - now)
