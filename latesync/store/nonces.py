"""Nonces of signed messages and links that were taken: none counts twice, in whatever process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from latesync.store.database import Database, writing
from latesync.store.schema import seen_nonces


def is_new_nonce(db: Database | Connection, site_id: str, nonce: str, now: datetime) -> bool:
    """Whether nobody came with it before; it is used up with the caller's transaction.

    nonce: 32 hex in lower case (MariaDB would take capitals for the same).
    """
    row = {"site_id": site_id, "nonce": nonce, "seen_at": now}
    try:
        with writing(db) as connection, connection.begin_nested():
            connection.execute(insert(seen_nonces), row)
    except IntegrityError:
        return False
    return True


def prune_nonces(db: Database | Connection, older_than: datetime) -> int:
    """Forget those that came before; a message that old is refused for its age."""
    with writing(db) as connection:
        return connection.execute(delete(seen_nonces).where(seen_nonces.c.seen_at < older_than)).rowcount
