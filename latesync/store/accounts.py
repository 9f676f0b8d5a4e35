"""Agents' authorised links to a provider: consent, state, and what a person chose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from latesync.model import AccountState
from latesync.store.calendars import clear_calendars, put_calendars
from latesync.store.consents import (
    DISCONNECTED,
    REFUSED,
    record_consent_ended,
    record_consent_given,
)
from latesync.store.database import Database, reading, writing
from latesync.store.history import What, Who, record_of_account
from latesync.store.outbox import RENEWED, end_unsent
from latesync.store.resets import end_with_account
from latesync.store.schema import accounts, calendars
from latesync.store.secrets import SecretBox
from latesync.store.statements import insert_row, lock_site, problem_values


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Everything kept of an account but its refresh token. Due times are None while claimed."""

    id: int
    site_id: str
    agent_id: int
    provider: str
    subject: str
    email: str = field(repr=False)
    client_ref: int
    state: AccountState
    scopes: str
    consented_at: datetime | None
    consent_ends_at: datetime | None
    token_at: datetime | None
    write_calendar_id: str = field(repr=False)  # often an e-mail address
    tentative_blocks: bool
    blocking: str | None
    compared_at: datetime | None
    in_step: str | None
    language: str | None
    outbound_due_at: datetime | None
    inbound_due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    failures: int
    problem: str | None
    problem_since: datetime | None
    failing: str | None
    outbound_good_at: datetime | None
    inbound_good_at: datetime | None
    created_at: datetime

    @property
    def is_written(self) -> bool:
        """Whether the agent's bookings go here; else it brings busy time only."""
        return self.write_calendar_id != ""


ACCOUNT_COLUMNS = tuple(column for column in accounts.c if column.name != "refresh_token")
_NAMES = tuple(column.name for column in ACCOUNT_COLUMNS)
_NO_PROBLEM: dict[str, Any] = {"failures": 0, "problem": None, "problem_since": None, "failing": None}
_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}

_NEEDS_SIGN_IN = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.state != AccountState.DISCONNECTED.value)
    .ordered_values(
        (accounts.c.state, AccountState.NEEDS_SIGN_IN.value),
        *problem_values(accounts),
    )
)


def account_from(row: Row[Any]) -> AccountRow:
    values = {name: row._mapping[name] for name in _NAMES}
    values["state"] = AccountState(values["state"])
    return AccountRow(**values)


def record_consent(
    db: Database | Connection,
    box: SecretBox,
    site_id: str,
    agent_id: int,
    provider: str,
    subject: str,
    email: str,
    client_ref: int,
    refresh_token: str,
    scopes: str,
    consented_at: datetime,
    ends_at: datetime | None,
    write_calendar_id: str,
    now: datetime,
    language: str | None = None,
) -> int:
    """Connect an agent, or connect them again with everything kept as it was (users-ask.md U4).

    The same person at the same provider is the same account: its calendars and mappings stay, and
    write_calendar_id counts for a new account only. Whoever is at work with the old consent loses
    the lease, and no mail about it is sent any more.
    language: of the browser that signed in; None leaves what is known.
    """
    consent = {
        "email": email,
        "client_ref": client_ref,
        "state": AccountState.CONNECTED.value,
        "refresh_token": box.seal(refresh_token),
        "scopes": scopes,
        "consented_at": consented_at,
        "consent_ends_at": ends_at,
        "outbound_due_at": now,
        "inbound_due_at": now,
        "in_step": None,  # what is caught up mails no guest (plan/invitations.py)
    }
    if language is not None:
        consent["language"] = language
    person = {"site_id": site_id, "agent_id": agent_id, "provider": provider, "subject": subject}
    with writing(db) as connection:
        lock_site(connection, site_id)
        known: int | None = connection.scalar(select(accounts.c.id).filter_by(**person))
        if known is not None:
            renewed = update(accounts).where(accounts.c.id == known)
            connection.execute(renewed.values(**consent, **_NO_PROBLEM, **_NO_LEASE))
            record_consent_given(connection, known, client_ref, consented_at, ends_at)
            end_unsent(connection, site_id, known, None, RENEWED, now)
            record_of_account(connection, known, What.CONNECTED, now, who=Who.AGENT, why="again")
            return known
        own = {"write_calendar_id": write_calendar_id, "tentative_blocks": True, "created_at": now}
        account_id = insert_row(connection, accounts, person | consent | own)
        put_calendars(connection, account_id, {write_calendar_id: True})
        record_consent_given(connection, account_id, client_ref, consented_at, ends_at)
        record_of_account(connection, account_id, What.CONNECTED, now, who=Who.AGENT, why="first")
        return account_id


def record_needs_sign_in(
    db: Database | Connection,
    account_id: int,
    problem: str,
    now: datetime,
    *,
    consented_at: datetime | None = None,
) -> bool:
    """The consent is gone; nothing of the account is lost, and nothing is claimed until it is renewed.

    consented_at: of the consent that failed; a newer one, given while the old was in use, stays valid.
    Returns whether the account needs a sign-in now.
    """
    statement = _NEEDS_SIGN_IN
    if consented_at is not None:
        statement = statement.where(accounts.c.consented_at == consented_at)
    with writing(db) as connection:
        values = {"account": account_id, "new_problem": problem, "at": now}
        if connection.execute(statement, values).rowcount != 1:
            return False
        record_consent_ended(connection, account_id, REFUSED, now)
        record_of_account(connection, account_id, What.SIGNED_OUT, now, who=Who.LATESYNC, why=problem)
        return True


