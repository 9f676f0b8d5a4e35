"""Performs one operation and records its result at once, so that a crash between two can be mended."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum

from latesync.errors import CalendarLost, EventChanged, EventExists, EventNotFound, EventRefused
from latesync.model import UNANSWERED, Drift, Event, EventContent, Mapping, MappingState
from latesync.plan.content import content_hash
from latesync.plan.drift import OwnEventSeen, judge_own_event, shows
from latesync.plan.operations import (
    AdoptEvent,
    CancelBooking,
    CreateEvent,
    DeleteEvent,
    MoveBooking,
    Operation,
    Reason,
    RetireMapping,
    UpdateEvent,
    WriteBack,
)
from latesync.plan.taken import Taken, judge_taken
from latesync.providers.base import CalendarProvider
from latesync.store import drift, mappings
from latesync.sync.noting import note_own_event
from latesync.sync.parts import RunCounts, SyncParts
from latesync.sync.write_back import WriteBackPerformer

log = logging.getLogger(__name__)

_DONE = {
    "create": "created",
    "adopt": "adopted",
    "update": "updated",
    "delete": "deleted",
    "retire": "retired",
}


class Outcome(Enum):
    DONE = "done"
    PLAN_AGAIN = "plan again"  # the world was not as the plan thought; what it is now is recorded


@dataclass(frozen=True)
class Performer:
    """Performs the operations of one run of one account."""

    parts: SyncParts
    provider: CalendarProvider
    account_id: int
    subject: str  # the provider's name for the person, from which event ids are derived
    counts: RunCounts
    intents: dict[int, int] = field(default_factory=dict)  # booking id → the row of its recorded intent

    def perform(self, operation: Operation) -> Outcome:
        """Raises what the provider raises, except what concerns this one event alone."""
        try:
            outcome = self._perform(operation)
        except EventRefused as exc:
            self._set_aside(operation, exc)
            return Outcome.DONE
        if outcome is Outcome.DONE:
            log.info(
                'event %s account=%d booking=%d reason="%s"',
                _DONE[operation.name],
                self.account_id,
                operation.booking_id,
                operation.reason,
            )
        return outcome

    def _perform(self, operation: Operation) -> Outcome:
        match operation:
            case CreateEvent(calendar_id=calendar_id, event_id=event_id, content=content):
                mapping_id = self.intents[operation.booking_id]
                return self._create(mapping_id, calendar_id, event_id, content)
            case AdoptEvent(mapping=mapping, content=content):
                return self._adopt(mapping, content)
            case UpdateEvent(mapping=mapping, content=content):
                state = MappingState.RETIRED if operation.becomes_history else MappingState.LIVE
                return self._update(mapping, content, state)
            case DeleteEvent(mapping=mapping, reason=reason):
                return self._delete(mapping, reason)
            case RetireMapping(mapping=mapping, reason=reason):
                self._let_go(mapping, reason)
                return Outcome.DONE
            case MoveBooking() | CancelBooking():
                self._write_back(operation)
                return Outcome.PLAN_AGAIN

    def _write_back(self, operation: WriteBack) -> None:
        WriteBackPerformer(self.parts, self.provider, self.account_id, self.subject, self.counts).perform(
            operation
        )

    def _create(self, mapping_id: int, calendar_id: str, event_id: str, content: EventContent) -> Outcome:
        try:
            event = self.provider.create_event(calendar_id, event_id, content)
        except EventExists:
            return self._judge(mapping_id, self._get(calendar_id, event_id), content)
        self._record_written(mapping_id, event, content)
        self.counts.events_created += 1
        return Outcome.DONE

    def _adopt(self, mapping: Mapping, content: EventContent) -> Outcome:
        # Looked for first: a provider may fail to notice a repeated id (google-calendar.md E3).
        found = self._get(mapping.calendar_id, mapping.event_id)
        if found is None:
            return self._create(mapping.id, mapping.calendar_id, mapping.event_id, content)
        return self._judge(mapping.id, found, content)

    def _judge(self, mapping_id: int, found: Event | None, content: EventContent) -> Outcome:
        """An event may stand under the id already: take it over if it is ours, else plan anew."""
        if found is None or judge_taken(found, content) is Taken.NOT_OURS:
            mappings.record_gone(self.parts.database, mapping_id, self.parts.clock())
            return Outcome.PLAN_AGAIN  # under the next generation
        is_as_wanted = shows(found, content_hash(content))
        self._record_written(mapping_id, found, content, is_as_wanted=is_as_wanted)
        self.counts.events_created += 1
        return Outcome.DONE if is_as_wanted else Outcome.PLAN_AGAIN

    def _update(self, mapping: Mapping, content: EventContent, state: MappingState) -> Outcome:
        etag, notes = mapping.etag, ""
        try:
            if mapping.has_agent_notes:
                current = self.provider.get_event(mapping.calendar_id, mapping.event_id)
                etag, notes = current.etag, current.agent_notes
            event = self.provider.update_event(
                mapping.calendar_id, mapping.event_id, content, etag=etag, agent_notes=notes
            )
        except EventChanged:
            return self._note_change(mapping, content, state)
        except EventNotFound:
            # No wish: nobody saw it deleted, so it stays "unanswered" and is made anew.
            self._note(OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED))
            return Outcome.PLAN_AGAIN
        self._record_written(mapping.id, event, content, state=state)
        self.counts.events_updated += 1
        return Outcome.DONE

    def _note_change(self, mapping: Mapping, content: EventContent, state: MappingState) -> Outcome:
        """Somebody changed the event since we last saw it: remember how, and let the plan decide.

        It may have been us, in an earlier attempt whose answer was lost.
        """
        found = self._get(mapping.calendar_id, mapping.event_id)
        if found is None:
            self._note(OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED))
        elif shows(found, content_hash(content)):
            self._record_written(mapping.id, found, content, state=state)
            self.counts.events_updated += 1
            return Outcome.DONE
        else:
            # Refused, so it is somebody else's doing. An attempt before may have been ours, though.
            if mapping.drift_refused != UNANSWERED:
                drift.withdraw_unanswered(self.parts.database, {mapping.id: ""}, self.parts.clock())
            seen = judge_own_event(mapping, found)
            self._note(seen or OwnEventSeen(mapping.id, found.etag, bool(found.agent_notes), mapping.drift))
        return Outcome.PLAN_AGAIN

    def _delete(self, mapping: Mapping, reason: Reason) -> Outcome:
        try:
            self.provider.delete_event(mapping.calendar_id, mapping.event_id)
        except EventNotFound:
            log.debug("event was deleted already account=%d booking=%d", self.account_id, mapping.booking_id)
        except CalendarLost:
            if reason is not Reason.CALENDAR_CHANGED:
                raise
            # The calendar we leave is out of our reach; what stands in it is not ours to touch any more.
        mappings.record_gone(self.parts.database, mapping.id, self.parts.clock())
        self.counts.events_deleted += 1
        # Where the booking only moves to another calendar, its create follows from planning again.
        return Outcome.PLAN_AGAIN if reason is Reason.CALENDAR_CHANGED else Outcome.DONE

    def _get(self, calendar_id: str, event_id: str) -> Event | None:
        try:
            return self.provider.get_event(calendar_id, event_id)
        except EventNotFound:
            return None

    def _let_go(self, mapping: Mapping, reason: Reason) -> None:
        database, now = self.parts.database, self.parts.clock()
        if reason is Reason.PAST:
            mappings.record_retired(database, [mapping.id], now)
        else:
            mappings.record_gone(database, mapping.id, now)

    def _record_written(
        self,
        mapping_id: int,
        event: Event,
        content: EventContent,
        *,
        is_as_wanted: bool = True,
        state: MappingState = MappingState.LIVE,
    ) -> None:
        """is_as_wanted: False when the event holds something else than content: the next plan writes it."""
        shown = event.content
        mappings.record_written(
            self.parts.database,
            mapping_id,
            state=state,
            etag=event.etag,
            content_hash=content_hash(content) if is_as_wanted else "",
            echo_hash=content_hash(shown) if shown is not None else "",
            has_agent_notes=bool(event.agent_notes),
            span=content.span,
            now=self.parts.clock(),
            booking_hash=content.booking_hash,
        )

    def _note(self, seen: OwnEventSeen) -> None:
        note_own_event(self.parts, seen)

    def _set_aside(self, operation: Operation, exc: EventRefused) -> None:
        """One bad event never holds up an account: it waits, with its cause, until its booking changes."""
        if isinstance(operation, DeleteEvent | RetireMapping | WriteBack):
            refused_hash, span = operation.mapping.content_hash, operation.mapping.span
        else:
            refused_hash, span = content_hash(operation.content), operation.content.span
        mappings.record_set_aside(
            self.parts.database,
            self.account_id,
            operation.booking_id,
            content_hash=refused_hash,
            span=span,
            problem=exc.reason or "refused",
            now=self.parts.clock(),
        )
        self.counts.set_aside += 1
        log.warning("event set aside account=%d booking=%d", self.account_id, operation.booking_id)
