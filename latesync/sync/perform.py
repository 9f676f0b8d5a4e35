"""Performs one operation and records its result at once, so that a crash between two can be mended."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, partial

from sqlalchemy import Connection

from latesync.booking_parts import is_buffer
from latesync.errors import CalendarLost, EventChanged, EventExists, EventNotFound, EventRefused
from latesync.model import UNANSWERED, Drift, Event, EventContent, MappingState
from latesync.plan.content import content_hash
from latesync.plan.drift import OwnEventSeen, judge_own_event, shows
from latesync.plan.invitations import guest_key
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
from latesync.store.history import Detail, What
from latesync.sync.inviting import Written, forget_intention, remember_invitation, write_what_is_taken
from latesync.sync.moving import Departure, OpenedAccounts, take_out
from latesync.sync.noting import note_own_event
from latesync.sync.parts import RunCounts, SyncParts
from latesync.sync.recording import note_done, times_of
from latesync.sync.together import Together
from latesync.sync.write_back import WriteBackPerformer

log = logging.getLogger(__name__)

_DONE = {
    "create": "created",
    "adopt": "adopted",
    "update": "updated",
    "delete": "deleted",
    "retire": "retired",
}


_DEPARTED = {Departure.GONE: "", Departure.WAS_GONE: "was_gone", Departure.OUT_OF_REACH: "out_of_reach"}
_WAITED_FOR = (Reason.NEW_BOOKING, Reason.BOOKING_CHANGED)


class Outcome(Enum):
    DONE = "done"
    LATER = "later"  # nothing was done; a later run goes on with it
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
    # Booking id → the agent's own lines, on their way into another calendar. They are kept nowhere else.
    notes: dict[int, str] = field(default_factory=dict)
    opened: OpenedAccounts = field(default_factory=dict)  # the agent's other ones, as far as they were needed

    @cached_property
    def together(self) -> Together:
        """What of a round was asked for in one request."""
        return Together(self.provider)

    def perform(self, operation: Operation) -> Outcome:
        """Raises what the provider raises, except what concerns this one event alone."""
        try:
            outcome = self._perform(operation)
        except EventRefused as exc:
            self._set_aside(operation, exc)
            return Outcome.DONE
        if outcome is Outcome.DONE:
            self._note_written(operation)
            log.info(
                'event %s account=%d booking=%d reason="%s"',
                _DONE[operation.name],
                self.account_id,
                operation.booking_id,
                operation.reason,
            )
        return outcome

    def _note_written(self, operation: Operation) -> None:
        """What people waited for; what we do of our own accord is no measure (plan/promise.py)."""
        is_waited_for = isinstance(operation, CreateEvent | UpdateEvent) and operation.reason in _WAITED_FOR
        if is_waited_for and not is_buffer(operation.booking_id):
            self.counts.written[operation.booking_id] = self.parts.clock()

    def _perform(self, operation: Operation) -> Outcome:
        match operation:
            case CreateEvent(calendar_id=calendar_id, event_id=event_id):
                return self._create(operation, self.intents[operation.booking_id], calendar_id, event_id)
            case AdoptEvent():
                return self._adopt(operation)
            case UpdateEvent():
                return self._update(operation)
            case DeleteEvent():
                return self._delete(operation)
            case RetireMapping():
                self._let_go(operation)
                return Outcome.DONE
            case MoveBooking() | CancelBooking():
                self._write_back(operation)
                return Outcome.PLAN_AGAIN

    def _write_back(self, operation: WriteBack) -> None:
        WriteBackPerformer(self.parts, self.provider, self.account_id, self.subject, self.counts).perform(
            operation
        )

    def _create(
        self, operation: CreateEvent | AdoptEvent, mapping_id: int, calendar_id: str, event_id: str
    ) -> Outcome:
        def create(content: EventContent) -> Event:
            if operation.booking_id in self.together:
                return self.together.created(operation.booking_id)
            notify = operation.is_mailed and bool(content.guests)
            return self.provider.create_event(calendar_id, event_id, content, notify=notify)

        try:
            written = write_what_is_taken(create, operation.content)
        except EventExists:
            return self._judge(operation, mapping_id, self._get(calendar_id, event_id))
        if operation.booking_id in self.notes:
            written = self._with_notes(operation.booking_id, calendar_id, written)
        self._record_written(operation, What.EVENT_CREATED, mapping_id, written)
        self.counts.events_created += 1
        return Outcome.DONE

    def _with_notes(self, booking_id: int, calendar_id: str, written: Written) -> Written:
        """The new event with what the agent had written into the old one."""
        event, notes = written.event, self.notes[booking_id]
        changed = self.provider.update_event(
            calendar_id, event.item.event_id, written.content, etag=event.etag, agent_notes=notes
        )
        del self.notes[booking_id]
        return replace(written, event=changed)

    def _adopt(self, operation: AdoptEvent) -> Outcome:
        mapping = operation.mapping
        # Looked for first: a provider may fail to notice a repeated id (google-calendar.md E3).
        found = self._get(mapping.calendar_id, mapping.event_id)
        if found is None:
            return self._create(operation, mapping.id, mapping.calendar_id, mapping.event_id)
        return self._judge(operation, mapping.id, found)

    def _judge(self, operation: CreateEvent | AdoptEvent, mapping_id: int, found: Event | None) -> Outcome:
        """An event may stand under the id already: take it over if it is ours, else plan anew."""
        content = operation.content
        if found is None or judge_taken(found, content) is Taken.NOT_OURS:
            with self.parts.database.write() as connection:
                mappings.record_gone(connection, mapping_id, self.parts.clock())
                forget_intention(connection, mapping_id, operation)
            return Outcome.PLAN_AGAIN  # under the next generation
        is_as_wanted = shows(found, content_hash(content))
        written = Written(found, content)
        self._record_written(operation, What.EVENT_ADOPTED, mapping_id, written, is_as_wanted=is_as_wanted)
        self.counts.events_created += 1
        return Outcome.DONE if is_as_wanted else Outcome.PLAN_AGAIN

    def _update(self, operation: UpdateEvent) -> Outcome:
        mapping = operation.mapping
        etag, notes = mapping.etag, ""
        try:
            if mapping.has_agent_notes:
                current = self.provider.get_event(mapping.calendar_id, mapping.event_id)
                etag, notes = current.etag, current.agent_notes
            written = write_what_is_taken(partial(self._change, operation, etag, notes), operation.content)
        except EventChanged:
            return self._note_change(operation)
        except EventNotFound:
            # No wish: nobody saw it deleted, so it stays "unanswered" and is made anew.
            self._note(OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED))
            return Outcome.PLAN_AGAIN
        self._record_written(operation, What.EVENT_UPDATED, mapping.id, written)
        self.counts.events_updated += 1
        return Outcome.DONE

    def _change(self, operation: UpdateEvent, etag: str, notes: str, content: EventContent) -> Event:
        mapping = operation.mapping

        def was_invited(address: str) -> bool:
            return guest_key(mapping.booking_id, address) == mapping.guests_hash

        return self.provider.update_event(
            mapping.calendar_id,
            mapping.event_id,
            content,
            etag=etag,
            agent_notes=notes,
            notify=operation.is_mailed,
            takes_off=was_invited if operation.takes_guest_off else None,
        )

    def _note_change(self, operation: UpdateEvent) -> Outcome:
        """Somebody changed the event since we last saw it: remember how, and let the plan decide.

        It may have been us, in an earlier attempt whose answer was lost.
        """
        mapping, content = operation.mapping, operation.content
        found = self._get(mapping.calendar_id, mapping.event_id)
        if found is None:
            self._note(OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED))
        elif shows(found, content_hash(content)):
            self._record_written(operation, What.EVENT_UPDATED, mapping.id, Written(found, content))
            self.counts.events_updated += 1
            return Outcome.DONE
        else:
            # Refused, so it is somebody else's doing. An attempt before may have been ours, though.
            if mapping.drift_refused != UNANSWERED:
                drift.withdraw_unanswered(self.parts.database, {mapping.id: ""}, self.parts.clock())
            seen = judge_own_event(mapping, found)
            self._note(seen or OwnEventSeen(mapping.id, found.etag, bool(found.agent_notes), mapping.drift))
        return Outcome.PLAN_AGAIN

    def _delete(self, operation: DeleteEvent) -> Outcome:
        mapping, reason = operation.mapping, operation.reason
        if reason is Reason.OTHER_ACCOUNT:
            return self._take_out(operation)
        result = ""
        try:
            if reason is Reason.CALENDAR_CHANGED and mapping.has_agent_notes:
                standing = self.provider.get_event(mapping.calendar_id, mapping.event_id)
                self.notes[mapping.booking_id] = standing.agent_notes
            self._delete_event(operation)
        except EventNotFound:
            log.debug("event was deleted already account=%d booking=%d", self.account_id, mapping.booking_id)
            result = "was_gone"
        except CalendarLost:
            if reason is not Reason.CALENDAR_CHANGED:
                raise
            # The calendar we leave is out of our reach; what stands in it is not ours to touch any more.
            result = "out_of_reach"
        self._record_deleted(operation, result)
        # Where the booking only moves to another calendar, its create follows from planning again.
        return Outcome.PLAN_AGAIN if reason is Reason.CALENDAR_CHANGED else Outcome.DONE

    def _take_out(self, operation: DeleteEvent) -> Outcome:
        departure = take_out(self.parts, self.provider, self.account_id, operation, self.opened)
        if departure is Departure.STAYS:
            self.counts.events_staying += 1
            return Outcome.LATER
        self._record_deleted(operation, _DEPARTED[departure])
        return Outcome.DONE

    def _record_deleted(self, operation: DeleteEvent, result: str) -> None:
        with self.parts.database.write() as connection:
            mappings.record_gone(connection, operation.mapping.id, self.parts.clock())
            times = times_of(operation.mapping.span)
            self._tell(connection, operation, What.EVENT_DELETED, times, result)
        self.counts.events_deleted += 1

    def _delete_event(self, operation: DeleteEvent) -> None:
        mapping = operation.mapping
        if mapping.booking_id in self.together:
            self.together.deleted(mapping.booking_id)
        else:
            self.provider.delete_event(mapping.calendar_id, mapping.event_id, notify=operation.is_mailed)

    def _get(self, calendar_id: str, event_id: str) -> Event | None:
        try:
            return self.provider.get_event(calendar_id, event_id)
        except EventNotFound:
            return None

    def _let_go(self, operation: RetireMapping) -> None:
        mapping, now = operation.mapping, self.parts.clock()
        with self.parts.database.write() as connection:
            if operation.reason is Reason.PAST:
                mappings.record_retired(connection, [mapping.id], now)
            else:
                mappings.record_gone(connection, mapping.id, now)
            self._tell(connection, operation, What.EVENT_LET_GO, times_of(mapping.span))

    def _tell(
        self, connection: Connection, operation: Operation, what: What, detail: Detail, result: str = ""
    ) -> None:
        note_done(self.parts, connection, self.account_id, operation, what, result=result, detail=detail)

    def _record_written(
        self,
        operation: Operation,
        what: What,
        mapping_id: int,
        written: Written,
        *,
        is_as_wanted: bool = True,
    ) -> None:
        """is_as_wanted: False when the event holds something else than wanted: the next plan writes it."""
        becomes_history = isinstance(operation, UpdateEvent) and operation.becomes_history
        event, content = written.event, written.content
        shown = event.content
        with self.parts.database.write() as connection:
            mappings.record_written(
                connection,
                mapping_id,
                state=MappingState.RETIRED if becomes_history else MappingState.LIVE,
                etag=event.etag,
                content_hash=content_hash(content) if is_as_wanted else "",
                echo_hash=content_hash(shown) if shown is not None else "",
                has_agent_notes=bool(event.agent_notes),
                span=content.span,
                now=self.parts.clock(),
                booking_hash=content.booking_hash,
                event_id=event.item.event_id,
            )
            self._tell(connection, operation, what, times_of(content.span))
            remember_invitation(self.parts, connection, self.account_id, operation, mapping_id, written)

    def _note(self, seen: OwnEventSeen) -> None:
        note_own_event(self.parts, seen)

    def _set_aside(self, operation: Operation, exc: EventRefused) -> None:
        """One bad event never holds up an account: it waits, with its cause, until its booking changes."""
        if isinstance(operation, DeleteEvent | RetireMapping | WriteBack):
            refused_hash, span = operation.mapping.content_hash, operation.mapping.span
        else:
            refused_hash, span = content_hash(operation.content), operation.content.span
        problem = exc.reason or "refused"
        with self.parts.database.write() as connection:
            mappings.record_set_aside(
                connection,
                self.account_id,
                operation.booking_id,
                content_hash=refused_hash,
                span=span,
                problem=problem,
                now=self.parts.clock(),
            )
            self._tell(connection, operation, What.EVENT_SET_ASIDE, times_of(span), problem)
        self.counts.set_aside += 1
        log.warning("event set aside account=%d booking=%d", self.account_id, operation.booking_id)
