"""Calendar changes → busy slots: the decision table of design.md §5. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from latesync.model import BusySlot, CalendarItem, Event, Mapping, MappingState
from latesync.plan.blocking import blocks
from latesync.plan.drift import OwnEventSeen, judge_own_event
from latesync.plan.occurrences import instant_of, occurrences
from latesync.plan.ownership import Listening, is_ours, moved_away, outdated, strays_of
from latesync.times import TimeRange, Zone


@dataclass(frozen=True, slots=True)
class InboundPlan:
    """put, drop: items to remember and to forget. recompute: roots whose slots are replaced by `slots`.

    A root is a single event or a series with its exceptions.
    strays: ids of events of ours that stand although another took their place: somebody took them out of
      the bin, or moved them to another calendar. They are deleted once more.
    moved_away: mappings whose event stands, as a stray, in this calendar instead of its own.
    outdated: mappings that are older than an event of ours which stands: our memory was restored from a
      backup, and that the one we remember is gone was our own doing.
    has_unknown_series: a series came, or came back, of which an earlier listing may have shown
      exceptions that were forgotten; only a full listing shows them again.
    """

    put: tuple[CalendarItem, ...]
    drop: frozenset[str]
    recompute: frozenset[str]
    slots: tuple[BusySlot, ...]
    seen: tuple[OwnEventSeen, ...]
    strays: tuple[str, ...] = ()
    moved_away: tuple[Mapping, ...] = ()
    outdated: tuple[Mapping, ...] = ()
    has_unknown_series: bool = False


def plan_inbound(
    events: Iterable[Event],
    known: MappingOf[str, CalendarItem],
    mappings: MappingOf[str, Mapping],
    listening: Listening,
) -> InboundPlan:
    """What a page of changes means.

    events: of one shown several times the last counts (microsoft-graph.md D6).
    known: the kept items of every root the page touches, by event id.
    mappings: this site's mappings of the page's events, by event id, of any account; and this account's
      of every booking that the page's events are marked with. Of an event that was asked for and not
      answered, its key stands for its id.
    """
    events = last_of_each(events)
    of_booking = {own.booking_id: own for own in mappings.values() if own.account_id == listening.account_id}
    put: dict[str, CalendarItem] = {}
    drop: set[str] = set()
    seen: list[OwnEventSeen] = []
    strays: set[str] = set()
    for event in events:
        item = event.item
        if is_ours(event, mappings, listening):
            drop.add(item.event_id)
            seen += _seen(event, mappings, listening)
            strays |= strays_of(event, of_booking, listening)
            put.pop(item.event_id, None)
            continue
        kept = _as_kept(item, listening)
        if kept is None:
            drop.add(item.event_id)
            put.pop(item.event_id, None)
        else:
            put[item.event_id] = kept
            drop.discard(item.event_id)
    drop |= _series_by_now(known, put)
    drop |= _left_behind(known, put, drop)
    put = {event_id: item for event_id, item in put.items() if event_id not in drop}
    forgotten = [known[event_id] for event_id in drop if event_id in known]
    recompute = roots_of([*put.values(), *forgotten]) | drop
    items = {event_id: item for event_id, item in {**known, **put}.items() if event_id not in drop}
    return InboundPlan(
        put=tuple(sorted(put.values(), key=lambda item: item.event_id)),
        drop=frozenset(drop),
        recompute=frozenset(recompute),
        slots=tuple(slots_of(items, recompute, listening)),
        seen=tuple(sorted(seen, key=lambda own: own.mapping_id)),
        strays=tuple(sorted(strays)),
        moved_away=moved_away(strays, mappings, listening),
        outdated=outdated(events, of_booking, listening),
        has_unknown_series=any(
            item.recurrence and not (item.event_id in known and known[item.event_id].recurrence)
            for item in put.values()
        ),
    )


def last_of_each(events: Iterable[Event]) -> tuple[Event, ...]:
    """Of several versions of one event the last, in its place."""
    newest: dict[str, Event] = {}
    for event in events:
        newest.pop(event.item.event_id, None)
        newest[event.item.event_id] = event
    return tuple(newest.values())


def to_ask_for(
    events: Iterable[Event], mappings: MappingOf[str, Mapping], listening: Listening
) -> frozenset[str]:
    """The ids of our events of which a listing that calls everything out of its reach removed says nothing.

    Those it calls removed (microsoft-graph.md D5); and one that somebody repeated, of which it shows the
    dates alone.
    """
    asked = set()
    for event in events:
        item = event.item
        if item.is_cancelled:
            own = _seen(event, mappings, listening)
            asked |= {item.event_id} if own else set()
        elif item.series_id is not None and item.series_id in mappings:
            mapping = mappings[item.series_id]
            stands = mapping.state in (MappingState.LIVE, MappingState.SET_ASIDE)
            where = (mapping.account_id, mapping.calendar_id)
            is_written_here = where == (listening.account_id, listening.calendar_id)
            asked |= {item.series_id} if stands and is_written_here else set()
    return frozenset(asked)


def slots_of(
    items: MappingOf[str, CalendarItem], roots: Iterable[str], listening: Listening
) -> list[BusySlot]:
    """The busy slots of these roots inside the window, by id: one for each occurrence."""
    exceptions: dict[str, list[CalendarItem]] = defaultdict(list)
    for item in items.values():
        if item.series_id is not None:
            exceptions[item.series_id].append(item)
    spans: dict[str, tuple[str, TimeRange]] = {}
    for root_id in roots:
        root = items.get(root_id)
        if root is not None and root.series_id is not None:
            continue  # an exception: it belongs to its series
        found = occurrences(
            root,
            exceptions.get(root_id, ()),
            calendar_zone=listening.calendar_zone,
            window=listening.window,
        )
        for key, item, span in found:
            if blocks(item, listening.policy):
                slot_id = _slot_id(listening, key)
                spans[slot_id] = (root_id, _together(spans.get(slot_id), span))
    return [
        BusySlot(slot_id, listening.agent_id, root_id, span)
        for slot_id, (root_id, span) in sorted(spans.items())
    ]


def roots_of(items: Iterable[CalendarItem]) -> set[str]:
    return {item.series_id or item.event_id for item in items}


def is_over(item: CalendarItem, window: TimeRange, zone: Zone) -> bool:
    """Whether an item can never matter again.

    Exceptions are kept for the life of their series (google-calendar.md X4): a date that was cancelled or
    moved must not come back while what it replaces still reaches into the window.
    """
    if item.recurrence or item.series_id is not None or item.ends is None:
        return False
    return instant_of(item.ends, zone) <= window.start


def _seen(event: Event, mappings: MappingOf[str, Mapping], listening: Listening) -> list[OwnEventSeen]:
    # By its key where the answer that told its id is not known (microsoft-graph.md E10).
    mapping = mappings.get(event.item.event_id) or mappings.get(event.created_as)
    if mapping is None or mapping.account_id != listening.account_id:
        return []
    if mapping.calendar_id != listening.calendar_id:
        return []  # seen from a calendar we do not write to
    noted = judge_own_event(mapping, event)
    return [noted] if noted is not None else []


def _as_kept(item: CalendarItem, listening: Listening) -> CalendarItem | None:
    """What to remember of an item; None: nothing, and forget what was known of it.

    A cancelled date of a living series says which one it is (google-calendar.md X4). A tombstone with an
    id alone is a deleted event, also where that was an exception: the series was trimmed or put in order,
    and a full listing would not show it either (X5).
    """
    if item.is_cancelled and item.series_id is None:
        return None
    return None if is_over(item, listening.window, listening.calendar_zone) else item


def _series_by_now(known: MappingOf[str, CalendarItem], put: MappingOf[str, CalendarItem]) -> set[str]:
    """Single events that somebody repeated, where a provider shows only the dates of a series
    (microsoft-graph.md E5, D1)."""
    dates_of = {item.series_id for item in put.values() if not item.is_cancelled}
    return {
        event_id
        for event_id, item in known.items()
        if event_id in dates_of and event_id not in put and item.series_id is None and not item.recurrence
    }


def _left_behind(
    known: MappingOf[str, CalendarItem], put: MappingOf[str, CalendarItem], drop: set[str]
) -> set[str]:
    """Exceptions of what is no series any more: it was deleted, or became a single event.

    One that this page shows alive stays: somebody may be invited to a single date of a series.
    """
    no_series = drop | {event_id for event_id, item in put.items() if not item.recurrence}
    return {
        event_id
        for event_id, item in {**known, **put}.items()
        if item.series_id in no_series and (event_id not in put or item.is_cancelled)
    }


def _together(before: tuple[str, TimeRange] | None, span: TimeRange) -> TimeRange:
    """Two wall-clock times are one instant when clocks change: the slot covers both ends."""
    if before is None:
        return span
    return TimeRange(min(before[1].start, span.start), max(before[1].end, span.end))


def _slot_id(listening: Listening, occurrence_key: str) -> str:
    seed = f"{listening.site_id}|{listening.agent_id}|{listening.calendar_id}|{occurrence_key}"
    return hashlib.sha256(seed.encode()).hexdigest()[:32]
