"""Which accounts' consents may need a word now; the many that are quiet are not looked at one by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from latesync.model import AccountState
from latesync.store.account_rows import ACCOUNT_COLUMNS, AccountRow, account_from
from latesync.store.consent_schema import consents
from latesync.store.database import Database, reading
from latesync.store.schema import accounts, clients

_HELD: Select[Any] = (
    select(*ACCOUNT_COLUMNS, clients.c.is_current, consents.c.ended_at)
    .join(clients, clients.c.id == accounts.c.client_ref)
    .outerjoin(
        consents,
        and_(consents.c.account_id == accounts.c.id, consents.c.consented_at == accounts.c.consented_at),
    )
    .where(accounts.c.state != AccountState.DISCONNECTED.value)
)


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """An account with the consent it holds, or held last.

    ended_at: when the provider refused it. is_current_client: whether new sign-ins use the same client.
    """

    account: AccountRow
    ended_at: datetime | None
    is_current_client: bool


def list_consents_to_tell(
    db: Database | Connection,
    site_id: str,
    *,
    ends_before: datetime,
    inferred_clients: Collection[int],
    inferred_before: datetime,
) -> list[HeldConsent]:
    """Accounts that were signed out, whose end is near, or whose client was replaced; by account.

    inferred_clients: whose consents end after a week though nobody said so; they are near their end when
    they were given before inferred_before.
    """
    a = accounts.c
    is_near = or_(
        a.state == AccountState.NEEDS_SIGN_IN.value,
        a.consent_ends_at <= ends_before,
        and_(
            a.consent_ends_at.is_(None),
            a.client_ref.in_(list(inferred_clients)),
            a.consented_at <= inferred_before,
        ),
        ~clients.c.is_current,
    )
    query = _HELD.where(a.site_id == site_id, is_near).order_by(a.id, consents.c.id)
    with reading(db) as connection:
        rows = connection.execute(query).all()
    return list({row.id: _held(row) for row in rows}.values())


def read_held_consent(db: Database | Connection, account_id: int) -> HeldConsent | None:
    """None when there is no such account, or it was disconnected."""
    query = _HELD.where(accounts.c.id == account_id).order_by(consents.c.id.desc()).limit(1)
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else _held(row)


def _held(row: Row[Any]) -> HeldConsent:
    return HeldConsent(account_from(row), row.ended_at, row.is_current)
