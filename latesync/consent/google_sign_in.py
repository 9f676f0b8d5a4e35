"""Signing in with Google: where to send the agent, and what to make of their return.

Nothing here logs: codes, tokens and addresses pass through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from latesync.consent.google_tokens import build_credentials
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import Consent, SignInStart
from latesync.consent.transport import TIMEOUT_S, prepare_libraries
from latesync.errors import ClientRejected, ProviderError, SignInRefused
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints

# By full URL: Google answers the alias `email` with another name (clients-and-speed.md §3).
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
SCOPES = (CALENDAR_SCOPE, "openid", "https://www.googleapis.com/auth/userinfo.email")

# Any of these lets us see `sub`; Google may answer with an equivalent name (T8).
_IDENTITY = frozenset({*SCOPES[1:], "email", "profile", "https://www.googleapis.com/auth/userinfo.profile"})

# `error` of the callback or the token endpoint → our code, which selects a page (messages.py).
_CODES = {
    "access_denied": "declined",
    "invalid_grant": "code_used",  # reused, expired, or exchanged without its verifier: start over (§6)
    "invalid_client": "client_rejected",
    "deleted_client": "client_rejected",
    "disabled_client": "client_rejected",
    "unauthorized_client": "client_rejected",
    "redirect_uri_mismatch": "redirect_mismatch",
    "admin_policy_enforced": "blocked_by_admin",
    "org_internal": "wrong_organisation",
    "temporarily_unavailable": "provider_unavailable",
    "server_error": "provider_unavailable",
    "internal_failure": "provider_unavailable",
}

# Every code a refusal of this module may carry.
REFUSAL_CODES = frozenset(
    {*_CODES.values(), "partial_consent", "no_refresh_token", "no_identity", "sign_in_failed"}
)


def begin(
    endpoints: GoogleEndpoints, client: OAuthClient, *, redirect_uri: str, login_hint: str | None = None
) -> SignInStart:
    """The address of Google's consent page; nothing is asked of Google yet."""
    flow = _flow(endpoints, client, redirect_uri)
    hint = {"login_hint": login_hint} if login_hint else {}
    # prompt=consent: without it Google hands out a refresh token at the first sign-in only (§3).
    url, state = flow.authorization_url(access_type="offline", prompt="consent", **hint)
    return SignInStart(url, state, flow.code_verifier)


def finish(
    endpoints: GoogleEndpoints,
    client: OAuthClient,
    *,
    redirect_uri: str,
    code: str,
    code_verifier: str,
    now: datetime,
) -> Consent:
    """Exchange the code of Google's return for a consent. Raises SignInRefused, by code.

    A grant that lacks the calendar is forgotten, not revoked: revoking would end all that this person
    granted the project before, a working connection included (google-calendar.md §6).
    """
    flow = _flow(endpoints, client, redirect_uri, code_verifier)
    token = _exchange(flow, code)
    scopes = _granted(token)
    if CALENDAR_SCOPE not in scopes:
        raise SignInRefused("partial_consent")  # T8, S2
    refresh_token = token.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        raise SignInRefused("no_refresh_token")
    subject, email = _identity(endpoints, client, token, scopes, now)
    return Consent(
        subject=subject,
        email=email,
        refresh_token=refresh_token,
        access_token=token["access_token"],
        scopes=scopes,
        consented_at=now,
        ends_at=_ends_at(token, now),
    )


def refusal_of(error: str) -> SignInRefused:
    """What a callback's or the token endpoint's `error` means to the person signing in."""
    return SignInRefused(_CODES.get(error, "sign_in_failed"), error if error.isidentifier() else "")


def _flow(
    endpoints: GoogleEndpoints, client: OAuthClient, redirect_uri: str, code_verifier: str | None = None
) -> Flow:
    """A flow to these endpoints, whatever an uploaded file names (J10). With PKCE (P5)."""
    prepare_libraries(endpoints)
    web = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "auth_uri": endpoints.authorize,
        "token_uri": endpoints.token,
    }
    return Flow.from_client_config(
        {"web": web}, scopes=list(SCOPES), redirect_uri=redirect_uri, code_verifier=code_verifier
    )


