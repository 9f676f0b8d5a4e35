"""Finds one event, by the id Graph gave it or by the key it was created under (microsoft-graph.md E7-E10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from latesync.errors import EventNotFound, ProviderError, ProviderUnavailable
from latesync.model import CalendarItem, Event
from latesync.providers.microsoft.errors import Call, Subject
from latesync.providers.microsoft.events import read_event, text_of
from latesync.providers.microsoft.graph import Answer, Graph, Sent, part
from latesync.providers.microsoft.listing import entries_of
from latesync.providers.microsoft.marks import (
    EXPAND_MARKS,
    Mark,
    is_key,
    read_mark,
    transaction_key,
    with_key,
)
from latesync.providers.microsoft.moments import as_query
from latesync.times import TimeRange

# Exchange finds by a property only what its index has seen, and may not know an event right after it was made
# (§11: "brief retry after create").
INDEX_LAG_S = 2.0
_MARGIN = timedelta(days=1)
_SHOWN = "50"  # of what carries one key: our event, and a person's copies of it

Raw = Mapping[str, Any]
T = TypeVar("T")


class EventFinder:
    """For one account, in one thread. What it remembers only spares searching."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._id_of_key: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._tried: set[str] = set()
        self._has_waited = False

    def find(self, call: Call, calendar_id: str, name: str) -> Answer:
        """The event of that id or key, with its marks. Raises EventNotFound."""
        return self._by_key(call, calendar_id, name) if is_key(name) else self.whole(call, calendar_id, name)

    def id_of(self, call: Call, calendar_id: str, name: str) -> str:
        """Its own id; asked for only where a key is given. Raises EventNotFound."""
        return text_of(self._by_key(call, calendar_id, name), "id") if is_key(name) else name

    def whole(self, call: Call, calendar_id: str, event_id: str) -> Answer:
        """The event of that id, with its marks. Raises EventNotFound."""
        sent = Sent("GET", event_path(calendar_id, event_id), params={"$expand": EXPAND_MARKS})
        reading = call.about(Subject.EVENT)
        return self.patiently(event_id, lambda: self._graph.read(reading, sent))

    def stands_in(self, call: Call, calendar_id: str, found: Answer) -> bool:
        """Whether an event that was found by its id stands in this calendar.

        Its id lives on when it moves into another calendar, and in Deleted Items (E11), and whether a path
        that names a calendar is then refused nobody documents. So the calendar is asked what it holds: by the
        event's key, again once its index has had time, and at last at the event's own time. It waits but once
        a run: what the run was told of has been so for as long then.
        """
        event_id, mark = text_of(found, "id"), read_mark(found)
        if mark is not None:
            if _is_among(event_id, self._under_key(call, calendar_id, mark.key)):
                return True
            if self._gives_index_time() and _is_among(event_id, self._under_key(call, calendar_id, mark.key)):
                return True
        span = _around(readable(call, found).item)
        return span is not None and _is_among(event_id, self._at(call, calendar_id, span))

    def _gives_index_time(self, key: str = "") -> bool:
        """Wait for the index, the first time; whether it was.

        Whatever an earlier run made has stood there for as long then. Not so a key that this run tried: its
        event may have been made a moment ago, so it is waited for once of its own.
        """
        if self._has_waited and key not in self._tried:
            return False
        self._tried.discard(key)
        self._has_waited = True
        self._graph.pause(INDEX_LAG_S)
        return True

    def patiently(self, event_id: str, ask: Callable[[], T]) -> T:
        """Ask, and once more after a pause where an event that was just made is not found yet."""
        try:
            return ask()
        except EventNotFound:
            if event_id not in self._fresh:
                raise
            self._fresh.discard(event_id)
            self._graph.pause(INDEX_LAG_S)
            return ask()

    def note_tried(self, key: str) -> None:
        """Somebody is about to make an event under it."""
        self._tried.add(key)

    def note_created(self, event_id: str) -> None:
        self._fresh.add(event_id)

    def note_deleted(self, event_id: str) -> None:
        self._fresh.discard(event_id)

    def note_existing(self, key: str, event_id: str) -> None:
        self._id_of_key[key] = event_id

    def note_taken(self, call: Call, calendar_id: str, key: str, span: TimeRange, existing_id: str) -> None:
        """Look for the event that has taken a key (E8), as long as it is known when it should be.

        What is not found here is looked for by its key once again, by whoever asks for it.
        """
        if existing_id:
            self.note_existing(key, existing_id)
            return
        with suppress(ProviderError):  # that the key is taken is the answer, whatever comes of this
            found = self._search(call, calendar_id, key) or self._in_view(call, calendar_id, key, span)
            if found is not None:
                self._id_of_key[key] = text_of(found, "id")

    def _by_key(self, call: Call, calendar_id: str, key: str) -> Answer:
        noted = self._id_of_key.get(key)
        if noted is not None:
            try:
                return self.whole(call, calendar_id, noted)
            except EventNotFound:
                del self._id_of_key[key]
        found = self._search(call, calendar_id, key)
        if found is None and self._gives_index_time(key):
            found = self._search(call, calendar_id, key)
        # Nothing we made stands under it. It may be an id all the same, whatever Graph's look like one day.
        return found if found is not None else self.whole(call, calendar_id, key)

    def _search(self, call: Call, calendar_id: str, key: str) -> Answer | None:
        return _ours(key, self._under_key(call, calendar_id, key))

    def _in_view(self, call: Call, calendar_id: str, key: str, span: TimeRange) -> Answer | None:
        return _ours(key, self._at(call, calendar_id, span))

    def _under_key(self, call: Call, calendar_id: str, key: str) -> list[Raw]:
        params = {"$filter": with_key(key), "$expand": EXPAND_MARKS, "$top": _SHOWN}
        sent = Sent("GET", f"me/calendars/{part(calendar_id)}/events", params=params)
        # An event is looked for: that its calendar is gone too makes no difference.
        listing = call.about(Subject.FULL_LISTING)
        return entries_of(call, self._graph.read(listing, sent))

    def _at(self, call: Call, calendar_id: str, span: TimeRange) -> Iterator[Raw]:
        """What the calendar shows within the span."""
        params = {
            "startDateTime": as_query(span.start),
            "endDateTime": as_query(span.end),
            "$expand": EXPAND_MARKS,
            "$top": _SHOWN,
        }
        sent = Sent("GET", f"me/calendars/{part(calendar_id)}/calendarView", params=params)
        listing = call.about(Subject.FULL_LISTING)
        return (raw for page in self._graph.pages(listing, sent) for raw in entries_of(call, page))


