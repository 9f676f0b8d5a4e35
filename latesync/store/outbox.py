"""What is to be told by mail: who, about what. The text, with its link and address, is made when it is sent.

A row's key may be said once, whoever puts it there. A sender claims a row, sends, and records; where it
died in between, its lease runs out and another sends the same message again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from latesync.model import AccountState
from latesync.store.consent_schema import outbox
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts
from latesync.store.statements import delete_found, lock_site

LEASE = timedelta(seconds=90)  # a dead sender's mail goes out within two minutes

REMINDER, INVITATION, DIGEST = "reminder", "invitation", "digest"
ALARM, ALL_CLEAR = "alarm", "all_clear"  # keys "alarm:<id>:<whom>", "clear:<id>:<when it ended>:<whom>"

# How a mail may end; all but the first were not sent.
SENT = "sent"
RENEWED = "renewed"  # the agent has signed in meanwhile
SUPERSEDED = "superseded"  # something newer says it all
DISCONNECTED = "disconnected"
NEEDLESS = "needless"  # nothing needs anybody any more
EXPIRED = "expired"  # it could not be sent for as long as it made sense
STOPPED = "stopped"  # its recipient asked for no more mail
NO_MAIL = "no_mail"  # no mail server is configured
NO_ADDRESS = "no_address"
REFUSED = "address_refused"


@dataclass(frozen=True, slots=True)
class MailRow:
    """due_at: None while claimed and when done with. problem: why the last attempt failed, a code.

    attempts: how often it was claimed to be sent. ended_as: one of the words above.
    """

    id: int
    site_id: str
    key: str
    kind: str
    step: str
    agent_id: int | None
    account_id: int | None
    admin_id: int | None
    consented_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    problem: str | None
    ended_at: datetime | None
    ended_as: str | None


_C = outbox.c
_NOW = bindparam("at", type_=_C.due_at.type)
_DONE: dict[str, Any] = {"due_at": None, "lease_owner": None, "lease_until": None}
_IS_WAITING = _C.ended_at.is_(None)
_IS_DUE = and_(_IS_WAITING, or_(_C.due_at <= _NOW, _C.lease_until <= _NOW))
_FIRST_DUE = (
    select(_C.id)
    .where(_C.site_id == bindparam("site"), _IS_DUE)
    .order_by(func.coalesce(_C.due_at, _C.lease_until), _C.id)
    .limit(1)
)


def put_mail(
    db: Database | Connection,
    site_id: str,
    key: str,
    kind: str,
    *,
    step: str = "",
    agent_id: int | None = None,
    account_id: int | None = None,
    admin_id: int | None = None,
    consented_at: datetime | None = None,
    now: datetime,
    due_at: datetime,
) -> bool:
    """Note that something is to be said. False: it was noted before, and is not said again."""
    with writing(db) as connection:
        lock_site(connection, site_id)
        if connection.scalar(select(_C.id).where(_C.site_id == site_id, _C.key == key)) is not None:
            return False
        connection.execute(
            insert(outbox).values(
                site_id=site_id,
                key=key,
                kind=kind,
                step=step,
                agent_id=agent_id,
                account_id=account_id,
                admin_id=admin_id,
                consented_at=consented_at,
                created_at=now,
                due_at=due_at,
            )
        )
        return True


def claim_mail(
    db: Database,
    site_id: str,
    owner: str,
    now: datetime,
    lease: timedelta = LEASE,
    *,
    admins_only: bool = False,
) -> MailRow | None:
    """The longest due mail, or one whose sender died, for this owner alone; None when nothing is due.

    owner: a name no other process has, in this life or an earlier one. admins_only: no agent's mail.
    """
    values = {"site": site_id, "at": now}
    due = _FIRST_DUE.where(_C.admin_id.is_not(None)) if admins_only else _FIRST_DUE
    while True:
        with db.read() as connection:  # an idle look takes no lock
            first: int | None = connection.scalar(due, values)
        if first is None:
            return None
        take = (
            update(outbox)
            .where(_C.id == first, _IS_DUE)
            .values(due_at=None, lease_owner=owner, lease_until=now + lease, attempts=_C.attempts + 1)
        )
        with db.write() as connection:
            if connection.execute(take, values).rowcount == 1:
                return MailRow(**connection.execute(select(outbox).where(_C.id == first)).one()._mapping)


def record_mail_sent(db: Database | Connection, row: MailRow, now: datetime) -> bool:
    """False: the lease ran out and somebody else has taken the mail."""
    return record_mail_ended(db, row, SENT, now)


def record_mail_ended(db: Database | Connection, row: MailRow, ended_as: str, now: datetime) -> bool:
    """It is done with and will not be tried again. False: it is not ours any more."""
    values = {**_DONE, "ended_at": now, "ended_as": ended_as}
    if ended_as == SENT:
        values["problem"] = None
    return _record(db, row, values)


def record_mail_failed(db: Database | Connection, row: MailRow, problem: str, retry_at: datetime) -> bool:
    """It is tried again later. False: it is not ours any more."""
    return _record(db, row, {**_DONE, "problem": problem, "due_at": retry_at})


def record_mail_put_off(db: Database | Connection, row: MailRow, until: datetime) -> bool:
    """Nobody tried: the night came in between. False: it is not ours any more."""
    return _record(db, row, {**_DONE, "due_at": until, "attempts": row.attempts - 1})


def end_unsent(
    db: Database | Connection,
    site_id: str,
    account_id: int,
    steps: Collection[str] | None,
    ended_as: str,
    now: datetime,
) -> int:
    """End what waits about an account; steps None: all of it.

    What is being sent at this moment stays its sender's to record; if that fails, it is looked at again.
    """
    wanted = _waits(site_id, now) & (_C.account_id == account_id)
    if steps is not None:
        wanted &= _C.step.in_(list(steps))
    return _end(db, wanted, ended_as, now)


def put_invitation(
    db: Database | Connection,
    site_id: str,
    key: str,
    *,
    agent_id: int,
    account_id: int | None,
    consented_at: datetime | None,
    now: datetime,
) -> bool:
    """Invite an agent now; one that was not sent yet ends, for this one says the same.

    False: it was noted before.
    """
    with writing(db) as connection:
        # Before any mail is touched, as a sign-in does: in two orders the two would wait for each other.
        lock_site(connection, site_id)
        older = _waits(site_id, now) & (_C.agent_id == agent_id) & (_C.kind == INVITATION) & (_C.key != key)
        _end(connection, older, SUPERSEDED, now)
        return put_mail(
            connection,
            site_id,
            key,
            INVITATION,
            agent_id=agent_id,
            account_id=account_id,
            consented_at=consented_at,
            now=now,
            due_at=now,
        )


def steps_past(db: Database | Connection, account_id: int, consented_at: datetime) -> frozenset[str]:
    """The steps of a consent that were noted to be said, whatever became of them."""
    query = select(_C.step).where(
        _C.account_id == account_id, _C.consented_at == consented_at, _C.kind == REMINDER
    )
    with reading(db) as connection:
        return frozenset(connection.scalars(query))


def steps_past_by_account(db: Database | Connection, site_id: str) -> dict[int, frozenset[str]]:
    """The same for every account of the site that has such steps, of the consent it holds now."""
    query = (
        select(_C.account_id, _C.step)
        .join(accounts, and_(accounts.c.id == _C.account_id, accounts.c.consented_at == _C.consented_at))
        .where(_C.site_id == site_id, _C.kind == REMINDER)
    )
    found: dict[int, frozenset[str]] = {}
    with reading(db) as connection:
        for account_id, step in connection.execute(query):
            found[account_id] = found.get(account_id, frozenset()) | {step}
    return found


def read_mail(db: Database | Connection, site_id: str, key: str) -> MailRow | None:
    with reading(db) as connection:
        row = connection.execute(select(outbox).where(_C.site_id == site_id, _C.key == key)).first()
    return None if row is None else MailRow(**row._mapping)


def list_mails(
    db: Database | Connection, site_id: str, *, agent_id: int | None = None, limit: int = 50
) -> list[MailRow]:
    """The newest first."""
    query = select(outbox).where(_C.site_id == site_id).order_by(_C.id.desc()).limit(limit)
    if agent_id is not None:
        query = query.where(_C.agent_id == agent_id)
    with reading(db) as connection:
        return [MailRow(**row._mapping) for row in connection.execute(query)]


def last_mails(db: Database | Connection, site_id: str, *, only_sent: bool = False) -> dict[int, MailRow]:
    """Each agent's newest mail."""
    newest = select(func.max(_C.id)).where(_C.site_id == site_id, _C.agent_id.is_not(None))
    if only_sent:
        newest = newest.where(_C.ended_as == SENT)
    with reading(db) as connection:
        ids = list(connection.scalars(newest.group_by(_C.agent_id)))
        rows = [MailRow(**row._mapping) for row in connection.execute(select(outbox).where(_C.id.in_(ids)))]
    return {row.agent_id: row for row in rows if row.agent_id is not None}


