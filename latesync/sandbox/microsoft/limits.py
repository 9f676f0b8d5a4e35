"""Requests at once and in ten minutes, per app and mailbox (microsoft-graph.md L1, L3).

Callers hold the world's lock.
"""

from collections import Counter
from dataclasses import dataclass, field

from ..google.windows import Window
from .errors import GraphError
from .switches import Switches

_TEN_MINUTES_S = 600.0


@dataclass
class Limits:
    """What every app does to every mailbox just now. Not saved: a restarted server has forgotten it."""

    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)  # for tests: the highest it ever was
    windows: dict[str, Window] = field(default_factory=dict)
    closed_until: dict[str, float] = field(default_factory=dict)
    ordered: dict[str, float] = field(default_factory=dict)  # oid → seconds: throttled on demand

    def enter(self, switches: Switches, client_id: str, oid: str, now: float) -> str:
        """Count a request as under way; the key is for `leave`. Raises GraphError 429."""
        key = f"{client_id} {oid}"
        self._check_closed(switches, key, oid, now)
        if switches.limits and self.at_once[key] >= switches.concurrency_limit:
            raise _throttled(
                "ApplicationThrottled",
                "Application is over its MailboxConcurrency limit.",
                switches.retry_after_s,
            )
        if switches.limits and not self._window(key).spend(now, 1, switches.requests_per_ten_minutes):
            self.closed_until[key] = now + switches.retry_after_s
            raise _throttled("TooManyRequests", "Too many requests.", switches.retry_after_s)
        self.at_once[key] += 1
        self.most_at_once[key] = max(self.most_at_once[key], self.at_once[key])
        return key

    def leave(self, key: str) -> None:
        self.at_once[key] -= 1

    def throttle(self, oid: str, seconds: float, now: float) -> None:
        """For every app, from now on, for so long; 0 ends it."""
        self.ordered[oid] = seconds
        self.closed_until[oid] = now + seconds

    def _check_closed(self, switches: Switches, key: str, oid: str, now: float) -> None:
        """L3: who comes too soon waits as long again."""
        for name in (key, oid):
            if self.closed_until.get(name, 0.0) > now:
                seconds = self.ordered.get(name, switches.retry_after_s) or switches.retry_after_s
                self.closed_until[name] = now + seconds
                raise _throttled("TooManyRequests", "Too many requests.", seconds)

    def _window(self, key: str) -> Window:
        return self.windows.setdefault(key, Window(_TEN_MINUTES_S))


def _throttled(code: str, message: str, seconds: float) -> GraphError:
    return GraphError(429, code, message, headers={"Retry-After": str(max(1, round(seconds)))})
