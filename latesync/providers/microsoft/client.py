"""One account's Outlook calendars, and the factory that opens them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import requests

from latesync.errors import (
    CalendarLost,
    EventNotFound,
    EventRefused,
    ProviderError,
    ProviderUnavailable,
)
from latesync.model import Calendar, ChangePage, Event, EventContent, Meeting, MeetingState
from latesync.providers.base import GoneEvent, NewEvent, Subscription
from latesync.providers.microsoft.batch import MOST
from latesync.providers.microsoft.budget import MailboxBudgets
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints
from latesync.providers.microsoft.errors import DENIED, Call, Subject
from latesync.providers.microsoft.events import read_event, text_of
from latesync.providers.microsoft.finding import EventFinder, living
from latesync.providers.microsoft.graph import AccessTokens, Answer, Graph, Sent, part
from latesync.providers.microsoft.listing import EVENTS_A_PAGE, Listing, entries_of
from latesync.providers.microsoft.marks import EXPAND_MARKS
from latesync.providers.microsoft.meetings import (
    CALENDAR_FIELDS,
    allows_teams,
    read_meeting_of,
)
from latesync.providers.microsoft.subscriptions import Subscriber
from latesync.providers.microsoft.transport import TIMEOUT_S, http_session
from latesync.providers.microsoft.writing import EventWriter
from latesync.times import TimeRange

__all__ = ["AccessTokens", "MicrosoftCalendar", "MicrosoftProviderFactory"]

CALENDARS_A_PAGE = 100

_CALENDAR_FIELDS = "id,name,isDefaultCalendar,canEdit"


class MicrosoftProviderFactory:
    """Opens accounts' calendars; one for the process, safe to share between threads.

    It keeps one connection a thread, and a budget a mailbox.
    pause: waits so many seconds between two attempts to read.
    """

    def __init__(
        self,
        endpoints: MicrosoftEndpoints,
        *,
        now: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.endpoints = endpoints
        self.budgets = MailboxBudgets(now)
        self.now = now
        self.pause = pause
        self._timeout_s = timeout_s
        self._of_this_thread = threading.local()

    def calendar(self, account_id: int, tokens: AccessTokens, *, person: str = "") -> MicrosoftCalendar:
        """One account's calendars.

        person: Microsoft's name for who signed in: two accounts of one person share their mailbox's limits.
        """
        graph = Graph(
            self.endpoints,
            self.session,
            tokens,
            self.budgets.of(person or f"account {account_id}"),
            now=self.now,
            pause=lambda seconds: self.pause(seconds),
            timeout_s=self._timeout_s,
        )
        return MicrosoftCalendar(graph, account_id)

    def session(self) -> requests.Session:
        """This thread's connection."""
        session: requests.Session | None = getattr(self._of_this_thread, "session", None)
        if session is None:
            session = self._of_this_thread.session = http_session(self.endpoints)
        return session


