"""Writes that a provider takes many at once: which of them, and what came of each."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from latesync.errors import ProviderError, ProviderUnavailable, RateLimited
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
        if end is None:
            raise ProviderUnavailable("provider", operation="write_together", reason="no_event")
        return end

    def deleted(self, booking_id: int) -> None:
        """Raises what delete_event alone would have raised."""
        self._take(booking_id)

    def _take(self, booking_id: int) -> Event | None:
        end = self._ends.pop(booking_id)
        if isinstance(end, ProviderError):
            raise end
        return end


def _batch(
    following: Sequence[Operation], most: int, notes: Container[int]
) -> list[CreateEvent | DeleteEvent]:
    """The next operations of one kind in one calendar, for a batch has no order of its own: what makes room
    for another event must not be done before that one stands."""
    found: list[CreateEvent | DeleteEvent] = []
    for operation in following[: most if most > 1 else 0]:
        if not isinstance(operation, CreateEvent | DeleteEvent) or not _is_plain(operation, notes):
            break
        if found and (operation.name, _calendar_of(operation)) != (found[0].name, _calendar_of(found[0])):
            break
        found.append(operation)
    return found


def _is_plain(operation: CreateEvent | DeleteEvent, notes: Container[int]) -> bool:
    """One call does it, and nobody is told of it."""
    if isinstance(operation, CreateEvent):
        content = operation.content
        return not (content.guests or content.wants_meeting or operation.booking_id in notes)
    if operation.reason is Reason.OTHER_ACCOUNT:
        return False  # looked at first, whatever is known of its notes (sync/moving.py)
    reads_notes = operation.reason in _TAKES_NOTES_ALONG and operation.mapping.has_agent_notes
    return not reads_notes and not operation.is_mailed


def _calendar_of(operation: CreateEvent | DeleteEvent) -> str:
    return operation.calendar_id if isinstance(operation, CreateEvent) else operation.mapping.calendar_id


def _write_of(operation: CreateEvent | DeleteEvent) -> NewEvent | GoneEvent:
    if isinstance(operation, CreateEvent):
        return NewEvent(operation.event_id, operation.content)
    return GoneEvent(operation.mapping.event_id)
