"""Ends the demo's processes when the one that started them is gone, however it went.

Run as a program of its own. Its standard input is a pipe from the supervisor: one process group per line;
the line "done" releases it. The end of input without it means that the supervisor was killed.
Needs nothing but the standard library, so that it is there at once.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE_S = 10.0  # between asking and ending


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it must outlive what it watches for
    groups: list[int] = []
    for line in sys.stdin:
        if line.strip() == "done":
            return
        groups.append(int(line))
    end_groups(groups)


def end_groups(groups: list[int], patience_s: float = PATIENCE_S) -> None:
    """Ask every group to stop, and end what is still there after a while."""
    for group in groups:
        tell(group, signal.SIGTERM)
    limit = time.monotonic() + patience_s
    while any(is_alive(group) for group in groups) and time.monotonic() < limit:
        time.sleep(0.05)
    for group in groups:
        tell(group, signal.SIGKILL)


def tell(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(group, number)


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
