"""One account's Google calendars, and the factory that opens them.

Where Google's library exceptions and status codes stop: what leaves here is of `latesync.errors`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httplib2
from google.auth.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from latesync.errors import (
    CalendarLost,
    EventChanged,
    EventRefused,
    GuestsRefused,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UsageLimited,
)
from latesync.model import Calendar, ChangePage, Event, EventContent, Meeting
from latesync.providers.base import GoneEvent, NewEvent
from latesync.providers.google.answers import (
    Answer,
    as_object,
    is_alias,
    living,
    read_calendars,
    read_page,
    readable,
    text_of,
)
from latesync.providers.google.budget import ProjectBudgets, RequestBudget
from latesync.providers.google.endpoints import GoogleEndpoints
from latesync.providers.google.errors import RAISED_BY_CALLS, Call, Subject, provider_error
from latesync.providers.google.events import EVENT_FIELDS, insert_body, patch_body, rfc3339
from latesync.providers.google.guests import (
    GUEST_FIELDS,
    MEETING_FIELDS,
    changed_guests,
    meeting_request,
    new_guests,
    read_meeting_of,
    write_options,
)
from latesync.providers.google.quiet import quieten_libraries
from latesync.times import TimeRange

TIMEOUT_S = 30.0  # the library's own is 60 (P14)
PAUSES_S = (0.5, 2.0)  # before a read is repeated: at most twice
REPEATED_BY_LIBRARY = ("refresh_", "authError", "status_401")  # §6 and P10
PATCH_UNITS = 3  # I6
EVENTS_A_PAGE = 2500  # the most there is; the default of 250 costs ten requests (Y2)
CALENDARS_A_PAGE = 250  # K3

_LIST_FIELDS = f"nextPageToken,nextSyncToken,timeZone,items({EVENT_FIELDS})"
_CALENDAR_FIELDS = "nextPageToken,items(id,summary,summaryOverride,primary,accessRole,timeZone,deleted)"
_EVER = TimeRange(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


class GoogleProviderFactory:
    """Opens accounts' calendars; one for the process, safe to share between threads.

    It keeps what is costly to make (clients-and-speed.md §2): one set of API methods, and one
    connection a thread, since an `httplib2.Http` is not thread-safe (P15).
    pause: waits so many seconds between two attempts to read.
    """

    def __init__(
        self,
        endpoints: GoogleEndpoints,
        *,
        now: Callable[[], datetime],
        budget: RequestBudget | None = None,
        pause: Callable[[float], None] = time.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        quieten_libraries()
        service = build(
            "calendar",
            "v3",
            http=httplib2.Http(),  # never used: each call brings its own
            static_discovery=True,
            client_options={"api_endpoint": endpoints.api},
        )
        self.events: Any = service.events()
        self.calendar_list: Any = service.calendarList()
        self.budget = budget or RequestBudget(now)
        self.budgets = ProjectBudgets(now)
        self.now = now
        self.pause = pause
        self._timeout_s = timeout_s
        self._of_this_thread = threading.local()

    def calendar(
        self,
        account_id: int,
        credentials: Credentials,
        *,
        person: str = "",
        client_ref: int | None = None,
    ) -> GoogleCalendar:
        """One account's calendars.

        person: Google's name for who signed in (`sub`): two accounts of one person share their quota.
        client_ref: the client whose project pays; None: a budget that nobody counts.
        """
        budget = self.budget if client_ref is None else self.budgets.of(client_ref)
        return GoogleCalendar(self, account_id, credentials, person or f"account {account_id}", budget)

    def http(self) -> httplib2.Http:
        """This thread's connection."""
        http: httplib2.Http | None = getattr(self._of_this_thread, "http", None)
        if http is None:
            http = httplib2.Http(timeout=self._timeout_s)
            http.follow_redirects = False  # the API never redirects; a hotel's sign-in page does
            self._of_this_thread.http = http
        return http


