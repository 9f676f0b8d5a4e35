"""What signing in with a provider means to the desk: values and a protocol, without any vendor's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from latesync.errors import SignInRefused
from latesync.model import Calendar
from latesync.providers.base import CalendarProvider
from latesync.store.accounts import AccountRow
from latesync.store.clients import ClientRow

GOOGLE, MICROSOFT = "google", "microsoft"


@dataclass(frozen=True, slots=True)
class SignInStart:
    """Where to send the browser. kept: what its return needs, for the server alone, sealed."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignInReturn:
    """What a provider's redirect carries; empty where it left something out. parameters: all of it."""

    state: str = field(repr=False)
    code: str = field(repr=False, default="")
    error: str = ""
    parameters: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """A completed sign-in.

    subject: the person, as the provider will always call them. ends_at: None where it named no end.
    ends_when_idle: the consent ends when it is not used for long (plan/consent.py: IDLE_LIFE).
    """

    subject: str
    email: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    scopes: tuple[str, ...]
    consented_at: datetime
    ends_at: datetime | None
    ends_when_idle: bool = False


class SignInProvider(Protocol):
    """One provider's sign-in, and the accounts it opens.

    client, everywhere: of this provider, with its secret.
    """

    @property
    def callback(self) -> str:
        """Our address for the provider's return."""

    @property
    def standin(self) -> bool:
        """Whether something else answers in the provider's place."""

    def begin(self, client: ClientRow, login_hint: str | None) -> SignInStart:
        """Raises SignInRefused, by code."""

    def refusal_of(self, answer: SignInReturn) -> SignInRefused:
        """What a return without a code means."""

    def finish(self, client: ClientRow, kept: str, answer: SignInReturn) -> Consent:
        """Exchange the return's code for a consent. kept: of its start. Raises SignInRefused, by code."""

    def primary_calendar(self, client: ClientRow, consent: Consent) -> Calendar:
        """Of who just signed in. Raises SignInRefused, by code."""

    def open(self, account: AccountRow, client: ClientRow, refresh_token: str) -> CalendarProvider:
        """An account's calendars; nothing is asked of anybody yet."""

    def revoke(self, refresh_token: str) -> None:
        """Withdraw the consent, where the provider lets us. Raises ProviderUnavailable."""
