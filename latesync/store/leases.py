"""Who works at which account. A worker claims what is due, renews while it works, and releases.

A claimed direction has no due time until the release sets the next one. So whatever appears there in
between is a hint that came during the run, and the release leaves it; and where a worker died, its lease
runs out and both directions are due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    update,
)

from latesync.model import AccountState
from latesync.store.account_rows import AccountRow, account_from
from latesync.store.calendars import CalendarRow, calendar_from
from latesync.store.clients import SealedClient, sealed_from
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, calendars, clients, sites
from latesync.store.statements import problem_values
from latesync.store.trust_schema import pauses

EVERYBODY = 0  # the agent id of a pause that is the whole site's


@dataclass(frozen=True, slots=True)
class Claim:
    """An account to work at, with what a run needs. Secrets are sealed; account is as before the claim."""

    account: AccountRow
    refresh_token: str | None = field(repr=False)
    calendars: tuple[CalendarRow, ...]
    outbound_due: bool
    inbound_due: bool
    client: SealedClient
    has_sibling: bool = False  # the agent has another account that is not disconnected


_A = accounts.c
_OTHERS = accounts.alias("others")
_INSTANT = _A.lease_until.type
_NOW = bindparam("at", type_=_INSTANT)
_UNTIL = bindparam("until", type_=_INSTANT)
_OWNER = bindparam("owner", type_=_A.lease_owner.type)
# Whose agent is paused, alone or with everybody; whose site waits for an answer.
RESTS = exists().where(pauses.c.site_id == _A.site_id, pauses.c.agent_id.in_((EVERYBODY, _A.agent_id)))
IS_STOPPED = exists().where(sites.c.id == _A.site_id, sites.c.stopped_for.is_not(None))
_CONNECTED = and_(_A.state == AccountState.CONNECTED.value, ~RESTS, ~IS_STOPPED)
_EXPIRED = _A.lease_until <= _NOW
_IS_DUE = or_(_A.outbound_due_at <= _NOW, _A.inbound_due_at <= _NOW, _EXPIRED)
# No living lease, said so that no index answers it: almost every account has none, and few are due.
_UNLEASED = func.coalesce(_A.lease_until, _NOW) <= _NOW
_ANY_DUE = select(  # one by one, so that each finds its index
    or_(
        *(
            exists().where(_CONNECTED, column <= _NOW, _UNLEASED)
            for column in (_A.outbound_due_at, _A.inbound_due_at, _A.lease_until)
        )
    )
)
# Locked rows are other workers' claims in the making: passed over, not waited for.
_DUE = (
    select(accounts)
    .where(_CONNECTED, _IS_DUE, _UNLEASED)
    .order_by(func.coalesce(_A.outbound_due_at, _A.inbound_due_at, _A.lease_until), _A.id)
    .with_for_update(skip_locked=True)
)


def _unless_due(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(_EXPIRED, column <= _NOW), null()), else_=column)


def _unless_hinted(column: ColumnElement[Any], value: BindParameter[Any]) -> ColumnElement[Any]:
    return case((column.is_(None), value), else_=column)


_IN_BATCH = _A.id.in_(bindparam("batch", expanding=True))
_CLAIM = (
    update(accounts)
    .where(_IN_BATCH, _UNLEASED)
    .ordered_values(  # MySQL assigns from left to right: what reads lease_until comes before it
        (_A.outbound_due_at, _unless_due(_A.outbound_due_at)),
        (_A.inbound_due_at, _unless_due(_A.inbound_due_at)),
        (_A.lease_owner, _OWNER),
        (_A.lease_until, _UNTIL),
    )
)
_HAS_SIBLING = (
    exists()
    .where(
        _OTHERS.c.site_id == _A.site_id,
        _OTHERS.c.agent_id == _A.agent_id,
        _OTHERS.c.id != _A.id,
        _OTHERS.c.state != AccountState.DISCONNECTED.value,
    )
    .correlate(accounts)
    .label("has_sibling")
)
_NEEDED = (
    select(_A.id.label("account"), _HAS_SIBLING, clients, calendars)
    .select_from(accounts)
    .join(clients, clients.c.id == _A.client_ref)
    .outerjoin(calendars, calendars.c.account_id == _A.id)
    .where(_IN_BATCH)
    .order_by(calendars.c.id)
)
_RENEW = update(accounts).where(_A.lease_owner == _OWNER).values(lease_until=_UNTIL)
_RELEASE = (
    update(accounts)
    .where(_A.id == bindparam("account"), _A.lease_owner == _OWNER)
    .ordered_values(
        (_A.outbound_due_at, _unless_hinted(_A.outbound_due_at, bindparam("outbound", type_=_INSTANT))),
        (_A.inbound_due_at, _unless_hinted(_A.inbound_due_at, bindparam("inbound", type_=_INSTANT))),
        (_A.failures, bindparam("new_failures")),
        (_A.failing, bindparam("new_failing")),
        *problem_values(accounts),
        (_A.outbound_good_at, func.coalesce(bindparam("outbound_good", type_=_INSTANT), _A.outbound_good_at)),
        (_A.inbound_good_at, func.coalesce(bindparam("inbound_good", type_=_INSTANT), _A.inbound_good_at)),
        (_A.lease_owner, null()),
        (_A.lease_until, null()),
    )
)
_OWNS = select(_A.id).where(_A.id == bindparam("account"), _A.lease_owner == _OWNER, _A.lease_until > _NOW)


def next_due(db: Database | Connection, now: datetime) -> bool:
    """Whether anything is due; cheap enough to ask five times a second."""
    with reading(db) as connection:
        return bool(connection.scalar(_ANY_DUE, {"at": now}))


def claim_due(
    db: Database | Connection,
    owner: str,
    now: datetime,
    *,
    lease: timedelta,
    limit: int,
    account_ids: Collection[int] | None = None,
    except_ids: Collection[int] = (),
    site_id: str | None = None,
) -> list[Claim]:
    """Claim connected accounts with a due direction, longest due first; no two owners get the same one.

    Who is paused, or belongs to a site that waits for an answer, stays due and is not claimed.

    owner: a name no other process has, in this life or an earlier one.
    except_ids: what the owner's own threads are at, whose lease may have run out while a laptop slept.
    """
    due = _DUE.limit(limit)
    if account_ids is not None:
        due = due.where(_A.id.in_(account_ids))
    if except_ids:
        due = due.where(_A.id.not_in(except_ids))
    if site_id is not None:
        due = due.where(_A.site_id == site_id)
    with writing(db) as connection:
        rows = connection.execute(due, {"at": now}).all()
        if not rows:
            return []
        batch = [row.id for row in rows]
        values = {"at": now, "owner": owner, "until": now + lease, "batch": batch}
        connection.execute(_CLAIM, values)
        needed = defaultdict(list)
        for row in connection.execute(_NEEDED, {"batch": batch}):
            needed[row.account].append(row)
        return [_claim_from(row, needed[row.id], now) for row in rows]


def renew_leases(
    db: Database | Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    account_ids: Collection[int] | None = None,
) -> int:
    """Keep what the owner has, also what ran out and nobody took; returns how much that is.

    account_ids: those its threads are at; what a broken run left behind is then free when its time is over.
    """
    renewed = _RENEW if account_ids is None else _RENEW.where(_A.id.in_(account_ids))
    with writing(db) as connection:
        return connection.execute(renewed, {"owner": owner, "until": now + lease}).rowcount


def release(
    db: Database | Connection,
    owner: str,
    account_id: int,
    now: datetime,
    *,
    outbound_due_at: datetime | None,
    inbound_due_at: datetime | None,
    failures: int,
    problem: str | None,
    outbound_good: bool,
    inbound_good: bool,
    failing: str | None = None,
) -> bool:
    """Give an account back with what came of the run; False when it is no longer the owner's.

    The due times are for the directions that were claimed; a direction that was not, or that a hint
    has made due meanwhile, keeps its own.
    """
    values = {
        "account": account_id,
        "owner": owner,
        "at": now,
        "outbound": outbound_due_at,
        "inbound": inbound_due_at,
        "new_failures": failures,
        "new_problem": problem,
        "new_failing": failing,
        "outbound_good": now if outbound_good else None,
        "inbound_good": now if inbound_good else None,
    }
    with writing(db) as connection:
        return connection.execute(_RELEASE, values).rowcount == 1


def owns(db: Database | Connection, owner: str, account_id: int, now: datetime) -> bool:
    """Whether the account is still the owner's to write for."""
    with reading(db) as connection:
        values = {"account": account_id, "owner": owner, "at": now}
        return connection.scalar(_OWNS, values) is not None


def _claim_from(row: Row[Any], needed: list[Row[Any]], now: datetime) -> Claim:
    account = account_from(row)
    expired = account.lease_until is not None
    return Claim(
        account=account,
        refresh_token=row.refresh_token,
        calendars=tuple(calendar_from(each) for each in needed if each._mapping[calendars.c.id] is not None),
        outbound_due=expired or _has_come(account.outbound_due_at, now),
        inbound_due=expired or _has_come(account.inbound_due_at, now),
        client=sealed_from(needed[0]),
        has_sibling=bool(needed[0].has_sibling),
    )


def _has_come(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at <= now
