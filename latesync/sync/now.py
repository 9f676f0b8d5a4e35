"""Synchronise chosen accounts now and wait for them, beside any worker that may be running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from latesync.model import AccountState
from latesync.plan.failures import Problem
from latesync.store import accounts, comparisons, fingerprints, pauses
from latesync.store.accounts import AccountRow
from latesync.store.comparisons import ComparisonRow
from latesync.sync.crew import Crew
from latesync.sync.off_periods import OffPeriodKeeper
from latesync.sync.parts import SyncParts
from latesync.sync.run import RunResult
from latesync.sync.tell_site import SiteTeller

# A worker that died a moment ago keeps its accounts until its leases end.
PATIENCE = timedelta(seconds=90)
LOOK_EVERY_S = 0.2


@dataclass
class SyncedNow:
    """results: of the runs this process made itself. unreached: accounts another process kept to itself.

    compared: what a full comparison found, by account, whoever made it. not_compared: it was asked for, and
    something kept it from being made.
    """

    results: list[RunResult] = field(default_factory=list)
    unreached: set[int] = field(default_factory=set)
    compared: dict[int, ComparisonRow] = field(default_factory=dict)
    not_compared: set[int] = field(default_factory=set)

    def has_stalled(self, account_id: int) -> bool:
        """Two runs in a row that failed and changed nothing: waiting longer is the worker's business."""
        last = [result for result in self.results if result.account_id == account_id][-2:]
        return len(last) == 2 and all(run.verdicts and not run.counts.changed_anything for run in last)


def sync_now(parts: SyncParts, owner: str, rows: Sequence[AccountRow], *, full: bool = False) -> SyncedNow:
    """Run every connected account of `rows` until nothing of it is due; who is paused is left out.

    An account that a worker takes first is waited for. full: compare everything (sync/compare.py), which
    sees to the other direction too where nothing is known to be due there.
    """
    began_at = parts.clock()
    resting = pauses.read_resting(parts.database, parts.site_id)
    connected = [
        row for row in rows if row.state is AccountState.CONNECTED and resting.since(row.agent_id) is None
    ]
    if full:
        comparisons.ask_for_comparison(parts.database, [row.id for row in connected])
    agents = {row.agent_id for row in connected}
    fingerprints.pull_forward(
        parts.database, parts.site_id, agents, parts.clock(), outbound=not full, inbound=True
    )
    synced = SyncedNow()
    crew = Crew(parts, owner, on_result=synced.results.append, calendars_polled=lambda: max(1, len(rows)))
    try:
        _work_off(parts, crew, {row.id for row in connected}, synced)
    finally:
        crew.stop()
    teller = SiteTeller(parts)
    for row in rows:
        teller.tell(row.agent_id)
    teller.take_back()
    OffPeriodKeeper(parts).keep()
    if full:
        newest = comparisons.last_comparisons(parts.database, parts.site_id)
        ids = {row.id for row in connected}
        synced.compared = {one: row for one, row in newest.items() if one in ids and row.at >= began_at}
        synced.not_compared = ids - synced.compared.keys()
    return synced


def _work_off(parts: SyncParts, crew: Crew, waiting: set[int], synced: SyncedNow) -> None:
    give_up_at = parts.clock() + PATIENCE
    while waiting:
        if waiting - crew.running:
            crew.take_due(waiting)
        crew.wait_for_one(LOOK_EVERY_S)
        if not crew.is_idle:
            give_up_at = parts.clock() + PATIENCE
        elif parts.clock() >= give_up_at:
            synced.unreached = waiting
            return
        at_rest = waiting - crew.running
        waiting -= {row_id for row_id in at_rest if _is_done(parts, row_id) or synced.has_stalled(row_id)}


def _is_done(parts: SyncParts, account_id: int) -> bool:
    """Nobody works at the account and nothing of it is due: what could be done now has been done."""
    row, now = accounts.read_account(parts.database, account_id), parts.clock()
    if row is None or row.state is not AccountState.CONNECTED:
        return True
    due = [moment for moment in (row.outbound_due_at, row.inbound_due_at) if moment is not None]
    # A spent minute of quota comes back within a minute: worth waiting for.
    later = now + (PATIENCE if row.problem == Problem.RATE_LIMITED else timedelta(0))
    return row.lease_owner is None and all(moment > later for moment in due)