def _exchange(flow: Flow, code: str) -> Mapping[str, Any]:
    """The token endpoint's answer itself: `Flow.credentials` drops half of it (T11)."""
    try:
        token: Mapping[str, Any] = flow.fetch_token(code=code, timeout=TIMEOUT_S)
    except OAuth2Error as exc:
        if exc.error == "missing_token":  # an answer without a token and without an error is not Google's
            raise SignInRefused("provider_unavailable", "unreadable_answer") from exc
        raise refusal_of(str(exc.error)) from exc
    except requests.RequestException as exc:
        raise SignInRefused("provider_unavailable", type(exc).__name__) from exc
    except (ValueError, TypeError, AttributeError) as exc:  # oauthlib, of an answer that is no JSON object
        raise SignInRefused("provider_unavailable", "unreadable_answer") from exc
    return token


def _granted(token: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes granted; the answer may leave them out when they are those asked for (RFC 6749 §5.1)."""
    scope = token.get("scope")
    if scope is None:
        return SCOPES
    return tuple(scope.split()) if isinstance(scope, str) else tuple(str(one) for one in scope)


def _ends_at(token: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the consent ends, where Google says so: seven days for apps in testing (T3, T4)."""
    seconds = token.get("refresh_token_expires_in")
    try:
        return now + timedelta(seconds=int(seconds)) if seconds is not None else None
    except (ValueError, TypeError, OverflowError):
        return None


def _identity(
    endpoints: GoogleEndpoints,
    client: OAuthClient,
    token: Mapping[str, Any],
    scopes: tuple[str, ...],
    now: datetime,
) -> tuple[str, str]:
    """Who signed in: (subject, e-mail)."""
    profile = _userinfo(endpoints, token["access_token"]) if _IDENTITY.intersection(scopes) else {}
    subject, email = profile.get("sub"), profile.get("email")
    if isinstance(subject, str) and subject and isinstance(email, str) and email:
        return subject, email
    calendar_id = _primary_calendar_id(endpoints, client, token, now)
    return (subject if isinstance(subject, str) and subject else calendar_id), calendar_id


def _userinfo(endpoints: GoogleEndpoints, access_token: str) -> Mapping[str, Any]:
    """The profile; empty where the person did not let us see it."""
    try:
        answer = requests.get(
            endpoints.userinfo, headers={"Authorization": f"Bearer {access_token}"}, timeout=TIMEOUT_S
        )
        if answer.status_code in (401, 403):
            return {}
        answer.raise_for_status()
        profile = answer.json()
    except requests.RequestException as exc:  # a body that is no JSON included
        raise SignInRefused("provider_unavailable", type(exc).__name__) from exc
    if not isinstance(profile, Mapping):
        raise SignInRefused("provider_unavailable", "unreadable_answer")
    return profile


def _primary_calendar_id(
    endpoints: GoogleEndpoints, client: OAuthClient, token: Mapping[str, Any], now: datetime
) -> str:
    """The primary calendar's id, which is usually the account's address (S6, K1)."""
    credentials = build_credentials(endpoints, client, token["refresh_token"])
    credentials.token = token["access_token"]
    factory = GoogleProviderFactory(endpoints, now=lambda: now)
    try:
        calendars = factory.calendar(0, credentials).list_calendars()
    except ClientRejected as exc:
        raise SignInRefused("client_rejected", exc.reason) from exc
    except ProviderError as exc:
        raise SignInRefused("provider_unavailable", exc.reason) from exc
    primary = [calendar.id for calendar in calendars if calendar.is_primary]
    if not primary:
        raise SignInRefused("no_identity")
    return primary[0]
