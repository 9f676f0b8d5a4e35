"""Every sealed column there is: how many secrets each key opens, and sealing all of them anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet
from sqlalchemy import Column, Connection, Table, or_, select, tuple_, update

from latesync.errors import SecretUnreadable
from latesync.model import AccountState
from latesync.store.consent_schema import client_uploads
from latesync.store.database import Database, reading
from latesync.store.fingerprints import pull_forward
from latesync.store.schema import accounts, clients, sign_ins
from latesync.store.secrets import SecretBox, opened

# A column that holds what a SecretBox sealed. The schema marks it "# encrypted"; a test compares.
SEALED: tuple[Column[str], ...] = (
    clients.c.client_secret,
    accounts.c.refresh_token,
    sign_ins.c.code_verifier,
    client_uploads.c.content,
)
UNREADABLE = "secret_unreadable"  # the problem such an account has, as plan/failures.py names it
ROWS_AT_ONCE = 200  # one short transaction each: whoever wants to write waits no longer than that


@dataclass(frozen=True, slots=True)
class KeyUse:
    """by_key: how many secrets each key opens, in the keys' order. unreadable: none of them does."""

    by_key: tuple[int, ...]
    unreadable: int


@dataclass(frozen=True, slots=True)
class Resealed:
    """moved: now under the first key. unreadable: left as they are."""

    moved: int = 0
    unreadable: int = 0


def count_key_use(db: Database | Connection, keys: Sequence[str]) -> KeyUse:
    """Which keys are still needed."""
    each = [Fernet(key) for key in keys]
    counts, unreadable = [0] * len(keys), 0
    with reading(db) as connection:
        for column in SEALED:
            for sealed in connection.scalars(select(column).where(column.is_not(None))):
                opens = next((number for number, key in enumerate(each) if _opens(key, sealed)), None)
                if opens is None:
                    unreadable += 1
                else:
                    counts[opens] += 1
    return KeyUse(tuple(counts), unreadable)


def reseal(db: Database, box: SecretBox, first_key: str, *, at_once: int = ROWS_AT_ONCE) -> Resealed:
    """Seal every secret under the first key of the box; what cannot be read stays as it is.

    first_key: what is sealed with it already is left alone, so a repeat does what is left of it.
    A secret that somebody replaces meanwhile keeps its new value (a conditional UPDATE on the old one).
    """
    first, moved, unreadable = Fernet(first_key), 0, 0
    for column in SEALED:
        for batch in _batches(db, column, at_once):
            new = []
            for key, sealed in batch:
                if _opens(first, sealed):
                    continue
                try:
                    new.append((key, sealed, box.sealed_anew(sealed)))
                except SecretUnreadable:
                    unreadable += 1
            moved += _replace(db, column, new)
    return Resealed(moved, unreadable)


def unreadable_accounts(db: Database | Connection, box: SecretBox, site_id: str) -> frozenset[int]:
    """Connected accounts whose sign-in cannot be read: their own token, or their client's secret."""
    joined = accounts.join(clients, clients.c.id == accounts.c.client_ref)
    query = (
        select(accounts.c.id, accounts.c.refresh_token, accounts.c.client_ref, clients.c.client_secret)
        .select_from(joined)
        .where(
            accounts.c.site_id == site_id,
            accounts.c.state == AccountState.CONNECTED.value,
            accounts.c.refresh_token.is_not(None),
        )
    )
    with reading(db) as connection:
        rows = connection.execute(query).all()
    locked_clients = {
        client_ref
        for client_ref, secret in {(row.client_ref, row.client_secret) for row in rows}
        if not is_readable(box, secret)
    }
    return frozenset(
        row.id for row in rows if row.client_ref in locked_clients or not is_readable(box, row.refresh_token)
    )


def wake_readable(db: Database, box: SecretBox, site_id: str, now: datetime) -> int:
    """Make accounts due whose lost key is back, as the last run could not know; returns how many."""
    waiting = select(accounts.c.id, accounts.c.agent_id).where(
        accounts.c.site_id == site_id,
        accounts.c.state == AccountState.CONNECTED.value,
        accounts.c.problem == UNREADABLE,
        or_(accounts.c.outbound_due_at > now, accounts.c.inbound_due_at > now),
    )
    with db.read() as connection:
        rows = connection.execute(waiting).all()
    if not rows:
        return 0
    unreadable = unreadable_accounts(db, box, site_id)
    agents = {row.agent_id for row in rows if row.id not in unreadable}
    return pull_forward(db, site_id, agents, now, outbound=True, inbound=True) if agents else 0


def is_readable(box: SecretBox, sealed: str) -> bool:
    try:
        box.open(sealed)
    except SecretUnreadable:
        return False
    return True


def _opens(key: Fernet, sealed: str) -> bool:
    try:
        opened(key, sealed)
    except SecretUnreadable:
        return False
    return True


def _batches(
    db: Database, column: Column[str], at_once: int
) -> Iterator[list[tuple[tuple[object, ...], str]]]:
    """The column's secrets by primary key, each batch read on its own: nothing is locked in between."""
    table: Table = column.table
    key = list(table.primary_key.columns)
    query = select(*key, column.label("sealed")).where(column.is_not(None)).order_by(*key)
    after: tuple[object, ...] | None = None
    while True:
        page = query if after is None else query.where(tuple_(*key) > tuple_(*after))
        with db.read() as connection:
            rows = connection.execute(page.limit(at_once)).all()
        if not rows:
            return
        batch = [(tuple(row[: len(key)]), str(row.sealed)) for row in rows]
        yield batch
        after = batch[-1][0]


def _replace(db: Database, column: Column[str], new: list[tuple[tuple[object, ...], str, str]]) -> int:
    table: Table = column.table
    if not new:
        return 0
    replaced = 0
    with db.write() as connection:
        for key, old, sealed in new:
            same = [part == value for part, value in zip(table.primary_key.columns, key, strict=True)]
            statement = update(table).where(*same, column == old).values({column.name: sealed})
            replaced += connection.execute(statement).rowcount
    return replaced
