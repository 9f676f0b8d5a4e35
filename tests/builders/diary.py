"""A person's calendar that somebody keeps changing, and what LateSync remembers of it, all in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from latesync.model import CalendarItem, Event
from latesync.plan.inbound import InboundPlan, is_over, plan_inbound, roots_of, slots_of
from latesync.plan.occurrences import span_of
from latesync.plan.ownership import Listening
from latesync.times import TimeRange
from tests.builders.plan import a_cancelled_date, a_listening, a_tombstone, an_event


@dataclass
class Diary:
    """The truth: what a full listing shows. `changed` are the ids an incremental listing names."""

    items: dict[str, CalendarItem] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def put(self, item: CalendarItem) -> None:
        """A new or changed item; a series that is one no more, or has another rhythm, has no exceptions."""
        before = self.items.get(item.event_id)
        if before is not None and _rhythm(before) != _rhythm(item):
            self._forget_exceptions(item.event_id)
        self.items[item.event_id] = item
        self.changed.add(item.event_id)

    def delete(self, event_id: str) -> None:
        if self.items.pop(event_id, None) is not None:
            self.changed.add(event_id)
            self._forget_exceptions(event_id)

    def _forget_exceptions(self, series_id: str) -> None:
        for event_id in [item.event_id for item in self.items.values() if item.series_id == series_id]:
            del self.items[event_id]
            self.changed.add(event_id)

    def changes(self, *, tells_of_exceptions: bool = True) -> list[Event]:
        """What an incremental listing shows now: current states, and tombstones that hold only an id.

        tells_of_exceptions: whether the exceptions of a deleted series are named one by one.
        """
        gone = self.changed - self.items.keys()
        hidden = set() if tells_of_exceptions else {one for one in gone if one.split("_")[0] in gone - {one}}
        shown = [
            self.items.get(event_id, a_tombstone(event_id)) for event_id in sorted(self.changed - hidden)
        ]
        self.changed.clear()
        return [an_event(item) for item in shown]

    def full_listing(self) -> list[Event]:
        return [an_event(item) for item in self.items.values()]


def _rhythm(item: CalendarItem) -> tuple[object, ...]:
    return item.starts, item.recurrence


@dataclass
class Memory:
    """What is kept of a calendar, as the store keeps it."""

    listening: Listening = field(default_factory=a_listening)
    items: dict[str, CalendarItem] = field(default_factory=dict)
    slots: dict[str, tuple[str, TimeRange]] = field(default_factory=dict)

    def hear(self, events: Iterable[Event]) -> InboundPlan:
        """One page of a listing."""
        page = list(events)
        plan = plan_inbound(page, self._known_around(page), {}, self.listening)
        for event_id in plan.drop:
            self.items.pop(event_id, None)
        for item in plan.put:
            self.items[item.event_id] = item
        self.slots = {
            slot_id: (item_id, span)
            for slot_id, (item_id, span) in self.slots.items()
            if item_id not in plan.recompute
        }
        for slot in plan.slots:
            assert slot.id not in self.slots, "two slots of one id"
            self.slots[slot.id] = (slot.item_id, slot.span)
        return plan

    def _known_around(self, page: list[Event]) -> dict[str, CalendarItem]:
        shown = {event.item.event_id for event in page}
        named = [item for event_id, item in self.items.items() if event_id in shown]
        roots = roots_of([*(event.item for event in page), *named])
        return {
            event_id: item
            for event_id, item in self.items.items()
            if event_id in shown | roots or item.series_id in roots
        }

    def hear_all(self, pages: Iterable[list[Event]]) -> None:
        """A full listing: what it did not show goes."""
        shown = set()
        for page in pages:
            self.hear(page)
            shown |= {event.item.event_id for event in page}
        self.items = {event_id: item for event_id, item in self.items.items() if event_id in shown}
        roots = roots_of(self.items.values())
        self.slots = {key: slot for key, slot in self.slots.items() if slot[0] in roots}
        found = slots_of(self.items, roots, self.listening)
        assert self.slots == {slot.id: (slot.item_id, slot.span) for slot in found}

    def slide(self, window: TimeRange) -> None:
        """The site's midnight: what is over goes, and everything is expanded anew."""
        self.listening = replace(self.listening, window=window)
        self.items = {
            event_id: item
            for event_id, item in self.items.items()
            if not is_over(item, window, self.listening.calendar_zone)
        }
        found = slots_of(self.items, roots_of(self.items.values()), self.listening)
        self.slots = {slot.id: (slot.item_id, slot.span) for slot in found}


@dataclass
class DatedDiary:
    """A calendar that is listed date by date, inside a span that a full listing freezes (microsoft-graph.md
    D1, D3): what changed and does not stand in that span is called removed, wherever it stands (D5)."""

    entries: dict[str, CalendarItem] = field(default_factory=dict)  # singles and dates, never a series
    frozen: TimeRange | None = None
    changed: set[str] = field(default_factory=set)

    def put(self, item: CalendarItem) -> None:
        self.entries[item.event_id] = item
        self.changed.add(item.event_id)

    def delete(self, event_id: str) -> None:
        """A single event or date; or a series with all its dates."""
        dates = [item.event_id for item in self.entries.values() if item.series_id == event_id]
        for name in (event_id, *dates):
            if self.entries.pop(name, None) is not None or name == event_id:
                self.changed.add(name)

    def make_series(self, event_id: str, dates: Iterable[CalendarItem]) -> None:
        """Somebody repeats an event, or changes how it repeats: itself it is shown no more."""
        for item in [one for one in self.entries.values() if one.series_id == event_id]:
            del self.entries[item.event_id]
            self.changed.add(item.event_id)
        self.entries.pop(event_id, None)
        for item in dates:
            self.put(item)

    def changes(self) -> list[Event]:
        shown = [self._shown(event_id) for event_id in sorted(self.changed)]
        self.changed.clear()
        return [an_event(item) for item in shown]

    def full_listing(self, span: TimeRange) -> list[Event]:
        self.frozen = span
        self.changed.clear()
        return [an_event(item) for item in self.entries.values() if self._is_in_reach(item)]

    def _shown(self, event_id: str) -> CalendarItem:
        item = self.entries.get(event_id)
        return item if item is not None and self._is_in_reach(item) else a_tombstone(event_id)

    def _is_in_reach(self, item: CalendarItem) -> bool:
        span = span_of(item, a_listening().calendar_zone)
        return span is not None and self.frozen is not None and span.overlaps(self.frozen)


def a_date_of(series: CalendarItem, number: int) -> datetime | date:
    """The original start of the series' so-manieth week or day; it need not be one of its dates."""
    assert series.starts is not None
    if isinstance(series.starts, datetime):
        local = series.starts.astimezone(a_listening().calendar_zone.tzinfo)
        return (local + timedelta(days=number)).astimezone(UTC)
    return series.starts + timedelta(days=number)


def an_exception_of(series: CalendarItem, number: int, moved_by: timedelta | None) -> CalendarItem:
    """That date moved, or cancelled where moved_by is None."""
    original = a_date_of(series, number)
    event_id = f"{series.event_id}_{number}"
    if moved_by is None:
        return a_cancelled_date(series.event_id, original, event_id)
    assert series.starts is not None
    assert series.ends is not None
    return replace(
        series,
        event_id=event_id,
        starts=original + moved_by,
        ends=original + moved_by + (series.ends - series.starts),
        recurrence=(),
        series_id=series.event_id,
        original_start=original,
    )
