"""A second opinion: signing in and writing against an emulator that neither we nor our stand-in wrote.

It knows little of Google's calendar (clients-and-speed.md §3): no event ids of ours, no patch, no sync
tokens. What it does know must work with the code that talks to Google.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from google_auth_oauthlib.flow import Flow

from latesync.consent.google_sign_in import SCOPES, begin
from latesync.consent.google_tokens import build_credentials, revoke
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import SignInStart
from latesync.errors import AuthorizationLost, CalendarLost
from latesync.model import EventContent, Marker
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints
from latesync.times import TimeRange
from tests.contract.stage import WINDOW

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(
        os.environ.get("LATESYNC_TEST_EMULATOR") != "1",
        reason="an optional second opinion from the network: set LATESYNC_TEST_EMULATOR=1 (needs npm)",
    ),
]

CALLBACK = "http://localhost:8080/oauth/google/callback"
CLIENT = OAuthClient("client", "secret")
STARTS_AT = datetime(2027, 3, 1, 9, tzinfo=UTC)

# Without the override the package asks for a core that was never published.
PACKAGE = """{
  "private": true,
  "type": "module",
  "dependencies": {"@emulators/google": "0.11.2", "@emulators/core": "0.6.1"},
  "overrides": {"@emulators/core": "0.6.1"}
}
"""


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[GoogleEndpoints]:
    (tmp_path / "package.json").write_text(PACKAGE)
    shutil.copy(Path(__file__).with_name("emulator_server.mjs"), tmp_path)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=tmp_path, check=True, timeout=120)
    port = free_port()
    command = ["node", "emulator_server.mjs", str(port), CALLBACK]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any("ready" in line for line in server.stdout)
            yield endpoints_at(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def test_a_sign_in_and_an_event_s_life_at_the_emulator(emulator: GoogleEndpoints) -> None:
    credentials = signed_in(emulator)
    google = GoogleProviderFactory(emulator, now=lambda: datetime.now(UTC))
    calendar = google.calendar(1, credentials)

    (primary,) = calendar.list_calendars()
    assert primary.is_primary

    created = calendar.create_event(primary.id, "abc12", a_haircut())
    assert created.item.starts == STARTS_AT
    assert listed_summaries(google, credentials, primary.id) == ["Haircut"]

    calendar.delete_event(primary.id, created.item.event_id)
    assert listed_summaries(google, credentials, primary.id) == []

    with pytest.raises(CalendarLost):
        list(calendar.list_changes("elsewhere", None, WINDOW))

    revoke(emulator, str(credentials.refresh_token))
    again = build_credentials(emulator, CLIENT, str(credentials.refresh_token))
    with pytest.raises(AuthorizationLost):
        google.calendar(1, again).list_calendars()


def signed_in(endpoints: GoogleEndpoints) -> Credentials:
    start = begin(endpoints, CLIENT, redirect_uri=CALLBACK)
    web = {
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
        "auth_uri": endpoints.authorize,
        "token_uri": endpoints.token,
    }
    flow = Flow.from_client_config(
        {"web": web}, scopes=list(SCOPES), redirect_uri=CALLBACK, code_verifier=start.kept
    )
    # The emulator advertises HTTP Basic for the client, and does not read it.
    token = flow.fetch_token(code=code_for(start), include_client_id=True)
    return build_credentials(endpoints, CLIENT, token["refresh_token"])


def code_for(start: SignInStart) -> str:
    """Press the button of the emulator's only person."""
    page = requests.get(start.url, timeout=10)
    form = HiddenFields()
    form.feed(page.text)
    answer = requests.post(
        requests.compat.urljoin(page.url, "/o/oauth2/v2/auth/callback"),
        data=form.fields,
        allow_redirects=False,
        timeout=10,
    )
    returned = parse_qs(urlsplit(answer.headers["location"]).query)
    assert returned["state"] == [start.state]
    return returned["code"][0]


def listed_summaries(google: GoogleProviderFactory, credentials: Credentials, calendar_id: str) -> list[Any]:
    """Not by our listing: the emulator gives no sync token, and we take that for an unfinished answer."""
    request = google.events.list(calendarId=calendar_id)
    answer = request.execute(http=AuthorizedHttp(credentials, http=google.http()))
    return [event["summary"] for event in answer["items"]]


def a_haircut() -> EventContent:
    return EventContent(
        summary="Haircut",
        description="Booking 42",
        location="Main Street 1",
        span=TimeRange(STARTS_AT, STARTS_AT + timedelta(hours=1)),
        zone=None,
        marker=Marker("site1", 42, 1),
    )


def endpoints_at(base: str) -> GoogleEndpoints:
    return GoogleEndpoints(
        authorize=f"{base}/o/oauth2/v2/auth",
        token=f"{base}/oauth2/token",
        revoke=f"{base}/oauth2/revoke",
        userinfo=f"{base}/oauth2/v2/userinfo",
        api=f"{base}/calendar/v3/",
        batch=f"{base}/batch/calendar/v3",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.fields[str(given["name"])] = given.get("value") or ""
