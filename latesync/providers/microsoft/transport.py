"""How Microsoft is reached, by Graph's client and by MSAL: the only place that makes their connections.

Microsoft's own hosts are verified as everybody's are. A stand-in on loopback has a certificate of its own,
or none: there, and nowhere else, nothing is verified, whatever the environment says (microsoft-graph.md P4).
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from urllib3.exceptions import InsecureRequestWarning

from latesync.providers.microsoft.endpoints import MICROSOFT, MicrosoftEndpoints
from latesync.providers.microsoft.quiet import quieten_libraries

TIMEOUT_S = 30.0  # requests' own is none at all
_OF_LOOPBACK = r"Unverified HTTPS request is being made to host '(127\.0\.0\.1|::1|localhost)'"
# What people's browsers open: it must stay the stand-in's own address. MSAL allows that, and no other
# endpoint without https (P3).
_FOR_BROWSERS = frozenset({"authorization_endpoint", "end_session_endpoint"})


def http_session(endpoints: MicrosoftEndpoints) -> requests.Session:
    """A connection for one thread: a Session is not made to be shared."""
    quieten_libraries()
    session = requests.Session()
    session.auth = _as_it_is
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # one person's are not another's
    if endpoints.is_on_loopback:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would win over `verify`, and a proxy knows no loopback
        session.verify = False
        warnings.filterwarnings("ignore", message=_OF_LOOPBACK, category=InsecureRequestWarning)
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without this a .netrc that happens to name Microsoft's host would replace our token."""
    return request


def authority(endpoints: MicrosoftEndpoints, tenant: str) -> str:
    """What MSAL is told: it takes https only, and asks Microsoft about hosts it does not know (P2, P3)."""
    return f"{MICROSOFT.login if endpoints.standin else endpoints.login}/{tenant}"


@dataclass(frozen=True)
class Answer:
    """What MSAL reads of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Raises requests.HTTPError for a failure, as MSAL expects."""
        if self.status_code >= 400:
            raise requests.HTTPError(f"status {self.status_code}")


class MsalHttpClient:
    """MSAL's `http_client`: with a time limit, and without redirects; safe to share between threads.

    For a stand-in it shows MSAL Microsoft's own addresses and calls the stand-in's (microsoft-graph.md P4).
    """

    def __init__(self, endpoints: MicrosoftEndpoints, *, timeout_s: float = TIMEOUT_S) -> None:
        self._endpoints = endpoints
        self._timeout_s = timeout_s
        self._of_this_thread = threading.local()

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Answer:
        return self._ask("GET", url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Answer:
        return self._ask("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        self._session().close()

    def _ask(self, method: str, url: str, **sent: Any) -> Answer:
        response = self._session().request(
            method, self._real(url), timeout=self._timeout_s, allow_redirects=False, **sent
        )
        return Answer(response.status_code, self._shown(response.text), dict(response.headers))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._of_this_thread, "session", None)
        if session is None:
            session = self._of_this_thread.session = http_session(self._endpoints)
        return session

    def _real(self, url: str) -> str:
        if not self._endpoints.standin or not url.startswith(f"{MICROSOFT.login}/"):
            return url
        return self._endpoints.login + url.removeprefix(MICROSOFT.login)

    def _shown(self, text: str) -> str:
        """An answer with Microsoft's addresses in it, where it is the configuration MSAL begins with."""
        if not self._endpoints.standin:
            return text
        try:
            found = json.loads(text)
        except ValueError:
            return text
        if not isinstance(found, dict) or "token_endpoint" not in found:
            return text
        return json.dumps({key: self._shown_value(key, value) for key, value in found.items()})

    def _shown_value(self, key: str, value: object) -> object:
        ours = f"{self._endpoints.login}/"
        if key in _FOR_BROWSERS or not isinstance(value, str) or not value.startswith(ours):
            return value
        return f"{MICROSOFT.login}/{value.removeprefix(ours)}"
