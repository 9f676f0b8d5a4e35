"""What every calendar provider offers. The contract suite (`tests/contract`) holds for each of them.

An object of this kind serves one account in one thread. Every method may raise AuthorizationLost,
ClientRejected, RateLimited, UsageLimited, ProviderUnavailable; what it adds to these is named below.
After ProviderUnavailable from a write nobody knows whether it happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from latesync.model import Calendar, ChangePage, Event, EventContent


class CalendarProvider(Protocol):
    """One account's calendars."""

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

    def create_event(self, calendar_id: str, event_id: str, content: EventContent) -> Event:
        """Create an event under our own id, mailing nobody; returns it as the provider holds it.

        Raises EventExists (the id is taken, by a living or a deleted event), EventRefused, CalendarLost.
        """

    def update_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, etag: str, agent_notes: str = ""
    ) -> Event:
        """Write our fields and only ours, mailing nobody, if the event is still at this etag.

        agent_notes: kept verbatim below our notes line.
        Raises EventChanged, EventNotFound, EventRefused, CalendarLost.
        """

    def delete_event(self, calendar_id: str, event_id: str) -> None:
        """Delete our event, mailing nobody. Raises EventNotFound when it is gone already."""
