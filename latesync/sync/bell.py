"""What threads wait for, each with a time limit that no clock can stretch."""

from __future__ import annotations

import os
import select
from contextlib import suppress


class Bell:
    """Like threading.Event, with two differences.

    A wait is counted by the kernel from its own beginning, not as a moment of the monotonic clock: under
    libfaketime and its like such a moment may lie days ahead. And it may be rung in a signal handler:
    no lock is held that the interrupted thread could hold already.
    """

    def __init__(self) -> None:
        self._is_rung = False
        self._hear, self._pull = os.pipe()
        os.set_blocking(self._hear, False)
        os.set_blocking(self._pull, False)

    def is_set(self) -> bool:
        return self._is_rung

    def set(self) -> None:
        """Ring, and keep ringing: whoever waits goes on, and whoever comes later does not wait."""
        self._is_rung = True
        with suppress(BlockingIOError):  # full: everybody hears it already
            os.write(self._pull, b"!")

    def clear(self) -> None:
        self._is_rung = False
        with suppress(BlockingIOError):
            while os.read(self._hear, 4096):
                pass

    def wait(self, seconds: float) -> bool:
        """Until it is rung, or so many seconds; whether it is rung."""
        if not self._is_rung:
            poll = select.poll()
            poll.register(self._hear, select.POLLIN)
            poll.poll(max(0.0, seconds) * 1000)
        return self._is_rung

    def __del__(self) -> None:
        for end in (self._hear, self._pull):
            with suppress(OSError):
                os.close(end)
