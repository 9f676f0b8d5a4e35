"""Booking ↔ event: what was asked of the provider, and what it answered. One row per account and booking."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, null, select, update

from latesync.booking_parts import with_parts
from latesync.model import Drift, Mapping, MappingState
from latesync.store.database import Database, reading, writing
from latesync.store.schema import mappings
from latesync.store.statements import chunks
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A create that is about to be asked for."""

    site_id: str
    booking_id: int
    agent_id: int
    account_id: int
    calendar_id: str
    event_id: str
    generation: int
    span: TimeRange
    content_hash: str
    booking_hash: str = ""
    guests_hash: str = ""


_C = mappings.c
THIS = _C.id == bindparam("mapping")
IN_FORCE = (MappingState.INTENT.value, MappingState.LIVE.value, MappingState.SET_ASIDE.value)


def given(*names: str) -> dict[str, Any]:
    """SET each column from a parameter called new_<column>: an UPDATE compiled once."""
    return {name: bindparam(f"new_{name}", type_=_C[name].type) for name in names}


# The id a provider gave, where it makes the ids; NULL: the one that is known already.
TOLD_ID = func.coalesce(bindparam("new_event_id", type_=_C.event_id.type), _C.event_id)
_NEW = (
    *("agent_id", "calendar_id", "event_id", "generation", "content_hash", "booking_hash", "guests_hash"),
    *("starts_at", "ends_at"),
)
_FRESH: dict[str, Any] = {
    "state": MappingState.INTENT.value,
    "echo_hash": "",
    "etag": "",
    "has_agent_notes": False,
    "meeting": "",
    "drift": null(),
    "drift_starts_at": null(),
    "drift_ends_at": null(),
    "drift_refused": null(),
    "problem": "",
}
_NO_DRIFT = {name: value for name, value in _FRESH.items() if name.startswith("drift")}
_WRITTEN = (
    update(mappings)
    .where(THIS)
    .values(
        **given("state", "etag", "content_hash", "booking_hash", "echo_hash", "has_agent_notes"),
        **given("starts_at", "ends_at", "changed_at"),
        **_NO_DRIFT,
        event_id=TOLD_ID,
        problem="",
    )
)
# What stood before is remembered first: MySQL assigns from left to right.
_OVERWRITTEN = (
    update(mappings)
    .where(THIS)
    .ordered_values(
        (_C.earlier_event_id, _C.event_id),
        *((_C[name], value) for name, value in {**given(*_NEW, "changed_at"), **_FRESH}.items()),
    )
)
_SET_ASIDE = (
    update(mappings)
    .where(_C.account_id == bindparam("account"), _C.booking_id == bindparam("booking"))
    .values(
        **given("content_hash", "starts_at", "ends_at", "problem", "changed_at"),
        state=MappingState.SET_ASIDE.value,
    )
)
_OF_ACCOUNT = select(mappings).where(
    _C.account_id == bindparam("account"), _C.state != MappingState.RETIRED.value
)
_ONE = select(mappings).where(THIS)
_COUNT_LIVE = select(func.count()).where(
    _C.account_id == bindparam("account"), _C.state == MappingState.LIVE.value, _C.booking_id > 0
)


def read_mappings(db: Database | Connection, account_id: int) -> list[Mapping]:
    """All but the retired; gone ones too, for their generation."""
    with reading(db) as connection:
        rows = connection.execute(_OF_ACCOUNT, {"account": account_id})
        return [mapping_from(row) for row in rows]


def read_mapping(db: Database | Connection, mapping_id: int) -> Mapping | None:
    with reading(db) as connection:
        row = connection.execute(_ONE, {"mapping": mapping_id}).first()
    return None if row is None else mapping_from(row)


def mappings_of_events(
    db: Database | Connection, site_id: str, event_ids: Collection[str]
) -> dict[str, Mapping]:
    """By event id, of every account of the site, retired ones too: an event of ours stays ours."""
    of_site = select(mappings).where(_C.site_id == site_id)
    with reading(db) as connection:
        return {
            row.event_id: mapping_from(row)
            for some in chunks(event_ids)
            for row in connection.execute(of_site.where(_C.event_id.in_(some)))
        }