class MicrosoftCalendar:
    """`CalendarProvider` for one Microsoft account.

    notify and takes_off, in what follows, mean nothing: an event with attendees mails them at every write, so
    ours never has any (V1, V4).
    """

    can_invite_silently = False  # V1
    removal_is_proof = False  # D5
    writes_together = MOST  # L4

    def __init__(self, graph: Graph, account_id: int) -> None:
        self._graph = graph
        self._account_id = account_id
        self._finder = EventFinder(graph)
        self._writer = EventWriter(graph, self._finder)
        self._subscriber = Subscriber(graph, account_id)
        self._teams: dict[str, bool] = {}  # by calendar

    def list_calendars(self) -> list[Calendar]:
        call = self._call("list_calendars", Subject.CALENDARS)
        params = {"$top": str(CALENDARS_A_PAGE), "$select": _CALENDAR_FIELDS}
        pages = self._graph.pages(call, Sent("GET", "me/calendars", params=params))
        found = [calendar for page in pages for raw in entries_of(call, page) for calendar in _calendars(raw)]
        if not found:  # every mailbox has at least a primary calendar: this is no list of theirs
            raise call.error(ProviderUnavailable, "unreadable_answer")
        return sorted(found, key=lambda calendar: not calendar.is_primary)

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window: TimeRange
    ) -> Iterator[ChangePage]:
        call = self._call("list_changes", Subject.FULL_LISTING)
        listing = Listing(
            self._graph, call, calendar_id, lambda event_id: self._finder.whole(call, calendar_id, event_id)
        )
        with self._telling_denials_apart(call, calendar_id):
            yield from listing.since(sync_token) if sync_token else listing.everything(window)

    def list_everything(self, calendar_id: str) -> Iterator[Event]:
        call = self._call("list_everything", Subject.FULL_LISTING)
        params = {"$top": str(EVENTS_A_PAGE), "$expand": EXPAND_MARKS}
        sent = Sent("GET", f"me/calendars/{part(calendar_id)}/events", params=params)
        with self._telling_denials_apart(call, calendar_id):
            for page in self._graph.pages(call, sent):
                yield from (event for raw in entries_of(call, page) if (event := read_event(raw)))

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        call = self._call("get_event", Subject.EVENT)
        with self._telling_denials_apart(call, calendar_id):
            return living(call, self._finder.find(call, calendar_id, event_id))

    def confirm_removed(self, calendar_id: str, event_id: str) -> Event:
        call = self._call("confirm_removed", Subject.EVENT)
        with self._telling_denials_apart(call, calendar_id):
            found = self._finder.find(call, calendar_id, event_id)
            if not self._finder.stands_in(call, calendar_id, found):
                raise call.error(EventNotFound, "elsewhere")
            return living(call, found)

    def find_moved(self, calendar_id: str, event_id: str) -> tuple[str, Event] | None:
        """An immutable id lives on in other calendars, and in Deleted Items, which is no calendar (E11)."""
        call = self._call("find_moved", Subject.EVENT)
        sent = Sent("GET", f"me/events/{part(event_id)}", params={"$expand": EXPAND_MARKS})
        try:
            found = self._graph.read(call, sent)
            event = living(call, found)
        except EventNotFound:
            return None
        for calendar in self.list_calendars():
            may_hold_it = calendar.id != calendar_id and calendar.is_writable
            if may_hold_it and self._finder.stands_in(call, calendar.id, found):
                return calendar.id, event
        return None

    def create_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, notify: bool = False
    ) -> Event:
        call = self._call("create_event", Subject.NEW_EVENT)
        with self._telling_denials_apart(call, calendar_id):
            with_meeting = content.wants_meeting and self._makes_meetings(call, calendar_id)
            return self._writer.create(call, calendar_id, event_id, content, with_meeting=with_meeting)

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
        call = self._call("update_event", Subject.CHANGE)
        with self._telling_denials_apart(call, calendar_id):
            return self._writer.update(
                call,
                calendar_id,
                event_id,
                content,
                etag=etag,
                agent_notes=agent_notes,
                with_meeting=content.wants_meeting and self._makes_meetings(call, calendar_id),
            )

    def delete_event(self, calendar_id: str, event_id: str, *, notify: bool = False) -> None:
        call = self._call("delete_event", Subject.CHANGE)
        with self._telling_denials_apart(call, calendar_id):
            self._writer.delete(call, calendar_id, event_id)

    def write_together(
        self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        if len(writes) > MOST:
            raise ValueError(f"at most {MOST} writes go together")
        call = self._call("write_together", Subject.BATCH)
        ends = self._writer.write_together(call, calendar_id, writes)
        return [self._told_apart(call, end, calendar_id) for end in ends]

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        call = self._call("read_meeting", Subject.EVENT)
        with self._telling_denials_apart(call, calendar_id):
            found = self._finder.find(call, calendar_id, event_id)
            living(call, found)
            meeting = read_meeting_of(found)
            if meeting.state is MeetingState.NONE and not self._makes_meetings(call, calendar_id):
                return Meeting(MeetingState.FAILED)
            return meeting

    def subscribe(self, notify_url: str, secret: str, until: datetime) -> Subscription:
        return self._subscriber.subscribe(notify_url, secret, until)

    def renew_subscription(self, remote_id: str, until: datetime) -> datetime:
        return self._subscriber.renew(remote_id, until)

    def end_subscription(self, remote_id: str) -> None:
        self._subscriber.end(remote_id)

    def _makes_meetings(self, call: Call, calendar_id: str) -> bool:
        """Whether the calendar may make Teams meetings; asked once a run (E16)."""
        if calendar_id not in self._teams:
            sent = Sent("GET", f"me/calendars/{part(calendar_id)}", params={"$select": CALENDAR_FIELDS})
            self._teams[calendar_id] = allows_teams(self._graph.read(call.about(Subject.CALENDAR), sent))
        return self._teams[calendar_id]

    @contextmanager
    def _telling_denials_apart(self, call: Call, calendar_id: str) -> Iterator[None]:
        try:
            yield
        except CalendarLost as exc:
            if not _is_denial(exc):
                raise
            denial = self._denial(call, exc, calendar_id)
            if denial is exc:
                raise
            raise denial from exc

    def _denial(self, call: Call, exc: ProviderError, calendar_id: str) -> ProviderError:
        """ErrorAccessDenied is said of a missing permission, of one calendar, and of one event (§11).

        Raises AuthorizationLost where not even the calendars may be listed.
        """
        may_write = any(one.is_writable and one.id == calendar_id for one in self.list_calendars())
        return call.error(EventRefused, exc.reason) if may_write and call.is_write else exc

    def _told_apart(
        self, call: Call, end: Event | ProviderError | None, calendar_id: str
    ) -> Event | ProviderError | None:
        if not isinstance(end, CalendarLost) or not _is_denial(end):
            return end
        try:
            return self._denial(call, end, calendar_id)
        except ProviderError as exc:
            return exc

    def _call(self, operation: str, subject: Subject) -> Call:
        return Call(operation, self._account_id, subject)


def _is_denial(lost: CalendarLost) -> bool:
    return lost.reason == DENIED


def _calendars(raw: Answer) -> Iterator[Calendar]:
    """Its zone is the mailbox's, and that we may not read: LateSync asks for no such permission (M6)."""
    if text_of(raw, "id"):
        yield Calendar(
            id=text_of(raw, "id"),
            name=text_of(raw, "name") or text_of(raw, "id"),
            is_primary=raw.get("isDefaultCalendar") is True,
            is_writable=raw.get("canEdit") is True,
            zone=None,
        )
