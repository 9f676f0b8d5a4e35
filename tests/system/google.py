"""The pretend Google, and what a test does to it over its control pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from latesync.sandbox.google import GoogleWorld, served_google
from tests.system.programs import running_command
from tests.system.waiting import eventually

Json = dict[str, Any]


class PretendGoogle:
    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, f"{self.url}/sandbox{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def add_user(self, email: str, **settings: Any) -> Json:
        user: Json = self.ask("POST", "/users", {"email": email, "time_zone": "Europe/Berlin", **settings})
        return user

    def put_event(self, email: str, starts: datetime, ends: datetime, **fields: Any) -> str:
        """An event of the person's own; its id."""
        body = {"summary": "Dentist", "start": _moment(starts), "end": _moment(ends), **fields}
        return str(self.ask("POST", f"/calendars/{email}/events", body)["id"])

    def events(self, email: str) -> list[Json]:
        """The living events of the primary calendar, in time order."""
        found: list[Json] = self.ask("GET", f"/calendars/{email}/events")
        return found

    def bookings(self, email: str) -> list[int]:
        """The booking of every living event that LateSync made there, sorted; doubles show."""
        return sorted(booking_of(event) for event in self.events(email) if is_ours(event))

    def event_of(self, email: str, booking_id: int) -> Json | None:
        """The only living event of a booking, None when there is none."""
        found = [event for event in self.events(email) if is_ours(event) and booking_of(event) == booking_id]
        assert len(found) <= 1, f"booking {booking_id} has {len(found)} events"
        return found[0] if found else None

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Every answer takes this long."""
        self.ask("PUT", "/latency", {"seconds": seconds})
        try:
            yield
        finally:
            self.ask("PUT", "/latency", {"seconds": 0})


def is_ours(event: Json) -> bool:
    return "latesync_booking" in marker_of(event)


def booking_of(event: Json) -> int:
    return int(marker_of(event)["latesync_booking"])


def marker_of(event: Json) -> Json:
    private: Json = event.get("extendedProperties", {}).get("private", {})
    return private


def start_of(event: Json) -> datetime:
    return datetime.fromisoformat(event["start"]["dateTime"])


def end_of(event: Json) -> datetime:
    return datetime.fromisoformat(event["end"]["dateTime"])


@contextmanager
def pretend_google() -> Iterator[PretendGoogle]:
    """Served beside the test. LateSync's processes speak to it over HTTP, as they do to Google."""
    with served_google(GoogleWorld()) as server:
        yield PretendGoogle(server.url)


@contextmanager
def pretend_google_apart(folder: Path, environment: Mapping[str, str]) -> Iterator[PretendGoogle]:
    """As a process of its own. environment: further variables of it, for example another clock."""
    with running_command(("sandbox", "--port", "0"), environment, folder / "google.log") as program:
        said = eventually(
            lambda: program.said if "\n" in program.said else None,
            "the pretend Google said where it is",
            why=lambda: program.said,
        )
        yield PretendGoogle(said.split()[-1])


def _moment(instant: datetime) -> Json:
    return {"dateTime": instant.isoformat()}
