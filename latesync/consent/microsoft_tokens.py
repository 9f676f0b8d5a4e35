"""Access tokens for Graph, renewed once for all who wait, and refresh tokens that change at each use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from latesync.consent.microsoft_answers import PROVIDER, refresh_error
from latesync.consent.microsoft_app import SCOPES, UNREADABLE, MsalApps
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import AuthorizationLost, ProviderError, ProviderUnavailable

RENEW_BEFORE = timedelta(minutes=5)  # before its end, so that no request meets it (P10)
_SHORTEST_LIFE_S, _LONGEST_LIFE_S = 60, 2 * 86_400  # C5: 60 to 90 minutes, more where access is watched over

# What stores the new refresh token in place of the old one, before the access token is used.
Keep = Callable[[str, str], object]


@dataclass(frozen=True, slots=True)
class _Access:
    value: str = field(repr=False)
    ends_at: datetime


class MicrosoftTokens:
    """One account's access token, for every thread of the process (providers/microsoft: AccessTokens).

    keep: called with the old and the new refresh token before the access token that came with it is handed
      out. Where it raises, nothing of the answer is used, and the old token serves the next try (T1).
    scopes: those granted: a refresh that asks for one too many is refused.
    """

    def __init__(
        self,
        apps: MsalApps,
        client: OAuthClient,
        *,
        account_id: int,
        refresh_token: str,
        keep: Keep,
        now: Callable[[], datetime],
        scopes: Collection[str] = SCOPES,
    ) -> None:
        self._apps = apps
        self._client = client
        self._account_id = account_id
        self._refresh_token = refresh_token
        self._keep = keep
        self._now = now
        self._scopes = [scope for scope in SCOPES if scope in scopes] or list(SCOPES)
        self._lock = Lock()
        self._access: _Access | None = None
        self._replaced = ""

    def token(self) -> str:
        """Raises AuthorizationLost, ClientRejected, RateLimited, ProviderUnavailable; what keep raises."""
        with self._lock:
            if self._access is None or self._access.ends_at - self._now() <= RENEW_BEFORE:
                self._access = self._renewed(None)
            return self._access.value

    def renew(self, refused: str, claims: str | None = None) -> str:
        """Another token than the refused one; another thread's, where that came first. Raises as `token`.

        claims: what Graph demands of it, as JSON (§11).
        """
        with self._lock:
            if self._access is None or self._access.value == refused:
                self._access = None
                self._access = self._renewed(claims)
            return self._access.value

    def take_over(self, refresh_token: str) -> None:
        """Go on with the token that is stored now: another process may have renewed it."""
        with self._lock:
            if refresh_token != self._replaced:  # read before we replaced it
                self._refresh_token = refresh_token

    def _renewed(self, claims: str | None) -> _Access:
        asked_at = self._now()
        answer = self._ask(claims)
        if "error" in answer:
            raise refresh_error(answer, account_id=self._account_id)
        access_token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access_token, str) or not access_token:
            raise self._unreadable()
        if isinstance(refresh_token, str) and refresh_token:
            self._keep(self._refresh_token, refresh_token)
            if refresh_token != self._refresh_token:
                self._replaced, self._refresh_token = self._refresh_token, refresh_token
        return _Access(access_token, asked_at + _life(answer.get("expires_in")))

    def _ask(self, claims: str | None) -> Mapping[str, Any]:
        more = {"data": {"claims": claims}} if claims else {}
        try:
            app = self._apps.app(self._client)
            answer = app.acquire_token_by_refresh_token(self._refresh_token, self._scopes, **more)
        except ProviderError as exc:
            exc.account_id = self._account_id
            raise
        except UNREADABLE:
            raise self._unreadable() from None  # MSAL's own words may hold what was answered
        if not isinstance(answer, Mapping):
            raise self._unreadable()
        return answer

    def _unreadable(self) -> ProviderUnavailable:
        return ProviderUnavailable(
            PROVIDER, account_id=self._account_id, operation="refresh", reason="unreadable_answer"
        )


class IssuedToken:
    """The access token a sign-in just brought, for the questions that end it."""

    def __init__(self, access_token: str) -> None:
        self._access_token = access_token

    def token(self) -> str:
        return self._access_token

    def renew(self, refused: str, claims: str | None = None) -> str:
        """Raises AuthorizationLost: what was issued a moment ago is refused."""
        raise AuthorizationLost(PROVIDER, operation="sign_in", reason="InvalidAuthenticationToken")


class TokenCache:
    """One set of tokens an account for the whole process: an access token serves until it ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[int, tuple[str, MicrosoftTokens]] = {}

    def tokens(
        self,
        account_id: int,
        refresh_token: str,
        client: OAuthClient,
        consented_at: datetime | None,
        make: Callable[[], MicrosoftTokens],
    ) -> MicrosoftTokens:
        """The account's tokens; new ones once it signed in again or the client changed.

        refresh_token: as it is stored now. make: builds tokens without asking anybody.
        """
        stamp = _stamp(client, consented_at)
        with self._lock:
            known = self._kept.get(account_id)
            if known is None or known[0] != stamp:
                self._kept[account_id] = (stamp, make())
                return self._kept[account_id][1]
        known[1].take_over(refresh_token)
        return known[1]


def _stamp(client: OAuthClient, consented_at: datetime | None) -> str:
    """What a refresh depends on but the token itself, without keeping the secret a second time."""
    sent = (client.client_id, client.client_secret, client.tenant, consented_at)
    return hashlib.sha256(repr(sent).encode()).hexdigest()


def _life(seconds: object) -> timedelta:
    try:
        found = int(seconds)  # type: ignore[call-overload]
    except (ValueError, TypeError, OverflowError):
        found = 0
    return timedelta(seconds=min(max(int(found), _SHORTEST_LIFE_S), _LONGEST_LIFE_S))
