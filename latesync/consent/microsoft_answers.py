"""What Microsoft's sign-in and token endpoint answer when they refuse (microsoft-graph.md §5). Pure.

LateSync acts on `error`. The AADSTS numbers may change: they choose the page that is shown and the word that
is kept for people to look up, and where they are missing `error` does (§5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from latesync.errors import (
    AuthorizationLost,
    ClientRejected,
    ProviderError,
    ProviderUnavailable,
    SignInRefused,
)

PROVIDER = "microsoft"

# Of a refresh: who is asked to act. Whatever stands in neither passes by itself, or shows again.
_CONSENT_GONE = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied"}
)
_CLIENT_REFUSED = frozenset(
    {
        *("invalid_client", "unauthorized_client", "invalid_tenant", "invalid_resource"),
        *("invalid_request", "invalid_scope", "unsupported_grant_type"),
    }
)
# Of a sign-in: our code, which selects a page (sign_in_sentences.py).
_CODES = {
    "access_denied": "declined",  # C6
    "consent_required": "partial_consent",
    "invalid_grant": "code_used",
    "invalid_client": "client_rejected",
    "unauthorized_client": "client_rejected",
    "invalid_tenant": "client_rejected",
    "temporarily_unavailable": "provider_unavailable",
    "server_error": "provider_unavailable",
}
# Where `error` alone would show the wrong page.
_CODES_BY_NUMBER = {
    "AADSTS50011": "redirect_mismatch",
    "AADSTS500112": "redirect_mismatch",
    "AADSTS500113": "redirect_mismatch",
    "AADSTS900971": "redirect_mismatch",
    "AADSTS50020": "wrong_organisation",
    "AADSTS50194": "client_rejected",
    "AADSTS9002327": "client_rejected",
    "AADSTS9002332": "client_rejected",
    "AADSTS65001": "partial_consent",
    "AADSTS53003": "blocked_by_admin",
    "AADSTS530032": "blocked_by_admin",
    "AADSTS90094": "blocked_by_admin",
    "AADSTS90095": "blocked_by_admin",
}
REFUSAL_CODES = frozenset(
    {
        *(*_CODES.values(), *_CODES_BY_NUMBER.values()),
        *("no_refresh_token", "no_identity", "no_calendar", "sign_in_failed", "state_unknown"),
    }
)
_NUMBER = re.compile(r"AADSTS(\d{5,8})")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def reason_of(answer: Mapping[str, Any]) -> str:
    """Microsoft's most exact word for it: "AADSTS700082", else `suberror`, else `error`; never a text."""
    return aadsts_of(answer) or _word(answer.get("suberror")) or _word(answer.get("error"))


def aadsts_of(answer: Mapping[str, Any]) -> str:
    """ "AADSTS700082"; "" where the answer names no number."""
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return f"AADSTS{codes[0]}"
    text = answer.get("error_description")
    found = _NUMBER.search(text) if isinstance(text, str) else None
    return found[0] if found else ""


def refresh_error(answer: Mapping[str, Any], *, account_id: int | None = None) -> ProviderError:
    """Who acts next after a refresh that was refused."""
    error = answer.get("error")
    kind: type[ProviderError] = ProviderUnavailable
    if error in _CONSENT_GONE:
        kind = AuthorizationLost
    elif error in _CLIENT_REFUSED:
        kind = ClientRejected
    return kind(PROVIDER, account_id=account_id, operation="refresh", reason=reason_of(answer))


def sign_in_refusal(answer: Mapping[str, Any]) -> SignInRefused:
    """What a return's or the token endpoint's refusal means to the person signing in."""
    by_number = _CODES_BY_NUMBER.get(aadsts_of(answer))
    code = by_number or _CODES.get(str(answer.get("error")), "sign_in_failed")
    return SignInRefused(code, reason_of(answer))


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