class GoogleCalendar:
    """`CalendarProvider` for one Google account."""

    can_invite_silently = True  # E15
    removal_is_proof = True  # X4, X5
    writes_together = 1  # never two writes of one calendar in one batch (clients-and-speed.md §2)

    def __init__(
        self,
        google: GoogleProviderFactory,
        account_id: int,
        credentials: Credentials,
        person: str,
        budget: RequestBudget,
    ) -> None:
        self._google = google
        self._account_id = account_id
        self._credentials = credentials
        self._person = person
        self._budget = budget

    def list_calendars(self) -> list[Calendar]:
        call = self._call("list_calendars", Subject.CALENDARS)

        def request(page_token: str | None) -> HttpRequest:
            return self._google.calendar_list.list(
                showHidden=True, maxResults=CALENDARS_A_PAGE, fields=_CALENDAR_FIELDS, pageToken=page_token
            )

        found = [entry for answer in self._pages(call, request) for entry in read_calendars(answer)]
        if not found:  # everybody has at least a primary calendar: this is no list of theirs
            raise call.error(ProviderUnavailable, "unreadable_answer")
        return sorted(found, key=lambda calendar: not calendar.is_primary)

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window: TimeRange
    ) -> Iterator[ChangePage]:
        subject = Subject.LISTING_SINCE_TOKEN if sync_token else Subject.FULL_LISTING
        call = self._call("list_changes", subject)
        # With a token timeMin is forbidden (Y3) and everything else stays the same (Y4, Y8).
        start = {"syncToken": sync_token} if sync_token else {"timeMin": rfc3339(window.start)}

        def request(page_token: str | None) -> HttpRequest:
            return self._google.events.list(
                calendarId=calendar_id,
                singleEvents=False,
                maxResults=EVENTS_A_PAGE,
                fields=_LIST_FIELDS,
                pageToken=page_token,
                **start,
            )

        for answer in self._pages(call, request):
            yield read_page(call, answer)

    def list_everything(self, calendar_id: str) -> Iterator[Event]:
        for page in self.list_changes(calendar_id, None, _EVER):
            yield from page.events

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        call = self._call("get_event", Subject.EVENT)
        request = self._google.events.get(calendarId=calendar_id, eventId=event_id, fields=EVENT_FIELDS)
        return living(call, self._read(call, request))

    def confirm_removed(self, calendar_id: str, event_id: str) -> Event:
        return self.get_event(calendar_id, event_id)  # asked of its calendar, and found there alone

    def find_moved(self, calendar_id: str, event_id: str) -> tuple[str, Event] | None:
        """Nobody can tell: an id is looked for in one calendar at a time (E3)."""
        return None

    def create_event(
        self, calendar_id: str, event_id: str, content: EventContent, *, notify: bool = False
    ) -> Event:
        call = self._call("create_event", Subject.NEW_EVENT)
        extras = new_guests(content) | meeting_request(event_id, content)
        request = self._google.events.insert(
            calendarId=calendar_id,
            body=insert_body(event_id, content) | extras,
            **write_options(content, notify=notify),
            fields=EVENT_FIELDS,
        )
        with _telling_guests_apart(call, bool(content.guests)):
            return readable(call, self._execute(call, request))

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
        extras = meeting_request(event_id, content)
        if content.guests or takes_off:
            current = self._guests_at(calendar_id, event_id, etag)
            extras |= changed_guests(current, content, takes_off)
        request = self._google.events.patch(
            calendarId=calendar_id,
            eventId=event_id,
            body=patch_body(content, agent_notes) | extras,
            **write_options(content, notify=notify),
            fields=EVENT_FIELDS,
        )
        request.headers["If-Match"] = etag  # I7
        with _telling_guests_apart(call, bool(content.guests)):
            return living(call, self._change(call, request, calendar_id, event_id))

    def delete_event(self, calendar_id: str, event_id: str, *, notify: bool = False) -> None:
        call = self._call("delete_event", Subject.CHANGE)
        mailed = "all" if notify else "none"
        request = self._google.events.delete(calendarId=calendar_id, eventId=event_id, sendUpdates=mailed)
        if self._change(call, request, calendar_id, event_id):
            raise call.error(ProviderUnavailable, "unreadable_answer")  # Google's own has no body (I8)

    def write_together(
        self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        """One after the other: a batch saves no time at Google (clients-and-speed.md §2)."""
        return [self._end_of(calendar_id, write) for write in writes]

    def _end_of(self, calendar_id: str, write: NewEvent | GoneEvent) -> Event | ProviderError | None:
        try:
            if isinstance(write, NewEvent):
                return self.create_event(calendar_id, write.key, write.content)
            self.delete_event(calendar_id, write.event_id)
        except ProviderError as exc:
            return exc
        return None

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        call = self._call("read_meeting", Subject.EVENT)
        request = self._google.events.get(calendarId=calendar_id, eventId=event_id, fields=MEETING_FIELDS)
        answer = self._read(call, request)
        living(call, answer)
        return read_meeting_of(answer)

    def _guests_at(self, calendar_id: str, event_id: str, etag: str) -> Answer:
        """Who is on the event, as it was at this etag: a later version's list must not be overwritten."""
        call = self._call("update_event", Subject.EVENT)
        request = self._google.events.get(calendarId=calendar_id, eventId=event_id, fields=GUEST_FIELDS)
        answer = self._read(call, request)
        if living(call, answer).etag != etag:
            raise call.error(EventChanged, "conditionNotMet")
        return answer

    def _change(self, call: Call, request: HttpRequest, calendar_id: str, event_id: str) -> object:
        """Write; where it is forbidden, find out whether the event, the calendar or this event alone is why.

        Google answers `forbidden` to all three (I3, §18: "recheck role").
        """
        try:
            return self._execute(call, request, units=PATCH_UNITS if request.method == "PATCH" else 1)
        except CalendarLost as exc:
            self.get_event(calendar_id, event_id)  # raises EventNotFound for a deleted one
            if self._may_write(calendar_id):
                raise call.error(EventRefused, exc.reason) from exc
            raise

    def _may_write(self, calendar_id: str) -> bool:
        return any(
            calendar.is_writable and (calendar.id == calendar_id or is_alias(calendar, calendar_id))
            for calendar in self.list_calendars()
        )

    def _pages(self, call: Call, request: Callable[[str | None], HttpRequest]) -> Iterator[Answer]:
        """Every page's answer; a listing that names a page twice would never end, and raises."""
        seen: set[str | None] = set()
        page_token: str | None = None
        while page_token not in seen:
            seen.add(page_token)
            answer = self._read(call, request(page_token))
            yield answer
            page_token = text_of(answer, "nextPageToken")
            if page_token is None:
                return
        raise call.error(ProviderUnavailable, "endless_listing")

    def _read(self, call: Call, request: HttpRequest) -> Answer:
        """A read's answer; repeated after a pause when Google, or the way to it, stumbles."""
        for pause_s in PAUSES_S:
            try:
                return as_object(call, self._execute(call, request))
            except ProviderUnavailable as exc:
                if exc.reason.startswith(REPEATED_BY_LIBRARY):
                    raise
                self._google.pause(pause_s)
        return as_object(call, self._execute(call, request))

    def _execute(self, call: Call, request: HttpRequest, units: int = 1) -> object:
        """One request, once: the library's own repetition ignores Retry-After (P12)."""
        self._spend(call, units)
        http = self._google.http()
        try:
            return request.execute(http=AuthorizedHttp(self._credentials, http=http), num_retries=0)
        except RAISED_BY_CALLS as exc:
            if not isinstance(exc, HttpError):
                http.close()  # a late answer to this request must not meet the next one
            raise provider_error(exc, call, self._google.now()) from exc

    def _spend(self, call: Call, units: int) -> None:
        try:
            self._budget.spend(self._person, units)
        except RateLimited as exc:
            raise call.too_fast(exc.reason, exc.retry_at) from exc

    def _call(self, operation: str, subject: Subject) -> Call:
        return Call(operation, self._account_id, subject)


@contextmanager
def _telling_guests_apart(call: Call, has_guests: bool) -> Iterator[None]:
    """Too many invitations end those only: without its guests the event may be written (Q4)."""
    try:
        yield
    except UsageLimited as exc:
        if has_guests and exc.reason == "quotaExceeded":
            raise call.error(GuestsRefused, exc.reason) from exc
        raise
