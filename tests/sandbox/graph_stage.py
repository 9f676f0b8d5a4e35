"""A served sandbox Microsoft, with Anna signed in and a plain HTTP client in front of Graph."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.app import served_microsoft
from latesync.sandbox.microsoft.graph_state import Mailbox
from latesync.sandbox.microsoft.state import AccessToken
from latesync.sandbox.microsoft.world import MicrosoftWorld

ANNA = "anna@example.test"
APP = "11111111-1111-1111-1111-111111111111"
SCOPES = ["Calendars.ReadWrite", "User.Read", "offline_access", "openid"]
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
A_YEAR_S = 365 * 86_400.0
IMMUTABLE = 'IdType="ImmutableId"'
GUID = "{66f5a359-4659-4830-9070-00047ec6ac6e}"
MONDAYS = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}
FOR_EVER = {"type": "noEnd", "startDate": "2026-11-02"}
WINDOW = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-11-29T00:00:00Z"
KEY = f"String {GUID} Name latesync_key"
NOTHING = f"AAkALgAA{'nothing' * 5}="  # could be an id, and is none


@dataclass
class Graph:
    """The world, its server, and requests as Anna."""

    world: MicrosoftWorld
    url: str
    token: str
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def mailbox(self) -> Mailbox:
        return self.world.mailbox(ANNA)

    @property
    def main(self) -> str:
        return self.mailbox.primary.id

    def send(self, verb: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """path: below /v1.0/, or a whole address. headers: `If_Match` for If-Match."""
        address = path if urlsplit(path).scheme else f"{self.url}/v1.0/{path}"
        sent = {"Authorization": f"Bearer {self.token}", "Prefer": IMMUTABLE}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(verb, address, json=body, headers=sent, timeout=10)

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        answer = self.send("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def create(self, path: str = "me/events", **fields: Any) -> dict[str, Any]:
        answer = self.send("POST", path, an_event(**fields))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def patch(self, event_id: str, **fields: Any) -> requests.Response:
        return self.send("PATCH", f"me/events/{event_id}", fields)

    def all_pages(self, path: str, **headers: str) -> tuple[list[dict[str, Any]], str]:
        """Every entry, and the deltaLink at the end, if any."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **headers)
            found += page["value"]
            if "@odata.nextLink" not in page:
                return found, page.get("@odata.deltaLink", "")
            path = page["@odata.nextLink"]

    def first_round(self, days: int = 28, **headers: str) -> tuple[dict[str, dict[str, Any]], str]:
        """A delta's first round over November, by id."""
        window = f"startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-11-{days + 1:02d}T00:00:00Z"
        return self.next_round(f"me/calendarView/delta?{window}", **headers)

    def next_round(self, link: str, **headers: str) -> tuple[dict[str, dict[str, Any]], str]:
        found, end = self.all_pages(link, **headers)
        return {entry["id"]: entry for entry in found}, end


def an_event(**fields: Any) -> dict[str, Any]:
    """An hour on 3 November, 10:00 in Paris."""
    start = {"dateTime": "2026-11-03T10:00:00", "timeZone": "Romance Standard Time"}
    end = {"dateTime": "2026-11-03T11:00:00", "timeZone": "Romance Standard Time"}
    return {"subject": "Massage", "start": start, "end": end, **fields}


def at(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


NINE, TEN = at("2026-11-02T09:00:00", "Europe/Paris"), at("2026-11-02T10:00:00", "Europe/Paris")


def a_series(
    graph: Graph, pattern: dict[str, Any] = MONDAYS, span: dict[str, Any] = FOR_EVER
) -> dict[str, Any]:
    return outlook.add_series(graph.mailbox, an_event(start=NINE, end=TEN), pattern, span)


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["error"]["code"]


def signed_in(
    world: MicrosoftWorld, who: str, token: str, app: str = APP, scopes: list[str] | None = None
) -> str:
    """A token put straight into the world."""
    person = world.person(who)
    world.access_tokens[token] = AccessToken(app, person.oid, scopes or SCOPES, world.now() + A_YEAR_S)
    return token


@pytest.fixture
def graph() -> Iterator[Graph]:
    world = MicrosoftWorld()
    world.freeze(NOON)
    world.add_person(ANNA, "Anna", time_zone="Europe/Paris")
    with served_microsoft(world) as server:
        yield Graph(world, server.url, signed_in(world, ANNA, "annas-token"))
