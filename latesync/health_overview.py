"""How quickly changes arrive, what alarms are on, and who rests: for pages, `status` and /metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.model import AccountState
from latesync.plan.promise import UNMEASURED, WINDOW, Promise, promise_of
from latesync.sentences import health_sentences
from latesync.store.accounts import AccountRow
from latesync.store.alarms import AlarmRow, list_alarms
from latesync.store.database import Database
from latesync.store.delays import INBOUND, OUTBOUND, read_delays
from latesync.store.pauses import NOBODY, Resting, read_resting

# A running worker takes up due work within seconds. One with more due accounts than threads leaves some
# waiting for longer, but then holds leases on others: `late_since`.
WORK_IS_LATE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Health:
    """outbound, inbound: measured in the last 24 hours. alarms: what somebody was told of, and lasts."""

    outbound: Promise = UNMEASURED
    inbound: Promise = UNMEASURED
    alarms: tuple[AlarmRow, ...] = ()
    resting: Resting = NOBODY

    @property
    def paused_since(self) -> datetime | None:
        """Since when everybody rests."""
        return self.resting.everybody_since

    @property
    def promise_lines(self) -> list[str]:
        out, back = self.outbound, self.inbound
        return [
            health_sentences.bookings_arrived(out.milliseconds, out.measured),
            health_sentences.calendars_arrived(back.milliseconds, back.measured),
        ]


def read_health(database: Database, site_id: str, now: datetime) -> Health:
    samples = read_delays(database, site_id, now - WINDOW)
    return Health(
        outbound=promise_of(samples[OUTBOUND]),
        inbound=promise_of(samples[INBOUND]),
        alarms=tuple(row for row in list_alarms(database, site_id) if row.told_at is not None),
        resting=read_resting(database, site_id),
    )


def late_since(accounts: Iterable[AccountRow], now: datetime, resting: Resting = NOBODY) -> datetime | None:
    """Since when the oldest due work waits, if that is longer than any running worker leaves it.

    resting: whom no worker takes up: nothing of theirs is late.

    What a worker is at has no due time and a lease that is renewed every 15 seconds (store/leases.py); so
    while any lease lives, somebody works, and the rest waits for its turn, as in a first sync of hundreds. A
    lease that ran out is work somebody died over.
    """
    connected = [
        account
        for account in accounts
        if account.state is AccountState.CONNECTED and not resting.includes(account.agent_id)
    ]
    if any(account.lease_until is not None and account.lease_until > now for account in connected):
        return None
    due = [
        moment
        for account in connected
        for moment in (account.outbound_due_at, account.inbound_due_at, account.lease_until)
        if moment is not None and now - moment > WORK_IS_LATE
    ]
    return min(due, default=None)
