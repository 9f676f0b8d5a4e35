"""Units spent within a sliding length of time: what every provider's budget counts with."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta


class SlidingWindow:
    """At most `limit` units within `length`, counted in slices of it. Not safe to share between threads."""

    def __init__(self, length: timedelta, slice_length: timedelta, limit: int) -> None:
        self._length = length
        self._slice_length = slice_length
        self._limit = limit
        self._slices: deque[tuple[datetime, int]] = deque()
        self._used = 0

    def used(self, now: datetime) -> int:
        # A slice counts until its youngest moment has left the window.
        while self._slices and self._slices[0][0] + self._slice_length + self._length <= now:
            self._used -= self._slices.popleft()[1]
        return self._used

    def free_at(self, now: datetime, units: int) -> datetime:
        """The first moment at which `units` more fit; `now` if they do already."""
        surplus = self.used(now) + units - self._limit
        if surplus <= 0:
            return now
        for started_at, spent in self._slices:
            surplus -= spent
            if surplus <= 0:
                return started_at + self._slice_length + self._length
        return now + self._length

    def add(self, now: datetime, units: int) -> None:
        self._used += units
        if self._slices and now - self._slices[-1][0] < self._slice_length:
            started_at, spent = self._slices.pop()
            self._slices.append((started_at, spent + units))
        else:
            self._slices.append((now, units))
