"""An event that is changed again each time it was put back: somebody, or another program, does not give in.

Two programs that correct each other go on for ever, and use up the quota of all others (odoo-calendar-sync.md
§4, PR 215449: an infinite loop in production). Only putting back is counted: what the booking itself says is
always followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from datetime import timedelta

from latesync.model import Mapping, MappingState
from latesync.plan.content import content_hash
from latesync.plan.operations import CreateEvent, Operation, Reason, UpdateEvent

PutBack = CreateEvent | UpdateEvent

# Nobody moves one event by hand that often; two programs do within minutes, at a look each half minute.
MOST_PUT_BACKS = 10
COUNTED_FOR = timedelta(hours=1)
PUT_BACK_REASONS = (Reason.EDITED_IN_CALENDAR, Reason.DELETED_IN_CALENDAR)


def put_backs(operations: Iterable[Operation], known: Iterable[Mapping]) -> list[PutBack]:
    """Those that put an event back. What was set aside is tried once more: its booking changed, or a person
    asked for it.

    known: the account's mappings.
    """
    live = {mapping.booking_id for mapping in known if mapping.state is MappingState.LIVE}
    return [
        operation
        for operation in operations
        if isinstance(operation, CreateEvent | UpdateEvent)
        and operation.reason in PUT_BACK_REASONS
        and operation.booking_id in live
    ]


def fought_over(operations: Collection[PutBack], done: MappingOf[int, int]) -> list[PutBack]:
    """Which of them are not to be done. done: how often each booking's event was put back lately."""
    return [operation for operation in operations if done.get(operation.booking_id, 0) >= MOST_PUT_BACKS]


def wanted_hash(operation: PutBack) -> str:
    """Of what the event ought to hold, under the generation it has: differs as soon as the booking does."""
    marker = operation.content.marker
    if isinstance(operation, CreateEvent):  # it would have made the next one
        marker = replace(marker, generation=marker.generation - 1)
    return content_hash(replace(operation.content, marker=marker))
