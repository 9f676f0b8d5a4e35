"""Requests to be told of changes at a provider: one an account. Their secrets are kept as hashes only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from latesync.model import AccountState
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, subscriptions
from latesync.store.statements import insert_row


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    account_id: int
    agent_id: int
    remote_id: str
    client_state_hash: str = field(repr=False)
    expires_at: datetime

    def is_told_by(self, secret: str) -> bool:
        """Whether a note with this secret is the provider's."""
        return _hash(secret) == self.client_state_hash


_COLUMNS = (
    subscriptions.c.account_id,
    accounts.c.agent_id,
    subscriptions.c.remote_id,
    subscriptions.c.client_state_hash,
    subscriptions.c.expires_at,
)
_ALL = select(*_COLUMNS).join_from(subscriptions, accounts)


def list_subscriptions(db: Database | Connection, site_id: str) -> list[SubscriptionRow]:
    """Those of connected accounts."""
    connected = accounts.c.state == AccountState.CONNECTED.value
    query = _ALL.where(accounts.c.site_id == site_id, connected).order_by(subscriptions.c.account_id)
    with reading(db) as connection:
        return [SubscriptionRow(*row) for row in connection.execute(query)]


def find_subscription(db: Database | Connection, site_id: str, remote_id: str) -> SubscriptionRow | None:
    query = _ALL.where(accounts.c.site_id == site_id, subscriptions.c.remote_id == remote_id)
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else SubscriptionRow(*row)


def record_subscription(
    db: Database | Connection,
    account_id: int,
    remote_id: str,
    secret: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keep an account's subscription, in place of the one it had."""
    values = {
        "account_id": account_id,
        "remote_id": remote_id,
        "client_state_hash": _hash(secret),
        "expires_at": expires_at,
        "created_at": now,
    }
    with writing(db) as connection:
        forget_subscription(connection, account_id)
        insert_row(connection, subscriptions, values)


def record_renewed(db: Database | Connection, account_id: int, remote_id: str, expires_at: datetime) -> None:
    this = (subscriptions.c.account_id == account_id, subscriptions.c.remote_id == remote_id)
    with writing(db) as connection:
        connection.execute(update(subscriptions).where(*this).values(expires_at=expires_at))


def forget_subscription(db: Database | Connection, account_id: int) -> None:
    with writing(db) as connection:
        connection.execute(delete(subscriptions).where(subscriptions.c.account_id == account_id))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
