"""Agents' authorised links to a provider: consent, state, and what a person chose.

An agent has at most one active account (not disconnected) a provider. Exactly one of an agent's active
accounts is written to; the others bring busy time only. Whatever changes that holds the rows of all of them,
so that two people, or two tabs, never leave two that are written to, or none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import HAS_DAILY_QUOTA
from latesync.sentences import account_sentences
from latesync.store.account_rows import ACCOUNT_COLUMNS, AccountRow, account_from
from latesync.store.calendars import clear_calendars, put_calendars
from latesync.store.consents import (
    DISCONNECTED,
    REFUSED,
    record_consent_ended,
    record_consent_given,
)
from latesync.store.database import Database, reading, writing
from latesync.store.history import What, Who, record_of_account
from latesync.store.moves import carry_left_out
from latesync.store.outbox import RENEWED, end_unsent
from latesync.store.resets import end_with_account
from latesync.store.schema import accounts, calendars
from latesync.store.secrets import SecretBox
from latesync.store.statements import insert_row, lock_site, problem_values
from latesync.store.write_roles import (
    NO_LEASE,
    first_calendar,
    give_role,
    lock_agent,
    locked_account,
    others_of,
    write_to,
)

__all__ = [
    "AccountRow",
    "active_account",
    "active_accounts",
    "choose_calendars",
    "count_polled_calendars",
    "disconnected_unpublished",
    "list_accounts",
    "promote",
    "read_account",
    "read_refresh_token",
    "record_consent",
    "record_disconnected",
    "record_needs_sign_in",
    "was_connected",
]

_NO_PROBLEM: dict[str, Any] = {"failures": 0, "problem": None, "problem_since": None, "failing": None}

_NEEDS_SIGN_IN = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.state != AccountState.DISCONNECTED.value)
    .ordered_values(
        (accounts.c.state, AccountState.NEEDS_SIGN_IN.value),
        *problem_values(accounts),
    )
)


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
    writes: bool = False,
) -> int:
    """Connect an agent, or connect them again with everything kept as it was (users-ask.md U4).

    The same person at the same provider is the same account: its calendars and mappings stay. Whoever is at
    work with the old consent loses the lease, and no mail about it is sent any more.
    write_calendar_id: the person's primary calendar. A new account reads it, and is written to there unless
      another account of the agent is. writes: the bookings go to this account from now on.
    language: of the browser that signed in; None leaves what is known.

    Raises WrongInput where the agent uses another account of this provider.
    """
    consent: dict[str, Any] = {
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
        lock_agent(connection, site_id, agent_id)
        lock_site(connection, site_id)  # of two first sign-ins at once, the later sees the other's account
        known = connection.execute(select(*ACCOUNT_COLUMNS).filter_by(**person)).first()
        before = None if known is None else account_from(known)
        others = others_of(connection, site_id, agent_id, 0 if before is None else before.id)
        if any(other.provider == provider for other in others):
            raise WrongInput(account_sentences.one_a_provider(provider))
        if before is None or before.state is AccountState.DISCONNECTED:
            consent |= _busy_choice(others)
        if before is not None:
            account_id, why = before.id, "again"
            _renew(connection, before, consent, now)
        else:
            account_id, why = _insert(connection, person | consent, write_calendar_id, now), "first"
        give_role(connection, account_id, before, others, write_calendar_id, now, writes=writes)
        record_consent_given(connection, account_id, client_ref, consented_at, ends_at)
        record_of_account(connection, account_id, What.CONNECTED, now, who=Who.AGENT, why=why)
        return account_id


def _renew(connection: Connection, account: AccountRow, consent: dict[str, Any], now: datetime) -> None:
    renewed = update(accounts).where(accounts.c.id == account.id)
    connection.execute(renewed.values(**consent, **_NO_PROBLEM, **NO_LEASE))
    end_unsent(connection, account.site_id, account.id, None, RENEWED, now)


def _insert(connection: Connection, values: dict[str, Any], primary: str, now: datetime) -> int:
    """An account that reads the person's primary calendar; which one is written to is decided afterwards."""
    own = {"tentative_blocks": True, "write_calendar_id": "", "created_at": now}
    account_id = insert_row(connection, accounts, own | values)
    put_calendars(connection, account_id, {primary: True})
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
    db: Database | Connection,
    account_id: int,
    now: datetime,
    *,
    who: Who = Who.AGENT,
    promote_to: str = "",
) -> None:
    """Forget the consent and the busy time it brought; calendars and mappings stay for a return.

    Where the bookings went here, they go to another account of the agent from now on, if there is one.
    promote_to: that one's primary calendar, as far as its provider could be asked; else the first of its
      calendars that is known here.
    """
    with writing(db) as connection:
        account = locked_account(connection, account_id)
        was_active = account.state is not AccountState.DISCONNECTED
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
                **NO_LEASE,
            )
        )
        clear_calendars(connection, account_id)
        record_consent_ended(connection, account_id, DISCONNECTED, now)
        record_of_account(connection, account_id, What.DISCONNECTED, now, who=who)
        others = others_of(connection, account.site_id, account.agent_id, account_id)
        if was_active and others and not any(other.is_written for other in others):
            write_to(connection, others[0], promote_to or first_calendar(connection, others[0]), now)
            carry_left_out(connection, account.site_id, account_id, others[0].id, now)


