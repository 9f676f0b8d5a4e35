"""Refresh tokens that are replaced at every use (microsoft-graph.md T1): none is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from latesync.store.database import Database, writing
from latesync.store.schema import accounts
from latesync.store.secrets import SecretBox

_TRIES = 5  # each lost one is a change of keys that sealed the same token anew meanwhile


def record_rotated_token(
    db: Database, box: SecretBox, account_id: int, old: str, new: str, now: datetime
) -> bool:
    """Keep `new` in place of `old`, if `old` is still what is stored; returns whether it was.

    It is not where another worker was first, where the person signed in again or disconnected: what is
    stored then counts, and both tokens work (T1). Raises SecretUnreadable, StateUnavailable.
    """
    for _ in range(_TRIES):
        with db.read() as connection:
            sealed = connection.scalar(select(accounts.c.refresh_token).where(accounts.c.id == account_id))
        if sealed is None or box.open(sealed) != old:
            return False
        replaced = (
            update(accounts)
            .where(accounts.c.id == account_id, accounts.c.refresh_token == sealed)
            .values(refresh_token=box.seal(new), token_at=now)
        )
        with db.write() as connection:
            if connection.execute(replaced).rowcount == 1:
                return True
    return False


def record_token_given(db: Database | Connection, account_id: int, now: datetime) -> None:
    """A sign-in gave a token that ends when it is not used: from now on it is counted."""
    with writing(db) as connection:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(token_at=now))
