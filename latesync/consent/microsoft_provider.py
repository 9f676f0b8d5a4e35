"""Microsoft, as the desk knows a provider. Imported only when an account needs it, for the libraries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from latesync.consent import microsoft_sign_in
from latesync.consent.microsoft_app import MsalApps
from latesync.consent.microsoft_tokens import IssuedToken, MicrosoftTokens, TokenCache
from latesync.consent.oauth_client import OAuthClient, oauth_client
from latesync.consent.providers import Consent, SignInReturn, SignInStart
from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
    ClientRejected,
    ProviderError,
    SignInRefused,
)
from latesync.model import Calendar
from latesync.providers.base import CalendarProvider
from latesync.providers.microsoft.client import MicrosoftProviderFactory
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints
from latesync.store.accounts import AccountRow
from latesync.store.clients import ClientRow

# Stores an account's new refresh token in place of the old one.
KeepToken = Callable[[int, str, str], object]


class MicrosoftSignIn:
    """calendars: the process's own, as the applications and tokens here."""

    def __init__(
        self,
        endpoints: MicrosoftEndpoints,
        *,
        callback: str,
        clock: Callable[[], datetime],
        keep: KeepToken,
    ) -> None:
        self.callback = callback
        self.standin = endpoints.standin
        self.calendars = MicrosoftProviderFactory(endpoints, now=clock)
        self._endpoints = endpoints
        self._clock = clock
        self._keep = keep
        self._apps = MsalApps(endpoints, clock)
        self._tokens = TokenCache()

    def begin(self, client: ClientRow, login_hint: str | None) -> SignInStart:
        return microsoft_sign_in.begin(
            self._apps, oauth_client(client), redirect_uri=self.callback, login_hint=login_hint
        )

    def refusal_of(self, answer: SignInReturn) -> SignInRefused:
        return microsoft_sign_in.refusal_of(answer)

    def finish(self, client: ClientRow, kept: str, answer: SignInReturn) -> Consent:
        return microsoft_sign_in.finish(
            self._apps, self._endpoints, oauth_client(client), kept=kept, answer=answer, now=self._clock()
        )

    def primary_calendar(self, client: ClientRow, consent: Consent) -> Calendar:
        issued = IssuedToken(consent.access_token)
        try:
            calendars = self.calendars.calendar(0, issued, person=consent.subject).list_calendars()
        except ClientRejected as exc:
            raise SignInRefused("client_rejected", exc.reason) from exc
        except (AuthorizationLost, CalendarLost) as exc:  # an account without a mailbox, for example (§11)
            raise SignInRefused("no_calendar", exc.reason) from exc
        except ProviderError as exc:
            raise SignInRefused("provider_unavailable", exc.reason) from exc
        for calendar in calendars:
            if calendar.is_primary:
                return calendar
        raise SignInRefused("no_calendar")

    def open(self, account: AccountRow, client: ClientRow, refresh_token: str) -> CalendarProvider:
        registration = oauth_client(client)
        tokens = self._tokens.tokens(
            account.id,
            refresh_token,
            registration,
            account.consented_at,
            lambda: self._new_tokens(account, registration, refresh_token),
        )
        return self.calendars.calendar(account.id, tokens, person=account.subject)

    def revoke(self, refresh_token: str) -> None:
        """Nothing: Microsoft has no way to (§5). The token is forgotten here, and ends by itself (T1)."""

    def _new_tokens(self, account: AccountRow, client: OAuthClient, refresh_token: str) -> MicrosoftTokens:
        return MicrosoftTokens(
            self._apps,
            client,
            account_id=account.id,
            refresh_token=refresh_token,
            keep=lambda old, new: self._keep(account.id, old, new),
            now=self._clock,
            scopes=account.scopes.split(),
        )
