"""Credentials for Google's calls, refreshed once for everybody who waits, and their revocation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from threading import Lock
from typing import Any

import requests
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials

from latesync.consent.oauth_client import OAuthClient
from latesync.consent.transport import TIMEOUT_S, prepare_libraries
from latesync.errors import ProviderUnavailable
from latesync.providers.google.endpoints import GoogleEndpoints


def build_credentials(
    endpoints: GoogleEndpoints,
    client: OAuthClient,
    refresh_token: str,
    scopes: Collection[str] | None = None,
) -> Credentials:
    """Credentials that fetch their access token at the first call.

    scopes: those granted, never those asked for: a refresh that names one too many fails for good
    (google-calendar.md T9). None names none, and gets all that were granted.
    """
    prepare_libraries(endpoints)
    # from_authorized_user_info would always ask Google itself, whatever the token address (J8).
    return _SharedCredentials(
        None,
        refresh_token=refresh_token,
        token_uri=endpoints.token,
        client_id=client.client_id,
        client_secret=client.client_secret,
        scopes=sorted(scopes) if scopes else None,
    )


def revoke(endpoints: GoogleEndpoints, token: str) -> None:
    """Withdraw a consent at Google; a token that is dead already counts as done.

    It ends every grant this person gave to the project, other agents' sign-ins with the same Google
    account included (google-calendar.md §6).
    Raises ProviderUnavailable when Google did not say that it is done.
    """
    try:
        answer = requests.post(endpoints.revoke, data={"token": token}, timeout=TIMEOUT_S)
    except requests.RequestException as exc:
        raise ProviderUnavailable("google", operation="revoke", reason=type(exc).__name__) from exc
    if answer.status_code != 200 and _error_code(answer) != "invalid_token":
        raise ProviderUnavailable("google", operation="revoke", reason=f"status_{answer.status_code}")


class CredentialCache:
    """One set of credentials an account for the whole process: an access token serves until it ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[int, tuple[str, Credentials]] = {}

    def credentials(
        self, account_id: int, refresh_token: str, make: Callable[[], Credentials]
    ) -> Credentials:
        """The account's credentials; new ones once it signed in again or the client's secret was replaced.

        make: builds credentials without asking anybody.
        """
        made = make()
        identity = _identity(refresh_token, made)
        with self._lock:
            known = self._kept.get(account_id)
            if known is None or known[0] != identity:
                known = self._kept[account_id] = (identity, made)
            return known[1]

    def forget(self, account_id: int) -> None:
        with self._lock:
            self._kept.pop(account_id, None)


class _SharedCredentials(Credentials):
    """Credentials that several threads may use: whoever comes second finds the first one's new token."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._refreshing = Lock()

    def refresh(self, request: Any) -> None:
        seen = self.token
        with self._refreshing:
            if self.token != seen:
                return
            try:
                super().refresh(request)  # type: ignore[no-untyped-call]
            except (TypeError, AttributeError, ValueError) as exc:
                # google-auth trusts a token answer to be a JSON object; a proxy's page is none.
                raise RefreshError("unreadable answer") from exc  # type: ignore[no-untyped-call]


def _identity(refresh_token: str, credentials: Credentials) -> str:
    """What a refresh would send, without keeping the secrets a second time."""
    sent = (refresh_token, credentials.client_id, credentials.client_secret, credentials.scopes)
    return hashlib.sha256(repr(sent).encode()).hexdigest()


def _error_code(answer: requests.Response) -> object:
    try:
        body = answer.json()
    except ValueError:
        return None
    return body.get("error") if isinstance(body, dict) else None