def event_path(calendar_id: str, event_id: str) -> str:
    return f"me/calendars/{part(calendar_id)}/events/{part(event_id)}"


def readable(call: Call, answer: object, written: Mark | None = None) -> Event:
    """The event an answer holds. written: as events.read_event has it."""
    event = read_event(answer, written)
    if event is None or not event.etag:
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return event


def living(call: Call, answer: object) -> Event:
    """The event, unless it was cancelled: then only its shell stands in the calendar (E4)."""
    event = readable(call, answer)
    if event.item.is_cancelled:
        raise call.error(EventNotFound, "cancelled")
    return event


def _around(item: CalendarItem) -> TimeRange | None:
    """A span in which a view surely shows it: days are a zone's own, and some events have no length."""
    if item.starts is None or item.ends is None:
        return None
    return TimeRange(_as_instant(item.starts) - _MARGIN, _as_instant(item.ends) + _MARGIN)


def _as_instant(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min, UTC)


def _is_among(event_id: str, entries: Iterable[Raw]) -> bool:
    """As itself, or as the dates of a series that it has become."""
    return any(event_id in (text_of(raw, "id"), text_of(raw, "seriesMasterId")) for raw in entries)


def _ours(key: str, entries: Iterable[Raw]) -> Answer | None:
    """The one that was created under the key; of a person's copies, which may carry it too, none."""
    found = [raw for raw in entries if text_of(raw, "id") and (mark := read_mark(raw)) and mark.key == key]
    return min(found, key=_age, default=None)


def _age(raw: Answer) -> tuple[bool, str, str]:
    has_transaction = bool(transaction_key(raw))
    return not has_transaction, text_of(raw, "createdDateTime"), text_of(raw, "id")
