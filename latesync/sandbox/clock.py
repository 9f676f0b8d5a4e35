"""The clock of a pretend world."""

import time
from datetime import datetime, timedelta


class Clock:
    """Real time plus an offset, or standing still; in seconds since the epoch."""

    def __init__(self, offset_s: float = 0.0, frozen_ts: float | None = None) -> None:
        self.offset_s = offset_s
        self.frozen_ts = frozen_ts

    def now(self) -> float:
        return time.time() + self.offset_s if self.frozen_ts is None else self.frozen_ts

    def advance(self, by: timedelta) -> None:
        if self.frozen_ts is None:
            self.offset_s += by.total_seconds()
        else:
            self.frozen_ts += by.total_seconds()

    def freeze(self, at: datetime | None = None) -> None:
        self.frozen_ts = self.now() if at is None else at.timestamp()

    def run(self) -> None:
        """Let time pass again from where it stands."""
        if self.frozen_ts is not None:
            self.offset_s = self.frozen_ts - time.time()
            self.frozen_ts = None
