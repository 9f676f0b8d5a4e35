"""Sliding windows of the world's clock."""

from collections import deque


class Window:
    """Units spent during the last `length_s` seconds."""

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def spend(self, now_ts: float, units: int, limit: int) -> bool:
        """Whether the units still fit; they are counted only then."""
        while self._spent and self._spent[0][0] <= now_ts - self.length_s:
            self._total -= self._spent.popleft()[1]
        if self._total + units > limit:
            return False
        self._spent.append((now_ts, units))
        self._total += units
        return True
