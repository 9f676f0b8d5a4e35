"""What the site's bookings looked like when they were last turned into due work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Update, and_, case, delete, func, insert, not_, or_, select, update

from latesync.model import AccountState
from latesync.store.database import Database, reading, writing
from latesync.store.schema import accounts, fingerprints
from latesync.store.statements import chunks


def read_fingerprints(db: Database | Connection, site_id: str, kind: str) -> dict[int, str]:
    """By agent. kind: "bookings" or "details"."""
    query = select(fingerprints.c.agent_id, fingerprints.c.value).where(
        fingerprints.c.site_id == site_id, fingerprints.c.kind == kind
    )
    with reading(db) as connection:
        return {row.agent_id: row.value for row in connection.execute(query)}


def record_fingerprints(
    db: Database | Connection,
    site_id: str,
    kind: str,
    changed: Mapping[int, str],
    gone: Collection[int],
    now: datetime,
) -> None:
    """Keep the new values and make these agents' accounts due, both or neither (L9)."""
    if not changed and not gone:
        return
    touched = set(changed) | set(gone)
    rows = [
        {"site_id": site_id, "agent_id": agent_id, "kind": kind, "value": value}
        for agent_id, value in sorted(changed.items())
    ]
    with writing(db) as connection:
        for some in chunks(sorted(touched)):
            connection.execute(
                delete(fingerprints).where(
                    fingerprints.c.site_id == site_id,
                    fingerprints.c.kind == kind,
                    fingerprints.c.agent_id.in_(some),
                )
            )
        if rows:
            connection.execute(insert(fingerprints), rows)
        pull_forward(connection, site_id, touched, now, outbound=True, inbound=False)


def pull_forward(
    db: Database | Connection,
    site_id: str,
    agent_ids: Collection[int] | None,
    now: datetime,
    *,
    outbound: bool,
    inbound: bool,
) -> int:
    """Make the accounts of these agents (None: of all) due now; returns how many there are.

    Connected accounts only; a time that has come already stays. A direction somebody is working at
    becomes due again: what this hint is about may come after what they have read.
    """
    hint = _hint(site_id, now, outbound=outbound, inbound=inbound)
    with writing(db) as connection:
        if agent_ids is None:
            return connection.execute(hint).rowcount
        return sum(
            connection.execute(hint.where(accounts.c.agent_id.in_(some))).rowcount
            for some in chunks(sorted(agent_ids))
        )


def pull_inbound_forward(db: Database | Connection, site_id: str, account_id: int, now: datetime) -> None:
    """Have one account's calendars read now."""
    hint = _hint(site_id, now, outbound=False, inbound=True)
    with writing(db) as connection:
        connection.execute(hint.where(accounts.c.id == account_id))


def pull_siblings_forward(
    db: Database | Connection, site_id: str, agent_id: int, account_id: int, now: datetime
) -> int:
    """Have the agent's other accounts look at what they still hold of bookings that stand in this one now."""
    hint = _hint(site_id, now, outbound=True, inbound=False)
    of_agent = hint.where(accounts.c.agent_id == agent_id, accounts.c.id != account_id)
    with writing(db) as connection:
        return connection.execute(of_agent).rowcount


def pull_stale_inbound_forward(
    db: Database | Connection, site_id: str, agent_ids: Collection[int], now: datetime, older_than: datetime
) -> int:
    """Have these agents' calendars read now, where the last good reading is older; returns how many.

    Somebody is looking at their free times. What is being read already is seconds old then; and where
    reading fails, a visitor is no reason to ask the provider sooner than it wants to be asked.
    """
    is_stale = or_(accounts.c.inbound_good_at.is_(None), accounts.c.inbound_good_at < older_than)
    leased = and_(accounts.c.lease_until.is_not(None), accounts.c.lease_until > now)
    is_read_now = and_(accounts.c.inbound_due_at.is_(None), leased)
    is_failing = func.coalesce(accounts.c.failing, "") == "inbound"
    hint = _hint(site_id, now, outbound=False, inbound=True).where(
        is_stale, not_(is_read_now), not_(is_failing)
    )
    with writing(db) as connection:
        return sum(
            connection.execute(hint.where(accounts.c.agent_id.in_(some))).rowcount
            for some in chunks(sorted(agent_ids))
        )


def _hint(site_id: str, now: datetime, *, outbound: bool, inbound: bool) -> Update:
    due = [accounts.c.outbound_due_at] * outbound + [accounts.c.inbound_due_at] * inbound
    return (
        update(accounts)
        .where(accounts.c.site_id == site_id, accounts.c.state == AccountState.CONNECTED.value)
        .values({column: case((column <= now, column), else_=now) for column in due})
    )
