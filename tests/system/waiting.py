"""Waiting for what another process does."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

import pytest

Found = TypeVar("Found")

LOOK_EVERY_S = 0.05
PATIENCE_S = 30.0  # a busy machine; what works is there long before


def eventually(
    look: Callable[[], Found | None], what: str, *, within_s: float = PATIENCE_S, why: Callable[[], str] = str
) -> Found:
    """The first answer of `look` that is true; the test fails with `what` when none comes in time.

    why: what to show beside it then, for example what a process has said.
    """
    deadline = monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if monotonic() > deadline:
            pytest.fail(f"within {within_s:.0f} s it did not happen that {what}\n{why()}", pytrace=False)
        Event().wait(LOOK_EVERY_S)
