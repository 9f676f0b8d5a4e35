"""An agent's consent from the button to the account: what the store keeps and what Google says, together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from google.oauth2.credentials import Credentials

from latesync.consent import google_sign_in
from latesync.consent.google_sign_in import Consent
from latesync.consent.google_tokens import build_credentials, revoke
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.renewal import Returning, refuse_needless, refuse_used_up
from latesync.errors import (
    ClientRejected,
    ProviderError,
    ProviderUnavailable,
    SecretUnreadable,
    SignInRefused,
)
from latesync.model import AccountState, Calendar
from latesync.options import NextSync, ResetEvents
from latesync.plan.failures import client_problem
from latesync.providers.base import CalendarProvider
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints
from latesync.store.accounts import (
    AccountRow,
    active_account,
    list_accounts,
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

PROVIDER = "google"
CLIENT_CODES = frozenset({"client_rejected", "redirect_mismatch", "calendar_api_off"})  # the owner's to mend
SIGN_IN_LIFE = timedelta(hours=1)  # enough to find a password; a forgotten tab ends
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConsentDesk:
    """What signing in works with: values and connected parts, never configuration.

    callback: our address for Google's return. standin: whether something else answers in Google's place.
    google: the process's own, so that what is asked here counts against the same limits.
    """

    database: Database
    box: SecretBox = field(repr=False)
    site_id: str
    endpoints: GoogleEndpoints
    callback: str
    standin: bool
    clock: Callable[[], datetime]
    google: GoogleProviderFactory


@dataclass(frozen=True, slots=True)
class GoogleReturn:
    """The parameters Google's redirect carries; empty where it left one out."""

    state: str = field(repr=False)
    code: str = field(repr=False, default="")
    error: str = ""


@dataclass(frozen=True, slots=True)
class FinishedSignIn:
    agent_id: int
    account_id: int


def begin_sign_in(desk: ConsentDesk, agent_id: int, browser: str, next_sync: NextSync = NextSync.ALL) -> str:
    """The address of Google's page. browser: a secret of the session that must also finish it.

    next_sync: which bookings come, should this become a new account; a returning one keeps what it has.
    Raises SignInRefused("no_client").
    """
    client = _current_client(desk)
    account = active_account(desk.database, desk.site_id, agent_id)
    start = google_sign_in.begin(
        desk.endpoints,
        _oauth(client),
        redirect_uri=desk.callback,
        login_hint=account.email if account else None,
    )
    record_sign_in(
        desk.database,
        desk.box,
        start.state,
        site_id=desk.site_id,
        agent_id=agent_id,
        provider=PROVIDER,
        client_ref=client.id,
        code_verifier=start.code_verifier,
        browser=browser,
        now=desk.clock(),
        next_sync=next_sync,
    )
    return start.url


def finish_sign_in(desk: ConsentDesk, answer: GoogleReturn, returning: Returning) -> FinishedSignIn:
    """Connect the agent who began this sign-in: the primary calendar is written to and read.

    The same Google account as before keeps everything (users-ask.md U4).
    Raises SignInRefused; then nothing is connected that was not before.
    """
    sign_in = claim_sign_in(
        desk.database, desk.box, answer.state, returning.browser, desk.clock(), SIGN_IN_LIFE
    )
    known = active_account(desk.database, desk.site_id, sign_in.agent_id)
    refuse_needless(sign_in, returning, known)
    if answer.error or not answer.code:
        raise google_sign_in.refusal_of(answer.error or "invalid_request")
    client = _client_of(desk, sign_in)
    try:
        consent, primary = _ask_google(desk, client, sign_in, answer.code)
    except SignInRefused as refused:
        if refused.code in CLIENT_CODES:
            problem = client_problem(refused.detail or refused.code)
            record_client_problem(desk.database, client.id, problem.value, desk.clock())
        raise
    record_client_problem(desk.database, client.id, None, desk.clock())
    account_id = _record(desk, sign_in, consent, primary.id, returning)
    _LOG.info("account connected account=%s agent=%s", account_id, sign_in.agent_id)
    forget_unused_clients(desk.database, desk.box, desk.site_id, PROVIDER, desk.clock())
    return FinishedSignIn(sign_in.agent_id, account_id)


def disconnect(desk: ConsentDesk, account: AccountRow, *, who: Who = Who.AGENT) -> None:
    """End an agent's connection here in any case, and at Google unless other agents use the same account.

    Revoking ends every grant of the person to the project (google-calendar.md §6).
    """
    shared = agents_sharing(desk, account.id)
    token = None if shared else _refresh_token(desk, account)
    record_disconnected(desk.database, account.id, desk.clock(), who=who)
    _LOG.info("account disconnected account=%s agent=%s", account.id, account.agent_id)
    if token is not None:
        try:
            revoke(desk.endpoints, token)
        except ProviderUnavailable:
            # The token is forgotten here all the same; Google ends it after six months (L2).
            _LOG.warning("consent not revoked account=%s", account.id)


