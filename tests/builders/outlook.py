"""A calendar in memory that behaves as Outlook's do where it matters to a run (microsoft-graph.md).

It makes the ids itself and finds an event by its key (E7, E10), freezes the span of a listing and calls
removed what left that span (D3, D5), and takes writes together (L4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from latesync.errors import (
    CalendarLost,
    EventChanged,
    EventExists,
    EventNotFound,
    ProviderError,
    ProviderUnavailable,
    SyncTokenExpired,
)
from latesync.model import Calendar, CalendarItem, ChangePage, Event, EventContent, Meeting, MeetingState
from latesync.providers.base import GoneEvent, NewEvent
from latesync.times import TimeRange

PAGE = 3
_KEY = re.compile(r"[0-9a-v]{32}")

End = Event | ProviderError | None


@dataclass
class OutlookCalendar:
    """`CalendarProvider` for one account with one calendar.

    calls: how often each method was called. ends: what becomes of each end of a batch, by its place; None
    leaves it. after_batch: happens when everything in it was done, and before anybody is told. finds_removed:
    an event is found by its id also after it was deleted, or went into another calendar (E11).
    """

    calendar_id: str
    events: dict[str, Event] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    batches: list[int] = field(default_factory=list)
    ends: Callable[[int], ProviderError | None] | None = None
    after_batch: Callable[[], None] | None = None
    tokens_are_dead: bool = False
    writes_together: int = 20
    can_invite_silently: bool = False
    removal_is_proof: bool = False
    finds_removed: bool = False
    _removed: dict[str, Event] = field(default_factory=dict)
    _changed: dict[str, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # What people do

    def put(self, item: CalendarItem) -> None:
        self._keep(Event(item, etag=""))

    def move(self, event_id: str, to: TimeRange) -> None:
        event = self.events[event_id]
        item = replace(event.item, starts=to.start, ends=to.end)
        content = None if event.content is None else replace(event.content, span=to)
        self._keep(replace(event, item=item, content=content))

    def remove(self, event_id: str) -> None:
        self.remove_unseen(event_id)
        self._changed[event_id] = next(self._numbers)

    def remove_unseen(self, event_id: str) -> None:
        """No listing of changes tells of it."""
        self._removed[event_id] = self.events.pop(event_id)

    def copy(self, event_id: str, copied_id: str) -> None:
        """With everything that stands in it, its key too."""
        event = self.events[event_id]
        self._keep(replace(event, item=replace(event.item, event_id=copied_id)))

    def ours(self) -> list[Event]:
        return [event for event in self.events.values() if event.key]

    # CalendarProvider

    def list_calendars(self) -> list[Calendar]:
        return [
            Calendar(self.calendar_id, "Calendar", is_primary=True, is_writable=True, zone="Europe/Berlin")
        ]

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window: TimeRange
    ) -> Iterator[ChangePage]:
        self._check(calendar_id, "list_changes" if sync_token else "list_anew")
        if sync_token is not None and self.tokens_are_dead:
            raise SyncTokenExpired("microsoft")
        frozen, since = (window, 0) if sync_token is None else _opened(sync_token)
        if sync_token is None:
            shown = [event for event in self.events.values() if _is_in(event, frozen)]
        else:
            changed = [event_id for event_id, number in self._changed.items() if number > since]
            shown = [self._shown(event_id, frozen) for event_id in changed]
        last = max(self._changed.values(), default=0)
        token = f"{last}|{frozen.start.isoformat()}|{frozen.end.isoformat()}"
        pages = [tuple(shown[start : start + PAGE]) for start in range(0, len(shown), PAGE)] or [()]
        for events in pages[:-1]:
            yield ChangePage(events, "Europe/Berlin", None)
        yield ChangePage(pages[-1], "Europe/Berlin", token, None if sync_token else frozen.end)

    def list_everything(self, calendar_id: str) -> Iterator[Event]:
        self._check(calendar_id, "list_everything")
        yield from [event for event in self.events.values() if event.item.series_id is None]

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        self._check(calendar_id, "get_event")
        if self.finds_removed and event_id in self._removed:
            return self._removed[event_id]
        return self._found(event_id)

    def confirm_removed(self, calendar_id: str, event_id: str) -> Event:
        self._check(calendar_id, "confirm_removed")
        return self._found(event_id)

    def find_moved(self, calendar_id: str, event_id: str) -> tuple[str, Event] | None:
        return None

    def create_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, notify: bool = False
    ) -> Event:
        self._check(calendar_id, "create_event")
        return self._create(event_id, content)

    def update_event(
        self,
        calendar_id: str,
        event_id: str,
        content: EventContent,
        *,
        etag: str,
        agent_notes: str = "",
        notify: bool = False,
        takes_off: Callable[[str], bool] | None = None,
    ) -> Event:
        self._check(calendar_id, "update_event")
        event = self._found(event_id)
        if event.etag != etag:
            raise EventChanged("microsoft")
        item = replace(event.item, starts=content.span.start, ends=content.span.end)
        changed = replace(event, item=item, content=content, agent_notes=agent_notes)
        return self._keep(changed)

    def delete_event(self, calendar_id: str, event_id: str, *, notify: bool = False) -> None:
        self._check(calendar_id, "delete_event")
        self._delete(event_id)

    def write_together(self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]) -> list[End]:
        self._check(calendar_id, "write_together")
        self.batches.append(len(writes))
        ends = [self._end_of(place, write) for place, write in enumerate(writes)]
        if self.after_batch is not None:
            self.after_batch()
        return ends

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        return Meeting(MeetingState.NONE)

    def _end_of(self, place: int, write: NewEvent | GoneEvent) -> End:
        refused = self.ends(place) if self.ends is not None else None
        if refused is not None and not isinstance(refused, ProviderUnavailable):
            return refused
        try:
            done = self._create(write.key, write.content) if isinstance(write, NewEvent) else None
            if isinstance(write, GoneEvent):
                self._delete(write.event_id)
        except ProviderError as exc:
            return exc
        return refused or done  # of what has no answer nobody knows that it was done

    def _create(self, key: str, content: EventContent) -> Event:
        if any(event.key == key for event in self.events.values()):
            raise EventExists("microsoft")
        number = next(self._numbers)
        item = CalendarItem(f"AAMk{number:04d}", content.span.start, content.span.end)
        return self._keep(Event(item, "", content.marker, replace(content, zone=None), "", None, key))

    def _delete(self, event_id: str) -> None:
        self.remove(self._found(event_id).item.event_id)

    def _keep(self, event: Event) -> Event:
        number = next(self._numbers)
        kept = replace(event, etag=f'W/"{number}"')
        self.events[event.item.event_id] = kept
        self._changed[event.item.event_id] = number
        return kept

    def _found(self, name: str) -> Event:
        if name in self.events:
            return self.events[name]
        if _KEY.fullmatch(name):
            for event in self.events.values():
                if event.key == name:
                    return event
        raise EventNotFound("microsoft")

    def _shown(self, event_id: str, frozen: TimeRange) -> Event:
        event = self.events.get(event_id)
        if event is not None and _is_in(event, frozen):
            return event
        return Event(CalendarItem(event_id, None, None, is_cancelled=True), etag="")

    def _check(self, calendar_id: str, call: str) -> None:
        self.calls[call] += 1
        if calendar_id != self.calendar_id:
            raise CalendarLost("microsoft")


def _opened(token: str) -> tuple[TimeRange, int]:
    number, start, end = token.split("|")
    return TimeRange(datetime.fromisoformat(start), datetime.fromisoformat(end)), int(number)


def _is_in(event: Event, frozen: TimeRange) -> bool:
    starts, ends = event.item.starts, event.item.ends
    assert isinstance(starts, datetime)
    assert isinstance(ends, datetime)
    return TimeRange(starts, ends).overlaps(frozen)
