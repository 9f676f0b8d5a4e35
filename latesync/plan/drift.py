"""What a listing says about one of our own events: our echo, a harmless change, or drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from latesync.model import CalendarItem, Drift, Event, Mapping, MappingState
from latesync.plan.content import content_hash
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class OwnEventSeen:
    """What to remember of our event; the next outbound plan decides what to do about drift.

    stands_again: it was deleted for good, and somebody took it out of the bin.
    drift_span: where it was moved to; None: deleted, all-day, a series, or its times were left alone.
    event_id: the event's own, where only the key it was created under was known; "" else.
    """

    mapping_id: int
    etag: str
    has_agent_notes: bool
    drift: Drift | None
    stands_again: bool = False
    drift_span: TimeRange | None = None
    event_id: str = ""


def judge_own_event(mapping: Mapping, event: Event) -> OwnEventSeen | None:
    """None: nothing new. An unanswered create is not judged; adopting it finds out more."""
    is_given_up = mapping.state in (MappingState.GONE, MappingState.LEFT_OUT)
    if is_given_up and _is_event_of(event, mapping):
        own_id = event.item.event_id if event.item.event_id != mapping.event_id else ""
        return OwnEventSeen(
            mapping.id,
            event.etag,
            bool(event.agent_notes),
            Drift.EDITED,
            stands_again=True,
            event_id=own_id,
        )
    if mapping.state not in (MappingState.LIVE, MappingState.SET_ASIDE) or not mapping.has_event:
        return None
    if event.item.is_cancelled:
        if mapping.drift is Drift.DELETED:
            return None
        return OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED)
    if event.etag == mapping.etag and mapping.drift is not Drift.DELETED:
        return None
    # Colour, reminders, guests and notes are the agent's: only a change of our fields is drift.
    if shows(event, mapping.echo_hash):
        return OwnEventSeen(mapping.id, event.etag, bool(event.agent_notes), None)
    moved_to = _moved_to(event.item, mapping.span)
    return OwnEventSeen(mapping.id, event.etag, bool(event.agent_notes), Drift.EDITED, drift_span=moved_to)


def shows(event: Event, wanted_hash: str) -> bool:
    """Whether our fields of an event are as wanted; that it blocks time is one of them."""
    return event.content is not None and content_hash(event.content) == wanted_hash and not event.item.is_free


def _moved_to(item: CalendarItem, written: TimeRange) -> TimeRange | None:
    """Where an event of ours stands now, if that is another time a booking could have.

    Whole minutes, as bookings have them: half a minute away is the same booking.
    """
    starts, ends = item.starts, item.ends
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or item.recurrence:
        return None
    start, end = (moment.replace(second=0, microsecond=0) for moment in (starts, ends))
    if end <= start or (start, end) == (written.start, written.end):
        return None
    return TimeRange(start, end)


def _is_event_of(event: Event, mapping: Mapping) -> bool:
    """Alive, and by its marker the one this mapping was about."""
    if event.item.is_cancelled or event.marker is None:
        return False
    made_for = (event.marker.booking_id, event.marker.generation)
    return made_for == (mapping.booking_id, mapping.generation)
