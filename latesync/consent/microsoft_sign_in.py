"""Signing in with Microsoft: where to send the agent, and what to make of their return.

Nothing here logs: codes, tokens and addresses pass through. MSAL's own exceptions may hold them, so none of
them is chained to ours.
"""

from __future__ import annotations

import base64
import hmac
import json
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from latesync.consent.microsoft_answers import sign_in_refusal
from latesync.consent.microsoft_app import CALENDAR_SCOPE, SCOPES, UNREADABLE, MsalApps
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import Consent, SignInReturn, SignInStart
from latesync.errors import ClientRejected, ProviderError, SignInRefused
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints

_BY_NAME = {scope.rsplit("/", 1)[1].casefold(): scope for scope in SCOPES}


def begin(
    apps: MsalApps, client: OAuthClient, *, redirect_uri: str, login_hint: str | None = None
) -> SignInStart:
    """The address of Microsoft's sign-in page, with PKCE, state and nonce (P6).

    Raises SignInRefused: Microsoft must be reached once for it (P1).
    """
    # MSAL would rather have the return posted; that would come without our session's cookie (P6).
    warnings.filterwarnings("ignore", message="response_mode='form_post'", category=UserWarning)
    try:
        flow: dict[str, Any] = apps.app(client).initiate_auth_code_flow(
            list(SCOPES),
            redirect_uri=redirect_uri,
            login_hint=login_hint,
            # Who is signed in at Microsoft with an account of somebody else's is asked which one is meant.
            prompt=None if login_hint else "select_account",
            response_mode="query",
        )
    except ProviderError as exc:
        raise _refusal_of(exc) from exc
    return SignInStart(flow.pop("auth_uri"), flow["state"], json.dumps(flow))


def finish(
    apps: MsalApps,
    endpoints: MicrosoftEndpoints,
    client: OAuthClient,
    *,
    kept: str,
    answer: SignInReturn,
    now: datetime,
) -> Consent:
    """Exchange the code of Microsoft's return for a consent. Raises SignInRefused, by code."""
    flow = _kept_flow(kept, answer)
    token = _exchange(apps, client, flow, answer)
    if "error" in token:
        raise sign_in_refusal(token)
    access_token, refresh_token = token.get("access_token"), token.get("refresh_token")
    if not isinstance(access_token, str) or not access_token:
        raise SignInRefused("provider_unavailable", "unreadable_answer")
    scopes = granted_scopes(token.get("scope"))
    if CALENDAR_SCOPE not in scopes:
        raise SignInRefused("partial_consent")  # C4
    if not isinstance(refresh_token, str) or not refresh_token:
        raise SignInRefused("no_refresh_token")
    subject, email = _identity(endpoints, client, token)
    return Consent(subject, email, refresh_token, access_token, scopes, now, None, ends_when_idle=True)


def refusal_of(answer: SignInReturn) -> SignInRefused:
    """What a return without a code means."""
    return sign_in_refusal({**answer.parameters, "error": answer.error or "invalid_request"})


def granted_scopes(scope: object) -> tuple[str, ...]:
    """Those of ours that were granted, by full name: answers shorten the names, and list more (C4)."""
    if not isinstance(scope, str):
        return SCOPES  # left out: those asked for (RFC 6749 §5.1)
    names = {name.rsplit("/", 1)[-1].casefold() for name in scope.split()}
    return tuple(full for name, full in _BY_NAME.items() if name in names)


def _kept_flow(kept: str, answer: SignInReturn) -> dict[str, Any]:
    try:
        flow = json.loads(kept)
        state = flow["state"]
    except (ValueError, TypeError, KeyError):
        raise SignInRefused("state_unknown") from None
    if not hmac.compare_digest(str(state), answer.state):
        raise SignInRefused("state_unknown")
    return dict(flow)


def _exchange(
    apps: MsalApps, client: OAuthClient, flow: dict[str, Any], answer: SignInReturn
) -> Mapping[str, Any]:
    returned = {"state": answer.state, "code": answer.code}
    try:
        token = apps.app(client).acquire_token_by_auth_code_flow(flow, returned)
    except ProviderError as exc:
        raise _refusal_of(exc) from exc
    except RuntimeError:  # the nonce is another sign-in's (P7)
        raise SignInRefused("no_identity", "nonce") from None
    except UNREADABLE:
        raise SignInRefused("provider_unavailable", "unreadable_answer") from None
    if not isinstance(token, Mapping):
        raise SignInRefused("provider_unavailable", "unreadable_answer")
    return token


def _refusal_of(error: ProviderError) -> SignInRefused:
    code = "client_rejected" if isinstance(error, ClientRejected) else "provider_unavailable"
    return SignInRefused(code, error.reason)


def _identity(
    endpoints: MicrosoftEndpoints, client: OAuthClient, token: Mapping[str, Any]
) -> tuple[str, str]:
    """Who signed in: (`oid.tid`, e-mail); never by an address, which may change hands (H5).

    MSAL looks neither at the audience nor at the issuer (P7); both must be ours.
    """
    claims = token.get("id_token_claims")
    if not isinstance(claims, Mapping):
        raise SignInRefused("no_identity", "id_token")
    tid = _text(claims, "tid")
    if claims.get("aud") != client.client_id:
        raise SignInRefused("no_identity", "audience")
    if not tid or not _is_issuer(endpoints, claims.get("iss"), tid):
        raise SignInRefused("no_identity", "issuer")
    oid = _text(claims, "oid")
    subject = f"{oid}.{tid}" if oid else _home_account(token)
    if not subject:
        raise SignInRefused("no_identity", "oid")
    return subject, _text(claims, "preferred_username") or _text(claims, "email")


def _is_issuer(endpoints: MicrosoftEndpoints, issuer: object, tid: str) -> bool:
    """A stand-in may have several names for itself, so only its path counts."""
    if not isinstance(issuer, str):
        return False
    if endpoints.standin:
        return urlsplit(issuer).path.endswith(f"/{tid}/v2.0")
    return issuer == f"{endpoints.login}/{tid}/v2.0"


def _home_account(token: Mapping[str, Any]) -> str:
    """What MSAL calls home_account_id, for a token that names no `oid` (H5, P8); "" without it."""
    try:
        raw = str(token["client_info"])
        client_info = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        return f"{client_info['uid']}.{client_info['utid']}"
    except (KeyError, TypeError, ValueError):
        return ""


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
