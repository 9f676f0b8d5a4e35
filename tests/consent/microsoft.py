"""Microsoft's stand-in with one app registration and one person who says yes, and their browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from latesync.consent.microsoft_app import MsalApps
from latesync.consent.microsoft_sign_in import begin, finish
from latesync.consent.microsoft_tokens import MicrosoftTokens
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import Consent, SignInReturn, SignInStart
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints, microsoft_endpoints
from latesync.sandbox.microsoft import MicrosoftWorld, served_microsoft
from latesync.sandbox.tls import Certificate

CALLBACK = "http://localhost:8080/oauth/microsoft/callback"
DANA = "dana@contoso.example"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GRANTED = ["openid", "profile", "offline_access", "Calendars.ReadWrite", "User.Read"]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Microsoft:
    """apps: as a process keeps them; `clock` is ours, the stand-in has its own."""

    def __init__(self, world: MicrosoftWorld, endpoints: MicrosoftEndpoints) -> None:
        self.world, self.endpoints, self.clock = world, endpoints, Clock()
        self.person = world.add_person(DANA, "Dana", auto_consent=True)
        self.registered: dict[str, Any] = world.add_client([CALLBACK])
        self.client = OAuthClient(self.registered["client_id"], self.registered["secret"], "common")
        self.apps = MsalApps(endpoints, self.clock)

    def start(self, client: OAuthClient | None = None, login_hint: str | None = DANA) -> SignInStart:
        return begin(self.apps, client or self.client, redirect_uri=CALLBACK, login_hint=login_hint)

    def returned(self, start: SignInStart) -> SignInReturn:
        """What the browser brings back to our callback."""
        answer = requests.get(start.url, allow_redirects=False, timeout=10, verify=False)
        assert "Location" in answer.headers, answer.text
        location = urlsplit(answer.headers["Location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
        given = {name: values[0] for name, values in parse_qs(location.query).items()}
        return SignInReturn(given["state"], given.get("code", ""), given.get("error", ""), given)

    def finish(self, start: SignInStart, answer: SignInReturn, client: OAuthClient | None = None) -> Consent:
        return finish(
            self.apps,
            self.endpoints,
            client or self.client,
            kept=start.kept,
            answer=answer,
            now=self.clock(),
        )

    def sign_in(self, client: OAuthClient | None = None) -> Consent:
        start = self.start(client)
        return self.finish(start, self.returned(start), client)

    def granted(self) -> str:
        """A refresh token, without the pages."""
        token: str = self.world.grant(DANA, self.client.client_id, GRANTED)["refresh_token"]
        return token

    def tokens(self, refresh_token: str, kept: list[tuple[str, str]] | None = None) -> MicrosoftTokens:
        return MicrosoftTokens(
            self.apps,
            self.client,
            account_id=7,
            refresh_token=refresh_token,
            keep=lambda old, new: (kept if kept is not None else []).append((old, new)),
            now=self.clock,
        )

    def asked_for_tokens(self) -> int:
        """How many requests the token endpoint had."""
        return sum(1 for request in self.world.requests if request.path.endswith("/token"))


@contextmanager
def microsoft_standing_in(certificate: Certificate | None = None) -> Iterator[Microsoft]:
    """certificate: given, behind TLS."""
    world = MicrosoftWorld()
    with served_microsoft(world, certificate=certificate):
        yield Microsoft(world, microsoft_endpoints(world.base_url))
