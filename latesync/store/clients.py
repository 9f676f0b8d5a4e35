"""The OAuth clients the operator uploaded. An account keeps the client its consent was given to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select, update

from latesync.model import AccountState
from latesync.options import AccountType, Publishing
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, clients
from latesync.store.secrets import SecretBox
from latesync.store.sites import read_setting, write_setting
from latesync.store.statements import insert_row, lock_site, problem_values


@dataclass(frozen=True, slots=True)
class ClientRow:
    """redirect_uris: as uploaded; empty when the file had no list.

    client_secret: "" where nobody needs it any more (old_clients.py).
    publishing_status: what the owner says of the client's project; None also for a word of a newer program.
    tenant, account_type, secret_ends_on: of an app registration at Microsoft; None elsewhere, and where the
      owner did not say.
    """

    id: int
    site_id: str
    provider: str
    client_id: str
    client_secret: str = field(repr=False)
    project_id: str | None
    redirect_uris: tuple[str, ...]
    uploaded_at: datetime
    is_current: bool
    publishing_status: Publishing | None
    tenant: str | None
    account_type: AccountType | None
    secret_ends_on: date | None
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


PUBLISHING_STATUS = "publishing_status"  # a setting: what the owner said before there was a client
_SET_PROBLEM = (
    update(clients).where(clients.c.id == bindparam("client")).ordered_values(*problem_values(clients))
)


def sealed_from(row: Row[Any]) -> SealedClient:
    values = {column.name: row._mapping[column] for column in clients.c}
    values["redirect_uris"] = tuple(json.loads(values["redirect_uris"]))
    said = values["publishing_status"]
    values["publishing_status"] = Publishing(said) if said in list(Publishing) else None
    kind = values["account_type"]
    values["account_type"] = AccountType(kind) if kind in list(AccountType) else None
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
    *,
    tenant: str | None = None,
    account_type: AccountType | None = None,
    secret_ends_on: date | None = None,
) -> int:
    """Keep an uploaded client and use it for new sign-ins; the same client id replaces its secret.

    Accounts stay with the client they consented to. What the owner said of the project's publishing status
    goes on with the project.
    """
    of_provider = (clients.c.site_id == site_id) & (clients.c.provider == provider)
    values = {
        "client_secret": box.seal(client_secret),
        "project_id": project_id,
        "redirect_uris": json.dumps(list(redirect_uris)),
        "tenant": tenant,
        "account_type": account_type.value if account_type else None,
        "secret_ends_on": secret_ends_on,
        "uploaded_at": now,
        "is_current": True,
        "problem": None,
        "problem_since": None,
    }
    with writing(db) as connection:
        lock_site(connection, site_id)
        said = _said_of_project(connection, site_id, provider, project_id)
        connection.execute(update(clients).where(of_provider).values(is_current=False))
        known = connection.execute(
            select(clients.c.id, clients.c.publishing_status).where(
                of_provider, clients.c.client_id == client_id
            )
        ).first()
        if known is not None:
            values["publishing_status"] = known.publishing_status or said
            connection.execute(update(clients).where(clients.c.id == known.id).values(**values))
            return int(known.id)
        new = {"site_id": site_id, "provider": provider, "client_id": client_id, "publishing_status": said}
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


def providers_set_up(db: Database | Connection, site_id: str) -> tuple[str, ...]:
    """Where new sign-ins have a client, whether or not its secret can be read; by name."""
    query = select(clients.c.provider).where(clients.c.site_id == site_id, clients.c.is_current).distinct()
    with reading(db) as connection:
        return tuple(sorted(connection.scalars(query)))


def read_client(db: Database | Connection, box: SecretBox, client_ref: int) -> ClientRow:
    """Raises SecretUnreadable."""
    with reading(db) as connection:
        row = connection.execute(select(clients).where(clients.c.id == client_ref)).one()
    return sealed_from(row).open(box)


def list_clients(db: Database | Connection, site_id: str, provider: str) -> list[ClientRow]:
    """Every client that is kept, the current one first; no secret is opened: client_secret is ""."""
    query = (
        select(clients)
        .where(clients.c.site_id == site_id, clients.c.provider == provider)
        .order_by(clients.c.is_current.desc(), clients.c.uploaded_at.desc(), clients.c.id.desc())
    )
    with reading(db) as connection:
        rows = connection.execute(query).all()
    return [replace(sealed_from(row).sealed, client_secret="") for row in rows]


def is_current_client(db: Database | Connection, client_ref: int) -> bool:
    """False also for one that is forgotten."""
    query = select(clients.c.is_current).where(clients.c.id == client_ref)
    with reading(db) as connection:
        return bool(connection.scalar(query))


def write_publishing_status(db: Database | Connection, client_ref: int, status: Publishing | None) -> None:
    value = status.value if status else None
    with writing(db) as connection:
        connection.execute(update(clients).where(clients.c.id == client_ref).values(publishing_status=value))


def others_good_at(db: Database | Connection, client_ref: int, account_id: int) -> datetime | None:
    """When any other account last succeeded with this client."""
    of_others = select(accounts.c.outbound_good_at, accounts.c.inbound_good_at).where(
        accounts.c.client_ref == client_ref,
        accounts.c.id != account_id,
        accounts.c.state == AccountState.CONNECTED.value,
        accounts.c.problem.is_(None),
    )
    with reading(db) as connection:
        moments = [moment for row in connection.execute(of_others) for moment in row if moment is not None]
    return max(moments, default=None)


def record_client_works(
    db: Database | Connection, client_ref: int, account_id: int, problems: Collection[str]
) -> bool:
    """End a client's problem after a success of this account, unless another one still meets one of these.

    A refused client goes on working for an hour where an access token still lives, and an organisation's
    administrator blocks it for their own people only: one success proves too little.
    """
    still_met = exists().where(
        accounts.c.client_ref == client_ref,
        accounts.c.id != account_id,
        accounts.c.state == AccountState.CONNECTED.value,
        accounts.c.problem.in_(sorted(problems)),
    )
    ended = (
        update(clients)
        .where(clients.c.id == client_ref, clients.c.problem.in_(sorted(problems)), ~still_met)
        .values(problem=None, problem_since=None)
    )
    with writing(db) as connection:
        return connection.execute(ended).rowcount == 1


def retry_accounts(
    db: Database | Connection, site_id: str, client_ref: int, problems: Collection[str], now: datetime
) -> None:
    """Let every account that one of these problems stopped try at once, now that the operator has acted.

    client_ref: the client that was uploaded; what its own accounts met is over.
    """
    stopped = (
        accounts.c.site_id == site_id,
        accounts.c.state == AccountState.CONNECTED.value,
        accounts.c.problem.in_(sorted(problems)),
    )
    over = {"failures": 0, "problem": None, "problem_since": None, "failing": None}
    due = {"outbound_due_at": now, "inbound_due_at": now}
    with writing(db) as connection:
        connection.execute(update(accounts).where(*stopped).values(**due))
        connection.execute(
            update(accounts).where(*stopped, accounts.c.client_ref == client_ref).values(**over)
        )


def record_client_problem(
    db: Database | Connection, client_ref: int, problem: str | None, now: datetime
) -> None:
    """problem_since stays while the same problem lasts."""
    with writing(db) as connection:
        connection.execute(_SET_PROBLEM, {"client": client_ref, "new_problem": problem, "at": now})


def _said_of_project(
    connection: Connection, site_id: str, provider: str, project_id: str | None
) -> str | None:
    """The owner's word on the project's publishing status, from another client of it or from the set-up."""
    said = read_setting(connection, site_id, PUBLISHING_STATUS)
    if said in list(Publishing):
        write_setting(connection, site_id, PUBLISHING_STATUS, "")  # taken over: the client has it now
        return said
    if project_id is None:
        return None
    same_project = (
        select(clients.c.publishing_status)
        .where(
            clients.c.site_id == site_id,
            clients.c.provider == provider,
            clients.c.project_id == project_id,
            clients.c.publishing_status.is_not(None),
        )
        .order_by(clients.c.is_current.desc(), clients.c.uploaded_at.desc())
        .limit(1)
    )
    status: str | None = connection.scalar(same_project)
    return status
