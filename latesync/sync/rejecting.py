"""Remembers what a person does not want done. Touches no calendar and no booking."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from latesync.model import OWNER
from latesync.plan.content import content_hash
from latesync.plan.operations import DeleteEvent, MoveBooking, Operation, UpdateEvent, WriteBack
from latesync.store import held
from latesync.sync.noting import note_refused
from latesync.sync.parts import RunCounts, SyncParts

log = logging.getLogger(__name__)


def remember_rejected(parts: SyncParts, operations: Sequence[Operation], counts: RunCounts) -> None:
    """Deletions: the event stays, and is found again should its booking come back. Changes: the event stays
    as it is until its booking changes once more. Wishes: the next plan puts the event back, and the agent
    is told."""
    _keep_events([operation for operation in operations if not isinstance(operation, WriteBack)], parts)
    for operation in operations:
        if isinstance(operation, WriteBack):
            _refuse_wish(operation, parts)
            counts.refusals += 1
        log.info('operation rejected booking=%d reason="%s"', operation.booking_id, operation.reason)


def _keep_events(operations: Sequence[Operation], parts: SyncParts) -> None:
    now = parts.clock()
    given_up = [
        operation.mapping.id
        for operation in operations
        if isinstance(operation, DeleteEvent)
        # A booking that was moved into the past: its event stays where it is as history.
        or (isinstance(operation, UpdateEvent) and operation.becomes_history)
    ]
    with parts.database.write() as connection:
        held.record_retired_undeleted(connection, given_up, now)
        for operation in operations:
            if isinstance(operation, UpdateEvent) and not operation.becomes_history:
                content = operation.content
                held.record_left_as_is(
                    connection, operation.mapping.id, content_hash(content), content.booking_hash, now
                )


def _refuse_wish(operation: WriteBack, parts: SyncParts) -> None:
    is_move = isinstance(operation, MoveBooking)
    note_refused(
        parts,
        operation.mapping,
        wish="move" if is_move else "cancel",
        reason=OWNER,
        is_told=True,
        wanted_starts_at=operation.to.start if isinstance(operation, MoveBooking) else None,
        booking_code=operation.booking.code,
    )
