"""Which of the site's optional columns an account's events were made from: what is lost is told from that."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection, select

from latesync.model import AccountState
from latesync.store.accounts import list_accounts
from latesync.store.database import Database, reading, writing
from latesync.store.schema import settings
from latesync.store.sites import read_setting, write_setting

_PREFIX = "readable:"


def read_readable(db: Database | Connection, site_id: str, account_id: int) -> frozenset[str] | None:
    """The optional `table.column`s that are in the account's events; None: nobody has noted that yet."""
    kept = read_setting(db, site_id, f"{_PREFIX}{account_id}")
    return None if kept is None else frozenset(json.loads(kept))


def write_readable(
    db: Database | Connection, site_id: str, account_id: int, columns: Collection[str]
) -> None:
    write_setting(db, site_id, f"{_PREFIX}{account_id}", json.dumps(sorted(columns)))


def note_first_readable(db: Database | Connection, site_id: str, columns: Collection[str]) -> None:
    """For the connected accounts of which nothing is remembered: from here on a loss is noticed."""
    with writing(db) as connection:
        known = _all_known(connection, site_id)
        for account_id in _connected(connection, site_id) - known.keys():
            write_readable(connection, site_id, account_id, columns)


def read_lost(db: Database | Connection, site_id: str, not_granted: Collection[str]) -> tuple[str, ...]:
    """What cannot be read now and stands in events of connected accounts, in the order of not_granted."""
    if not not_granted:
        return ()
    with reading(db) as connection:
        known = _all_known(connection, site_id)
        connected = _connected(connection, site_id)
    ours = {name for account_id, names in known.items() if account_id in connected for name in names}
    return tuple(name for name in not_granted if name in ours)


def _connected(connection: Connection, site_id: str) -> set[int]:
    rows = list_accounts(connection, site_id)
    return {row.id for row in rows if row.state is AccountState.CONNECTED}


def _all_known(connection: Connection, site_id: str) -> dict[int, frozenset[str]]:
    query = select(settings.c.name, settings.c.value).where(
        settings.c.site_id == site_id, settings.c.name.like(f"{_PREFIX}%")
    )
    rows = connection.execute(query).all()
    return {int(row.name.removeprefix(_PREFIX)): frozenset(json.loads(row.value)) for row in rows}
