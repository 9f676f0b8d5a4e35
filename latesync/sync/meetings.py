"""Links to meetings: the provider makes them after it has answered, and the site is told of them."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.bridge.client import Applied
from latesync.errors import BridgeError, EventNotFound
from latesync.model import Mapping, MeetingState
from latesync.providers.base import CalendarProvider
from latesync.store import guests
from latesync.store.history import Entry, What, Who, record_history
from latesync.sync.parts import Brake, SyncParts

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_A_RUN = 50  # the rest at the next look; bookings do not wait for links


@dataclass(frozen=True)
class MeetingFollower:
    """For one run of one account."""

    parts: SyncParts
    account_id: int
    provider: CalendarProvider

    def follow(self, brake: Brake) -> datetime | None:
        """See how far the links are; gives when to look again, None where none is waited for.

        Raises what the provider raises. A plugin that does not answer is asked again later.
        """
        waiting = guests.open_meetings(self.parts.database, self.account_id)
        now = self.parts.clock()
        looks: list[datetime] = []
        for number, (mapping, since) in enumerate(waiting):
            if number == MOST_A_RUN or brake.is_on_for(self.account_id):
                looks.append(now + FIRST_LOOK)
                break
            if not self._follow(mapping, is_late=now - since > GIVEN_UP_AFTER):
                looks.append(now + min(max((now - since) / 2, FIRST_LOOK), LONGEST_WAIT))
        return min(looks, default=None)

    def _follow(self, mapping: Mapping, *, is_late: bool) -> bool:
        """Whether this link needs no further look."""
        if mapping.span.end <= self.parts.clock():
            return self._end(mapping, "past")
        try:
            meeting = self.provider.read_meeting(mapping.calendar_id, mapping.event_id)
        except EventNotFound:
            return False  # the next listing says what became of the event
        match meeting.state:
            case MeetingState.READY:
                return self._tell(mapping, meeting.url, is_late=is_late)
            case MeetingState.PENDING:
                return is_late and self._end(mapping, "no_answer")
            case MeetingState.FAILED | MeetingState.NONE:
                return self._end(mapping, "failed")

    def _tell(self, mapping: Mapping, url: str, *, is_late: bool) -> bool:
        if mapping.meeting == guests.ASKED:
            self._record(mapping, guests.MADE, What.MEETING_MADE)
        client = self.parts.write_back
        try:
            answer = client.tell_meeting(mapping.booking_id, url, _key(mapping, url)) if client else None
        except BridgeError as exc:
            log.info("meeting waits for the plugin account=%d reason=%s", self.account_id, exc.reason)
            answer = None
        if answer is None:
            return is_late and self._end(mapping, "not_told")
        if isinstance(answer, Applied):
            guests.record_meeting(self.parts.database, mapping.id, guests.TOLD, self.parts.clock())
            log.info("meeting told account=%d booking=%d", self.account_id, mapping.booking_id)
            return True
        return self._end(mapping, answer.reason)

    def _end(self, mapping: Mapping, why: str) -> bool:
        self._record(mapping, guests.FAILED, What.MEETING_MADE, result=why)
        return True

    def _record(self, mapping: Mapping, word: str, what: What, result: str = "") -> None:
        entry = Entry(
            at=self.parts.clock(),
            who=Who.LATESYNC,
            what=what,
            result=result,
            agent_id=mapping.agent_id,
            account_id=self.account_id,
            booking_id=mapping.booking_id,
            run=self.parts.run,
        )
        with self.parts.database.write() as connection:
            guests.record_meeting(connection, mapping.id, word, self.parts.clock())
            record_history(connection, self.parts.site_id, [entry])


def _key(mapping: Mapping, url: str) -> str:
    """Names one link of one booking: a repeat after a lost answer is the same message."""
    return hashlib.sha256(f"meeting|{mapping.booking_id}|{mapping.event_id}|{url}".encode()).hexdigest()
