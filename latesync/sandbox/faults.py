"""Failures on demand, alike for every pretend provider."""

import itertools
import re
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

KINDS = ("status", "drop", "lost_answer", "delay", "garbage")


@dataclass
class Fault:
    """A rule: what goes wrong, for which requests, how often.

    kind:
        status: answer `status` with the provider's error body for `reason` (OAuth's shape where tokens are
            given)
        drop: close the connection before doing anything
        lost_answer: do it, then close the connection without an answer. httplib2 itself repeats a request
            once when a connection dies, POST included, so give `times=2` to lose an answer for good.
        delay: wait `seconds` first
        garbage: answer `status` (200 or 502) with HTML
    times: None means for ever.
    after: so many matching requests pass first.
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    user: str | None = None
    times: int | None = 1
    after: int = 0
    status: int = 503
    reason: str = ""
    message: str = ""
    retry_after_s: int | None = None
    seconds: float = 0.0
    id: int = field(default=0)
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"A fault is one of {', '.join(KINDS)}.")

    def matches(self, method: str, path: str, user: str | None) -> bool:
        return (
            (self.times is None or self.times > 0)
            and (self.user is None or self.user == user)
            and re.fullmatch(self.method, method) is not None
            and re.search(self.path, path) is not None
        )

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}

    def shown(self) -> dict[str, Any]:
        return dict(vars(self))


F = TypeVar("F", bound=Fault)


class Faults(Generic[F]):
    """The rules in force; the oldest matching one of a kind wins. Callers hold the world's lock."""

    def __init__(self) -> None:
        self.rules: list[F] = []
        self._ids = itertools.count(1)

    def add(self, fault: F) -> F:
        fault.id = next(self._ids)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def take(self, method: str, path: str, user: str | None) -> F | None:
        """The rule that strikes this request, used up by one."""
        for rule in self.rules:
            if not rule.matches(method, path, user):
                continue
            if rule.after > 0:
                rule.after -= 1
                continue
            rule.hits += 1
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None
