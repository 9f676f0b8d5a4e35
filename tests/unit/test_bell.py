"""What threads wait for."""

from __future__ import annotations

import os
import threading

from latesync.sync.bell import Bell


def test_a_bell_that_was_rung_lets_everybody_pass_until_it_is_silenced() -> None:
    bell = Bell()
    assert not bell.wait(0)
    bell.set()
    bell.set()
    assert bell.is_set()
    assert bell.wait(60)
    assert bell.wait(60)
    bell.clear()
    assert not bell.is_set()
    assert not bell.wait(0)


def test_ringing_wakes_whoever_waits() -> None:
    bell, heard = Bell(), []
    waiting = [threading.Thread(target=lambda: heard.append(bell.wait(60))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    bell.set()
    for thread in waiting:
        thread.join()
    assert heard == [True] * 3


def test_ringing_without_end_blocks_nobody() -> None:
    bell = Bell()
    for _ in range(100_000):  # more than a pipe holds
        bell.set()
    bell.clear()
    assert not bell.wait(0)


def test_a_bell_leaves_no_file_open() -> None:
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    for _ in range(10):
        Bell()
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) <= len(before)