def mappings_of_bookings(
    db: Database | Connection, account_id: int, booking_ids: Collection[int]
) -> dict[str, Mapping]:
    """One account's, by event id, retired ones too."""
    of_account = select(mappings).where(_C.account_id == account_id)
    with reading(db) as connection:
        return {
            row.event_id: mapping_from(row)
            for some in chunks(booking_ids)
            for row in connection.execute(of_account.where(_C.booking_id.in_(some)))
        }


def agents_with_events(db: Database | Connection, site_id: str, booking_ids: Collection[int]) -> set[int]:
    """The agents in whose calendars there is, or may be, an event of one of these bookings or its buffers."""
    in_force = select(_C.agent_id).where(_C.site_id == site_id, _C.state.in_(IN_FORCE)).distinct()
    with reading(db) as connection:
        return {
            agent_id
            for some in chunks(sorted(with_parts(booking_ids)))
            for agent_id in connection.scalars(in_force.where(_C.booking_id.in_(some)))
        }


def record_intents(db: Database | Connection, rows: Sequence[NewIntent], now: datetime) -> list[int]:
    """Note creates before they are asked for, over what was known of these bookings; gives the row ids."""
    with writing(db) as connection:
        known = _ids(connection, rows)
        overwritten = [
            {f"new_{name}": value for name, value in _intent_values(row, now).items() if name not in _KEYS}
            | {"mapping": known[row.account_id, row.booking_id]}
            for row in rows
            if (row.account_id, row.booking_id) in known
        ]
        added = [
            _intent_values(row, now) | _FRESH | dict.fromkeys(_NO_DRIFT)
            for row in rows
            if (row.account_id, row.booking_id) not in known
        ]
        if overwritten:
            connection.execute(_OVERWRITTEN, overwritten)
        if added:
            connection.execute(insert(mappings), added)
            known = _ids(connection, rows)
    return [known[row.account_id, row.booking_id] for row in rows]


def record_written(
    db: Database | Connection,
    mapping_id: int,
    *,
    state: MappingState,
    etag: str,
    content_hash: str,
    echo_hash: str,
    has_agent_notes: bool,
    span: TimeRange,
    now: datetime,
    booking_hash: str = "",
    event_id: str = "",
) -> None:
    """The provider's answer to a write: ends any drift and problem. event_id: as it told; "": as known."""
    values = {
        "mapping": mapping_id,
        "new_state": state.value,
        "new_etag": etag,
        "new_content_hash": content_hash,
        "new_booking_hash": booking_hash,
        "new_echo_hash": echo_hash,
        "new_has_agent_notes": has_agent_notes,
        "new_starts_at": span.start,
        "new_ends_at": span.end,
        "new_changed_at": now,
        "new_event_id": event_id or None,
    }
    with writing(db) as connection:
        connection.execute(_WRITTEN, values)


def record_moved(
    db: Database | Connection,
    mapping_id: int,
    calendar_id: str,
    *,
    etag: str,
    has_agent_notes: bool,
    now: datetime,
) -> None:
    """Its event stands in another calendar now: somebody moved it there."""
    moved = {"calendar_id": calendar_id, "etag": etag, "has_agent_notes": has_agent_notes, "changed_at": now}
    with writing(db) as connection:
        connection.execute(update(mappings).where(_C.id == mapping_id).values(**moved))


def record_in_step(db: Database | Connection, hashes: Collection[tuple[int, str]]) -> None:
    """Remember the bookings of these mappings as they are now; their events say what is wanted."""
    noted = update(mappings).where(THIS).values(**given("booking_hash"))
    with writing(db) as connection:
        connection.execute(noted, [{"mapping": row, "new_booking_hash": value} for row, value in hashes])


def record_gone(db: Database | Connection, mapping_id: int, now: datetime) -> None:
    """Our event is deleted; the row remembers its generation, for its id may stay taken."""
    gone = update(mappings).where(_C.id == mapping_id)
    with writing(db) as connection:
        connection.execute(
            gone.values(
                state=MappingState.GONE.value,
                etag="",
                content_hash="",
                echo_hash="",
                has_agent_notes=False,
                **_NO_DRIFT,
                problem="",
                changed_at=now,
            )
        )


def withdraw_intents(db: Database | Connection, mapping_ids: Collection[int], now: datetime) -> None:
    """These creates were never asked for, so no answer is owed; their generation is not used again."""
    withdrawn = update(mappings).values(state=MappingState.GONE.value, changed_at=now)
    with writing(db) as connection:
        for some in chunks(mapping_ids):
            connection.execute(withdrawn.where(_C.id.in_(some), _C.state == MappingState.INTENT.value))


