"""Which of an agent's accounts the bookings go to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, update

from latesync.model import AccountState
from latesync.store.account_rows import ACCOUNT_COLUMNS, AccountRow, account_from
from latesync.store.calendars import add_calendar
from latesync.store.moves import carry_left_out
from latesync.store.resets import carry_wish
from latesync.store.schema import accounts, calendars

NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}


def lock_agent(connection: Connection, site_id: str, agent_id: int) -> None:
    """Let nobody else change which of an agent's accounts is written to, until this transaction ends.

    In one order for all, and before any lock on the site: whoever works at an account holds its row, and
    then refers to the site.
    """
    of_agent = select(accounts.c.id).where(accounts.c.site_id == site_id, accounts.c.agent_id == agent_id)
    connection.execute(of_agent.order_by(accounts.c.id).with_for_update()).all()


def locked_account(connection: Connection, account_id: int) -> AccountRow:
    """The account as it is once nobody else can change who is written to."""
    this = accounts.c.id == account_id
    whose = connection.execute(select(accounts.c.site_id, accounts.c.agent_id).where(this)).one()
    lock_agent(connection, whose.site_id, whose.agent_id)
    return account_from(connection.execute(select(*ACCOUNT_COLUMNS).where(this)).one())


def others_of(connection: Connection, site_id: str, agent_id: int, account_id: int) -> list[AccountRow]:
    """The agent's active accounts but for one."""
    query = select(*ACCOUNT_COLUMNS).where(
        accounts.c.site_id == site_id,
        accounts.c.agent_id == agent_id,
        accounts.c.id != account_id,
        accounts.c.state != AccountState.DISCONNECTED.value,
    )
    is_read_only = case((accounts.c.write_calendar_id == "", 1), else_=0)
    ordered = query.order_by(is_read_only, accounts.c.provider, accounts.c.id.desc())
    return [account_from(row) for row in connection.execute(ordered)]


def give_role(
    connection: Connection,
    account_id: int,
    before: AccountRow | None,
    others: Collection[AccountRow],
    primary: str,
    now: datetime,
    *,
    writes: bool,
) -> None:
    """Whether an account that was just consented to is written to: as before it was away, if that is free."""
    is_active = before is not None and before.state is not AccountState.DISCONNECTED
    is_free = not any(other.is_written for other in others)
    account = locked_account(connection, account_id)
    if writes or is_free:
        if not (is_active and account.is_written):
            write_to(connection, account, account.write_calendar_id or primary, now)
    elif account.is_written:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(write_calendar_id=""))


def write_to(connection: Connection, account: AccountRow, calendar_id: str, now: datetime) -> None:
    """The agent's bookings go here and nowhere else; what waits until it changes goes along."""
    others = [
        other
        for other in others_of(connection, account.site_id, account.agent_id, account.id)
        if other.is_written
    ]
    due: dict[str, Any] = {"outbound_due_at": now, "inbound_due_at": now, **NO_LEASE}
    for other in others:
        carry_left_out(connection, account.site_id, other.id, account.id, now)
        carry_wish(connection, other.id, account.id, now)
        of_other = update(accounts).where(accounts.c.id == other.id)
        connection.execute(of_other.values(write_calendar_id="", **due))
    values = {"write_calendar_id": calendar_id, **due}
    if others or not account.is_written:
        values["in_step"] = None  # what comes along mails no guest (plan/invitations.py)
    connection.execute(update(accounts).where(accounts.c.id == account.id).values(**values))
    add_calendar(connection, account.id, calendar_id)


def first_calendar(connection: Connection, account: AccountRow) -> str:
    """Where to write when nobody can be asked: what was read first was the primary one at sign-in.

    Where the person reads none, an address is the name of a primary calendar, or of none: then the account
    says that its calendar is lost, and asks for another.
    """
    query = select(calendars.c.calendar_id).where(calendars.c.account_id == account.id)
    first: str | None = connection.scalar(query.order_by(calendars.c.id).limit(1))
    return first or account.email
