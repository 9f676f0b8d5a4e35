"""Every consent there was, and what became of it. How long the next will last is told from these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, select, update

from latesync.past_consent import PastConsent
from latesync.store.consent_schema import consents
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts
from latesync.store.statements import delete_found

REFUSED, REPLACED, DISCONNECTED = "refused", "replaced", "disconnected"


def record_consent_given(
    connection: Connection,
    account_id: int,
    client_ref: int,
    consented_at: datetime,
    told_ends_at: datetime | None,
) -> None:
    """Begin a consent; the one before, if it still held, was replaced by it."""
    record_consent_ended(connection, account_id, REPLACED, consented_at)
    connection.execute(
        insert(consents).values(
            account_id=account_id,
            client_ref=client_ref,
            consented_at=consented_at,
            told_ends_at=told_ends_at,
        )
    )


def record_consent_ended(connection: Connection, account_id: int, ended_by: str, at: datetime) -> None:
    """The account's consent is over; what ended earlier keeps its own end."""
    connection.execute(
        update(consents)
        .where(consents.c.account_id == account_id, consents.c.ended_at.is_(None))
        .values(ended_at=at, ended_by=ended_by)
    )


def list_consents(
    db: Database | Connection, site_id: str, client_ref: int | None = None
) -> list[PastConsent]:
    """Every consent of the site, or those given to one client, the oldest first."""
    query = _PAST.where(accounts.c.site_id == site_id)
    if client_ref is not None:
        query = query.where(consents.c.client_ref == client_ref)
    return _read(db, query)


def consents_of_person(
    db: Database | Connection, site_id: str, subject: str, client_ref: int
) -> list[PastConsent]:
    """What one person at the provider consented to with one client, whichever agents they sign in for."""
    return _read(
        db,
        _PAST.where(
            accounts.c.site_id == site_id,
            accounts.c.subject == subject,
            consents.c.client_ref == client_ref,
        ),
    )


def prune_consents(db: Database | Connection, before: datetime) -> int:
    """Forget what ended before, but no account's last; the newest tell how long a consent lasts."""
    is_last = exists().where(
        accounts.c.id == consents.c.account_id, accounts.c.consented_at == consents.c.consented_at
    )
    with writing(db) as connection:
        return delete_found(connection, consents, consents.c.ended_at < before, ~is_last)


_PAST: Select[Any] = (
    select(
        consents.c.account_id,
        accounts.c.agent_id,
        consents.c.consented_at,
        consents.c.told_ends_at,
        consents.c.ended_at,
        consents.c.ended_by,
    )
    .join(accounts, accounts.c.id == consents.c.account_id)
    .order_by(consents.c.consented_at, consents.c.id)
)


def _read(db: Database | Connection, query: Select[Any]) -> list[PastConsent]:
    with reading(db) as connection:
        rows = connection.execute(query).all()
    return [PastConsent(**row._mapping, is_current=row.ended_at is None) for row in rows]
