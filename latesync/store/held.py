"""Operations a person must release first (plan/safety.py), and what that person decided.

Only the run of an account writes which operations wait; only people write what they decided. A decision
stays until the operation is no longer planned, so that a crash in between loses none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from latesync.booking_parts import with_parts
from latesync.model import AccountState, MappingState
from latesync.options import Decision
from latesync.store.database import Database, reading, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import accounts, held_operations, mappings
from latesync.store.statements import chunks

_C = held_operations.c
# What a disconnected account would have done nobody needs to decide.
_OF_SITE = (accounts.c.id == _C.account_id) & (accounts.c.state != AccountState.DISCONNECTED.value)


class HeldOperation(NamedTuple):
    """A held operation's key within its account (plan/safety.py: operation_key)."""

    booking_id: int
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """decided: None while it waits for a person."""

    account_id: int
    agent_id: int
    booking_id: int
    operation: str
    reason: str
    held_at: datetime
    decided: Decision | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldSince:
    """How many operations of an account wait for a person, and the oldest since when."""

    account_id: int
    agent_id: int
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """Which waiting operations a person decides about; None: whichever.

    booking_id: with its buffers. held_until: those held later were not shown to that person.
    """

    agent_id: int | None = None
    booking_id: int | None = None
    operation: str | None = None
    reason: str | None = None
    held_until: datetime | None = None


def read_known(db: Database | Connection, account_id: int) -> dict[tuple[int, str, str], Decision | None]:
    """What is held of an account's plan, each by its key with what was decided."""
    query = select(_C.booking_id, _C.operation, _C.reason, _C.decided, _C.decided_at).where(
        _C.account_id == account_id
    )
    with reading(db) as connection:
        rows = connection.execute(query)
        return {(row[0], row[1], row[2]): _decision(row.decided, row.decided_at) for row in rows}


def replace_held(
    db: Database | Connection,
    account_id: int,
    rows: Collection[tuple[int, str, str]],
    now: datetime,
    *,
    decided: Mapping[tuple[int, str, str], Decision] | None = None,
) -> list[HeldOperation]:
    """What is held of an account's plan now, and of what was decided what is still to be done.

    What was held before keeps its time, and what was decided meanwhile. Returns what waits only since now.
    """
    decisions = {HeldOperation(*key): decision for key, decision in (decided or {}).items()}
    waiting = {HeldOperation(*row) for row in rows}
    wanted = waiting | decisions.keys()
    with writing(db) as connection:
        known = {HeldOperation(*key) for key in read_known(connection, account_id)}
        _drop(connection, account_id, [row.booking_id for row in known - wanted])
        added = [
            {
                "account_id": account_id,
                "booking_id": row.booking_id,
                "operation": row.operation,
                "reason": row.reason,
                "held_at": now,
                "decided": decisions[row].value if row in decisions else None,
                "decided_at": now if row in decisions else None,
            }
            for row in sorted(wanted - known)
        ]
        if added:
            connection.execute(insert(held_operations), added)
    return sorted(waiting - known)


def forget_held(db: Database | Connection, account_id: int, booking_id: int) -> None:
    """It is done: what was decided goes for this once, not for the next change of the same kind."""
    with writing(db) as connection:
        _drop(connection, account_id, [booking_id])


def list_held(db: Database | Connection, site_id: str) -> list[HeldRow]:
    """What waits for a person, by agent and booking."""
    return _list(db, site_id, _C.decided.is_(None))


def list_decided(db: Database | Connection, site_id: str) -> list[HeldRow]:
    """What a person has decided and no run has come to yet, by agent and booking."""
    return _list(db, site_id, _C.decided.is_not(None))


def count_held(db: Database | Connection, site_id: str) -> list[HeldSince]:
    """How much waits for a person, and since when, by account; nothing of those that wait for nobody."""
    query = (
        select(_C.account_id, accounts.c.agent_id, func.count(), func.min(_C.held_at))
        .join_from(held_operations, accounts, _OF_SITE)
        .where(accounts.c.site_id == site_id, _C.decided.is_(None))
        .group_by(_C.account_id, accounts.c.agent_id)
        .order_by(_C.account_id)
    )
    with reading(db) as connection:
        return [HeldSince(*row) for row in connection.execute(query)]


def decide(
    db: Database, site_id: str, decision: Decision, choice: Choice, now: datetime
) -> list[HeldOperation]:
    """Release or reject what waits, and make its accounts due, both or neither; returns what was decided.

    What somebody has decided already stays so: pressing twice, or two people at once, changes nothing more.
    """
    done: list[HeldRow] = []
    with writing(db) as connection:
        waiting = _list(connection, site_id, _C.decided.is_(None), *_chosen(choice))
        # First: a run locks its account before what is held of it, too.
        agents = {row.agent_id for row in waiting}
        pull_forward(connection, site_id, agents, now, outbound=True, inbound=False)
        for row in waiting:
            is_this = and_(
                _C.account_id == row.account_id,
                _C.booking_id == row.booking_id,
                _C.operation == row.operation,
                _C.reason == row.reason,
                _C.decided.is_(None),
            )
            values = {"decided": decision.value, "decided_at": now}
            if connection.execute(update(held_operations).where(is_this).values(**values)).rowcount == 1:
                done.append(row)
        _pass_over(connection, {row.account_id for row in done}, now)
        record_history(connection, site_id, _decided_entries(done, decision, now))
    return [HeldOperation(row.booking_id, row.operation, row.reason) for row in done]


