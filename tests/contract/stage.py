"""What the contract suite needs of a provider's stand-in: a person at the calendar, and trouble on demand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from latesync.model import ChangePage, Event, EventContent, Marker
from latesync.providers.base import CalendarProvider
from latesync.times import TimeRange

STARTS_AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
WINDOW_START = datetime(2027, 2, 1, tzinfo=UTC)
WINDOW = TimeRange(WINDOW_START, datetime(2028, 2, 1, tzinfo=UTC))


class Stage(Protocol):
    """One account on a stand-in. `person_…` acts as the account's owner in the provider's own page."""

    calendar_id: str
    pauses: list[float]  # what reads waited before they were repeated

    # What providers legitimately differ in; each is about one or two tests of the contract.
    names_zone: bool  # whether a calendar's own zone is told
    expands_series: bool  # a series comes as its dates, else once with its rule
    ids_are_ours: bool  # events get the ids we give, else the provider's own, and remember ours as their key
    too_fast: tuple[int, ...]  # the statuses that mean it
    some_notes: str  # what an agent wrote below our notes line, in the provider's own form

    def provider(self) -> CalendarProvider: ...
    def an_id(self, number: int = 1) -> str: ...
    def as_shown(self, content: EventContent) -> EventContent:
        """The content as the provider shows it: some keep no zone."""

    def refuse_events(self) -> None:
        """From now on the provider says of each event that it will never take it."""

    def person_adds(self, starts_at: datetime, *, weekly: bool = False) -> str: ...
    def person_moves(self, event_id: str, starts_at: datetime) -> None: ...
    def person_deletes(self, event_id: str) -> None: ...
    def person_decorates(self, event_id: str) -> None:
        """Choose a colour and a reminder, and invite a guest."""

    def decorations(self, event_id: str) -> Any: ...
    def person_moves_occurrence(self, series_id: str, starts_at: datetime, to: datetime) -> None: ...
    def person_cancels_occurrence(self, series_id: str, starts_at: datetime) -> None: ...

    def person_makes_a_calendar(self) -> str: ...
    def person_removes_calendar(self, calendar_id: str) -> None: ...

    def end_sync_tokens(self) -> None: ...
    def limit_pages(self, size: int) -> None:
        """Few entries on a page, and empty pages between them."""

    def lose_answers(self) -> None:
        """Writes happen; what answers them never arrives."""

    def fail(self, status: int, *, times: int | None, retry_after_s: int | None = None) -> None: ...
    def answer_garbage(self) -> None: ...
    def answer_slower_than_the_time_limit(self) -> None: ...
    def recover(self) -> None: ...
    def go_down(self) -> None: ...

    def withdraw_consent(self) -> None: ...
    def replace_client_secret(self) -> None: ...
    def take_away_permission(self) -> None: ...

    def mails(self) -> int: ...
    def mailed(self) -> list[str]:
        """Whom the provider has mailed so far, in order."""

    def guests(self, event_id: str) -> list[str]: ...
    def person_invites(self, event_id: str, address: str) -> None: ...
    def guest_answers(self, event_id: str, address: str, answer: str) -> None: ...
    def answer_of(self, event_id: str, address: str) -> str: ...
    def refuse_invitations(self) -> None:
        """From now on the provider takes no more guests from outside."""

    def finish_meetings(self) -> None:
        """What was asked for is made, or has failed."""

    def fail_meetings(self) -> None: ...
    def requests(self) -> int: ...


def a_content(summary: str = "Haircut", *, starts_at: datetime = STARTS_AT) -> EventContent:
    return EventContent(
        summary=summary,
        description="Booking 42",
        location="Main Street 1",
        span=TimeRange(starts_at, starts_at + timedelta(hours=1)),
        zone="Europe/Berlin",
        marker=Marker("site1", 42, 1),
    )


def read_to_end(pages: Iterable[ChangePage]) -> tuple[dict[str, Event], str]:
    """Everything a listing showed, and where it ended; checks that only its last page says so."""
    shown = list(pages)
    assert all(page.next_sync_token is None for page in shown[:-1])
    assert shown[-1].next_sync_token is not None
    return {event.item.event_id: event for page in shown for event in page.events}, shown[-1].next_sync_token
