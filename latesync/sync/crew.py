"""Many runs side by side: claims due accounts, runs each in a thread, keeps the leases alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from latesync.errors import StateUnavailable
from latesync.store import leases, pauses
from latesync.store.leases import Claim
from latesync.sync.bell import Bell
from latesync.sync.parts import Brake, SyncParts
from latesync.sync.run import RunResult, give_back_broken, give_back_untouched, run_account
from latesync.traces import origin_of

log = logging.getLogger(__name__)

# Waiting for the provider is 98 % of a run (clients-and-speed.md §6); 32 wait side by side in one process.
THREADS = 32
# Claimed ahead of the threads, so that a claim's three statements serve many accounts.
QUEUE = 32
QUEUE_LOW = 8
LEASE = timedelta(seconds=45)  # renewed every 15 s; a dead worker's account is free within a minute
RENEW_EVERY_S = 15.0


class Crew:
    """A pool of threads that works off due accounts under one owner name."""

    def __init__(
        self,
        parts: SyncParts,
        owner: str,
        *,
        threads: int = THREADS,
        on_result: Callable[[RunResult], None] = lambda result: None,
        calendars_polled: Callable[[], int] = lambda: 1,
    ) -> None:
        self.parts = parts
        self.owner = owner
        self.brake = Brake(Bell())
        self._threads = threads
        self._on_result = on_result
        self._calendars_polled = calendars_polled
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="run")
        self._running: dict[int, Future[RunResult]] = {}
        self._unstarted: list[Claim] = []
        self._lock = threading.Lock()
        self._done = Bell()
        self._closed = Bell()
        self._keeper = threading.Thread(target=self._keep_leases, name="leases", daemon=True)
        self._keeper.start()

    def take_due(self, account_ids: Collection[int] | None = None) -> int:
        """Claim due accounts and start them, or queue them for the next free thread; returns how many."""
        with self._lock:
            running = set(self._running)
        queued = len(running) - self._threads
        if queued >= QUEUE_LOW or self.brake.stopping.is_set():
            return 0
        claims = leases.claim_due(
            self.parts.database,
            self.owner,
            self.parts.clock(),
            lease=LEASE,
            limit=QUEUE - queued,
            account_ids=account_ids,
            except_ids=running,
            site_id=self.parts.site_id,
        )
        for claim in claims:
            self._start(claim)
        return len(claims)

    def wait_for_one(self, timeout_s: float) -> None:
        """Return when a run has ended since the last call, or after the time."""
        self._done.wait(timeout_s)
        self._done.clear()

    @property
    def running(self) -> set[int]:
        """The accounts that are being run, or wait for a free thread."""
        with self._lock:
            return set(self._running)

    @property
    def is_idle(self) -> bool:
        return not self.running

    def stop(self) -> None:
        """Let every run finish the operation it is at; what remains stays due, and is given back at once."""
        self.brake.stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._closed.set()
        for claim in self._unstarted:
            give_back_untouched(self.parts, claim, self.owner)

    def _start(self, claim: Claim) -> None:
        with self._lock:
            self.brake.lost.discard(claim.account.id)
            future = self._pool.submit(self._run, claim)
            self._running[claim.account.id] = future
        future.add_done_callback(lambda done: self._ended(claim, done))

    def _run(self, claim: Claim) -> RunResult:
        return run_account(
            self.parts, claim, self.brake, self.owner, calendars_polled=self._calendars_polled()
        )

    def _ended(self, claim: Claim, future: Future[RunResult]) -> None:
        with self._lock:
            self._running.pop(claim.account.id, None)
        self._done.set()
        if future.cancelled():
            self._unstarted.append(claim)
            return
        error = future.exception()
        if error is not None:
            log.error('run broke account=%d error="%s"', claim.account.id, origin_of(error))
            with suppress(StateUnavailable):  # then the lease runs out by itself
                self._on_result(give_back_broken(self.parts, claim, self.owner))
            return
        self._on_result(future.result())

    def _keep_leases(self) -> None:
        while not self._closed.wait(RENEW_EVERY_S):
            with self._lock:
                running = set(self._running)
            if not running:
                continue
            try:
                held = leases.renew_leases(
                    self.parts.database, self.owner, self.parts.clock(), LEASE, account_ids=running
                )
                if held < len(running):
                    self._brake_lost(running)
                self.brake.lost |= pauses.paused_among(self.parts.database, running)
            except StateUnavailable:
                log.warning("leases could not be renewed accounts=%d", len(running))

    def _brake_lost(self, running: set[int]) -> None:
        """Somebody else took over what we were late to renew: stop after the operation each run is at."""
        now = self.parts.clock()
        self.brake.lost |= {
            account_id
            for account_id in running
            if not leases.owns(self.parts.database, self.owner, account_id, now)
        }
