"""Asking a provider whether it knows the client, without anybody's consent.

A made-up code is handed in at the token address, with the client's ID and secret. The provider looks at the
client first: `invalid_grant` says that the client is right and only the code is not; `invalid_client` and its
like say that it is not, or not yet (google-calendar.md §6, R9; microsoft-graph.md §5). Whether the redirect
URI is registered does not show here: that is compared with the one a real code was given to, and on the
provider's own page.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import requests

from latesync.consent.microsoft_answers import aadsts_of, reason_of
from latesync.consent.oauth_client import OAuthClient
from latesync.providers.google.endpoints import GoogleEndpoints

if TYPE_CHECKING:
    from latesync.providers.microsoft.endpoints import MicrosoftEndpoints

TIMEOUT_S = 10.0  # somebody looks at the page
_MADE_UP_CODE = "4/0latesync-asks-whether-this-client-is-known"
_REFUSALS = frozenset({"invalid_client", "deleted_client", "disabled_client", "unauthorized_client"})
_ACCEPTANCES = frozenset({"invalid_grant", "redirect_uri_mismatch"})  # both judge the code, not the client

_REFUSALS_AT_MICROSOFT = frozenset({"invalid_client", "unauthorized_client", "invalid_tenant"})
# `invalid_request` is said of much; these of the tenant or the kind of accounts (microsoft-graph.md H2).
_WRONG_TENANT = frozenset({"AADSTS50194", "AADSTS90002", "AADSTS900021", "AADSTS9002331", "AADSTS9002332"})


class Verdict(Enum):
    ACCEPTED = auto()
    REFUSED = auto()
    UNKNOWN = auto()  # no answer, or one that tells nothing of the client


def ask_about_client(
    endpoints: GoogleEndpoints | MicrosoftEndpoints, client: OAuthClient, redirect_uri: str
) -> tuple[Verdict, str]:
    """What the provider thinks of the client, and its own word for it. Nothing is granted or changed.

    endpoints: say which provider is asked. The word is Microsoft's AADSTS number, where it names one.
    """
    form = {
        "grant_type": "authorization_code",
        "code": _MADE_UP_CODE,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": redirect_uri,
    }
    if isinstance(endpoints, GoogleEndpoints):
        return _google_says(endpoints, form)
    return _microsoft_says(endpoints, client.tenant, form)


def _google_says(endpoints: GoogleEndpoints, form: Mapping[str, str]) -> tuple[Verdict, str]:
    with requests.Session() as session:
        error = _asked(session, endpoints.token, form).get("error")
    if error in _ACCEPTANCES:
        return Verdict.ACCEPTED, str(error)
    return (Verdict.REFUSED, str(error)) if error in _REFUSALS else (Verdict.UNKNOWN, "")


def _microsoft_says(
    endpoints: MicrosoftEndpoints, tenant: str, form: Mapping[str, str]
) -> tuple[Verdict, str]:
    from latesync.providers.microsoft.transport import http_session

    with http_session(endpoints) as session:
        answer = _asked(session, f"{endpoints.login}/{tenant}/oauth2/v2.0/token", form)
    error = answer.get("error")
    if error == "invalid_grant":
        return Verdict.ACCEPTED, reason_of(answer)
    if error in _REFUSALS_AT_MICROSOFT or aadsts_of(answer) in _WRONG_TENANT:
        return Verdict.REFUSED, reason_of(answer)
    return Verdict.UNKNOWN, ""


def _asked(session: requests.Session, address: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """The answer's JSON object; empty where there is none."""
    try:
        answer = session.post(address, data=form, timeout=TIMEOUT_S, allow_redirects=False).json()
    except requests.RequestException:  # a body that is no JSON included
        return {}
    return answer if isinstance(answer, Mapping) else {}