def record_retired_undeleted(connection: Connection, mapping_ids: Collection[int], now: datetime) -> None:
    """The owner keeps these events although their bookings are gone: they are nobody's work any more."""
    _set_mappings(connection, mapping_ids, now, state=MappingState.RETIRED.value, problem="")


def record_left_as_is(
    connection: Connection, mapping_id: int, content_hash: str, booking_hash: str, now: datetime
) -> None:
    """The owner leaves this event as it stands, until its booking changes again.

    Its span stays: that is where the event is.
    """
    _set_mappings(connection, [mapping_id], now, content_hash=content_hash, booking_hash=booking_hash)


def count_rewritten(db: Database | Connection, site_id: str, now: datetime) -> int:
    """How many events at most are written anew when the owner changes the wording; that never waits."""
    query = select(func.count()).where(
        mappings.c.site_id == site_id,
        mappings.c.state == MappingState.LIVE.value,
        mappings.c.ends_at > now,
    )
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def held_entries(
    rows: Collection[HeldOperation], *, agent_id: int, account_id: int, run: str | None, now: datetime
) -> list[Entry]:
    """For the history: each booking's own, so that its timeline says that it waited."""
    return [
        Entry(
            at=now,
            who=Who.LATESYNC,
            what=What.PLAN_HELD,
            why=row.reason,
            agent_id=agent_id,
            account_id=account_id,
            booking_id=row.booking_id,
            run=run,
            detail={"operation": row.operation},
        )
        for row in rows
    ]


def _decided_entries(rows: Collection[HeldRow], decision: Decision, now: datetime) -> list[Entry]:
    """Each booking's own."""
    what = What.PLAN_RELEASED if decision is Decision.RELEASED else What.PLAN_REJECTED
    return [
        Entry(
            at=now,
            who=Who.OWNER,
            what=what,
            why=row.reason,
            agent_id=row.agent_id,
            account_id=row.account_id,
            booking_id=row.booking_id,
            detail={"operation": row.operation},
        )
        for row in rows
    ]


def _list(db: Database | Connection, site_id: str, *wanted: ColumnElement[bool]) -> list[HeldRow]:
    query = (
        select(_C.account_id, accounts.c.agent_id, *_ROW)
        .join_from(held_operations, accounts, _OF_SITE)
        .where(accounts.c.site_id == site_id, *wanted)
        .order_by(accounts.c.agent_id, _C.booking_id, _C.account_id)
    )
    with reading(db) as connection:
        return [HeldRow(*row[:6], _decision(row[6], None), row[7]) for row in connection.execute(query)]


_ROW = (_C.booking_id, _C.operation, _C.reason, _C.held_at, _C.decided, _C.decided_at)


def _chosen(choice: Choice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if choice.agent_id is not None:
        wanted.append(accounts.c.agent_id == choice.agent_id)
    if choice.booking_id is not None:
        wanted.append(_C.booking_id.in_(sorted(with_parts([choice.booking_id]))))
    if choice.operation is not None:
        wanted.append(_C.operation == choice.operation)
    if choice.reason is not None:
        wanted.append(_C.reason == choice.reason)
    if choice.held_until is not None:
        wanted.append(_C.held_at <= choice.held_until)
    return wanted


def _drop(connection: Connection, account_id: int, booking_ids: Collection[int]) -> None:
    """At most one operation of a booking is planned, so the booking says which."""
    of_account = _C.account_id == account_id
    for some in chunks(booking_ids):
        connection.execute(delete(held_operations).where(of_account, _C.booking_id.in_(some)))


def _set_mappings(
    connection: Connection, mapping_ids: Collection[int], now: datetime, **values: object
) -> None:
    drift = dict.fromkeys(("drift", "drift_starts_at", "drift_ends_at", "drift_refused"))
    written = update(mappings).values(**values, **drift, changed_at=now)
    for some in chunks(mapping_ids):
        connection.execute(written.where(mappings.c.id.in_(some)))


def _pass_over(connection: Connection, account_ids: Collection[int], now: datetime) -> None:
    """What is left of these accounts' waits on until somebody has decided about it, however few it is."""
    left = update(held_operations).where(_C.decided.is_(None)).values(decided_at=now)
    for some in chunks(account_ids):
        connection.execute(left.where(_C.account_id.in_(some)))


def _decision(text: str | None, decided_at: datetime | None) -> Decision | None:
    """None also for what a newer program decided and we do not know: it waits for a person again."""
    if text is None and decided_at is not None:
        return Decision.PASSED_OVER
    return Decision(text) if text in list(Decision) else None
