"""Requests to be told of changes at a provider: at most one an account; their secrets as hashes only."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from latesync.model import AccountState
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, subscriptions
from latesync.store.statements import chunks, insert_row


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    account_id: int
    remote_id: str
    client_state_hash: str = field(repr=False)
    notify_url_hash: str = field(repr=False)
    expires_at: datetime

    def is_told_by(self, secret: str) -> bool:
        """Whether a note with this secret is the provider's."""
        return hmac.compare_digest(_hash(secret), self.client_state_hash)

    def tells(self, notify_url: str) -> bool:
        """Whether this is the address it was made for."""
        return _hash(notify_url) == self.notify_url_hash


_ALL = select(
    subscriptions.c.account_id,
    subscriptions.c.remote_id,
    subscriptions.c.client_state_hash,
    subscriptions.c.notify_url_hash,
    subscriptions.c.expires_at,
)


def list_subscriptions(db: Database | Connection, site_id: str) -> list[SubscriptionRow]:
    """Also of accounts that are signed out: a provider goes on telling for a while."""
    query = _ALL.join_from(subscriptions, accounts).where(accounts.c.site_id == site_id)
    with reading(db) as connection:
        found = connection.execute(query.order_by(subscriptions.c.account_id))
        return [SubscriptionRow(*row) for row in found]


def read_subscription(db: Database | Connection, account_id: int) -> SubscriptionRow | None:
    with reading(db) as connection:
        row = connection.execute(_ALL.where(subscriptions.c.account_id == account_id)).first()
    return None if row is None else SubscriptionRow(*row)


def accounts_told(db: Database | Connection, site_id: str, account_ids: Collection[int]) -> set[int]:
    """The connected accounts with the mailboxes of these: what changed there concerns all of them."""
    other = accounts.alias()
    same = and_(
        other.c.site_id == accounts.c.site_id,
        other.c.provider == accounts.c.provider,
        other.c.subject == accounts.c.subject,
    )
    query = (
        select(other.c.id)
        .join_from(accounts, other, same)
        .where(accounts.c.site_id == site_id, other.c.state == AccountState.CONNECTED.value)
    )
    with reading(db) as connection:
        return {
            found
            for some in chunks(sorted(account_ids))
            for found in connection.execute(query.where(accounts.c.id.in_(some))).scalars()
        }


def record_subscription(
    db: Database | Connection,
    account_id: int,
    remote_id: str,
    *,
    secret: str,
    notify_url: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keep an account's subscription, in place of the one it had."""
    values = {
        "account_id": account_id,
        "remote_id": remote_id,
        "client_state_hash": _hash(secret),
        "notify_url_hash": _hash(notify_url),
        "expires_at": expires_at,
        "created_at": now,
    }
    with writing(db) as connection:
        connection.execute(delete(subscriptions).where(subscriptions.c.account_id == account_id))
        insert_row(connection, subscriptions, values)


def record_renewed(db: Database | Connection, account_id: int, remote_id: str, expires_at: datetime) -> None:
    with writing(db) as connection:
        connection.execute(
            update(subscriptions).where(*_this(account_id, remote_id)).values(expires_at=expires_at)
        )


def forget_subscription(db: Database | Connection, account_id: int, remote_id: str) -> None:
    """Another one that the account has by now stays."""
    with writing(db) as connection:
        connection.execute(delete(subscriptions).where(*_this(account_id, remote_id)))


def _this(account_id: int, remote_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subscriptions.c.account_id == account_id, subscriptions.c.remote_id == remote_id


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
