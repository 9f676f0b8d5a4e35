"""Lets a booking follow its event (drift policy "apply"): proof first, then the plugin, then memory.

Nothing here changes a calendar for good: whatever comes of it, planning again sees the site as it is then
and writes what differs. So a lost answer, a crash and a booking that changed meanwhile all end alike.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from latesync.bridge.client import Applied, Refused, WriteBackClient
from latesync.errors import BridgeRejected, CalendarLost, EventNotFound, EventRefused
from latesync.model import OTHER_CALENDAR, UNWITNESSED, Drift, Event, Mapping
from latesync.plan.content import event_key
from latesync.plan.drift import OwnEventSeen, judge_own_event
from latesync.plan.operations import CancelBooking, MoveBooking, WriteBack
from latesync.plan.safety import WISHES_COUNT_FOR
from latesync.providers.base import CalendarProvider
from latesync.store import calendars, drift
from latesync.store.history import What, Who
from latesync.store.refusals import forget_refusals
from latesync.store.wishes import record_wish_granted
from latesync.sync.noting import note_own_event, note_refused
from latesync.sync.parts import RunCounts, SyncParts
from latesync.sync.recording import note_done, note_strays, times_of
from latesync.times import TimeRange

log = logging.getLogger(__name__)

# The wish came true without us: the booking is not active any more, or not there at all.
_CANCELLED_ALREADY = ("cancelled", "unknown")


@dataclass(frozen=True)
class WriteBackPerformer:
    """For the operations of one run of one account. After each of them the account is planned again."""

    parts: SyncParts
    provider: CalendarProvider
    account_id: int
    subject: str
    counts: RunCounts

    def perform(self, operation: WriteBack) -> None:
        """Raises BridgeUnavailable, BridgeRejected, and what the provider raises."""
        match operation:
            case MoveBooking(refused=reason) | CancelBooking(refused=reason) if reason:
                self._refuse(operation, reason, operation.to if isinstance(operation, MoveBooking) else None)
            case MoveBooking():
                self._move(operation)
            case CancelBooking():
                self._cancel(operation)

    def _move(self, operation: MoveBooking) -> None:
        mapping, to = operation.mapping, operation.to
        found = self._get(mapping.calendar_id, mapping)
        if found is None:
            self._note_unwitnessed(operation)
            return
        if found.etag != mapping.etag:
            newest = judge_own_event(mapping, found)
            if newest is not None:
                self._note(newest)
            if newest is None or newest.drift_span is None:
                return
            to = newest.drift_span
        client = self._client()
        self._make_sure_of_the_lease()
        key = _key(self.parts.site_id, mapping, operation.name, found.etag, to)
        self._remember(operation, client.reschedule(operation.booking, to, key), to)

    def _cancel(self, operation: CancelBooking) -> None:
        """Absence is proved now (style.md §7): what a listing said may be minutes old."""
        mapping = operation.mapping
        found = self._standing(mapping.calendar_id, mapping)
        if found is not None:
            # As if we had never seen it: it was put back, by hand or from the bin, maybe elsewhere.
            newest = judge_own_event(replace(mapping, etag="", drift=None), found)
            if newest is not None:
                self._note(newest)
            return
        if self._has_successor(mapping):
            drift.record_unanswered(self.parts.database, [mapping.id], self.parts.clock())
            return
        for calendar_id in self._other_calendars(mapping):
            if self._is_in(calendar_id, mapping):
                self._refuse(operation, OTHER_CALENDAR)
                with suppress(EventNotFound, EventRefused, CalendarLost):
                    self.provider.delete_event(calendar_id, mapping.event_id)
                    note_strays(self.parts, mapping.agent_id, self.account_id, [mapping.booking_id])
                return
        if operation.booking.span.end <= self.parts.clock():
            self._refuse(operation, "past")  # tidying up an old day cancels nothing
            return
        client = self._client()
        self._make_sure_of_the_lease()
        key = _key(self.parts.site_id, mapping, operation.name, mapping.etag, None)
        self._remember(operation, client.cancel(operation.booking, key), None)

    def _has_successor(self, mapping: Mapping) -> bool:
        """Whether the event that would take this one's place is there: then it was us who gave this one up,
        and our memory comes from a backup. Creating it once more finds it."""
        later = mapping.generation + 1
        key = event_key(self.parts.site_id, mapping.booking_id, mapping.agent_id, self.subject, later)
        successor = replace(mapping, event_id=key, generation=later)
        return self._is_in(mapping.calendar_id, successor)

    def _other_calendars(self, mapping: Mapping) -> Iterator[str]:
        """Everywhere the event may have been moved to. Raises CalendarLost where ours itself is not there.

        Without the calendar no event of it can be found: that proves nothing about one of them.
        """
        seen = {calendar.id for calendar in self.provider.list_calendars() if calendar.is_writable}
        if mapping.calendar_id not in seen:
            raise CalendarLost("calendar", account_id=self.account_id, operation="cancel_booking")
        known = {row.calendar_id for row in calendars.read_calendars(self.parts.database, self.account_id)}
        yield from sorted((seen | known) - {mapping.calendar_id})

    def _is_in(self, calendar_id: str, mapping: Mapping) -> bool:
        try:
            found = self._standing(calendar_id, mapping)
        except CalendarLost:
            return False  # out of the agent's reach, so they moved nothing there
        # An invitation's copy has the same id without our marker (private to the organiser's copy).
        made_for = (found.marker.booking_id, found.marker.generation) if found and found.marker else None
        return made_for == (mapping.booking_id, mapping.generation)

    def _get(self, calendar_id: str, mapping: Mapping) -> Event | None:
        try:
            return self.provider.get_event(calendar_id, mapping.event_id)
        except EventNotFound:
            return None

    def _standing(self, calendar_id: str, mapping: Mapping) -> Event | None:
        """As it stands in this very calendar: an id alone may lead into another one, or into the bin
        (microsoft-graph.md E11)."""
        try:
            return self.provider.confirm_removed(calendar_id, mapping.event_id)
        except EventNotFound:
            return None

    def _client(self) -> WriteBackClient:
        if self.parts.write_back is None:
            raise BridgeRejected("not_configured")
        return self.parts.write_back

    def _make_sure_of_the_lease(self) -> None:
        """Raises LeaseLost where another process works at the account by now (store/fenced.py)."""
        with self.parts.database.write():
            pass

    def _remember(self, operation: WriteBack, answer: Applied | Refused, to: TimeRange | None) -> None:
        match answer:
            case Applied(changed=True):
                self._count()
                self._tell_done(operation, to)
                self.counts.bookings_moved += to is not None
                self.counts.bookings_cancelled += to is None
                log.info(
                    'booking %s account=%d booking=%d reason="%s"',
                    "moved" if to else "cancelled",
                    self.account_id,
                    operation.booking_id,
                    operation.reason,
                )
            case Applied():
                # It reads as before (the second of a doubled hour, a time LatePoint rounds): asking once
                # more would change nothing either.
                self._refuse(operation, "not_saved", to)
            case Refused(reason=reason):
                self._refuse(operation, reason, to)

    def _tell_done(self, operation: WriteBack, to: TimeRange | None) -> None:
        what = What.BOOKING_MOVED if to else What.BOOKING_CANCELLED
        detail = times_of(to or operation.booking.span)
        if to:
            detail = {**detail, "was_starts_at": operation.booking.span.start.isoformat()}
        with self.parts.database.write() as connection:
            forget_refusals(connection, self.parts.site_id, operation.booking_id)
            note_done(self.parts, connection, self.account_id, operation, what, who=Who.AGENT, detail=detail)

    def _refuse(self, operation: WriteBack, reason: str, to: TimeRange | None = None) -> None:
        is_cancel = isinstance(operation, CancelBooking)
        is_told = not (is_cancel and reason in _CANCELLED_ALREADY)
        note_refused(
            self.parts,
            operation.mapping,
            wish="cancel" if is_cancel else "move",
            reason=reason,
            is_told=is_told,
            wanted_starts_at=to.start if to else None,
            booking_code=operation.booking.code,
        )
        self.counts.refusals += is_told
        log.info(
            "booking not changed account=%d booking=%d reason=%s",
            self.account_id,
            operation.booking_id,
            reason,
        )

    def _count(self) -> None:
        """For the brake (plan/safety.py). A crash before this counts one too few, which ends nothing."""
        now = self.parts.clock()
        since = now - WISHES_COUNT_FOR
        record_wish_granted(self.parts.database, self.parts.site_id, self.account_id, now, since=since)

    def _note_unwitnessed(self, operation: MoveBooking) -> None:
        """It was moved, and is not found now. Nobody said it was deleted: it is made anew."""
        mapping = operation.mapping
        seen = OwnEventSeen(mapping.id, mapping.etag, mapping.has_agent_notes, Drift.DELETED)
        note_own_event(self.parts, seen, refused=UNWITNESSED)
        note_refused(
            self.parts,
            mapping,
            wish="cancel",
            reason=UNWITNESSED,
            is_told=True,
            booking_code=operation.booking.code,
        )
        self.counts.refusals += 1

    def _note(self, seen: OwnEventSeen) -> None:
        note_own_event(self.parts, seen)


def _key(site_id: str, mapping: Mapping, wish: str, etag: str, to: TimeRange | None) -> str:
    """Names one wish: the same after a lost answer, another as soon as the agent moves the event again.

    Hence the etag: moved to nine, put back and moved to nine once more, it is asked for once more.
    """
    target = f"{to.start.isoformat()}/{to.end.isoformat()}" if to else ""
    parts = (site_id, str(mapping.booking_id), str(mapping.generation), wish, mapping.event_id, etag, target)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
