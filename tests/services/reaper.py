"""Ends process groups of a process that was killed itself.

`end_with_parent` reaches the child, not what that starts: the workers of PHP's web server (PHP 8.2) would
go on for ever. So a helper waits at the other end of a pipe, which the system closes however we end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
# Our process id (a fork has none of its own) → its helper.
_helpers: dict[int, subprocess.Popen[str]] = {}


@contextmanager
def ended_with_us(group: int) -> Iterator[None]:
    """See to it that this process group ends with our process, for the length of the block."""
    _tell(f"+{group}")
    try:
        yield
    finally:
        _tell(f"-{group}")


def _tell(line: str) -> None:
    helper = _helpers.get(os.getpid())
    if helper is None:
        helper = _helpers[os.getpid()] = subprocess.Popen(
            [sys.executable, "-S", "-m", __name__],
            stdin=subprocess.PIPE,
            text=True,
            cwd=_REPOSITORY,
            start_new_session=True,  # Ctrl-C is for pytest
        )
    assert helper.stdin is not None
    helper.stdin.write(f"{line}\n")
    helper.stdin.flush()


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
