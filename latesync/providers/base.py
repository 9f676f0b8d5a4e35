"""What every calendar provider offers. The contract suite (`tests/contract`) holds for each of them.

An object of this kind serves one account in one thread. Every method may raise AuthorizationLost,
ClientRejected, RateLimited, UsageLimited, ProviderUnavailable; what it adds to these is named below.
After ProviderUnavailable from a write nobody knows whether it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from latesync.model import Calendar, ChangePage, Event, EventContent, Meeting


class CalendarProvider(Protocol):
    """One account's calendars.

    notify, below: whether guests are told by mail. Without it nobody is mailed, if can_invite_silently.
    """

    @property
    def can_invite_silently(self) -> bool:
        """Whether events with guests can be written without mailing these; if not, they are given none."""

    def list_calendars(self) -> list[Calendar]:
        """Every calendar the account can see, the primary one first."""

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window_start: datetime
    ) -> Iterator[ChangePage]:
        """Yield what changed in a calendar, page by page.

        sync_token: where the last listing ended; None asks for everything that ends after
          window_start (UTC). Series come as masters and exceptions, never expanded.
        Only the last page carries next_sync_token. A failure between two pages raises: a listing
        is never silently short.
        Raises SyncTokenExpired (list again with None), CalendarLost.
        """

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        """The event as it is now. Raises EventNotFound when it is deleted or was never there."""

    def create_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, notify: bool = False
    ) -> Event:
        """Create an event under our own id, with its guests; returns it as the provider holds it.

        Raises EventExists (the id is taken, by a living or a deleted event), EventRefused, CalendarLost, and
        GuestsRefused where it has guests.
        """

    def update_event(
        self,
        calendar_id: str,
        event_id: str,
        content: EventContent,
        *,
        etag: str,
        agent_notes: str = "",
        notify: bool = False,
        takes_off: Callable[[str], bool] | None = None,
    ) -> Event:
        """Write our fields and only ours, if the event is still at this etag.

        agent_notes: kept verbatim below our notes line.
        takes_off: tells by their addresses the guests to take off; content.guests are added. All others are
          the agent's own, and stay with what they answered.
        Raises EventChanged, EventNotFound, EventRefused, CalendarLost, and GuestsRefused where it has guests.
        """

    def delete_event(self, calendar_id: str, event_id: str, *, notify: bool = False) -> None:
        """Delete our event. Raises EventNotFound when it is gone already."""

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        """What became of the link an event was to get. Raises EventNotFound."""
