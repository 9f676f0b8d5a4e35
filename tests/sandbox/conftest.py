"""A served sandbox Google and the real client libraries in front of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httplib2
import pytest
import requests
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from latesync.sandbox.google import GoogleWorld, served_google
from latesync.sandbox.serving import Served

from .graph_stage import graph  # noqa: F401 - a fixture

ANNA = "anna@example.test"
BEN = "ben@example.test"
CALENDAR = "https://www.googleapis.com/auth/calendar"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CALLBACK = "http://localhost:8080/oauth/google/callback"


@dataclass
class Google:
    """The world, its server, and Anna signed in with the calendar scope."""

    world: GoogleWorld
    server: Served
    client: dict[str, Any]
    http: Any
    service: Any

    @property
    def events(self) -> Any:
        return self.service.events()

    def insert(self, **fields: Any) -> dict[str, Any]:
        return dict(self.run(self.events.insert(calendarId="primary", body=an_event(**fields))))

    def listed(self, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.run(self.events.list(calendarId="primary", **parameters))
        return answer

    def run(self, request: Any, **headers: str) -> Any:
        request.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return request.execute(http=self.http)

    def signed_in(self, email: str, scopes: list[str] | None = None) -> Any:
        """Another HTTP object, signed in as somebody else or with other scopes."""
        tokens = self.world.grant(email, self.client["client_id"], scopes or [CALENDAR])
        return AuthorizedHttp(self.credentials(tokens), http=httplib2.Http())

    def credentials(self, tokens: dict[str, Any]) -> Any:
        made: Callable[..., Any] = Credentials
        return made(
            tokens["access_token"],
            refresh_token=tokens["refresh_token"],
            token_uri=f"{self.server.url}/token",
            client_id=self.client["client_id"],
            client_secret=self.client["client_secret"],
        )

    def token(self, **form: str) -> requests.Response:
        secrets = {name: self.client[name] for name in ("client_id", "client_secret")}
        return requests.post(f"{self.server.url}/token", data={**secrets, **form}, timeout=10)


@pytest.fixture
def google() -> Iterator[Google]:
    world = GoogleWorld()
    world.freeze(NOON)
    world.add_user(ANNA, "Anna", time_zone="Europe/Paris")
    world.add_user(BEN, "Ben", time_zone="America/New_York")
    with served_google(world) as server:
        client = world.add_client([CALLBACK])["web"]
        endpoint = {"api_endpoint": f"{server.url}/calendar/v3/"}
        service = build("calendar", "v3", http=httplib2.Http(), client_options=endpoint)
        made = Google(world, server, client, None, service)
        made.http = made.signed_in(ANNA)
        yield made


def an_event(**fields: Any) -> dict[str, Any]:
    """An hour on 3 November, 10:00 in Paris."""
    start = {"dateTime": "2026-11-03T10:00:00", "timeZone": "Europe/Paris"}
    end = {"dateTime": "2026-11-03T11:00:00", "timeZone": "Europe/Paris"}
    return {"summary": "Massage", "start": start, "end": end, **fields}


def refused(act: Callable[[], Any]) -> tuple[int, str]:
    """Status and reason of the refusal."""
    with pytest.raises(HttpError) as caught:
        act()
    content = json.loads(caught.value.content or b"{}")
    return caught.value.status_code, content["error"]["errors"][0]["reason"] if content else ""
