"""How long what a run did had been waited for, kept as samples for the promise (plan/promise.py)."""

from __future__ import annotations

import logging
from datetime import datetime

from latesync.errors import SiteError, StateUnavailable
from latesync.model import AccountState
from latesync.plan.promise import inbound_delay, outbound_delay
from latesync.store.accounts import AccountRow
from latesync.store.delays import INBOUND, OUTBOUND, record_delays
from latesync.store.leases import Claim
from latesync.store.pauses import last_resumed
from latesync.sync.parts import RunCounts, SyncParts

log = logging.getLogger(__name__)

# Somebody who imports a thousand bookings is not to outweigh everybody else's day.
MOST_SAMPLES = 50


def measure(parts: SyncParts, claim: Claim, counts: RunCounts) -> None:
    """Keep how long each change took that this run brought to its end; a run that did nothing asks nothing.

    Statistics: what goes wrong here fails no run.
    """
    try:
        database, site_id, now = parts.database, parts.site_id, parts.clock()
        if counts.written and _is_live(parts, claim.account, claim.account.outbound_good_at):
            record_delays(database, site_id, OUTBOUND, _outbound(parts, claim, counts), now)
        if counts.changes_read and _is_live(parts, claim.account, claim.account.inbound_good_at):
            record_delays(database, site_id, INBOUND, _inbound(claim, counts), now)
    except (SiteError, StateUnavailable) as exc:
        log.debug("delays not measured account=%d error=%s", claim.account.id, type(exc).__name__)


def _is_live(parts: SyncParts, account: AccountRow, good_at: datetime | None) -> bool:
    """Whether the direction had been in step since the account was connected, or went on after a pause:
    what comes before that is a first sync, or caught up."""
    if good_at is None or account.consented_at is None or account.state is not AccountState.CONNECTED:
        return False
    resumed_at = last_resumed(parts.database, parts.site_id, account.agent_id)
    return good_at > account.consented_at and (resumed_at is None or good_at > resumed_at)


def _outbound(parts: SyncParts, claim: Claim, counts: RunCounts) -> list[int]:
    known_at = _known_at(claim)
    if known_at is None:
        return []
    written = dict(list(counts.written.items())[:MOST_SAMPLES])
    stamps = parts.site.read_stamps(written)
    zone = parts.site.zone()
    found = (
        outbound_delay(known_at, at, (stamps or {}).get(booking_id), stamps is not None, zone)
        for booking_id, at in written.items()
    )
    return [delay for delay in found if delay is not None]


def _known_at(claim: Claim) -> datetime | None:
    """Since when there was something to do: the plugin's note or the look that made the account due; while
    writing fails, since it began to. None after a worker that died over it: it took that with it."""
    account = claim.account
    if not claim.outbound_due:
        return None
    return account.problem_since if account.failing == "outbound" else account.outbound_due_at


def _inbound(claim: Claim, counts: RunCounts) -> list[int]:
    looked_at, shown_at = claim.account.inbound_good_at, counts.shown_at
    if looked_at is None or shown_at is None:
        return []
    found = (inbound_delay(at, looked_at, shown_at) for at in counts.changes_read[:MOST_SAMPLES])
    return [delay for delay in found if delay is not None]
