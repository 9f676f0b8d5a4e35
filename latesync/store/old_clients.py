"""Clients that were replaced: kept while an account is signed in with them, then forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from latesync.model import AccountState
from latesync.store.consent_schema import consents, quota_use
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, clients, sign_ins
from latesync.store.secrets import SecretBox
from latesync.store.statements import lock_site

SIGN_IN_LIFE = timedelta(hours=1)  # a sign-in may come back from the provider for that long
FINISHING = timedelta(minutes=5)  # one that came back is still being finished


def count_accounts_by_client(db: Database | Connection, site_id: str) -> dict[int, int]:
    """How many accounts use each client, those that wait for a sign-in included."""
    query = (
        select(accounts.c.client_ref, func.count())
        .where(accounts.c.site_id == site_id, accounts.c.state != AccountState.DISCONNECTED.value)
        .group_by(accounts.c.client_ref)
    )
    with reading(db) as connection:
        return {client_ref: int(number) for client_ref, number in connection.execute(query)}


def forget_unused_clients(
    db: Database | Connection, box: SecretBox, site_id: str, provider: str, now: datetime
) -> int:
    """Forget every replaced client that no account and no sign-in under way needs; returns how many.

    Disconnected accounts go over to the current client: theirs means nothing without a token, and the next
    sign-in names its own. Where accounts only wait for a new sign-in the client's row stays, for what became
    of their consents is told from it, but its secret does not: nobody needs that any more.
    """
    with writing(db) as connection:
        if not _replaced_clients(connection, site_id, provider):  # the usual case takes no lock
            return 0
        lock_site(connection, site_id)
        old = _replaced_clients(connection, site_id, provider)
        current = connection.scalar(
            select(clients.c.id).where(
                clients.c.site_id == site_id, clients.c.provider == provider, clients.c.is_current
            )
        )
        forgotten = 0
        for client_ref in old:
            if current is None or _is_signing_in(connection, client_ref, now):
                continue
            states = _states(connection, client_ref)
            if AccountState.CONNECTED.value in states:
                continue
            if AccountState.NEEDS_SIGN_IN.value in states:
                _wipe_secret(connection, box, client_ref)
            else:
                _forget(connection, client_ref, current)
                forgotten += 1
        return forgotten


def _replaced_clients(connection: Connection, site_id: str, provider: str) -> list[int]:
    query = select(clients.c.id).where(
        clients.c.site_id == site_id, clients.c.provider == provider, clients.c.is_current.is_(False)
    )
    return list(connection.scalars(query))


def _states(connection: Connection, client_ref: int) -> set[str]:
    return set(connection.scalars(select(accounts.c.state).where(accounts.c.client_ref == client_ref)))


def _is_signing_in(connection: Connection, client_ref: int, now: datetime) -> bool:
    under_way: ColumnElement[Any] = or_(sign_ins.c.used_at.is_(None), sign_ins.c.used_at > now - FINISHING)
    query = select(sign_ins.c.state_hash).where(
        sign_ins.c.client_ref == client_ref, sign_ins.c.created_at > now - SIGN_IN_LIFE, under_way
    )
    return connection.execute(query.limit(1)).first() is not None


def _wipe_secret(connection: Connection, box: SecretBox, client_ref: int) -> None:
    row = update(clients).where(clients.c.id == client_ref)
    connection.execute(row.values(client_secret=box.seal("")))


def _forget(connection: Connection, client_ref: int, current: int) -> None:
    connection.execute(update(accounts).where(accounts.c.client_ref == client_ref).values(client_ref=current))
    for table in (sign_ins, consents, quota_use):
        connection.execute(delete(table).where(table.c.client_ref == client_ref))
    connection.execute(delete(clients).where(clients.c.id == client_ref))
