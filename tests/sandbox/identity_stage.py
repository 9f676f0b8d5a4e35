"""The sandbox Microsoft's identity side, served, with the real MSAL or plain requests in front of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msal
import requests

from latesync.sandbox.microsoft import MicrosoftWorld, served_microsoft
from latesync.sandbox.tls import Certificate

ANNA = "anna@salon.example"
BEN = "ben@salon.example"
EVE = "eve@outlook.example"  # a personal account
CALLBACK = "http://localhost:8080/oauth/microsoft/callback"
SCOPES = ["Calendars.ReadWrite", "User.Read"]
ALL_SCOPES = [*SCOPES, "openid", "profile", "offline_access"]
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_HTTPS = "https://login.microsoftonline.com"


class Rewriting:
    """Shows MSAL an https authority and talks to a plain http address (microsoft-graph.md P4, way A)."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self._session = session
        self._address = address

    def get(self, url: str, **more: Any) -> requests.Response:
        return self._answer(self._session.get(url.replace(_HTTPS, self._address), **more))

    def post(self, url: str, **more: Any) -> requests.Response:
        return self._answer(self._session.post(url.replace(_HTTPS, self._address), **more))

    def close(self) -> None:
        self._session.close()

    def _answer(self, response: requests.Response) -> requests.Response:
        response._content = response.content.replace(self._address.encode(), _HTTPS.encode())
        return response


@dataclass
class Stage:
    """The world, where it is served, an app registration, and a browser without cookies."""

    world: MicrosoftWorld
    http: requests.Session
    client: dict[str, Any] = field(default_factory=dict)
    tenant: str = "common"

    @property
    def url(self) -> str:
        return self.world.base_url

    @property
    def authorize(self) -> str:
        return f"{self.url}/{self.tenant}/oauth2/v2.0/authorize"

    def msal(self, **more: Any) -> Any:
        """A fresh app object: MSAL answers repeated mistakes from memory (P12)."""
        is_plain = self.url.startswith("http://")
        return msal.ConfidentialClientApplication(
            self.client["client_id"],
            **{"client_credential": self.client["secret"], **more},
            authority=f"{_HTTPS if is_plain else self.url}/{self.tenant}",
            instance_discovery=False,
            http_client=Rewriting(self.http, self.url) if is_plain else self.http,
        )

    def asked(self, **changes: str | None) -> str:
        """The authorize address; None leaves a parameter out."""
        asked = {
            "client_id": self.client["client_id"],
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": " ".join(ALL_SCOPES),
            "state": "s1",
            **changes,
        }
        return f"{self.authorize}?{urlencode({k: v for k, v in asked.items() if v is not None})}"

    def post(self, url: str, **fields: str) -> requests.Response:
        return self.http.post(url, data=fields, allow_redirects=False)

    def page(self, url: str) -> requests.Response:
        return self.http.get(url, allow_redirects=False)

    def accepted(self, url: str, account: str = ANNA) -> dict[str, str]:
        """What the callback is given after the consent page."""
        return callback(self.post(url, account=account, decision="accept"))

    def code(self, account: str = ANNA, **changes: str | None) -> str:
        return self.accepted(self.asked(**changes), account)["code"]

    def token(self, *, tenant: str | None = None, **changes: str | None) -> requests.Response:
        """A token request with the client's id and secret; None leaves a field out."""
        form = {"client_id": self.client["client_id"], "client_secret": self.client["secret"], **changes}
        address = f"{self.url}/{tenant or self.tenant}/oauth2/v2.0/token"
        return self.http.post(address, data={k: v for k, v in form.items() if v is not None})

    def redeemed(self, code: str, **changes: str | None) -> requests.Response:
        return self.token(
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
        )

    def refreshed(self, refresh_token: str, **changes: str | None) -> requests.Response:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    def signed_in(self, account: str = ANNA) -> dict[str, Any]:
        """The answer of the token endpoint after a sign-in."""
        return dict(self.redeemed(self.code(account)).json())


@contextmanager
def staged(folder: Path, *, tls: bool = False) -> Iterator[Stage]:
    """Anna and Ben of one tenant, Eve with a personal account, and an app for everybody; the clock stands."""
    world = MicrosoftWorld()
    world.freeze(NOON)
    for email in (ANNA, BEN):
        world.add_person(email, email.partition("@")[0].title())
    world.add_person(EVE, "Eve", kind="personal")
    certificate = Certificate() if tls else None
    with requests.Session() as http, served_microsoft(world, certificate=certificate):
        http.trust_env = False  # else REQUESTS_CA_BUNDLE wins over verify (P4)
        if certificate:
            (folder / "ca.pem").write_text(certificate.pem)
            http.verify = str(folder / "ca.pem")
        yield Stage(world, http, world.add_client([CALLBACK], tenant="salon.example"))


def callback(response: requests.Response) -> dict[str, str]:
    """The fields that a redirect brings to the callback."""
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(f"{CALLBACK}?")
    query = parse_qs(urlsplit(response.headers["Location"]).query, keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


def refusal_on_page(response: requests.Response) -> str:
    """AADSTS and its number, as the person reads it."""
    assert response.status_code == 400, response.text
    found = re.search(r"AADSTS\d+", unescape(response.text))
    assert found is not None
    return found[0]


def refused(response: requests.Response) -> tuple[int, str, int]:
    """Status, error and number of a refused token request."""
    body = response.json()
    return response.status_code, body["error"], body["error_codes"][0]
