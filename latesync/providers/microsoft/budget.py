"""Graph's published limits for a mailbox, kept rather than met (microsoft-graph.md L1).

A budget is this process's alone and forgotten with it: Graph's own answer remains the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Condition, Lock

from latesync.errors import RateLimited
from latesync.providers.windows import SlidingWindow

TEN_MINUTES = timedelta(minutes=10)
MAILBOX_PER_TEN_MINUTES = 10_000
AT_ONCE = 4
# How long a request waits for one of the four to end: most end within a second. A long wait belongs to the
# schedule, and not to the worker.
PATIENCE_S = 5.0
_COME_BACK = timedelta(seconds=10)


class MailboxBudget:
    """What may still be asked of one mailbox. Safe to share between threads."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        per_ten_minutes: int = MAILBOX_PER_TEN_MINUTES,
        at_once: int = AT_ONCE,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._now = now
        self._window = SlidingWindow(TEN_MINUTES, timedelta(seconds=5), per_ten_minutes)
        self._at_once = at_once
        self._patience_s = patience_s
        self._under_way = 0
        self._changed = Condition()

    @contextmanager
    def spend(self, requests: int = 1) -> Iterator[None]:
        """For the time of one call; requests: how many Graph counts it as, a batch by what is in it (L4).

        Raises RateLimited with the moment to come back; nothing is spent then.
        """
        places = min(requests, self._at_once)  # of a batch Outlook works on four at a time
        self._enter(requests, places)
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= places
                self._changed.notify_all()

    def is_idle(self) -> bool:
        """Whether nothing is under way and nothing counts any more."""
        with self._changed:
            return not self._under_way and not self._window.used(self._now())

    def _enter(self, requests: int, places: int) -> None:
        with self._changed:
            now = self._now()
            if (free_at := self._window.free_at(now, requests)) > now:
                raise RateLimited("microsoft", reason="own_budget", retry_at=free_at)
            has_place = self._changed.wait_for(
                lambda: self._under_way + places <= self._at_once, timeout=self._patience_s
            )
            if not has_place:
                raise RateLimited("microsoft", reason="own_budget", retry_at=now + _COME_BACK)
            self._under_way += places
            self._window.add(self._now(), requests)


class MailboxBudgets:
    """A budget for every mailbox: two accounts of one person share theirs."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._of_person: dict[str, MailboxBudget] = {}
        self._tidied_at: datetime | None = None

    def of(self, person: str) -> MailboxBudget:
        with self._lock:
            self._tidy(self._now())
            return self._of_person.setdefault(person, MailboxBudget(self._now))

    def _tidy(self, now: datetime) -> None:
        """Forget, once in ten minutes, who has been quiet for as long."""
        if self._tidied_at is not None and now - self._tidied_at < TEN_MINUTES:
            return
        self._tidied_at = now
        self._of_person = {name: one for name, one in self._of_person.items() if not one.is_idle()}
