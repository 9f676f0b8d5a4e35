"""A booking site, its agent's calendars and what LateSync remembers of both, all in memory.

Calendars behave as Google's do where it matters to a plan: a deleted event keeps its id taken
(google-calendar.md I2), and an answer may be lost after the event was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from latesync.model import (
    Booking,
    CalendarItem,
    Drift,
    Event,
    EventContent,
    Mapping,
    MappingState,
    Snapshot,
)
from latesync.plan.content import content_hash
from latesync.plan.drift import judge_own_event
from latesync.plan.operations import (
    AdoptEvent,
    CreateEvent,
    DeleteEvent,
    Operation,
    OutboundPlan,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.outbound import OutboundPolicy, ids_to_look_up, plan_outbound
from latesync.plan.taken import Taken, judge_taken
from latesync.times import TimeRange
from tests.builders.plan import AGENT, CALENDAR, a_snapshot, a_target, a_window

MOST_ROUNDS = 40


class _Refused(Exception):
    """The provider will never accept this event as it is."""


@dataclass
class World:
    """Steps (what people and networks do) are methods without an answer; `run` is what LateSync does."""

    window: TimeRange = field(default_factory=a_window)
    calendar_id: str = CALENDAR
    shows_retired: bool = True  # the store may leave retired mappings out
    policy: OutboundPolicy = field(default_factory=OutboundPolicy)
    bookings: dict[int, Booking] = field(default_factory=dict)
    mappings: dict[int, Mapping] = field(default_factory=dict)
    events: dict[tuple[str, str], Event] = field(default_factory=dict)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    loses_next_answer: bool = False
    makes_what_it_loses: bool = True
    refuses_next: bool = False
    _etags: int = 0

    # --- what LateSync does -------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        mine = [
            booking
            for booking in self.bookings.values()
            if booking.agent_id == AGENT and booking.span.end > self.window.start
        ]
        snapshot = a_snapshot(*mine, window=self.window)
        ids = ids_to_look_up(snapshot, self.mappings.values())
        return replace(snapshot, looked_up={number: self.bookings.get(number) for number in ids})

    def plan(self) -> OutboundPlan:
        known = [
            mapping
            for mapping in self.mappings.values()
            if self.shows_retired or mapping.state is not MappingState.RETIRED
        ]
        return plan_outbound(self.snapshot(), known, a_target(self.calendar_id), self.policy)

    def run(self) -> None:
        """Plan and perform until there is nothing left to do."""
        for _ in range(MOST_ROUNDS):
            if not self.run_once():
                return
        raise AssertionError("planning never comes to an end")

    def run_once(self) -> bool:
        """Plan and perform; whether there was anything to do."""
        operations = self.plan().operations
        for operation in operations:
            self.perform(operation)
        return bool(operations)

    def perform(self, operation: Operation) -> None:
        try:
            self._perform(operation)
        except _Refused:
            assert isinstance(operation, CreateEvent | AdoptEvent | UpdateEvent)
            self.mappings[operation.booking_id] = replace(
                self.mappings[operation.booking_id],
                state=MappingState.SET_ASIDE,
                content_hash=content_hash(operation.content),
                problem="refused",
            )

    def _perform(self, operation: Operation) -> None:
        match operation:
            case CreateEvent():
                self._remember_intent(operation)
                self._create(self.mappings[operation.booking_id], operation.content)
            case AdoptEvent(mapping=mapping, content=content):
                self._adopt(mapping, content)
            case UpdateEvent(mapping=mapping, content=content):
                self._update(mapping, content)
                written = self.mappings[mapping.booking_id]
                if operation.becomes_history and written.drift is None:
                    self.mappings[mapping.booking_id] = replace(written, state=MappingState.RETIRED)
            case DeleteEvent(mapping=mapping):
                self._delete((mapping.calendar_id, mapping.event_id))
                self._gone(mapping)
            case RetireMapping(mapping=mapping, reason=Reason.PAST):
                self.mappings[mapping.booking_id] = replace(mapping, state=MappingState.RETIRED, drift=None)
            case RetireMapping(mapping=mapping):
                self._gone(mapping)

    def _remember_intent(self, create: CreateEvent) -> None:
        self.mappings[create.booking_id] = Mapping(
            id=create.booking_id,
            booking_id=create.booking_id,
            agent_id=create.agent_id,
            account_id=a_target().account_id,
            calendar_id=create.calendar_id,
            event_id=create.event_id,
            generation=create.content.marker.generation,
            state=MappingState.INTENT,
            span=create.content.span,
            content_hash=content_hash(create.content),
        )

    def _create(self, mapping: Mapping, content: EventContent) -> None:
        place = (mapping.calendar_id, mapping.event_id)
        if place in self.events or place in self.deleted:
            self._judge(mapping, self.events.get(place), content)
            return
        self._refuse_if_asked_to()
        if self.loses_next_answer:
            self.loses_next_answer = False
            if self.makes_what_it_loses:
                self._write(place, content)
            return
        self._written(mapping, self._write(place, content), content_hash(content))

    def _adopt(self, mapping: Mapping, content: EventContent) -> None:
        found = self.events.get((mapping.calendar_id, mapping.event_id))
        if found is None:
            self._create(mapping, content)
        else:
            self._judge(mapping, found, content)

    def _judge(self, mapping: Mapping, found: Event | None, content: EventContent) -> None:
        if found is None or judge_taken(found, content) is Taken.NOT_OURS:
            self._gone(mapping)
            return
        is_as_wanted = found.content is not None and content_hash(found.content) == content_hash(content)
        self._written(mapping, found, content_hash(content) if is_as_wanted else "")

    def _update(self, mapping: Mapping, content: EventContent) -> None:
        place = (mapping.calendar_id, mapping.event_id)
        if place not in self.events:
            self.mappings[mapping.booking_id] = replace(mapping, drift=Drift.DELETED)
            return
        self._refuse_if_asked_to()
        self._written(mapping, self._write(place, content), content_hash(content))

    def _refuse_if_asked_to(self) -> None:
        if self.refuses_next:
            self.refuses_next = False
            raise _Refused

    def _write(self, place: tuple[str, str], content: EventContent) -> Event:
        self._etags += 1
        item = CalendarItem(place[1], content.span.start, content.span.end, content.zone)
        self.events[place] = Event(item, f'"{self._etags}"', content.marker, content)
        return self.events[place]

    def _written(self, mapping: Mapping, event: Event, hashed: str) -> None:
        assert event.content is not None
        self.mappings[mapping.booking_id] = replace(
            mapping,
            state=MappingState.LIVE,
            span=event.content.span,
            etag=event.etag,
            content_hash=hashed,
            echo_hash=content_hash(event.content),
            drift=None,
            problem="",
        )

    def _gone(self, mapping: Mapping) -> None:
        self.mappings[mapping.booking_id] = replace(
            mapping, state=MappingState.GONE, etag="", content_hash="", echo_hash="", drift=None
        )

    # --- what people do -----------------------------------------------------------------------

    def book(self, booking: Booking) -> None:
        self.bookings[booking.id] = booking

    def remove_booking(self, booking_id: int) -> None:
        self.bookings.pop(booking_id, None)

    def edit_event(self, booking_id: int, summary: str) -> None:
        for place, event in self._events_of(booking_id):
            if event.content is not None:
                self._write(place, replace(event.content, summary=summary))
                self._notice(place)

    def delete_event(self, booking_id: int) -> None:
        for place, _ in self._events_of(booking_id):
            self._delete(place)
            self._notice(place)

    def _events_of(self, booking_id: int) -> list[tuple[tuple[str, str], Event]]:
        return [
            (place, event)
            for place, event in self.events.items()
            if event.marker is not None and event.marker.booking_id == booking_id
        ]

    def _delete(self, place: tuple[str, str]) -> None:
        if self.events.pop(place, None) is not None:
            self.deleted.add(place)

    def _notice(self, place: tuple[str, str]) -> None:
        """The next listing tells of the change, and it is noted on the mapping."""
        for mapping in list(self.mappings.values()):
            if (mapping.calendar_id, mapping.event_id) != place:
                continue
            tombstone = Event(CalendarItem(place[1], None, None, is_cancelled=True), etag="")
            seen = judge_own_event(mapping, self.events.get(place, tombstone))
            if seen is not None:
                self.mappings[mapping.booking_id] = replace(mapping, etag=seen.etag, drift=seen.drift)
