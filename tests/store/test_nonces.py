"""A message counts once: also for two processes, and for as long as it could be shown again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from latesync.bridge.signature import CLOCK_LIMIT_S
from latesync.store.hints import note_hints, read_hints
from latesync.store.nonces import is_new_nonce, prune_nonces
from latesync.worker import KEEP_NONCES
from tests.store.builders import NOW, SITE, Site

AT_ONCE = 8


def test_of_the_same_note_at_the_same_moment_one_counts(site: Site) -> None:
    for turn in range(5):
        nonce, barrier = f"{turn:032x}", Barrier(AT_ONCE)

        def take(_: int, nonce: str = nonce, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            with site.database.write() as connection:
                is_new = is_new_nonce(connection, SITE, nonce, NOW)
                if is_new:
                    note_hints(connection, SITE, [1, 2, 3], NOW)
                return is_new

        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert sorted(pool.map(take, range(AT_ONCE))) == [False] * (AT_ONCE - 1) + [True]


def test_different_notes_about_the_same_bookings_are_all_taken(site: Site) -> None:
    """They lock the same rows: none may be turned away for that."""
    barrier = Barrier(AT_ONCE)

    def take(number: int) -> bool:
        barrier.wait()
        ids = [5, 3, 1] if number % 2 else [1, 3, 5]
        with site.database.write() as connection:
            is_new = is_new_nonce(connection, SITE, f"{number:032x}", NOW)
            note_hints(connection, SITE, ids, NOW + timedelta(microseconds=number))
            return is_new

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(take, range(AT_ONCE)))
    assert [hint.booking_id for hint in read_hints(site.database, SITE)] == [1, 3, 5]


def test_a_nonce_is_remembered_longer_than_its_message_is_fresh(site: Site) -> None:
    """Sent by a clock that is fast, a message is fresh until twice the limit after it came."""
    assert KEEP_NONCES.total_seconds() > 2 * CLOCK_LIMIT_S
    assert is_new_nonce(site.database, SITE, "0" * 32, NOW)
    later = NOW + timedelta(seconds=2 * CLOCK_LIMIT_S)
    assert prune_nonces(site.database, later - KEEP_NONCES) == 0
    assert not is_new_nonce(site.database, SITE, "0" * 32, later)
    assert prune_nonces(site.database, NOW + timedelta(seconds=1)) == 1
