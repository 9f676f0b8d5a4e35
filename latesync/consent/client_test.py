"""Asking Google whether it knows the client, without anybody's consent.

A made-up code is handed in at the token address, with the client's ID and secret. Google looks at the client
first: `invalid_grant` says that the client is right and only the code is not; `invalid_client` and its like
say that it is not, or not yet (google-calendar.md §6, R9). Whether the redirect URI is registered does not
show here: that is compared with the one a real code was given to, and on Google's own page (§7).
"""

from __future__ import annotations

from enum import Enum, auto

import requests

from latesync.consent.oauth_client import OAuthClient
from latesync.providers.google.endpoints import GoogleEndpoints

TIMEOUT_S = 10.0  # somebody looks at the page
_MADE_UP_CODE = "4/0latesync-asks-whether-this-client-is-known"
_REFUSALS = frozenset({"invalid_client", "deleted_client", "disabled_client", "unauthorized_client"})
_ACCEPTANCES = frozenset({"invalid_grant", "redirect_uri_mismatch"})  # both judge the code, not the client


class Verdict(Enum):
    ACCEPTED = auto()
    REFUSED = auto()
    UNKNOWN = auto()  # no answer, or one that tells nothing of the client


def ask_about_client(
    endpoints: GoogleEndpoints, client: OAuthClient, redirect_uri: str
) -> tuple[Verdict, str]:
    """What Google thinks of the client, and its own word for it. Nothing is granted or changed."""
    form = {
        "grant_type": "authorization_code",
        "code": _MADE_UP_CODE,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": redirect_uri,
    }
    try:
        answer = requests.post(endpoints.token, data=form, timeout=TIMEOUT_S, allow_redirects=False)
        body = answer.json()
    except requests.RequestException:  # a body that is no JSON included
        return Verdict.UNKNOWN, ""
    error = body.get("error") if isinstance(body, dict) else None
    if error in _ACCEPTANCES:
        return Verdict.ACCEPTED, str(error)
    return (Verdict.REFUSED, str(error)) if error in _REFUSALS else (Verdict.UNKNOWN, "")
