"""Something happens between two steps of a run: a crash, another crew, a person's hand.

A step is one write to the store, one call to the provider (each page of a listing is one, and the first half
of what is written together), or one publication to the site. The fuse counts them and burns down once, before
or after the chosen step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from latesync.errors import ProviderError
from latesync.model import Calendar, ChangePage, Event, EventContent, Meeting
from latesync.providers.base import CalendarProvider, GoneEvent, NewEvent
from latesync.store.database import Database
from latesync.sync.site import BookingSite
from latesync.times import TimeRange


class Crash(BaseException):
    """The process is gone at once: no handler of ours may catch it."""


@dataclass
class Fuse:
    """steps: how many of this kind ("" for any) pass before it burns. is_before: or right after the step."""

    kind: str = ""
    steps: int = 0
    is_before: bool = True
    act: Callable[[], None] | None = None
    burnt_at: str = ""
    is_dead: bool = False

    def light(self, kind: str, steps: int, act: Callable[[], None], *, is_before: bool) -> None:
        self.kind, self.steps, self.is_before = kind, steps, is_before
        self.act, self.burnt_at = act, ""

    def put_out(self) -> None:
        self.act = None

    def crash(self) -> None:
        """The process is killed at this very step."""
        self.is_dead = True
        raise Crash

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self.is_dead:  # not even a `finally` of a killed process runs
            raise Crash
        burns = self._burns(name)
        if burns is not None and self.is_before:
            self._burn(name, burns)
        yield
        if burns is not None and not self.is_before:
            self._burn(name, burns)

    def _burns(self, name: str) -> Callable[[], None] | None:
        if self.act is None or self.kind not in ("", name):
            return None
        if self.steps > 0:
            self.steps -= 1
            return None
        act, self.act = self.act, None
        return act

    def _burn(self, name: str, act: Callable[[], None]) -> None:
        self.burnt_at = f"{'before' if self.is_before else 'after'} {name}"
        act()


class FusedDatabase(Database):
    """A process's own view of the store, on the connections of another."""

    def __init__(self, shared: Database, fuse: Fuse) -> None:
        self.url = shared.url
        self.engine = shared.engine
        self._fuse = fuse

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._fuse.step("store write"), super().write() as connection:
            yield connection


class FusedSite(BookingSite):
    fuse: Fuse

    def publish_busy(self, agent_id: int, desired: Mapping[str, TimeRange]) -> tuple[int, int]:
        with self.fuse.step("publish busy"):
            return super().publish_busy(agent_id, desired)


@dataclass
class FusedCalendar:
    """`CalendarProvider` around a real one. on_delete: told of every deletion before it is asked for."""

    real: CalendarProvider
    fuse: Fuse
    on_delete: Callable[[str, str], None]

    def list_calendars(self) -> list[Calendar]:
        with self.fuse.step("list calendars"):
            return self.real.list_calendars()

    def list_changes(
        self, calendar_id: str, sync_token: str | None, window: TimeRange
    ) -> Iterator[ChangePage]:
        pages = iter(self.real.list_changes(calendar_id, sync_token, window))
        while True:
            with self.fuse.step("list page"):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def get_event(self, calendar_id: str, event_id: str) -> Event:
        with self.fuse.step("get event"):
            return self.real.get_event(calendar_id, event_id)

    def confirm_removed(self, calendar_id: str, event_id: str) -> Event:
        with self.fuse.step("get event"):
            return self.real.confirm_removed(calendar_id, event_id)

    def find_moved(self, calendar_id: str, event_id: str) -> tuple[str, Event] | None:
        with self.fuse.step("find moved"):
            return self.real.find_moved(calendar_id, event_id)

    def list_everything(self, calendar_id: str) -> Iterator[Event]:
        with self.fuse.step("list everything"):
            yield from self.real.list_everything(calendar_id)

    @property
    def can_invite_silently(self) -> bool:
        return self.real.can_invite_silently

    @property
    def removal_is_proof(self) -> bool:
        return self.real.removal_is_proof

    @property
    def writes_together(self) -> int:
        return self.real.writes_together

    def write_together(
        self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        with self.fuse.step("write together"):
            if self.fuse.act is None or self.fuse.kind != "half together":
                return self._written(calendar_id, writes)
            half = len(writes) // 2
            with self.fuse.step("half together"):
                ends = self._written(calendar_id, writes[:half])
            return [*ends, *self._written(calendar_id, writes[half:])]

    def _written(
        self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]
    ) -> list[Event | ProviderError | None]:
        for write in writes:
            if isinstance(write, GoneEvent):
                self.on_delete(calendar_id, write.event_id)
        return self.real.write_together(calendar_id, writes) if writes else []

    def create_event(self, calendar_id: str, event_id: str, content: EventContent, **options: Any) -> Event:
        with self.fuse.step("create event"):
            return self.real.create_event(calendar_id, event_id, content, **options)

    def update_event(self, calendar_id: str, event_id: str, content: EventContent, **options: Any) -> Event:
        with self.fuse.step("update event"):
            return self.real.update_event(calendar_id, event_id, content, **options)

    def delete_event(self, calendar_id: str, event_id: str, **options: Any) -> None:
        with self.fuse.step("delete event"):
            self.on_delete(calendar_id, event_id)
            self.real.delete_event(calendar_id, event_id, **options)

    def read_meeting(self, calendar_id: str, event_id: str) -> Meeting:
        with self.fuse.step("read meeting"):
            return self.real.read_meeting(calendar_id, event_id)