def promote(db: Database | Connection, account_id: int, write_calendar_id: str, now: datetime) -> None:
    """The agent's bookings go to this account from now on, and to no other; all of them are due.

    Whoever is at work at one of them loses the lease. Raises WrongInput for a disconnected account.
    """
    with writing(db) as connection:
        account = locked_account(connection, account_id)
        if account.state is AccountState.DISCONNECTED:
            raise WrongInput(account_sentences.NOT_CONNECTED)
        write_to(connection, account, write_calendar_id, now)
        numbers = {"read": _count_read(connection, account_id)}
        record_of_account(connection, account_id, What.CALENDARS_CHOSEN, now, who=Who.AGENT, detail=numbers)


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
    """How many calendars are polled out of one daily quota; their pace follows from it (plan/pace.py)."""
    query = (
        select(func.count())
        .select_from(calendars)
        .join(accounts, accounts.c.id == calendars.c.account_id)
        .where(
            accounts.c.site_id == site_id,
            accounts.c.state == AccountState.CONNECTED.value,
            accounts.c.provider.in_(sorted(HAS_DAILY_QUOTA)),
        )
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


def active_accounts(db: Database | Connection, site_id: str, agent_id: int) -> list[AccountRow]:
    """Those of an agent that are connected or wait for a sign-in: the one written to, then by provider."""
    with reading(db) as connection:
        return others_of(connection, site_id, agent_id, 0)


def active_account(
    db: Database | Connection, site_id: str, agent_id: int, provider: str | None = None
) -> AccountRow | None:
    """An agent's account at a provider, connected or waiting for a sign-in; None: the one written to."""
    found = active_accounts(db, site_id, agent_id)
    wanted = (account for account in found if provider in (None, account.provider))
    return next(wanted, None)


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

    write_calendar_id: "" for busy time only; then the bookings go to the agent's other account. With a
      calendar, they go to no other account any more.
    tentative_blocks: None leaves what was chosen (store/blocking.py).

    The calendar written to is listed in any case, for drift; it brings busy time only if chosen.
    Whoever is at work with the old choice loses the lease.
    Raises WrongInput where the bookings would go nowhere; then nothing was chosen.
    """
    written = {write_calendar_id: False} if write_calendar_id else {}
    wanted = written | dict.fromkeys(read_calendar_ids, True)
    with writing(db) as connection:
        account = locked_account(connection, account_id)
        if account.state is AccountState.DISCONNECTED:
            raise WrongInput(account_sentences.NOT_CONNECTED)
        others = others_of(connection, account.site_id, account.agent_id, account_id)
        if not write_calendar_id and account.is_written and not others:
            raise WrongInput(account_sentences.NOWHERE_TO_WRITE)
        put_calendars(connection, account_id, wanted)
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(
                **({} if tentative_blocks is None else {"tentative_blocks": tentative_blocks}),
                outbound_due_at=now,
                inbound_due_at=now,
                **NO_LEASE,
            )
        )
        if write_calendar_id:
            write_to(connection, account, write_calendar_id, now)
        elif account.is_written:
            write_to(connection, others[0], first_calendar(connection, others[0]), now)
        numbers = {"read": len(set(read_calendar_ids))}
        record_of_account(connection, account_id, What.CALENDARS_CHOSEN, now, who=Who.AGENT, detail=numbers)


def _busy_choice(others: Sequence[AccountRow]) -> dict[str, Any]:
    """What makes the agent busy, as they chose it: once, whichever of their calendars an entry stands in."""
    if not others:
        return {}
    return {"tentative_blocks": others[0].tentative_blocks, "blocking": others[0].blocking}


def _count_read(connection: Connection, account_id: int) -> int:
    query = select(func.count()).where(calendars.c.account_id == account_id, calendars.c.reads_busy)
    return int(connection.scalar(query) or 0)