def count_waiting(db: Database | Connection, site_id: str) -> int:
    """How many mails are still to be sent, those being sent included."""
    query = select(func.count()).select_from(outbox).where(_C.site_id == site_id, _IS_WAITING)
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def oldest_waiting(db: Database | Connection, site_id: str) -> MailRow | None:
    query = select(outbox).where(_C.site_id == site_id, _IS_WAITING).order_by(_C.created_at, _C.id).limit(1)
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else MailRow(**row._mapping)


def prune_mails(db: Database | Connection, before: datetime) -> int:
    """Forget what ended before, but nothing about a consent that an account still holds."""
    still_held = exists().where(
        accounts.c.id == _C.account_id,
        accounts.c.consented_at == _C.consented_at,
        accounts.c.state != AccountState.DISCONNECTED.value,
    )
    with writing(db) as connection:
        return delete_found(connection, outbox, _C.ended_at < before, ~still_held)


def _waits(site_id: str, now: datetime) -> ColumnElement[bool]:
    """Not ended, and nobody is sending it."""
    is_free = or_(_C.lease_until.is_(None), _C.lease_until <= now)
    return and_(_C.site_id == site_id, _IS_WAITING, is_free)


def _end(db: Database | Connection, wanted: ColumnElement[bool], ended_as: str, now: datetime) -> int:
    with writing(db) as connection:
        ended = update(outbox).where(wanted).values(**_DONE, ended_at=now, ended_as=ended_as)
        return connection.execute(ended).rowcount


def _record(db: Database | Connection, row: MailRow, values: dict[str, Any]) -> bool:
    ours = update(outbox).where(_C.id == row.id, _C.lease_owner == row.lease_owner, _IS_WAITING)
    with writing(db) as connection:
        return connection.execute(ours.values(**values)).rowcount == 1
