"""Leaves alone what somebody changes again each time it was put back, and says so."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from latesync.model import FOUGHT_OVER, Mapping
from latesync.plan.operations import Operation
from latesync.plan.put_backs import (
    COUNTED_FOR,
    PUT_BACK_REASONS,
    PutBack,
    fought_over,
    put_backs,
    wanted_hash,
)
from latesync.store import mappings
from latesync.store.history import What
from latesync.store.put_backs import count_put_backs
from latesync.sync.parts import RunCounts, SyncParts
from latesync.sync.recording import note_done, times_of

log = logging.getLogger(__name__)


def end_fights(
    parts: SyncParts,
    account_id: int,
    operations: Sequence[Operation],
    known: Collection[Mapping],
    counts: RunCounts,
) -> bool:
    """Set aside what was put back too often within the hour. True: something was, so plan again.

    Asks the store only where an event is to be put back.
    """
    found = put_backs(operations, known)
    if not found:
        return False
    done = count_put_backs(
        parts.database,
        parts.site_id,
        account_id,
        [operation.booking_id for operation in found],
        whys=[reason.value for reason in PUT_BACK_REASONS],
        since=parts.clock() - COUNTED_FOR,
    )
    fights = fought_over(found, done)
    for operation in fights:
        _set_aside(parts, account_id, operation)
        counts.set_aside += 1
        log.warning("event set aside account=%d booking=%d", account_id, operation.booking_id)
    return bool(fights)


def _set_aside(parts: SyncParts, account_id: int, operation: PutBack) -> None:
    with parts.database.write() as connection:
        mappings.record_set_aside(
            connection,
            account_id,
            operation.booking_id,
            content_hash=wanted_hash(operation),
            span=operation.content.span,
            problem=FOUGHT_OVER,
            now=parts.clock(),
        )
        what, detail = What.EVENT_SET_ASIDE, times_of(operation.content.span)
        note_done(parts, connection, account_id, operation, what, result=FOUGHT_OVER, detail=detail)
