"""Google's published limits, kept rather than met (google-calendar.md Q1, Q2).

A budget is this process's alone and forgotten with it: Google's own answer remains the last word. What was
spent is also told, hour by hour, so that it can be added up elsewhere and shown (Q1, users-ask.md U36).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from latesync.errors import RateLimited
from latesync.providers.windows import SlidingWindow

PROJECT_PER_MINUTE = 10_000
USER_PER_MINUTE = 600
PROJECT_PER_DAY = 1_000_000

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spending:
    """What this process asked of one client's project within an hour, or a part of it.

    hour: its beginning, UTC. busiest_minute: the most units within any minute that ended in it.
    """

    client_ref: int
    hour: datetime
    units: int
    busiest_minute: int


class ProjectBudgets:
    """A budget for every client's project: a replaced client and the new one do not share it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._of_client: dict[int, RequestBudget] = {}

    def of(self, client_ref: int) -> RequestBudget:
        with self._lock:
            if client_ref not in self._of_client:
                self._of_client[client_ref] = RequestBudget(self._now)
            return self._of_client[client_ref]

    def take_spent(self) -> list[Spending]:
        """What was spent since this was last asked; each unit is told once."""
        with self._lock:
            budgets = list(self._of_client.items())
        return [
            Spending(client_ref, hour, units, busiest)
            for client_ref, budget in budgets
            for hour, (units, busiest) in budget.take_spent().items()
        ]


class RequestBudget:
    """What one project may still ask of Google. Safe to share between threads."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        project_per_minute: int = PROJECT_PER_MINUTE,
        user_per_minute: int = USER_PER_MINUTE,
        project_per_day: int = PROJECT_PER_DAY,
    ) -> None:
        self._now = now
        self._lock = Lock()
        self._user_per_minute = user_per_minute
        self._minute = SlidingWindow(MINUTE, timedelta(seconds=1), project_per_minute)
        self._day = SlidingWindow(DAY, timedelta(minutes=15), project_per_day)
        self._users: dict[str, SlidingWindow] = {}
        self._untold: dict[datetime, tuple[int, int]] = {}  # hour: (units, busiest minute)
        self._tidied_at = datetime.min.replace(tzinfo=UTC)

    def spend(self, user: str, units: int = 1) -> None:
        """Take units for one call, or raise RateLimited with the moment they will be there.

        user: whose calendar is asked. Nothing is taken when it raises, and nothing ever waits here:
        a long wait belongs to the schedule.
        """
        with self._lock:
            now = self._now()
            self._tidy(now)
            windows = (self._minute, self._day, self._user(user))
            waits = [window.free_at(now, units) for window in windows]
            if (retry_at := max(waits)) > now:
                raise RateLimited("google", reason="own_budget", retry_at=retry_at)
            for window in windows:
                window.add(now, units)
            hour = now.replace(minute=0, second=0, microsecond=0)
            told, busiest = self._untold.get(hour, (0, 0))
            self._untold[hour] = (told + units, max(busiest, self._minute.used(now)))

    def used_today(self) -> int:
        """Units spent in the last 24 hours."""
        with self._lock:
            return self._day.used(self._now())

    def take_spent(self) -> dict[datetime, tuple[int, int]]:
        """hour: (units, busiest minute) of what was spent since this was last asked."""
        with self._lock:
            untold, self._untold = self._untold, {}
            return untold

    def _user(self, user: str) -> SlidingWindow:
        if user not in self._users:
            self._users[user] = SlidingWindow(MINUTE, timedelta(seconds=1), self._user_per_minute)
        return self._users[user]

    def _tidy(self, now: datetime) -> None:
        """Forget users who have been quiet for a minute."""
        if now - self._tidied_at < MINUTE:
            return
        self._tidied_at = now
        self._users = {user: window for user, window in self._users.items() if window.used(now)}
