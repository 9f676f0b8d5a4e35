"""MSAL for this process: one application a registration and tenant, none of its memory, our errors.

Facts: microsoft-graph.md §6, by the keys cited here.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests
from msal import ConfidentialClientApplication, TokenCache

from latesync.consent.microsoft_answers import PROVIDER, reason_of
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import ClientRejected, ProviderError, ProviderUnavailable, RateLimited
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints
from latesync.providers.microsoft.quiet import quieten_libraries
from latesync.providers.microsoft.transport import Answer, MsalHttpClient, authority
from latesync.providers.retry_after import read_retry_after

# By full name (H1); `openid profile offline_access` are MSAL's to add, and it refuses them from us (P5).
CALENDAR_SCOPE = "https://graph.microsoft.com/Calendars.ReadWrite"
SCOPES = (CALENDAR_SCOPE, "https://graph.microsoft.com/User.Read")
MOST_APPS = 20  # a replaced secret leaves one behind; nobody has as many clients
# What MSAL itself raises over an answer that is no token and no refusal: it trusts every part of it.
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError)


class MsalApps:
    """Applications, made at their first need: making one asks Microsoft for its addresses (P1)."""

    def __init__(self, endpoints: MicrosoftEndpoints, now: Callable[[], datetime]) -> None:
        quieten_libraries()
        self._endpoints = endpoints
        self._now = now
        self._lock = threading.Lock()
        self._made: dict[OAuthClient, ConfidentialClientApplication] = {}

    def app(self, client: OAuthClient) -> ConfidentialClientApplication:
        """Another secret is another application: a corrected one counts at once.

        Raises ClientRejected (no such tenant), RateLimited, ProviderUnavailable.
        """
        known = self._made.get(client)
        if known is not None:
            return known
        made = self._make(client)  # outside of the lock: while Microsoft is silent nobody queues for it
        with self._lock:
            while len(self._made) >= MOST_APPS:
                self._made.pop(next(iter(self._made)))
            return self._made.setdefault(client, made)

    def _make(self, client: OAuthClient) -> ConfidentialClientApplication:
        try:
            return ConfidentialClientApplication(
                client.client_id,
                client_credential=client.client_secret,
                authority=authority(self._endpoints, client.tenant),
                instance_discovery=False,  # the host is Microsoft's, or a stand-in it knows nothing of (P2)
                http_client=_JudgedHttpClient(self._endpoints, self._now),
                http_cache=_NoRefusals(),
                token_cache=_NoTokens(),
            )
        except UNREADABLE as exc:
            raise ProviderUnavailable(PROVIDER, operation="discover", reason="unreadable_answer") from exc


class _NoTokens(TokenCache):  # type: ignore[misc] # MSAL is untyped
    """Tokens are kept sealed, in our own tables, and the one that is in use with its account."""

    def add(self, event: Any, now: Any = None) -> None:
        """Nothing is kept."""


class _NoRefusals(dict[str, Any]):
    """MSAL's memory of answers, without those of the token endpoint.

    It would repeat a refusal for a minute, or an hour, without asking (P12): to somebody who signs in again,
    or after the owner mended what was wrong. When to ask again is the schedule's to decide.
    """

    def __setitem__(self, key: str, value: Any) -> None:
        if not key.startswith("POST "):
            super().__setitem__(key, value)


class _JudgedHttpClient:
    """MSAL's `http_client`: judges answers whose meaning stands in status and headers, which MSAL drops.

    A connection a thread: the application is everybody's.
    """

    def __init__(self, endpoints: MicrosoftEndpoints, now: Callable[[], datetime]) -> None:
        self._endpoints = endpoints
        self._now = now
        self._mine = threading.local()

    def get(self, url: str, **sent: Any) -> Answer:
        """Raises ClientRejected where Microsoft refuses: there is no such tenant."""
        answer = self._asked("discover", lambda client: client.get(url, **sent))
        found = _json_object(answer.text)
        if answer.status_code == 200 and "token_endpoint" in found:
            return answer
        if "error" in found:
            raise ClientRejected(PROVIDER, operation="discover", reason=reason_of(found))
        raise ProviderUnavailable(PROVIDER, operation="discover", reason=f"status_{answer.status_code}")

    def post(self, url: str, **sent: Any) -> Answer:
        return self._asked("token", lambda client: client.post(url, **sent))

    def close(self) -> None:
        """Each thread's connection ends with it."""

    def _asked(self, operation: str, ask: Callable[[MsalHttpClient], Answer]) -> Answer:
        try:
            answer = ask(self._client())
        except requests.RequestException as exc:
            raise ProviderUnavailable(PROVIDER, operation=operation, reason=type(exc).__name__) from exc
        trouble = self._trouble(operation, answer)
        if trouble is not None:
            raise trouble
        return answer

    def _trouble(self, operation: str, answer: Answer) -> ProviderError | None:
        if answer.status_code == 429:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            moment = read_retry_after(headers.get("retry-after", ""), self._now())
            reason = reason_of(_json_object(answer.text)) or "status_429"
            return RateLimited(PROVIDER, operation=operation, reason=reason, retry_at=moment)
        if answer.status_code >= 500:
            reason = reason_of(_json_object(answer.text)) or f"status_{answer.status_code}"
            return ProviderUnavailable(PROVIDER, operation=operation, reason=reason)
        return None

    def _client(self) -> MsalHttpClient:
        if not hasattr(self._mine, "client"):
            self._mine.client = MsalHttpClient(self._endpoints)
        client: MsalHttpClient = self._mine.client
        return client


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
