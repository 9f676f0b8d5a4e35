"""The OAuth clients the operator uploaded. An account keeps the client its consent was given to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from latesync.store.database import Database, reading, writing
from latesync.store.schema import clients
from latesync.store.secrets import SecretBox
from latesync.store.statements import insert_row, lock_site, problem_values


@dataclass(frozen=True, slots=True)
class ClientRow:
    """redirect_uris: as uploaded; empty when the file had no list."""

    id: int
    site_id: str
    provider: str
    client_id: str
    client_secret: str = field(repr=False)
    project_id: str | None
    redirect_uris: tuple[str, ...]
    uploaded_at: datetime
    is_current: bool
    problem: str | None
    problem_since: datetime | None


@dataclass(frozen=True, slots=True)
class SealedClient:
    """A client as it is stored."""

    id: int
    sealed: ClientRow = field(repr=False)

    def open(self, box: SecretBox) -> ClientRow:
        """Raises SecretUnreadable."""
        return replace(self.sealed, client_secret=box.open(self.sealed.client_secret))


_SET_PROBLEM = (
    update(clients).where(clients.c.id == bindparam("client")).ordered_values(*problem_values(clients))
)


def sealed_from(row: Row[Any]) -> SealedClient:
    values = {column.name: row._mapping[column] for column in clients.c}
    values["redirect_uris"] = tuple(json.loads(values["redirect_uris"]))
    return SealedClient(values["id"], ClientRow(**values))


def record_client(
    db: Database | Connection,
    box: SecretBox,
    site_id: str,
    provider: str,
    client_id: str,
    client_secret: str,
    project_id: str | None,
    redirect_uris: Sequence[str],
    now: datetime,
) -> int:
    """Keep an uploaded client and use it for new sign-ins; the same client id replaces its secret.

    Accounts stay with the client they consented to.
    """
    of_provider = (clients.c.site_id == site_id) & (clients.c.provider == provider)
    values = {
        "client_secret": box.seal(client_secret),
        "project_id": project_id,
        "redirect_uris": json.dumps(list(redirect_uris)),
        "uploaded_at": now,
        "is_current": True,
        "problem": None,
        "problem_since": None,
    }
    with writing(db) as connection:
        lock_site(connection, site_id)
        connection.execute(update(clients).where(of_provider).values(is_current=False))
        known: int | None = connection.scalar(
            select(clients.c.id).where(of_provider, clients.c.client_id == client_id)
        )
        if known is not None:
            connection.execute(update(clients).where(clients.c.id == known).values(**values))
            return known
        new = {"site_id": site_id, "provider": provider, "client_id": client_id}
        return insert_row(connection, clients, new | values)


def current_client(
    db: Database | Connection, box: SecretBox, site_id: str, provider: str
) -> ClientRow | None:
    """The client new sign-ins use. Raises SecretUnreadable."""
    query = (
        select(clients)
        .where(clients.c.site_id == site_id, clients.c.provider == provider, clients.c.is_current)
        .order_by(clients.c.uploaded_at.desc(), clients.c.id.desc())
        .limit(1)
    )
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else sealed_from(row).open(box)


def read_client(db: Database | Connection, box: SecretBox, client_ref: int) -> ClientRow:
    """Raises SecretUnreadable."""
    with reading(db) as connection:
        row = connection.execute(select(clients).where(clients.c.id == client_ref)).one()
    return sealed_from(row).open(box)


def record_client_problem(
    db: Database | Connection, client_ref: int, problem: str | None, now: datetime
) -> None:
    """problem_since stays while the same problem lasts."""
    with writing(db) as connection:
        connection.execute(_SET_PROBLEM, {"client": client_ref, "new_problem": problem, "at": now})
