"""What somebody, or we ourselves, did to our events: the drift of mappings, and why no booking follows it."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as MappingOf
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, null, or_, select, update

from latesync.model import OTHER_CALENDAR, UNANSWERED, Drift, Mapping, MappingState
from latesync.store.database import Database, reading, writing
from latesync.store.mappings import IN_FORCE, THIS, TOLD_ID, given, mapping_from
from latesync.store.schema import mappings
from latesync.store.statements import chunks
from latesync.times import TimeRange

_C = mappings.c
_seen_drift = bindparam("new_drift", type_=_C.drift.type)


_SEEN = (
    update(mappings)
    .where(THIS)
    .values(
        **given("etag", "has_agent_notes", "drift", "drift_starts_at", "drift_ends_at", "changed_at"),
        # Another drift is another wish. But what may be our own doing stays so until a write is answered;
        # and an event that went into another calendar is seen twice, in either order: there as a stray,
        # here as deleted.
        drift_refused=case(
            (
                or_(
                    (_seen_drift == Drift.DELETED.value) & (_C.drift_refused == OTHER_CALENDAR),
                    _seen_drift.is_not(None) & (_C.drift_refused == UNANSWERED),
                ),
                _C.drift_refused,
            ),
            else_=bindparam("new_drift_refused", type_=_C.drift_refused.type),
        ),
    )
)


_STANDS_AGAIN = _SEEN.values(state=MappingState.LIVE.value, event_id=TOLD_ID)


def record_seen(
    db: Database | Connection,
    mapping_id: int,
    *,
    etag: str,
    has_agent_notes: bool,
    drift: Drift | None,
    now: datetime,
    stands_again: bool = False,
    drift_span: TimeRange | None = None,
    refused: str | None = None,
    event_id: str = "",
) -> None:
    """What a listing showed of our event; the next outbound plan decides what follows from a drift.

    What the site refused to take over before is forgotten: this is another wish. refused: why it is none.
    event_id: of one that stands again, its own id where only its key was known; "": as it was.
    """
    values = {
        "mapping": mapping_id,
        "new_etag": etag,
        "new_has_agent_notes": has_agent_notes,
        "new_drift": None if drift is None else drift.value,
        "new_drift_starts_at": None if drift_span is None else drift_span.start,
        "new_drift_ends_at": None if drift_span is None else drift_span.end,
        "new_drift_refused": None if drift is None else refused,
        "new_changed_at": now,
    }
    if stands_again:
        values["new_event_id"] = event_id or None
    with writing(db) as connection:
        connection.execute(_STANDS_AGAIN if stands_again else _SEEN, values)


def record_drift_refused(db: Database | Connection, mapping_id: int, reason: str, now: datetime) -> None:
    """The site does not take this drift over; the next outbound plan puts the event back."""
    refused = update(mappings).where(_C.id == mapping_id).values(drift_refused=reason, changed_at=now)
    with writing(db) as connection:
        connection.execute(refused)


def record_unanswered(db: Database | Connection, mapping_ids: Collection[int], now: datetime) -> None:
    """Before their events are written or deleted: until an answer is recorded, a drift may be our doing."""
    sent = update(mappings).values(drift_refused=UNANSWERED, changed_at=now)
    with writing(db) as connection:
        for some in chunks(mapping_ids):
            connection.execute(sent.where(_C.id.in_(some)))


def withdraw_unanswered(db: Database | Connection, before: MappingOf[int, str], now: datetime) -> None:
    """These events were not touched after all. before: each mapping's drift_refused as it was."""
    with writing(db) as connection:
        for reason in set(before.values()):
            ids = [mapping_id for mapping_id, kept in before.items() if kept == reason]
            withdrawn = update(mappings).values(drift_refused=reason or null(), changed_at=now)
            for some in chunks(ids):
                connection.execute(withdrawn.where(_C.id.in_(some), _C.drift_refused == UNANSWERED))


def refuse_standing_drift(db: Database | Connection, site_id: str, reason: str, now: datetime) -> None:
    """What has drifted by now is no wish any more; the next outbound plan puts it back."""
    standing = (_C.site_id == site_id) & _C.drift.is_not(None) & _C.drift_refused.is_(None)
    with writing(db) as connection:
        connection.execute(update(mappings).where(standing).values(drift_refused=reason, changed_at=now))


def list_drifted(db: Database | Connection, site_id: str) -> list[Mapping]:
    """Events in force that somebody changed or deleted, and that stand so still, by booking."""
    query = (
        select(mappings)
        .where(_C.site_id == site_id, _C.drift.is_not(None), _C.state.in_(IN_FORCE))
        .order_by(_C.booking_id, _C.id)
    )
    with reading(db) as connection:
        return [mapping_from(row) for row in connection.execute(query)]
