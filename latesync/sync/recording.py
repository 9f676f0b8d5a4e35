"""What runs note in the history (store/history.py), in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from latesync.model import OTHER_CALENDAR, OWNER, SHARED_EVENT, UNANSWERED, UNWITNESSED, Mapping
from latesync.plan.drift import OwnEventSeen
from latesync.plan.operations import Operation
from latesync.store.accounts import AccountRow
from latesync.store.history import Detail, Entry, What, Who, record_history
from latesync.store.mappings import read_mapping
from latesync.sync.parts import SyncParts
from latesync.times import TimeRange

# Who said no where the site was not even asked.
_REFUSED_BY = {
    OWNER: Who.OWNER,
    OTHER_CALENDAR: Who.LATESYNC,
    SHARED_EVENT: Who.LATESYNC,
    UNWITNESSED: Who.LATESYNC,
    "past": Who.LATESYNC,
}


def note_done(
    parts: SyncParts,
    connection: Connection,
    account_id: int,
    operation: Operation,
    what: What,
    *,
    result: str = "",
    who: Who = Who.LATESYNC,
    detail: Detail | None = None,
) -> None:
    """One operation of a plan, with the plan's own reason. result: "" done, else a code."""
    entry = Entry(
        at=parts.clock(),
        who=who,
        what=what,
        why=operation.reason.value,
        result=result,
        agent_id=operation.agent_id,
        account_id=account_id,
        booking_id=operation.booking_id,
        run=parts.run,
        detail=detail or {},
    )
    record_history(connection, parts.site_id, [entry])


def note_drift(parts: SyncParts, connection: Connection, seen: OwnEventSeen) -> None:
    """Somebody changed or deleted an event of ours, or our own write did whose answer was lost.

    After the mapping was told: it knows why no booking follows.
    """
    mapping = read_mapping(connection, seen.mapping_id)
    if seen.drift is None or mapping is None:
        return
    entry = Entry(
        at=parts.clock(),
        who=Who.LATESYNC if mapping.drift_refused == UNANSWERED else Who.AGENT,
        what=What.DRIFT_SEEN,
        why=seen.drift.value,
        result=mapping.drift_refused,
        agent_id=mapping.agent_id,
        account_id=mapping.account_id,
        booking_id=mapping.booking_id,
        run=parts.run,
        detail=_moved(mapping.span, seen.drift_span),
    )
    record_history(connection, parts.site_id, [entry])


def note_strays(parts: SyncParts, agent_id: int, account_id: int, booking_ids: Sequence[int]) -> None:
    """Events of ours that another had taken the place of, deleted once more; all of a page together."""
    entries = [
        Entry(
            at=parts.clock(),
            who=Who.LATESYNC,
            what=What.STRAY_DELETED,
            agent_id=agent_id,
            account_id=account_id,
            booking_id=booking_id,
            run=parts.run,
        )
        for booking_id in booking_ids
    ]
    if entries:
        record_history(parts.database, parts.site_id, entries)


def note_busy_time(parts: SyncParts, account: AccountRow, *, added: int, removed: int) -> None:
    """What the booking form no longer offers, or offers again, after a look at the calendars."""
    entry = Entry(
        at=parts.clock(),
        who=Who.LATESYNC,
        what=What.BUSY_CHANGED,
        agent_id=account.agent_id,
        account_id=account.id,
        run=parts.run,
        detail={"added": added, "removed": removed},
    )
    record_history(parts.database, parts.site_id, [entry])


def note_calendar(parts: SyncParts, connection: Connection, account: AccountRow, what: What) -> None:
    """A calendar of an account cannot be read any more, or can again."""
    entry = Entry(
        at=parts.clock(),
        who=Who.LATESYNC,
        what=what,
        agent_id=account.agent_id,
        account_id=account.id,
        run=parts.run,
    )
    record_history(connection, parts.site_id, [entry])


def note_wish_refused(
    parts: SyncParts,
    connection: Connection,
    mapping: Mapping,
    wish: str,
    reason: str,
    wanted_starts_at: datetime | None,
) -> None:
    """A booking does not follow its event. wish: "move" or "cancel"; reason: a code of drift_sentences.py."""
    wanted = {"wanted_starts_at": wanted_starts_at.isoformat()} if wanted_starts_at else {}
    entry = Entry(
        at=parts.clock(),
        who=_REFUSED_BY.get(reason, Who.SITE),
        what=What.WISH_REFUSED,
        why=wish,
        result=reason,
        agent_id=mapping.agent_id,
        account_id=mapping.account_id,
        booking_id=mapping.booking_id,
        run=parts.run,
        detail={"starts_at": mapping.span.start.isoformat(), **wanted},
    )
    record_history(connection, parts.site_id, [entry])


def times_of(span: TimeRange) -> Detail:
    return {"starts_at": span.start.isoformat(), "ends_at": span.end.isoformat()}


def _moved(was: TimeRange, to: TimeRange | None) -> Detail:
    if to is None:
        return times_of(was)
    return {**times_of(to), "was_starts_at": was.start.isoformat()}
