"""Operations a person must release first (plan/safety.py)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, held_operations
from latesync.store.statements import chunks


@dataclass(frozen=True, slots=True)
class HeldOperation:
    booking_id: int
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    account_id: int
    agent_id: int
    booking_id: int
    operation: str
    reason: str
    held_at: datetime


def replace_held(
    db: Database | Connection, account_id: int, rows: Collection[HeldOperation], now: datetime
) -> None:
    """What is held of an account's plan now; what was held before keeps its time."""
    of_account = held_operations.c.account_id == account_id
    query = select(held_operations.c.booking_id, held_operations.c.operation, held_operations.c.reason).where(
        of_account
    )
    wanted = set(rows)
    with reading(db) as connection:
        before = {HeldOperation(*row) for row in connection.execute(query)}
    if before == wanted:
        return
    with writing(db) as connection:
        for some in chunks([row.booking_id for row in before - wanted]):
            connection.execute(
                delete(held_operations).where(of_account, held_operations.c.booking_id.in_(some))
            )
        added = [
            {
                "account_id": account_id,
                "booking_id": row.booking_id,
                "operation": row.operation,
                "reason": row.reason,
                "held_at": now,
            }
            for row in wanted - before
        ]
        if added:
            connection.execute(insert(held_operations), added)


def list_held(db: Database | Connection, site_id: str) -> list[HeldRow]:
    query = (
        select(
            held_operations.c.account_id,
            accounts.c.agent_id,
            held_operations.c.booking_id,
            held_operations.c.operation,
            held_operations.c.reason,
            held_operations.c.held_at,
        )
        .join_from(held_operations, accounts)
        .where(accounts.c.site_id == site_id)
        .order_by(accounts.c.agent_id, held_operations.c.booking_id)
    )
    with reading(db) as connection:
        return [HeldRow(*row) for row in connection.execute(query)]
