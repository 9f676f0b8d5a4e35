"""Keeps our rows among LatePoint's off periods in step, where the owner chose that way for busy time.

Several processes may be at it at once: a row is ours only while our own table says so, a row that could
not be noted there is taken out again, and whatever went missing is written anew at the next look.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from latesync.errors import LeaseLost, SiteError
from latesync.latepoint.off_periods import (
    delete_off_periods,
    insert_off_periods,
    read_our_off_periods,
)
from latesync.model import AccountState
from latesync.off_periods import OffPeriod
from latesync.options import BusyWay
from latesync.plan.off_periods import plan_off_periods, wanted_off_periods
from latesync.store import accounts, choices, off_periods
from latesync.sync.form_busy import busy_on_form
from latesync.sync.parts import SyncParts
from latesync.times import Zone

log = logging.getLogger(__name__)

# One transaction on the site's table, and what a crash in the middle leaves to be looked up.
ROWS_AT_ONCE = 100
# A row that an admin deleted by mistake stands again after at most this long.
LOOK_EVERY = timedelta(minutes=10)


def publish_off_periods(parts: SyncParts, agent_id: int) -> tuple[int, int]:
    """Make our rows show an agent's busy time; returns how many were added and removed.

    Raises SiteUnavailable, SchemaNotUnderstood (the table is missing or not granted), LeaseLost.
    """
    return _bring_in_step(parts, agent_id, is_shown=True)


def remove_off_periods(parts: SyncParts, agent_id: int) -> int:
    """Take all our rows of an agent out, and no other; how many there were. Raises as above."""
    return _bring_in_step(parts, agent_id, is_shown=False)[1]


class OffPeriodKeeper:
    """What no run does: the site's zone and day change, an admin deletes a row, the owner chooses again.

    Accounts that wait for a sign-in are looked after too: their busy time stays as last known.
    """

    def __init__(self, parts: SyncParts) -> None:
        self._parts = parts
        self._kept_for: tuple[Zone, date] | None = None
        self._kept_at: datetime | None = None

    def keep(self) -> None:
        """Look whether anything is to be done, and do it; cheap when there is nothing."""
        try:
            self._keep()
        except SiteError:
            # What is wrong with the site is the runs' and the doctor's to say; the next look tries again.
            log.debug("off periods could not be kept")

    def _keep(self) -> None:
        database, site_id = self._parts.database, self._parts.site_id
        if choices.read_busy_way(database, site_id) is not BusyWay.OFF_PERIODS:
            self._kept_for = None
            for agent_id in sorted(off_periods.agents_with_off_periods(database, site_id)):
                count = remove_off_periods(self._parts, agent_id)
                log.info("off periods removed agent=%d count=%d", agent_id, count)
            return
        circumstances = (self._parts.site.zone(), self._parts.site.today())
        now = self._parts.clock()
        is_fresh = self._kept_at is not None and now - self._kept_at < LOOK_EVERY
        if is_fresh and self._kept_for == circumstances:
            return
        for agent_id in sorted(self._agents()):
            publish_off_periods(self._parts, agent_id)
        self._kept_for, self._kept_at = circumstances, now

    def _agents(self) -> set[int]:
        database, site_id = self._parts.database, self._parts.site_id
        rows = accounts.list_accounts(database, site_id)
        active = {row.agent_id for row in rows if row.state is not AccountState.DISCONNECTED}
        return active | off_periods.agents_with_off_periods(database, site_id)


def _bring_in_step(parts: SyncParts, agent_id: int, *, is_shown: bool) -> tuple[int, int]:
    """The busy time is read last: what another run adds meanwhile is then wanted, and not taken away."""
    database, site_id = parts.database, parts.site_id
    kept = off_periods.read_off_periods(database, site_id, agent_id)
    seen = read_our_off_periods(parts.site.engine, parts.site.prefix, agent_id)
    plan = plan_off_periods(_wanted(parts, agent_id) if is_shown else [], kept, seen)
    off_periods.forget_off_periods(database, site_id, plan.forget)
    if plan.adopt:
        off_periods.record_rows(database, site_id, plan.adopt)
    for some in _portions(plan.insert):
        _insert(parts, some)
    for some in _portions(plan.delete):
        delete_off_periods(parts.site.engine, parts.site.prefix, some)
        off_periods.forget_off_periods(database, site_id, [period.id for period in some])
    return len(plan.insert), len(plan.delete)


def _wanted(parts: SyncParts, agent_id: int) -> list[OffPeriod]:
    busy = busy_on_form(parts, agent_id).values()
    return wanted_off_periods(agent_id, busy, parts.site.zone(), parts.site.window())


def _insert(parts: SyncParts, periods: Sequence[OffPeriod]) -> None:
    """Intent first, result right after: a crash in between is mended by looking for the rows."""
    site = parts.site
    off_periods.record_intents(parts.database, parts.site_id, periods)
    written = insert_off_periods(site.engine, site.prefix, periods, site.zone(), parts.clock())
    try:
        stray = off_periods.record_rows(parts.database, parts.site_id, written)
    except LeaseLost:
        # Whoever took over has looked for these rows before they were there, and will write its own.
        delete_off_periods(site.engine, site.prefix, written)
        raise
    if stray:
        delete_off_periods(site.engine, site.prefix, stray)


def _portions(periods: Iterable[OffPeriod]) -> Iterator[list[OffPeriod]]:
    remaining = iter(periods)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield some
