"""The store as one run sees it: it can write only while the account is its own.

A process that was stopped for minutes (a suspended machine, a host out of memory) goes on in the middle of
a run when its lease has long passed to another. What it believes of the account is old by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from latesync.errors import LeaseLost
from latesync.store.database import Database
from latesync.store.schema import accounts

_C = accounts.c


class FencedDatabase(Database):
    """Another's connections; every writing transaction first makes sure of the lease, and keeps it so."""

    def __init__(self, database: Database, owner: str, account_id: int) -> None:
        self.url = database.url
        self.engine = database.engine
        self._database = database
        # Locked until the commit: nobody claims the account in between. On SQLite a writer is alone anyway.
        self._is_ours = select(_C.id).where(_C.id == account_id, _C.lease_owner == owner).with_for_update()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Raises LeaseLost; nothing was written then."""
        with self._database.write() as connection:
            if connection.scalar(self._is_ours) is None:
                raise LeaseLost
            yield connection
