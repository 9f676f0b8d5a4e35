"""Google, as the desk knows a provider. Imported only when an account needs it, for the libraries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from latesync.consent import google_sign_in
from latesync.consent.google_tokens import CredentialCache, build_credentials, revoke
from latesync.consent.oauth_client import oauth_client
from latesync.consent.providers import Consent, SignInReturn, SignInStart
from latesync.errors import ClientRejected, ProviderError, SignInRefused
from latesync.model import Calendar
from latesync.providers.base import CalendarProvider
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints
from latesync.store.accounts import AccountRow
from latesync.store.clients import ClientRow


class GoogleSignIn:
    """calendars: the process's own, so that what is asked here counts against the same limits."""

    def __init__(
        self, endpoints: GoogleEndpoints, *, callback: str, standin: bool, clock: Callable[[], datetime]
    ) -> None:
        self.callback = callback
        self.standin = standin
        self.calendars = GoogleProviderFactory(endpoints, now=clock)
        self._endpoints = endpoints
        self._clock = clock
        self._credentials = CredentialCache()

    def begin(self, client: ClientRow, login_hint: str | None) -> SignInStart:
        return google_sign_in.begin(
            self._endpoints, oauth_client(client), redirect_uri=self.callback, login_hint=login_hint
        )

    def refusal_of(self, answer: SignInReturn) -> SignInRefused:
        return google_sign_in.refusal_of(answer.error or "invalid_request")

    def finish(self, client: ClientRow, kept: str, answer: SignInReturn) -> Consent:
        return google_sign_in.finish(
            self._endpoints,
            oauth_client(client),
            redirect_uri=self.callback,
            code=answer.code,
            code_verifier=kept,
            now=self._clock(),
        )

    def primary_calendar(self, client: ClientRow, consent: Consent) -> Calendar:
        credentials = build_credentials(
            self._endpoints, oauth_client(client), consent.refresh_token, consent.scopes
        )
        credentials.token = consent.access_token  # just issued: no refresh needed
        try:
            google = self.calendars.calendar(0, credentials, person=consent.subject, client_ref=client.id)
            calendars = google.list_calendars()
        except ClientRejected as exc:  # the Calendar API is switched off for the project, for example (C4)
            raise SignInRefused("calendar_api_off", exc.reason) from exc
        except ProviderError as exc:
            raise SignInRefused("provider_unavailable", exc.reason) from exc
        for calendar in calendars:
            if calendar.is_primary:
                return calendar
        raise SignInRefused("no_calendar")

    def open(self, account: AccountRow, client: ClientRow, refresh_token: str) -> CalendarProvider:
        credentials = self._credentials.credentials(
            account.id,
            refresh_token,
            lambda: build_credentials(
                self._endpoints, oauth_client(client), refresh_token, account.scopes.split()
            ),
        )
        return self.calendars.calendar(
            account.id, credentials, person=account.subject, client_ref=account.client_ref
        )

    def revoke(self, refresh_token: str) -> None:
        revoke(self._endpoints, refresh_token)
