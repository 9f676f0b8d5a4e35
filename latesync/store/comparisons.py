"""What full comparisons found: numbers that should be zero; and when an account was compared last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from latesync.store.database import Database, reading, writing
from latesync.store.history import Entry, What, Who, record_history
from latesync.store.schema import accounts
from latesync.store.statements import chunks
from latesync.store.trust_schema import comparisons

# Long ago: a comparison that is due at once.
ASKED_FOR = datetime(2000, 1, 1, tzinfo=UTC)
# The same, and what the state knows may be older than what stands in the calendars.
_STATE_IS_OLDER = datetime(1999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """What one comparison of one account found."""

    id: int
    site_id: str
    account_id: int
    at: datetime
    events_wrong: int
    busy_wrong: int
    form_wrong: int

    @property
    def differences(self) -> int:
        return self.events_wrong + self.busy_wrong + self.form_wrong


def record_comparison(
    db: Database | Connection,
    site_id: str,
    account_id: int,
    agent_id: int,
    now: datetime,
    *,
    events_wrong: int,
    busy_wrong: int,
    form_wrong: int,
    run: str | None = None,
) -> None:
    """What was found, and that the account is compared; in the history only what differed."""
    found = {"events_wrong": events_wrong, "busy_wrong": busy_wrong, "form_wrong": form_wrong}
    with writing(db) as connection:
        row = {"site_id": site_id, "account_id": account_id, "at": now, **found}
        connection.execute(insert(comparisons).values(**row))
        record_tried(connection, account_id, now)
        if any(found.values()):
            entry = Entry(
                at=now,
                who=Who.LATESYNC,
                what=What.COMPARED,
                agent_id=agent_id,
                account_id=account_id,
                run=run,
                detail=found,
            )
            record_history(connection, site_id, [entry])


def record_tried(db: Database | Connection, account_id: int, now: datetime) -> None:
    """A comparison that could not be made is not tried at every look; the next one is a night away."""
    with writing(db) as connection:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(compared_at=now))


def ask_for_comparison(db: Database | Connection, account_ids: Collection[int]) -> None:
    """Somebody wants to know now: the next run compares."""
    with writing(db) as connection:
        for some in chunks(account_ids):
            is_later = or_(accounts.c.compared_at.is_(None), accounts.c.compared_at > ASKED_FOR)
            asked = update(accounts).where(accounts.c.id.in_(some), is_later)
            connection.execute(asked.values(compared_at=ASKED_FOR))


def ask_all_for_comparison(db: Database | Connection, site_id: str | None = None) -> None:
    """This state may be older than what stands in the calendars (a backup, a copy): the next run of every
    account compares everything, and so finds events of ours that nothing here knows of. Until then no change
    of our events counts as somebody's wish: it may have been our own doing.

    site_id: None for every site there is.
    """
    asked = update(accounts).values(compared_at=_STATE_IS_OLDER)
    with writing(db) as connection:
        connection.execute(asked if site_id is None else asked.where(accounts.c.site_id == site_id))


def may_be_older(compared_at: datetime | None) -> bool:
    """Whether what is known of an account may be older than its calendars, and was not compared since."""
    return compared_at is not None and compared_at <= _STATE_IS_OLDER


def last_comparisons(db: Database | Connection, site_id: str) -> dict[int, ComparisonRow]:
    """The newest of each account, by account."""
    newest = (
        select(func.max(comparisons.c.id))
        .where(comparisons.c.site_id == site_id)
        .group_by(comparisons.c.account_id)
    )
    with reading(db) as connection:
        rows = connection.execute(select(comparisons).where(comparisons.c.id.in_(newest)))
        return {row.account_id: ComparisonRow(**row._mapping) for row in rows}


def prune_comparisons(db: Database | Connection, older_than: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(comparisons).where(comparisons.c.at < older_than)).rowcount