def record_retired(db: Database | Connection, mapping_ids: Collection[int], now: datetime) -> None:
    """Past: the events stay in the calendar as history."""
    retired = update(mappings).values(state=MappingState.RETIRED.value, changed_at=now, **_NO_DRIFT)
    with writing(db) as connection:
        for some in chunks(mapping_ids):
            connection.execute(retired.where(_C.id.in_(some)))


def record_set_aside(
    db: Database | Connection,
    account_id: int,
    booking_id: int,
    *,
    content_hash: str,
    span: TimeRange,
    problem: str,
    now: datetime,
) -> None:
    """The provider refused this content; nothing is tried again until the booking's content differs."""
    values = {
        "account": account_id,
        "booking": booking_id,
        "new_content_hash": content_hash,
        "new_starts_at": span.start,
        "new_ends_at": span.end,
        "new_problem": problem,
        "new_changed_at": now,
    }
    with writing(db) as connection:
        connection.execute(_SET_ASIDE, values)


def list_set_aside(db: Database | Connection, site_id: str) -> list[Mapping]:
    """What needs attention, by booking."""
    query = (
        select(mappings)
        .where(_C.site_id == site_id, _C.state == MappingState.SET_ASIDE.value)
        .order_by(_C.booking_id, _C.id)
    )
    with reading(db) as connection:
        return [mapping_from(row) for row in connection.execute(query)]


def count_mapped(db: Database | Connection, account_id: int) -> int:
    """How many bookings' events stand in the account's calendars, as far as we know; buffers not counted."""
    with reading(db) as connection:
        return int(connection.scalar(_COUNT_LIVE, {"account": account_id}) or 0)


def mapped_booking_ids(db: Database | Connection, site_id: str, limit: int) -> list[int]:
    """The newest bookings that have a mapping in force; a buffer is no row of the site's."""
    query = (
        select(_C.booking_id)
        .where(_C.site_id == site_id, _C.state.in_(IN_FORCE), _C.booking_id > 0)
        .distinct()
        .order_by(_C.booking_id.desc())
        .limit(limit)
    )
    with reading(db) as connection:
        return list(connection.scalars(query))


_KEYS = ("site_id", "account_id", "booking_id")


def _intent_values(row: NewIntent, now: datetime) -> dict[str, Any]:
    return {
        "site_id": row.site_id,
        "account_id": row.account_id,
        "booking_id": row.booking_id,
        "agent_id": row.agent_id,
        "calendar_id": row.calendar_id,
        "event_id": row.event_id,
        "generation": row.generation,
        "content_hash": row.content_hash,
        "booking_hash": row.booking_hash,
        "guests_hash": row.guests_hash,
        "starts_at": row.span.start,
        "ends_at": row.span.end,
        "changed_at": now,
    }


def _ids(connection: Connection, rows: Sequence[NewIntent]) -> dict[tuple[int, int], int]:
    found = {}
    for account_id in {row.account_id for row in rows}:
        query = select(_C.booking_id, _C.id).where(_C.account_id == account_id)
        for some in chunks([row.booking_id for row in rows if row.account_id == account_id]):
            for booking_id, mapping_id in connection.execute(query.where(_C.booking_id.in_(some))):
                found[account_id, booking_id] = mapping_id
    return found


def mapping_from(row: Row[Any]) -> Mapping:
    return Mapping(
        id=row.id,
        booking_id=row.booking_id,
        agent_id=row.agent_id,
        account_id=row.account_id,
        calendar_id=row.calendar_id,
        event_id=row.event_id,
        earlier_event_id=row.earlier_event_id,
        generation=row.generation,
        state=MappingState(row.state),
        span=TimeRange(row.starts_at, row.ends_at),
        content_hash=row.content_hash,
        echo_hash=row.echo_hash,
        etag=row.etag,
        has_agent_notes=row.has_agent_notes,
        drift=None if row.drift is None else Drift(row.drift),
        problem=row.problem,
        drift_span=_span(row.drift_starts_at, row.drift_ends_at),
        drift_refused=row.drift_refused or "",
        booking_hash=row.booking_hash,
        guests_hash=row.guests_hash,
        meeting=row.meeting,
    )


def _span(starts_at: datetime | None, ends_at: datetime | None) -> TimeRange | None:
    return None if starts_at is None or ends_at is None else TimeRange(starts_at, ends_at)
