"""Failures on demand."""

import itertools
import re
from dataclasses import dataclass, field

from .errors import ApiError, Json

KINDS = ("status", "drop", "lost_answer", "delay", "garbage")


@dataclass
class Fault:
    """A rule: what goes wrong, for which requests, how often.

    kind:
        status: answer `status` with Google's error body for `reason` (OAuth's shape at /token and /revoke)
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
    reason: str = "backendError"
    domain: str = "global"
    message: str = "Backend Error"
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

    def api_error(self) -> ApiError:
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        return ApiError(self.status, self.reason, self.message, domain=self.domain, headers=headers)

    def shown(self) -> Json:
        return dict(vars(self))


class Faults:
    """The rules in force; the oldest matching one of a kind wins. Callers hold the world's lock."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def take(self, method: str, path: str, user: str | None) -> Fault | None:
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
