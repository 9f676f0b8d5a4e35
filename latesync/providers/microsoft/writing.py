"""Writes our events, alone and several at once (microsoft-graph.md E7, E8, E14, L4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from latesync.descriptions import plain_text
from latesync.errors import EventExists, EventNotFound, EventRefused, ProviderError, ProviderUnavailable
from latesync.model import Event, EventContent
from latesync.providers.base import GoneEvent, NewEvent
from latesync.providers.microsoft.batch import End, Step, send_batch
from latesync.providers.microsoft.errors import Call, Refusal, Subject
from latesync.providers.microsoft.events import changed_event, new_event
from latesync.providers.microsoft.finding import EventFinder, event_path, living, readable
from latesync.providers.microsoft.graph import Graph, Refused, Sent, part
from latesync.providers.microsoft.marks import Mark, is_key, read_mark
from latesync.providers.microsoft.meetings import meeting_request


class EventWriter:
    """For one account, in one thread."""

    def __init__(self, graph: Graph, finder: EventFinder) -> None:
        self._graph = graph
        self._finder = finder
        # By id, as last written: tells a conflict that changed nothing from one that did (E14).
        self._written: dict[str, Event] = {}

    def create(
        self, call: Call, calendar_id: str, key: str, content: EventContent, *, with_meeting: bool
    ) -> Event:
        if not is_key(key):
            raise call.error(EventRefused, "no_key")
        body = new_event(key, content) | (meeting_request() if with_meeting else {})
        self._finder.note_tried(key)
        try:
            answer = self._graph.attempt(call, Sent("POST", _events_path(calendar_id), body=body))
        except Refused as exc:
            self._look_for_taken(call, calendar_id, key, content, exc.refusal)
            raise exc.error from exc
        return self._created(call, key, content, answer)

    def update(
        self,
        call: Call,
        calendar_id: str,
        name: str,
        content: EventContent,
        *,
        etag: str,
        agent_notes: str,
        with_meeting: bool,
    ) -> Event:
        key = name if is_key(name) else ""
        event_id = self._finder.id_of(call, calendar_id, name)
        body = changed_event(key, content, agent_notes) | (meeting_request() if with_meeting else {})
        path = event_path(calendar_id, event_id)
        sent = Sent("PATCH", path, body=body, headers={"If-Match": etag})
        try:
            answer = self._finder.patiently(event_id, lambda: self._patch(call, sent))
        except Refused as exc:
            current = living(call, self._finder.whole(call, calendar_id, event_id))
            if not self._is_unchanged(current, etag):
                raise exc.error from exc
            again = Sent("PATCH", path, body=body, headers={"If-Match": current.etag})
            answer = self._graph.write(call, again)
        event = self._noted(call, answer, Mark(content.marker, key))
        if event.item.is_cancelled:
            raise call.error(EventNotFound, "cancelled")
        return event

    def delete(self, call: Call, calendar_id: str, name: str) -> None:
        event_id = self._finder.id_of(call, calendar_id, name)
        sent = Sent("DELETE", event_path(calendar_id, event_id))
        if self._finder.patiently(event_id, lambda: self._graph.write(call, sent)) is not None:
            raise call.error(ProviderUnavailable, "unreadable_answer")  # Graph's own has no body
        self._finder.note_deleted(event_id)

    def write_together(
        self, call: Call, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        """Raises only where nothing was tried."""
        ends: list[Event | ProviderError | None] = [None] * len(writes)
        steps: dict[int, Step] = {}
        for number, write in enumerate(writes):
            try:
                steps[number] = self._step(call, calendar_id, write)
            except ProviderError as exc:
                ends[number] = exc
        if steps:
            found = send_batch(self._graph, call, list(steps.values()))
            for number, end in zip(steps, found, strict=True):
                ends[number] = self._end_of(steps[number].call, calendar_id, writes[number], end)
        return ends

    def _step(self, call: Call, calendar_id: str, write: NewEvent | GoneEvent) -> Step:
        if isinstance(write, GoneEvent):
            event_id = self._finder.id_of(call, calendar_id, write.event_id)
            return Step(call.about(Subject.CHANGE), "DELETE", event_path(calendar_id, event_id))
        if not is_key(write.key):
            raise call.error(EventRefused, "no_key")
        body = new_event(write.key, write.content)
        self._finder.note_tried(write.key)
        return Step(call.about(Subject.NEW_EVENT), "POST", _events_path(calendar_id), body)

    def _end_of(
        self, call: Call, calendar_id: str, write: NewEvent | GoneEvent, end: End
    ) -> Event | ProviderError | None:
        if isinstance(end, ProviderError):
            return end
        if isinstance(end, Refused):
            if isinstance(write, NewEvent):
                self._look_for_taken(call, calendar_id, write.key, write.content, end.refusal)
            return end.error
        if isinstance(write, GoneEvent):
            return None
        try:
            return self._created(call, write.key, write.content, end.answer)
        except ProviderError as exc:
            return exc

    def _look_for_taken(
        self, call: Call, calendar_id: str, key: str, content: EventContent, refusal: Refusal
    ) -> None:
        if refusal.is_duplicate:
            self._finder.note_taken(call, calendar_id, key, content.span, refusal.existing_id)

    def _created(self, call: Call, key: str, content: EventContent, answer: object) -> Event:
        """What was created; where the answer is an earlier event (E8), only one that is as wanted will do."""
        mark = read_mark(answer) if isinstance(answer, dict) else None
        if mark is not None and mark.key != key:
            raise call.error(ProviderUnavailable, "unreadable_answer")
        event = self._noted(call, answer, mark or Mark(content.marker, key))
        if event.item.is_cancelled or not _says(event, content):
            self._finder.note_existing(key, event.item.event_id)
            raise call.error(EventExists, "existing_event")
        self._finder.note_created(event.item.event_id)
        return event

    def _patch(self, call: Call, sent: Sent) -> object:
        """The answer; a conflict as it came, since it may be none."""
        try:
            return self._graph.attempt(call, sent)
        except Refused as exc:
            if exc.refusal.status == 412:
                raise
            raise exc.error from exc

    def _is_unchanged(self, current: Event, etag: str) -> bool:
        """Whether nobody changed the event since it was at this etag, though Graph said so (E14)."""
        if current.etag == etag:
            return True
        known = self._written.get(current.item.event_id)
        if known is None or known.etag != etag:
            return False
        return replace(known, etag="", updated_at=None) == replace(current, etag="", updated_at=None)

    def _noted(self, call: Call, answer: object, mark: Mark) -> Event:
        """What was written, with the mark that its answer does not show (E9)."""
        event = readable(call, answer, mark)
        self._written[event.item.event_id] = event
        return event


def _events_path(calendar_id: str) -> str:
    return f"me/calendars/{part(calendar_id)}/events"


def _says(event: Event, content: EventContent) -> bool:
    """Whether an event's fields are the wanted ones, spacing aside."""
    shown = event.content
    return (
        shown is not None
        and shown.span == content.span
        and _spaced(shown.summary) == _spaced(content.summary)
        and _spaced(shown.location) == _spaced(content.location)
        and plain_text(shown.description) == plain_text(content.description)
        and event.item.is_free == content.is_free
    )


def _spaced(text: str) -> str:
    return " ".join(text.split())
