"""What changed in a calendar, by `calendarView/delta`, with all that its short answers leave out.

A series comes as its dates. Each short of what only its master says (free, cancelled, answered), which is
why they wait for the end of a round: its master may come later, or twice (microsoft-graph.md D6). Masters
themselves are not given on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from latesync.errors import EventNotFound, ProviderError, ProviderUnavailable, SyncTokenExpired
from latesync.model import ChangePage, Event
from latesync.providers.microsoft.errors import Call, Subject
from latesync.providers.microsoft.events import (
    is_master,
    is_occurrence,
    is_removed,
    read_event,
    removed_event,
    text_of,
)
from latesync.providers.microsoft.graph import PAUSES_S, PREFER, Answer, Graph, Refused, Sent, part
from latesync.providers.microsoft.marks import read_mark
from latesync.providers.microsoft.moments import as_query
from latesync.providers.microsoft.sync_token import SyncToken, read_token, write_token
from latesync.times import TimeRange

EVENTS_A_PAGE = 200  # whole events with their texts: delta leaves nothing out (D4)
_PREFER_PAGES = f"{PREFER}, odata.maxpagesize={EVENTS_A_PAGE}"

# What a date takes from its master where it says nothing itself.
_INHERITED = ("showAs", "isCancelled", "responseStatus", "isAllDay", "originalStartTimeZone", "sensitivity")
# How an unsupported delta may be refused; each of these may be the calendar's own trouble too.
_MAY_BE_UNSUPPORTED = frozenset({400, 404, 405, 501})

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """One listing of one calendar.

    whole: reads one event with its marks, by id. Raises EventNotFound.
    """

    graph: Graph
    call: Call
    calendar_id: str
    whole: Callable[[str], Raw]

    def since(self, kept: str) -> Iterator[ChangePage]:
        """What changed since a token. Raises SyncTokenExpired, CalendarLost."""
        token = read_token(kept)
        # A token without a link is of a calendar that can only be listed as a whole. And a link to elsewhere
        # is of another life of this state: our token must not go there.
        if token is None or not token.link or not self.graph.endpoints.is_graphs(token.link):
            raise self.call.error(SyncTokenExpired, "no_token")
        call = self.call.about(Subject.LISTING_SINCE_TOKEN)
        pages = self._pages_or_refusal(call, Sent("GET", token.link, prefer=_PREFER_PAGES, is_link=True))
        if isinstance(pages, Refused):
            self._ask_calendar()  # raises CalendarLost: a token of a calendar that is gone dies too
            raise self.call.error(SyncTokenExpired, pages.error.reason) from pages
        yield from _Round(self, token.window, is_full=False).read(pages)

    def everything(self, window: TimeRange) -> Iterator[ChangePage]:
        """All there is within the window. Raises CalendarLost."""
        for path in (f"me/calendars/{part(self.calendar_id)}/calendarView/delta", "me/calendarView/delta"):
            pages = self._pages_or_refusal(self.call.about(Subject.FULL_LISTING), _view(path, window))
            if not isinstance(pages, Refused):
                yield from _Round(self, window, is_full=True).read(pages)
                return
            if self._ask_calendar().get("isDefaultCalendar") is not True:
                break  # the second path is the primary calendar's alone
        yield from self._view_alone(window)

    def instances(self, master_id: str, window: TimeRange) -> list[Raw] | None:
        """The dates of a series, whole; None where Graph does not find it, asked twice (§11: 404)."""
        try:
            return self._instances(master_id, window)
        except EventNotFound:
            self.graph.pause(PAUSES_S[-1])
        try:
            return self._instances(master_id, window)
        except EventNotFound:
            return None

    def _instances(self, master_id: str, window: TimeRange) -> list[Raw]:
        path = f"me/calendars/{part(self.calendar_id)}/events/{part(master_id)}/instances"
        call = self.call.about(Subject.EVENT)
        pages = self.graph.pages(call, _whole_view(path, window))
        return [raw for page in pages for raw in entries_of(call, page)]

    def _view_alone(self, window: TimeRange) -> Iterator[ChangePage]:
        """For a calendar without delta: its plain view, whole each time (D8)."""
        path = f"me/calendars/{part(self.calendar_id)}/calendarView"
        pages = self.graph.pages(self.call.about(Subject.FULL_LISTING), _whole_view(path, window))
        yield from _Round(self, window, is_full=True, has_delta=False).read(pages)

    def _pages_or_refusal(self, call: Call, first: Sent) -> Iterator[Answer] | Refused:
        """The pages; or the refusal of the first, where it may mean that there is no delta."""
        pages = self.graph.pages(call, first)
        try:
            head = next(pages)
        except ProviderError as exc:
            cause = exc.__cause__
            if isinstance(cause, Refused) and cause.refusal.status in _MAY_BE_UNSUPPORTED:
                return cause
            raise
        return chain([head], pages)

    def _ask_calendar(self) -> Answer:
        sent = Sent("GET", f"me/calendars/{part(self.calendar_id)}")
        return self.graph.read(self.call.about(Subject.CALENDAR), sent)


@dataclass
class _Round:
    """From the first page to the one with the link for next time."""

    listing: Listing
    window: TimeRange
    is_full: bool
    has_delta: bool = True
    masters: dict[str, Raw] = field(default_factory=dict)  # as the round showed them last
    waiting: dict[str, Raw] = field(default_factory=dict)  # dates that say too little

    def read(self, pages: Iterator[Answer]) -> Iterator[ChangePage]:
        call = self.listing.call
        token: str | None = None
        for page in pages:
            events = [event for raw in entries_of(call, page) for event in self._take(raw)]
            token = self._token_of(page)
            if token is None:
                yield ChangePage(tuple(events), None, None)
                continue
            events += self._finish()
            yield ChangePage(tuple(events), None, token, until=self.window.end if self.is_full else None)
        if token is None:  # neither link: no page of Graph's, and it proves nothing (D2)
            raise call.error(ProviderUnavailable, "unreadable_answer")

    def _token_of(self, page: Answer) -> str | None:
        """None where more pages follow."""
        if "@odata.nextLink" in page:
            return None
        if not self.has_delta:
            return write_token(SyncToken("", self.window))
        link = page.get("@odata.deltaLink")
        if not isinstance(link, str):
            return None
        if not self.listing.graph.endpoints.is_graphs(link):
            raise self.listing.call.error(ProviderUnavailable, "foreign_link")
        return write_token(SyncToken(link, self.window))

    def _take(self, raw: Raw) -> Iterator[Event]:
        """What can be given on at once. Of what comes twice the last counts."""
        event_id = text_of(raw, "id")
        self.waiting.pop(event_id, None)
        if is_removed(raw):
            self.masters.pop(event_id, None)
            if event_id:
                yield removed_event(event_id)
        elif is_master(raw):
            self.masters[event_id] = _inheritance(raw)
        elif is_occurrence(raw) and "showAs" not in raw and event_id:
            self.waiting[event_id] = raw
        else:
            yield from _readable(self._in_full(raw))

    def _in_full(self, raw: Raw) -> Raw:
        """The event; one of ours without its text is read again, so that drift is judged on facts."""
        if is_occurrence(raw) or "body" in raw or read_mark(raw) is None:
            return raw
        try:
            return self.listing.whole(text_of(raw, "id"))
        except EventNotFound:
            return {"id": raw.get("id"), "@removed": {"reason": "deleted"}}

    def _finish(self) -> Iterator[Event]:
        """What waited for the end of the round."""
        if not self.is_full:
            for master_id in self.masters:
                yield from self._series_anew(master_id)
        for raw in self.waiting.values():
            yield from _readable(_completed(raw, self._master_of(raw)))

    def _series_anew(self, master_id: str) -> Iterator[Event]:
        """All dates of a series that changed: a change of its own says nothing of them.

        Its id is told as removed before: it may have been a single event, and dates it lost may be known.
        Whoever mapped that id looks it up (D5). Where Graph does not find what it has just shown, that proves
        nothing (law L4): the dates of this round stand, and those known before.
        """
        dates = self.listing.instances(master_id, self.window)
        if dates is None:
            return
        yield removed_event(master_id)
        self.waiting = {
            name: raw for name, raw in self.waiting.items() if raw.get("seriesMasterId") != master_id
        }
        for raw in dates:
            yield from _readable(_completed(raw, self.masters[master_id]))

    def _master_of(self, raw: Raw) -> Raw:
        """What the master says; nothing where it is gone, and then a date counts as it stands."""
        master_id = text_of(raw, "seriesMasterId")
        if master_id and master_id not in self.masters:
            try:
                self.masters[master_id] = _inheritance(self.listing.whole(master_id))
            except EventNotFound:
                self.masters[master_id] = {}
        return self.masters.get(master_id, {})


def entries_of(call: Call, page: Answer) -> list[Raw]:
    """The entries of a page. Raises ProviderUnavailable where it is no page."""
    listed = page.get("value")
    if not isinstance(listed, list):
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return [raw for raw in listed if isinstance(raw, Mapping)]


def _view(path: str, window: TimeRange) -> Sent:
    params = {"startDateTime": as_query(window.start), "endDateTime": as_query(window.end)}
    return Sent("GET", path, params=params, prefer=_PREFER_PAGES)


def _whole_view(path: str, window: TimeRange) -> Sent:
    """The same where no delta is asked for: there the size of a page is a parameter (D1)."""
    view = _view(path, window)
    return Sent("GET", path, params={**view.params, "$top": str(EVENTS_A_PAGE)})


def _readable(raw: Raw) -> Iterator[Event]:
    event = read_event(raw)
    if event is not None:
        yield event


def _inheritance(master: Raw) -> Raw:
    return {name: master[name] for name in _INHERITED if master.get(name) is not None}


def _completed(raw: Raw, master: Raw) -> Raw:
    return {**master, **{name: value for name, value in raw.items() if value is not None}}
