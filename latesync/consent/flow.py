"""An agent's consent from the button to the account: our store and the provider, together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from latesync.consent.providers import (
    Consent,
    SignInProvider,
    SignInReturn,
)
from latesync.consent.renewal import Renewal, Returning, refuse_needless, refuse_used_up
from latesync.consent.untelling import calendars_told_of, end_subscription
from latesync.errors import ProviderError, ProviderUnavailable, SecretUnreadable, SignInRefused
from latesync.model import AccountState, Calendar
from latesync.options import NextSync, ResetEvents
from latesync.plan.failures import client_problem
from latesync.providers.base import CalendarProvider
from latesync.sentences.provider_words import PROVIDERS
from latesync.store.accounts import (
    AccountRow,
    active_account,
    active_accounts,
    list_accounts,
    read_account,
    read_refresh_token,
    record_consent,
    record_disconnected,
)
from latesync.store.clients import ClientRow, current_client, read_client, record_client_problem
from latesync.store.database import Database
from latesync.store.history import Who
from latesync.store.old_clients import forget_unused_clients
from latesync.store.resets import ResetWish, ask_reset
from latesync.store.secrets import SecretBox
from latesync.store.sign_ins import SignInRow, claim_sign_in, record_sign_in
from latesync.store.statements import lock_site
from latesync.store.tokens import record_token_given
from latesync.store.write_roles import lock_agent

CLIENT_CODES = frozenset({"client_rejected", "redirect_mismatch", "calendar_api_off"})  # the owner's to mend
SIGN_IN_LIFE = timedelta(hours=1)  # enough to find a password; a forgotten tab ends
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConsentDesk:
    """What signing in works with: values and connected parts, never configuration.

    provider: one of PROVIDERS by its name, the process's own, made when it is first asked for.
    """

    database: Database
    box: SecretBox = field(repr=False)
    site_id: str
    clock: Callable[[], datetime]
    provider: Callable[[str], SignInProvider]


@dataclass(frozen=True, slots=True)
class FinishedSignIn:
    agent_id: int
    account_id: int


def begin_sign_in(
    desk: ConsentDesk,
    agent_id: int,
    browser: str,
    provider: str,
    next_sync: NextSync = NextSync.ALL,
    *,
    writes: bool = False,
) -> str:
    """The address of the provider's page. browser: a secret of the session that must also finish it.

    next_sync: which bookings come, should this become a new account; a returning one keeps what it has.
    writes: the bookings go there from then on, though the agent has another account.
    Raises SignInRefused.
    """
    client = _current_client(desk, provider)
    account = active_account(desk.database, desk.site_id, agent_id, provider)
    with _noting_refusals(desk, client):
        start = desk.provider(provider).begin(client, account.email if account else None)
    record_sign_in(
        desk.database,
        desk.box,
        start.state,
        site_id=desk.site_id,
        agent_id=agent_id,
        provider=provider,
        client_ref=client.id,
        code_verifier=start.kept,
        browser=browser,
        now=desk.clock(),
        next_sync=next_sync,
        writes=writes,
    )
    return start.url


def finish_sign_in(
    desk: ConsentDesk, provider: str, answer: SignInReturn, returning: Returning
) -> FinishedSignIn:
    """Connect the agent who began this sign-in: their primary calendar is read.

    It is also written to, unless another account of theirs is and this sign-in did not ask for it.
    The same account as before keeps everything (users-ask.md U4).
    Raises SignInRefused; then nothing is connected that was not before.
    """
    sign_in = claim_sign_in(
        desk.database, desk.box, answer.state, returning.browser, desk.clock(), SIGN_IN_LIFE
    )
    if sign_in.provider != provider:  # another provider's code must not reach this one
        raise SignInRefused("state_unknown")
    known = active_account(desk.database, desk.site_id, sign_in.agent_id, provider)
    refuse_needless(sign_in, returning, known, _meant(desk.database, sign_in, returning.renewal, known))
    at = desk.provider(provider)
    if answer.error or not answer.code:
        raise at.refusal_of(answer)
    client = _client_of(desk, sign_in)
    with _noting_refusals(desk, client):
        consent = at.finish(client, sign_in.code_verifier, answer)
        primary = at.primary_calendar(client, consent)
    record_client_problem(desk.database, client.id, None, desk.clock())
    account_id = _record(desk, sign_in, consent, primary.id, returning)
    _LOG.info("account connected account=%s agent=%s", account_id, sign_in.agent_id)
    forget_unused_clients(desk.database, desk.box, desk.site_id, provider, desk.clock())
    return FinishedSignIn(sign_in.agent_id, account_id)


def disconnect(desk: ConsentDesk, account: AccountRow, *, who: Who = Who.AGENT) -> None:
    """End an agent's connection here in any case, and at Google unless other agents use the same account.

    Revoking ends every grant of the person to the project (google-calendar.md §6). Microsoft lets nobody
    revoke (microsoft-graph.md §5).
    """
    shared = agents_sharing(desk, account.id)
    token = None if shared else _refresh_token(desk, account)
    calendars = calendars_told_of(desk.database, account.id, partial(open_calendars, desk, account))
    promote_to = _primary_of_heir(desk, account) if account.is_written else ""
    record_disconnected(desk.database, account.id, desk.clock(), who=who, promote_to=promote_to)
    _LOG.info("account disconnected account=%s agent=%s", account.id, account.agent_id)
    end_subscription(desk.database, account.id, calendars)
    if token is not None:
        try:
            desk.provider(account.provider).revoke(token)
        except ProviderUnavailable:
            # Forgotten here all the same; Google ends it after six months (google-calendar.md L2).
            _LOG.warning("consent not revoked account=%s", account.id)


def _primary_of_heir(desk: ConsentDesk, account: AccountRow) -> str:
    """Where the agent's bookings go from now on: the main calendar of their other account; "" where there is
    none, or nobody answers."""
    others = active_accounts(desk.database, desk.site_id, account.agent_id)
    heir = next((other for other in others if other.id != account.id), None)
    if heir is None:
        return ""
    try:
        calendars = read_calendar_list(desk, heir)
    except (ProviderError, SecretUnreadable):
        return ""
    return next((calendar.id for calendar in calendars if calendar.is_primary), "")


def read_calendar_list(desk: ConsentDesk, account: AccountRow) -> list[Calendar]:
    """The calendars an agent may choose from, as the provider shows them now.

    Raises ProviderError, SecretUnreadable.
    """
    calendars = open_calendars(desk, account)
    return calendars.list_calendars() if calendars is not None else []


def open_calendars(desk: ConsentDesk, account: AccountRow) -> CalendarProvider | None:
    """An account's calendars, to look at outside of a run; None where its consent is gone.

    Raises SecretUnreadable.
    """
    token = read_refresh_token(desk.database, desk.box, account.id)
    if token is None:
        return None
    client = read_client(desk.database, desk.box, account.client_ref)
    return desk.provider(account.provider).open(account, client, token)


def agents_sharing(desk: ConsentDesk, account_id: int) -> tuple[int, ...]:
    """The other agents connected through the same account at its provider."""
    accounts = list_accounts(desk.database, desk.site_id)
    own = next(account for account in accounts if account.id == account_id)
    return tuple(
        other.agent_id
        for other in accounts
        if (other.provider, other.subject) == (own.provider, own.subject)
        and other.id != account_id
        and other.state is not AccountState.DISCONNECTED
    )


def _current_client(desk: ConsentDesk, provider: str) -> ClientRow:
    if provider not in PROVIDERS:
        raise SignInRefused("no_client")
    try:
        client = current_client(desk.database, desk.box, desk.site_id, provider)
    except SecretUnreadable as exc:  # the dashboard tells the owner to upload it again
        raise SignInRefused("no_client") from exc
    if client is None:
        raise SignInRefused("no_client")
    return client


def _client_of(desk: ConsentDesk, sign_in: SignInRow) -> ClientRow:
    try:
        return read_client(desk.database, desk.box, sign_in.client_ref)
    except SecretUnreadable as exc:
        raise SignInRefused("no_client") from exc


@contextmanager
def _noting_refusals(desk: ConsentDesk, client: ClientRow) -> Iterator[None]:
    """What the owner has to mend is kept beside the client, for them to see."""
    try:
        yield
    except SignInRefused as refused:
        if refused.code in CLIENT_CODES:
            problem = client_problem(refused.detail or refused.code)
            record_client_problem(desk.database, client.id, problem.value, desk.clock())
        raise


def _meant(
    db: Database | Connection, sign_in: SignInRow, renewal: Renewal | None, known: AccountRow | None
) -> AccountRow | None:
    """The account by which a mail's link is judged: this provider's, unless the link is for who has none."""
    if renewal is None or renewal.account_id:
        return known
    return active_account(db, sign_in.site_id, sign_in.agent_id)


def _is_same_person(account: AccountRow, consent: Consent) -> bool:
    """By the provider's subject; at Google by the address, for who once unticked their identity
    (google-calendar.md S6)."""
    known_by_address = "@" in account.subject or "@" in consent.subject
    return consent.subject == account.subject or (known_by_address and consent.email == account.email)


def _record(
    desk: ConsentDesk,
    sign_in: SignInRow,
    consent: Consent,
    write_calendar_id: str,
    returning: Returning,
) -> int:
    """A new account that wants new bookings only begins with a reset that leaves the others out.

    In one transaction: no worker sees the account without it, and of two sign-ins at once with different
    accounts of one provider the later is refused: no agent ever has two there.
    """
    with desk.database.write() as connection:
        lock_agent(connection, desk.site_id, sign_in.agent_id)
        lock_site(connection, desk.site_id)
        # Again: the provider took its time.
        known = active_account(connection, desk.site_id, sign_in.agent_id, sign_in.provider)
        refuse_used_up(returning.renewal, _meant(connection, sign_in, returning.renewal, known))
        if known is not None and not _is_same_person(known, consent):
            raise SignInRefused("other_identity")
        before = {account.id for account in list_accounts(connection, desk.site_id)}
        account_id = record_consent(
            connection,
            desk.box,
            desk.site_id,
            sign_in.agent_id,
            sign_in.provider,
            known.subject if known else consent.subject,
            consent.email,
            sign_in.client_ref,
            consent.refresh_token,
            " ".join(consent.scopes),
            consent.consented_at,
            consent.ends_at,
            write_calendar_id,
            desk.clock(),
            language=returning.language,
            writes=sign_in.writes,
        )
        if consent.ends_when_idle:
            record_token_given(connection, account_id, consent.consented_at)
        if sign_in.next is NextSync.NEW and account_id not in before and _is_written(connection, account_id):
            wish = ResetWish(ResetEvents.KEEP, NextSync.NEW, newest_booking_id=returning.newest_booking_id)
            ask_reset(connection, account_id, wish, Who.AGENT, desk.clock())
    return account_id


def _is_written(connection: Connection, account_id: int) -> bool:
    account = read_account(connection, account_id)
    return account is not None and account.is_written


def _refresh_token(desk: ConsentDesk, account: AccountRow) -> str | None:
    try:
        return read_refresh_token(desk.database, desk.box, account.id)
    except SecretUnreadable:
        return None  # nothing that could be revoked; disconnecting here must still work
