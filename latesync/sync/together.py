"""Writes that a provider takes many at once: which of them, and what came of each."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from latesync.errors import ProviderError, RateLimited
from latesync.model import Event
from latesync.plan.operations import CreateEvent, DeleteEvent, Operation, Reason
from latesync.providers.base import CalendarProvider, GoneEvent, NewEvent

End = Event | ProviderError | None
_TAKES_NOTES_ALONG = (Reason.CALENDAR_CHANGED, Reason.OTHER_ACCOUNT)


@dataclass
class Together:
    """Asks for several operations in one request; each then takes up its own end, as if asked alone.

    Where the provider takes one write at a time nothing is ever asked for here.
    """

    provider: CalendarProvider
    _ends: dict[int, End] = field(default_factory=dict)  # by booking

    def __contains__(self, booking_id: int) -> bool:
        """Whether this booking's operation was asked for, and its end was not taken up yet."""
        return booking_id in self._ends

    @property
    def is_open(self) -> bool:
        return bool(self._ends)

    def ask(self, following: Sequence[Operation], notes: Container[int]) -> list[Operation]:
        """Ask for as many of the operations that come next as go into one request; none where that is one.

        notes: the bookings whose event is written twice, for the agent's own lines. Gives those that nothing
        came of, because the provider had too much to do: they were not tried. Raises what the provider
        raises; then none was.
        """
        batch = _batch(following, self.provider.writes_together, notes)
        if len(batch) < 2:
            return []
        ends = self.provider.write_together(_calendar_of(batch[0]), [_write_of(one) for one in batch])
        self._ends = {one.booking_id: end for one, end in zip(batch, ends, strict=True)}
        return [one for one in batch if isinstance(self._ends[one.booking_id], RateLimited)]

    def created(self, booking_id: int) -> Event:
        """The event that was made; raises what create_event alone would have raised."""
        end = self._take(booking_id)
        assert end is not None, "a create ends with its event"
        return end

    def deleted(self, booking_id: int) -> None:
        """Raises what delete_event alone would have raised."""
        self._take(booking_id)

    def _take(self, booking_id: int) -> Event | None:
        end = self._ends.pop(booking_id)
        if isinstance(end, ProviderError):
            raise end
        return end


def _batch(following: Sequence[Operation], most: int, notes: Container[int]) -> list[CreateEvent | DeleteEvent]:
    """The next operations of one kind in one calendar, for a batch has no order of its own: what makes room
    for another event must not be done before that one stands."""
    if most < 2 or not following or not _is_plain(following[0], notes):
        return []
    first = following[0]
    alike = takewhile(
        lambda one: type(one) is type(first) and _is_plain(one, notes) and _calendar_of(one) == _calendar_of(first),
        following,
    )
    return [one for one in islice(alike, most) if isinstance(one, CreateEvent | DeleteEvent)]


def _is_plain(operation: Operation, notes: Container[int]) -> bool:
    """One call does it, and nobody is told of it."""
    match operation:
        case CreateEvent(content=content):
            needs_more = content.guests or content.wants_meeting or operation.booking_id in notes
            return not needs_more
        case DeleteEvent(mapping=mapping, reason=reason):
            reads_notes = reason in _TAKES_NOTES_ALONG and mapping.has_agent_notes
            return not reads_notes and not operation.is_mailed
        case _:
            return False


def _calendar_of(operation: Operation) -> str:
    return operation.calendar_id if isinstance(operation, CreateEvent) else operation.mapping.calendar_id


def _write_of(operation: CreateEvent | DeleteEvent) -> NewEvent | GoneEvent:
    if isinstance(operation, CreateEvent):
        return NewEvent(operation.event_id, operation.content)
    return GoneEvent(operation.mapping.event_id)