def read_calendar_list(desk: ConsentDesk, account: AccountRow) -> list[Calendar]:
    """The calendars an agent may choose from, as Google shows them now.

    Raises ProviderError, SecretUnreadable.
    """
    google = open_calendars(desk, account)
    return google.list_calendars() if google is not None else []


def open_calendars(desk: ConsentDesk, account: AccountRow) -> CalendarProvider | None:
    """An account's calendars, to look at outside of a run; None where its consent is gone.

    Raises SecretUnreadable.
    """
    token = read_refresh_token(desk.database, desk.box, account.id)
    if token is None:
        return None
    client = read_client(desk.database, desk.box, account.client_ref)
    credentials = build_credentials(desk.endpoints, _oauth(client), token, account.scopes.split())
    return desk.google.calendar(account.id, credentials, person=account.subject, client_ref=client.id)


def agents_sharing(desk: ConsentDesk, account_id: int) -> tuple[int, ...]:
    """The other agents connected through the same Google account."""
    accounts = list_accounts(desk.database, desk.site_id)
    subject = next(account.subject for account in accounts if account.id == account_id)
    return tuple(
        other.agent_id
        for other in accounts
        if other.subject == subject
        and other.id != account_id
        and other.state is not AccountState.DISCONNECTED
    )


def _current_client(desk: ConsentDesk) -> ClientRow:
    try:
        client = current_client(desk.database, desk.box, desk.site_id, PROVIDER)
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


def _ask_google(
    desk: ConsentDesk, client: ClientRow, sign_in: SignInRow, code: str
) -> tuple[Consent, Calendar]:
    consent = google_sign_in.finish(
        desk.endpoints,
        _oauth(client),
        redirect_uri=desk.callback,
        code=code,
        code_verifier=sign_in.code_verifier,
        now=desk.clock(),
    )
    return consent, _primary_calendar(desk, client, consent)


def _oauth(client: ClientRow) -> OAuthClient:
    return OAuthClient(client.client_id, client.client_secret)


def _is_same_person(account: AccountRow, consent: Consent) -> bool:
    """By Google's subject. Who once unticked their identity is known by their address instead (S6)."""
    known_by_address = "@" in account.subject or "@" in consent.subject
    return consent.subject == account.subject or (known_by_address and consent.email == account.email)


def _primary_calendar(desk: ConsentDesk, client: ClientRow, consent: Consent) -> Calendar:
    credentials: Credentials = build_credentials(
        desk.endpoints, _oauth(client), consent.refresh_token, consent.scopes
    )
    credentials.token = consent.access_token  # just issued: no refresh needed
    try:
        google = desk.google.calendar(0, credentials, person=consent.subject, client_ref=client.id)
        calendars = google.list_calendars()
    except ClientRejected as exc:  # the Calendar API is switched off for the project, for example (C4)
        raise SignInRefused("calendar_api_off", exc.reason) from exc
    except ProviderError as exc:
        raise SignInRefused("provider_unavailable", exc.reason) from exc
    for calendar in calendars:
        if calendar.is_primary:
            return calendar
    raise SignInRefused("no_calendar")


def _record(
    desk: ConsentDesk,
    sign_in: SignInRow,
    consent: Consent,
    write_calendar_id: str,
    returning: Returning,
) -> int:
    """A new account that wants new bookings only begins with a reset that leaves the others out.

    In one transaction: no worker sees the account without it, and of two sign-ins at once with different
    Google accounts the later is refused: no agent ever has two accounts that are worked at.
    """
    with desk.database.write() as connection:
        lock_site(connection, desk.site_id)
        known = active_account(connection, desk.site_id, sign_in.agent_id)  # Google took its time
        refuse_used_up(returning.renewal, known)
        if known is not None and not _is_same_person(known, consent):
            raise SignInRefused("other_identity")
        before = {account.id for account in list_accounts(connection, desk.site_id)}
        account_id = record_consent(
            connection,
            desk.box,
            desk.site_id,
            sign_in.agent_id,
            PROVIDER,
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
        )
        if sign_in.next is NextSync.NEW and account_id not in before:
            wish = ResetWish(ResetEvents.KEEP, NextSync.NEW, newest_booking_id=returning.newest_booking_id)
            ask_reset(connection, account_id, wish, Who.AGENT, desk.clock())
    return account_id


def _refresh_token(desk: ConsentDesk, account: AccountRow) -> str | None:
    try:
        return read_refresh_token(desk.database, desk.box, account.id)
    except SecretUnreadable:
        return None  # nothing that could be revoked; disconnecting here must still work
