"""Opens accounts' calendars for runs and pages; keeps what is costly to make.

A provider's libraries are imported when somebody first needs them, and only its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from latesync.consent.providers import MICROSOFT, SignInProvider
from latesync.errors import AuthorizationLost
from latesync.providers.base import CalendarProvider
from latesync.store.accounts import AccountRow
from latesync.store.clients import ClientRow
from latesync.store.database import Database
from latesync.store.leases import Claim
from latesync.store.quota import add_quota_use
from latesync.store.secrets import SecretBox
from latesync.store.tokens import record_rotated_token

if TYPE_CHECKING:
    from latesync.consent.google_provider import GoogleSignIn
    from latesync.consent.microsoft_provider import MicrosoftSignIn
    from latesync.providers.google.endpoints import GoogleEndpoints
    from latesync.providers.microsoft.endpoints import MicrosoftEndpoints

Endpoints = TypeVar("Endpoints")


@dataclass(frozen=True, slots=True)
class ProviderAddresses(Generic[Endpoints]):
    """Where a provider is, and where it sends people back to. standin: something else answers instead."""

    endpoints: Endpoints
    callback: str
    standin: bool


class CalendarConnections:
    """One for the process; safe to share between threads.

    google, microsoft: asked for their addresses when the provider is first needed.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        clock: Callable[[], datetime],
        *,
        google: Callable[[], ProviderAddresses[GoogleEndpoints]],
        microsoft: Callable[[], ProviderAddresses[MicrosoftEndpoints]],
    ) -> None:
        self._database = database
        self._box = box
        self._clock = clock
        self._addresses_of_google = google
        self._addresses_of_microsoft = microsoft
        self._making = threading.Lock()
        self._google: GoogleSignIn | None = None
        self._microsoft: MicrosoftSignIn | None = None

    def connect(self, claim: Claim) -> CalendarProvider:
        """The calendars of a claimed account. Raises SecretUnreadable, AuthorizationLost."""
        account = claim.account
        if claim.refresh_token is None:
            raise AuthorizationLost(account.provider, account_id=account.id, reason="no_refresh_token")
        return self.open(account, claim.client.open(self._box), claim.refresh_token)

    def open(self, account: AccountRow, client: ClientRow, sealed_token: str) -> CalendarProvider:
        """Raises SecretUnreadable."""
        return self.provider(account.provider).open(account, client, self._box.open(sealed_token))

    def provider(self, name: str) -> SignInProvider:
        """Google's or Microsoft's part of this process, made once."""
        with self._making:
            if name == MICROSOFT:
                self._microsoft = self._microsoft or self._new_microsoft()
                return self._microsoft
            self._google = self._google or self._new_google()
            return self._google

    def record_quota_use(self) -> None:
        """Add what this process asked of Google since the last time to what is kept of it.

        Microsoft counts by mailbox, and nothing is kept of that (microsoft-graph.md L1).
        """
        if self._google is None:
            return
        for spent in self._google.calendars.budgets.take_spent():
            add_quota_use(self._database, spent.client_ref, spent.hour, spent.units, spent.busiest_minute)

    def _new_google(self) -> GoogleSignIn:
        from latesync.consent.google_provider import GoogleSignIn

        at = self._addresses_of_google()
        return GoogleSignIn(at.endpoints, callback=at.callback, standin=at.standin, clock=self._clock)

    def _new_microsoft(self) -> MicrosoftSignIn:
        from latesync.consent.microsoft_provider import MicrosoftSignIn

        at = self._addresses_of_microsoft()
        return MicrosoftSignIn(at.endpoints, callback=at.callback, clock=self._clock, keep=self._keep_token)

    def _keep_token(self, account_id: int, old: str, new: str) -> None:
        record_rotated_token(self._database, self._box, account_id, old, new, self._clock())
