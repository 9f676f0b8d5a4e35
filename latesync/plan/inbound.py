"""Calendar changes → busy slots: the decision table of design.md §5. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from latesync.model import (
    BusySlot,
    CalendarItem,
    Event,
    Mapping,
    MappingState,
    Marker,
)
from latesync.options import BlockingPolicy
from latesync.plan.blocking import blocks
from latesync.plan.content import event_key
from latesync.plan.drift import OwnEventSeen, judge_own_event
from latesync.plan.occurrences import instant_of, occurrences
from latesync.times import TimeRange, Zone


@dataclass(frozen=True, slots=True)
class Listening:
    """Whose calendar is read, for whom, and by which rules.

    calendar_zone: as the provider said; the site's zone where it said nothing.
    colleagues: (agent, subject) of others, whose events are ours as well, where no mapping may know of them.
    """

    site_id: str
    agent_id: int
    account_id: int
    subject: str
    calendar_id: str
    calendar_zone: Zone
    window: TimeRange
    policy: BlockingPolicy
    colleagues: frozenset[tuple[int, str]] = frozenset()


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

    known: the kept items of every root the page touches, by event id.
    mappings: this site's mappings of the page's events, by event id, of any account; and this account's
      of every booking that the page's events are marked with.
    """
    events = tuple(events)
    of_booking = {own.booking_id: own for own in mappings.values() if own.account_id == listening.account_id}
    put: dict[str, CalendarItem] = {}
    drop: set[str] = set()
    seen: list[OwnEventSeen] = []
    strays: set[str] = set()
    for event in events:
        item = event.item
        if is_ours(event, mappings, listening):
            drop.add(item.event_id)
            seen += _seen(event, mappings.get(item.event_id), listening)
            strays |= _stray(event, of_booking, listening)
            put.pop(item.event_id, None)
            continue
        kept = _as_kept(item, listening)
        if kept is None:
            drop.add(item.event_id)
            put.pop(item.event_id, None)
        else:
            put[item.event_id] = kept
            drop.discard(item.event_id)
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
        moved_away=_moved_away(strays, mappings, listening),
        outdated=_outdated(events, of_booking, listening),
        has_unknown_series=any(
            item.recurrence and not (item.event_id in known and known[item.event_id].recurrence)
            for item in put.values()
        ),
    )


def is_ours(event: Event, mappings: MappingOf[str, Mapping], listening: Listening) -> bool:
    """An id we mapped, or our marker on an id we derive: a person's copy of ours blocks like anyone's."""
    if event.item.event_id in mappings or (event.item.series_id or "") in mappings:
        return True
    people = {(listening.agent_id, listening.subject), *listening.colleagues}
    derived = {_derived_key(event.marker, listening, *person) for person in people}
    return bool((derived - {None}) & {event.item.event_id, event.item.series_id})


def may_be_a_colleague_s(event: Event, mappings: MappingOf[str, Mapping], listening: Listening) -> bool:
    """Whether only the ids derived for the site's other agents can tell if it is ours: our memory, restored
    from a backup, may be older than their event in a calendar that several share."""
    is_marked = event.marker is not None and event.marker.site_id == listening.site_id
    return is_marked and not is_ours(event, mappings, listening)


def is_certainly_ours(event: Event, listening: Listening) -> bool:
    """Our marker on the very id we derive for it: whatever our memory says, nobody else made it."""
    return event.marker is not None and _derived_key(event.marker, listening) == event.item.event_id


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


def _seen(event: Event, mapping: Mapping | None, listening: Listening) -> list[OwnEventSeen]:
    if mapping is None or mapping.account_id != listening.account_id:
        return []
    if mapping.calendar_id != listening.calendar_id or event.item.event_id != mapping.event_id:
        return []  # seen from a calendar we do not write to
    noted = judge_own_event(mapping, event)
    return [noted] if noted is not None else []


def _stray(event: Event, of_booking: MappingOf[int, Mapping], listening: Listening) -> set[str]:
    """The event's id, if it is ours beyond doubt, alive, and not the one that stands for its booking now."""
    event_id, marker = event.item.event_id, event.marker
    if marker is None or event.item.is_cancelled or _derived_key(marker, listening) != event_id:
        return set()
    mapping = of_booking.get(marker.booking_id)
    if mapping is None or marker.generation > mapping.generation:
        return set()  # our memory is older than the event: creating it once more will find it
    is_superseded = marker.generation < mapping.generation or mapping.calendar_id != listening.calendar_id
    return {event_id} if is_superseded else set()


def _moved_away(
    strays: set[str], mappings: MappingOf[str, Mapping], listening: Listening
) -> tuple[Mapping, ...]:
    """Those of them that stand for their booking; an earlier generation's means nothing any more."""
    found = (mappings[event_id] for event_id in sorted(strays) if event_id in mappings)
    return tuple(
        mapping
        for mapping in found
        if mapping.state is MappingState.LIVE
        and mapping.account_id == listening.account_id
        and mapping.calendar_id != listening.calendar_id
    )


def _outdated(
    events: Iterable[Event], of_booking: MappingOf[int, Mapping], listening: Listening
) -> tuple[Mapping, ...]:
    found = set()
    for event in events:
        mapping = of_booking.get(event.marker.booking_id) if event.marker is not None else None
        if event.marker is None or mapping is None or event.item.is_cancelled:
            continue
        is_ours_beyond_doubt = _derived_key(event.marker, listening) == event.item.event_id
        if is_ours_beyond_doubt and event.marker.generation > mapping.generation:
            found.add(mapping)
    return tuple(sorted(found, key=lambda mapping: mapping.id))


def _derived_key(
    marker: Marker | None, listening: Listening, agent_id: int | None = None, subject: str = ""
) -> str | None:
    """agent_id, subject: whose; None: of whom we listen for."""
    if marker is None or marker.site_id != listening.site_id:
        return None
    if agent_id is None:
        agent_id, subject = listening.agent_id, listening.subject
    return event_key(listening.site_id, marker.booking_id, agent_id, subject, marker.generation)


def _as_kept(item: CalendarItem, listening: Listening) -> CalendarItem | None:
    """What to remember of an item; None: nothing, and forget what was known of it.

    A cancelled date of a living series says which one it is (google-calendar.md X4). A tombstone with an
    id alone is a deleted event, also where that was an exception: the series was trimmed or put in order,
    and a full listing would not show it either (X5).
    """
    if item.is_cancelled and item.series_id is None:
        return None
    return None if is_over(item, listening.window, listening.calendar_zone) else item


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
