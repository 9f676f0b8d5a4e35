"""What every calendar provider offers. The contract suite (`tests/contract`) holds for each of them.

An object of this kind serves one account in one thread. Every method may raise AuthorizationLost,
ClientRejected, RateLimited, UsageLimited, ProviderUnavailable; what it adds to these is named below.
After ProviderUnavailable from a write nobody knows whether it happened.

event_id, everywhere: the provider's own id, or the key an event was created under (plan/content.py:
event_key), for as long as its own id is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from latesync.errors import ProviderError
from latesync.model import Calendar, ChangePage, Event, EventContent, Meeting
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to create under this key. Without guests, and without a meeting."""

    key: str
    content: EventContent


@dataclass(frozen=True, slots=True)
class GoneEvent:
    """An event of ours to delete."""

    event_id: str


class CalendarProvider(Protocol):
    """One account's calendars.

    notify, below: whether guests are told by mail. Without it nobody is mailed, if can_invite_silently.
    """

    @property
    def can_invite_silently(self) -> bool:
        """Whether events with guests can be written without mailing these; if not, they are given none."""

    @property
    def removal_is_proof(self) -> bool:
        """Whether what a listing calls removed is gone; if not, confirm_removed has the last word."""

    @property
    def writes_together(self) -> int:
        """How many writes `write_together` takes at once; 1: none."""

    def list_calendars(self) -> list[Calendar]:
        """Every calendar the account can see, the primary one first."""

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window: TimeRange
    ) -> Iterator[ChangePage]:
        """Yield what changed in a calendar, page by page.

        sync_token: where the last listing ended; None asks for everything that ends after the window's
          start and, where a listing has an end at all, begins before the window's. Series come as masters
          and exceptions, or as occurrences of their own.
        Only the last page carries next_sync_token. A failure between two pages raises: a listing
        is never silently short.
        Raises SyncTokenExpired (list again with None), CalendarLost.
        """

    def list_everything(self, calendar_id: str) -> Iterator[Event]:
        """Yield every event of a calendar, whenever it is, a series once. Raises CalendarLost."""

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        """The event as it is now. Raises EventNotFound when it is deleted or was never there."""

    def confirm_removed(self, calendar_id: str, event_id: str) -> Event:
        """An event that a listing called removed, or did not show, as it stands in this very calendar.

        Raises EventNotFound when it does not: deleted, moved into another calendar, or never there.
        """

    def find_moved(self, calendar_id: str, event_id: str) -> tuple[str, Event] | None:
        """Another calendar of the account that an event of ours was moved to from this one, and how it stands
        there; None where it is gone, or the provider cannot tell."""

    def create_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, notify: bool = False
    ) -> Event:
        """Create an event under our own key, with its guests; returns it as the provider holds it.

        Where the provider makes the ids, the event's own stands in what is returned.
        Raises EventExists (the key is taken, by a living or a deleted event), EventRefused, CalendarLost, and
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

    def write_together(
        self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        """Up to `writes_together` writes in one request, each with its own end, in the order given.

        An end is what create_event returns, None for a deletion, or what either would have raised. Nobody is
        mailed. Raises only where nothing was tried.
        """

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        """What became of the link an event was to get. Raises EventNotFound."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A request to be told of changes in an account. remote_id: the provider's own name for it."""

    remote_id: str
    expires_at: datetime


@runtime_checkable
class Notifying(Protocol):
    """What a provider that can tell of changes offers beside its calendars.

    notify_url: where it tells us; it asks there at once whether somebody is listening. A subscription of
    earlier that tells the same address of the same mailbox gives way. secret: comes back with every note.
    until: when it is to end, unless renewed; the provider may choose another moment.
    """

    def subscribe(self, notify_url: str, secret: str, until: datetime) -> Subscription:
        """Raises SubscriptionRefused where the provider cannot reach us, or will not tell."""

    def renew_subscription(self, remote_id: str, until: datetime) -> datetime:
        """When it ends now. Raises SubscriptionGone: subscribe again."""

    def end_subscription(self, remote_id: str) -> None:
        """Silent where it is gone already."""