def record_disconnected(
    db: Database | Connection, account_id: int, now: datetime, *, who: Who = Who.AGENT
) -> None:
    """Forget the consent and the busy time it brought; calendars and mappings stay for a return."""
    with writing(db) as connection:
        end_with_account(connection, account_id, now, who)
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(
                state=AccountState.DISCONNECTED.value,
                refresh_token=None,
                outbound_due_at=None,
                inbound_due_at=None,
                **_NO_PROBLEM,
                **_NO_LEASE,
            )
        )
        clear_calendars(connection, account_id)
        record_consent_ended(connection, account_id, DISCONNECTED, now)
        record_of_account(connection, account_id, What.DISCONNECTED, now, who=who)


def read_account(db: Database | Connection, account_id: int) -> AccountRow | None:
    with reading(db) as connection:
        row = connection.execute(select(*ACCOUNT_COLUMNS).where(accounts.c.id == account_id)).first()
    return None if row is None else account_from(row)


def list_accounts(db: Database | Connection, site_id: str) -> list[AccountRow]:
    """Every account of the site, disconnected ones too, by agent."""
    query = (
        select(*ACCOUNT_COLUMNS)
        .where(accounts.c.site_id == site_id)
        .order_by(accounts.c.agent_id, accounts.c.id)
    )
    with reading(db) as connection:
        return [account_from(row) for row in connection.execute(query)]


def count_polled_calendars(db: Database | Connection, site_id: str) -> int:
    """How many calendars are looked at again and again; the pace of polling follows from it."""
    query = (
        select(func.count())
        .select_from(calendars)
        .join(accounts, accounts.c.id == calendars.c.account_id)
        .where(accounts.c.site_id == site_id, accounts.c.state == AccountState.CONNECTED.value)
    )
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def disconnected_unpublished(db: Database | Connection, site_id: str) -> list[AccountRow]:
    """Accounts that ended, and whose busy time the site may still show."""
    query = (
        select(*ACCOUNT_COLUMNS)
        .join(calendars, calendars.c.account_id == accounts.c.id)
        .where(
            accounts.c.site_id == site_id,
            accounts.c.state == AccountState.DISCONNECTED.value,
            calendars.c.is_unpublished,
        )
        .distinct()
    )
    with reading(db) as connection:
        return [account_from(row) for row in connection.execute(query)]


def active_account(db: Database | Connection, site_id: str, agent_id: int) -> AccountRow | None:
    """The account an agent last consented to, if it is connected or waits for a sign-in."""
    query = (
        select(*ACCOUNT_COLUMNS)
        .where(
            accounts.c.site_id == site_id,
            accounts.c.agent_id == agent_id,
            accounts.c.state != AccountState.DISCONNECTED.value,
        )
        .order_by(accounts.c.consented_at.desc(), accounts.c.id.desc())
        .limit(1)
    )
    with reading(db) as connection:
        row = connection.execute(query).first()
    return None if row is None else account_from(row)


def was_connected(db: Database | Connection, site_id: str, agent_id: int) -> bool:
    """Whether the agent ever had an account, be it disconnected."""
    query = select(accounts.c.id).where(accounts.c.site_id == site_id, accounts.c.agent_id == agent_id)
    with reading(db) as connection:
        return connection.scalar(query.limit(1)) is not None


def read_refresh_token(db: Database | Connection, box: SecretBox, account_id: int) -> str | None:
    """None after a disconnect. Raises SecretUnreadable."""
    with reading(db) as connection:
        sealed: str | None = connection.scalar(
            select(accounts.c.refresh_token).where(accounts.c.id == account_id)
        )
    return None if sealed is None else box.open(sealed)


def choose_calendars(
    db: Database | Connection,
    account_id: int,
    write_calendar_id: str,
    read_calendar_ids: Collection[str],
    tentative_blocks: bool | None,
    now: datetime,
) -> None:
    """What a person decided about an account's calendars; both directions are due at once.

    tentative_blocks: None leaves what was chosen (store/blocking.py).

    The calendar written to is listed in any case, for drift; it brings busy time only if chosen.
    Whoever is at work with the old choice loses the lease.
    """
    wanted = {write_calendar_id: False} | dict.fromkeys(read_calendar_ids, True)
    with writing(db) as connection:
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(
                write_calendar_id=write_calendar_id,
                **({} if tentative_blocks is None else {"tentative_blocks": tentative_blocks}),
                outbound_due_at=now,
                inbound_due_at=now,
                **_NO_LEASE,
            )
        )
        put_calendars(connection, account_id, wanted)
        numbers = {"read": len(wanted) - (write_calendar_id not in read_calendar_ids)}
        record_of_account(connection, account_id, What.CALENDARS_CHOSEN, now, who=Who.AGENT, detail=numbers)
