"""Jobs that give up an account's events or busy time, or let its bookings begin anew; one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, select, update

from latesync.errors import WrongInput
from latesync.options import NextSync, ResetEvents
from latesync.sentences import reset_sentences
from latesync.store.database import Database, reading, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import accounts
from latesync.store.statements import insert_row, lock_site
from latesync.store.trust_schema import resets

WAITING, RUNNING, DONE, CANCELLED = "waiting", "running", "done", "cancelled"


@dataclass(frozen=True, slots=True)
class ResetWish:
    """What a person asks for.

    then_disconnect: the account is disconnected as soon as the events are gone.
    newest_booking_id: the newest booking when they asked, None where that is not known: what comes later is
      new, also where the job itself has to wait.
    """

    events: ResetEvents
    next: NextSync
    then_disconnect: bool = False
    newest_booking_id: int | None = None


@dataclass(frozen=True, slots=True)
class ResetRow:
    """total: how many events there are to delete, as far as is known. done, refused: of them."""

    id: int
    site_id: str
    account_id: int
    agent_id: int
    wish: ResetWish
    state: str
    asked_by: Who
    asked_at: datetime
    total: int
    done: int
    refused: int
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_done(self) -> bool:
        return self.state == DONE


_C = resets.c
_OPEN = _C.ended_at.is_(None)


def ask_reset(
    db: Database | Connection, account_id: int, wish: ResetWish, asked_by: Who, now: datetime
) -> ResetRow:
    """Queue a job and make its account due. Raises WrongInput while another one is open."""
    with writing(db) as connection:
        found = connection.execute(
            select(accounts.c.site_id, accounts.c.agent_id).where(accounts.c.id == account_id)
        ).one()
        lock_site(connection, found.site_id)
        if _read(connection, account_id, is_open=True) is not None:
            raise WrongInput(reset_sentences.ALREADY_OPEN)
        values = {
            "site_id": found.site_id,
            "account_id": account_id,
            "agent_id": found.agent_id,
            "events": wish.events.value,
            "next": wish.next.value,
            "then_disconnect": int(wish.then_disconnect),
            "newest_booking_id": wish.newest_booking_id,
            "state": WAITING,
            "asked_by": asked_by.value,
            "asked_at": now,
        }
        insert_row(connection, resets, values)
        pull_forward(connection, found.site_id, [found.agent_id], now, outbound=True, inbound=False)
        row = _read(connection, account_id, is_open=True)
        assert row is not None  # noqa: S101 - inserted above, in this transaction
        _record(connection, row, What.RESET_ASKED, asked_by, now)
        return row


def open_reset(db: Database | Connection, account_id: int) -> ResetRow | None:
    with reading(db) as connection:
        return _read(connection, account_id, is_open=True)


def last_reset(db: Database | Connection, account_id: int) -> ResetRow | None:
    """The open one, or the one that ended last."""
    with reading(db) as connection:
        return _read(connection, account_id, is_open=False)


def begin_reset(db: Database | Connection, reset_id: int, found: int) -> None:
    """A worker is at it. found: what there is to delete now; what was refused before is tried again.

    What was to be deleted and stands no more counts as done: a run that was killed did not note its last.
    """
    gone = _C.total - found
    done = case((gone > _C.done, gone), else_=_C.done)
    begun = update(resets).where(_C.id == reset_id, _OPEN)
    with writing(db) as connection:
        connection.execute(begun.values(state=RUNNING, total=done + found, done=done, refused=0))


def record_deleted(db: Database | Connection, reset_id: int) -> bool:
    """One more event is gone. False: the job was cancelled meanwhile."""
    with writing(db) as connection:
        counted = update(resets).where(_C.id == reset_id).values(done=_C.done + 1)
        connection.execute(counted)
        return connection.scalar(select(_C.id).where(_C.id == reset_id, _OPEN)) is not None


def record_refused(db: Database | Connection, reset_id: int, number: int = 1) -> None:
    """Events we were not allowed to delete, or could not reach."""
    with writing(db) as connection:
        connection.execute(update(resets).where(_C.id == reset_id).values(refused=_C.refused + number))


def finish_reset(connection: Connection, job: ResetRow, now: datetime) -> bool:
    """Everything was done. False: the job was cancelled meanwhile, and nothing more is to follow from it."""
    done = update(resets).where(_C.id == job.id, _OPEN).values(state=DONE, ended_at=now)
    if connection.execute(done).rowcount != 1:
        return False
    _record(connection, _read_one(connection, job.id), What.RESET_DONE, Who.LATESYNC, now)
    return True


def cancel_reset(db: Database | Connection, account_id: int, who: Who, now: datetime) -> bool:
    """End the open job where it stands; the next plan deals with what was deleted. False: none is open."""
    with writing(db) as connection:
        job = _read(connection, account_id, is_open=True)
        cancelled = update(resets).where(_C.account_id == account_id, _OPEN)
        if job is None or not connection.execute(cancelled.values(state=CANCELLED, ended_at=now)).rowcount:
            return False
        pull_forward(connection, job.site_id, [job.agent_id], now, outbound=True, inbound=False)
        _record(connection, _read_one(connection, job.id), What.RESET_CANCELLED, who, now)
        return True


def carry_wish(connection: Connection, from_account: int, to_account: int, now: datetime) -> None:
    """Bookings go elsewhere while a job that leaves out the present ones is open: it goes along."""
    job = _read(connection, from_account, is_open=True)
    if job is None or job.wish.next is not NextSync.NEW or job.wish.then_disconnect:
        return
    if _read(connection, to_account, is_open=True) is None:
        wish = ResetWish(ResetEvents.KEEP, NextSync.NEW, newest_booking_id=job.wish.newest_booking_id)
        ask_reset(connection, to_account, wish, job.asked_by, now)


def end_with_account(connection: Connection, account_id: int, now: datetime, who: Who) -> None:
    """The account is being disconnected: its open job is done if that was its last step, else cancelled."""
    job = _read(connection, account_id, is_open=True)
    if job is None:
        return
    was_last = and_(_C.then_disconnect == 1, _C.state == RUNNING, _C.done + _C.refused >= _C.total)
    ended = update(resets).where(_C.id == job.id, _OPEN)
    connection.execute(ended.values(state=case((was_last, DONE), else_=CANCELLED), ended_at=now))
    after = _read_one(connection, job.id)
    _record(connection, after, What.RESET_DONE if after.is_done else What.RESET_CANCELLED, who, now)


def _read(connection: Connection, account_id: int, *, is_open: bool) -> ResetRow | None:
    query = select(resets).where(_C.account_id == account_id).order_by(_C.id.desc()).limit(1)
    row = connection.execute(query.where(_OPEN) if is_open else query).first()
    return None if row is None else _row_from(row)


def _read_one(connection: Connection, reset_id: int) -> ResetRow:
    return _row_from(connection.execute(select(resets).where(_C.id == reset_id)).one())


def _row_from(row: Row[Any]) -> ResetRow:
    wish = ResetWish(
        ResetEvents(row.events), NextSync(row.next), bool(row.then_disconnect), row.newest_booking_id
    )
    return ResetRow(
        id=row.id,
        site_id=row.site_id,
        account_id=row.account_id,
        agent_id=row.agent_id,
        wish=wish,
        state=row.state,
        asked_by=Who(row.asked_by),
        asked_at=row.asked_at,
        total=row.total,
        done=row.done,
        refused=row.refused,
        ended_at=row.ended_at,
    )


def _record(connection: Connection, job: ResetRow, what: What, who: Who, now: datetime) -> None:
    entry = Entry(
        at=now,
        who=who,
        what=what,
        why=job.wish.events.value,
        agent_id=job.agent_id,
        account_id=job.account_id,
        detail={
            "next": job.wish.next.value,
            "then_disconnect": int(job.wish.then_disconnect),
            "deleted": job.done,
            "refused": job.refused,
        },
    )
    record_history(connection, job.site_id, [entry])
