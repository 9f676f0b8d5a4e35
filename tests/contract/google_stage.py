"""The contract suite's stage for Google: the stand-in behind Google's real client libraries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from google.oauth2.credentials import Credentials

from latesync.consent.google_sign_in import SCOPES
from latesync.consent.google_tokens import build_credentials
from latesync.consent.oauth_client import OAuthClient
from latesync.model import EventContent
from latesync.providers.google.client import GoogleCalendar, GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints, google_endpoints
from latesync.sandbox.google.app import create_google_app
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.serving import Served

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DANA = "dana@example.com"
TIME_LIMIT_S = 0.5

_REASONS = {403: "rateLimitExceeded", 429: "rateLimitExceeded"}


class GoogleStage:
    """Dana's account. `world` is open to tests of what only Google does."""

    names_zone = True
    expands_series = False
    ids_are_ours = True
    too_fast = (403, 429)
    some_notes = "\nbring the big mirror"

    calendar_id = DANA

    def __init__(self, world: GoogleWorld, server: Served) -> None:
        self.world = world
        self.server = server
        self.endpoints: GoogleEndpoints = google_endpoints(server.url)
        self.pauses: list[float] = []
        self.client_json = world.add_client([])["web"]
        self.refresh_token: str = self.grant(SCOPES)
        self.google = GoogleProviderFactory(
            self.endpoints, now=lambda: NOW, pause=self.pauses.append, timeout_s=TIME_LIMIT_S
        )

    @property
    def client(self) -> OAuthClient:
        return OAuthClient(self.client_json["client_id"], self.client_json["client_secret"])

    def grant(self, scopes: tuple[str, ...]) -> str:
        token: str = self.world.grant(DANA, self.client_json["client_id"], list(scopes))["refresh_token"]
        return token

    def credentials(self) -> Credentials:
        return build_credentials(self.endpoints, self.client, self.refresh_token)

    def provider(self) -> GoogleCalendar:
        return self.google.calendar(7, self.credentials())

    def an_id(self, number: int = 1) -> str:
        return f"booking42gen{number}"

    def as_shown(self, content: EventContent) -> EventContent:
        return content

    def refuse_events(self) -> None:
        self.world.add_fault("status", path="/events", status=400, reason="invalid", times=None)

    def person_adds(self, starts_at: datetime, *, weekly: bool = False) -> str:
        body = {"summary": "Dentist", **_span(starts_at)}
        if weekly:
            body["recurrence"] = ["RRULE:FREQ=WEEKLY;COUNT=10"]
        event_id: str = self.world.put_event(DANA, body)["id"]
        return event_id

    def person_moves(self, event_id: str, starts_at: datetime) -> None:
        self.world.patch_event(DANA, event_id, _span(starts_at))

    def person_deletes(self, event_id: str) -> None:
        self.world.delete_event(DANA, event_id)

    def person_decorates(self, event_id: str) -> None:
        reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}
        guests = [{"email": "guest@example.org"}]
        self.world.patch_event(DANA, event_id, {"colorId": "11", "reminders": reminders, "attendees": guests})

    def decorations(self, event_id: str) -> Any:
        event = self.world.event(DANA, event_id)
        return [event[key] for key in ("colorId", "reminders", "attendees")]

    def person_moves_occurrence(self, series_id: str, starts_at: datetime, to: datetime) -> None:
        self.world.patch_event(DANA, _occurrence_id(series_id, starts_at), _span(to))

    def person_cancels_occurrence(self, series_id: str, starts_at: datetime) -> None:
        self.world.delete_event(DANA, _occurrence_id(series_id, starts_at))

    def person_makes_a_calendar(self) -> str:
        return self.world.add_calendar(DANA, "Salon").id

    def person_removes_calendar(self, calendar_id: str) -> None:
        self.world.remove_calendar(calendar_id)

    def end_sync_tokens(self) -> None:
        self.world.kill_sync_tokens()

    def limit_pages(self, size: int) -> None:
        self.world.set_switches(page_size_cap=size, empty_pages=True)

    def lose_answers(self) -> None:
        self.world.add_fault("lost_answer", path="/calendar/", times=None)

    def fail(self, status: int, *, times: int | None, retry_after_s: int | None = None) -> None:
        self.world.add_fault(
            "status",
            path="/calendar/",
            status=status,
            reason=_REASONS.get(status, "backendError"),
            domain="usageLimits" if status in _REASONS else "global",
            times=times,
            retry_after_s=retry_after_s,
        )

    def answer_garbage(self) -> None:
        self.world.add_fault("garbage", path="/calendar/", status=200, times=None)

    def answer_slower_than_the_time_limit(self) -> None:
        self.world.add_fault("delay", path="/calendar/", seconds=2 * TIME_LIMIT_S, times=None)

    def recover(self) -> None:
        self.world.faults.clear()

    def go_down(self) -> None:
        self.world.add_fault("drop", times=None)

    def withdraw_consent(self) -> None:
        self.world.revoke_grants(DANA)

    def replace_client_secret(self) -> None:
        self.world.rotate_secret(self.client_json["client_id"])

    def take_away_permission(self) -> None:
        self.refresh_token = self.grant(("openid",))

    def mails(self) -> int:
        return len(self.world.mails)

    def mailed(self) -> list[str]:
        return [address for mail in self.world.mails for address in mail["to"]]

    def guests(self, event_id: str) -> list[str]:
        return [attendee["email"] for attendee in self._attendees(event_id)]

    def person_invites(self, event_id: str, address: str) -> None:
        attendees = [*self._attendees(event_id), {"email": address}]
        self.world.patch_event(DANA, event_id, {"attendees": attendees})

    def guest_answers(self, event_id: str, address: str, answer: str) -> None:
        attendees = [
            {**attendee, "responseStatus": answer} if attendee["email"] == address else attendee
            for attendee in self._attendees(event_id)
        ]
        self.world.patch_event(DANA, event_id, {"attendees": attendees})

    def answer_of(self, event_id: str, address: str) -> str:
        (answer,) = [a["responseStatus"] for a in self._attendees(event_id) if a["email"] == address]
        return str(answer)

    def refuse_invitations(self) -> None:
        self.world.set_switches(outside_guests_per_day=0)

    def finish_meetings(self) -> None:
        self.world.advance(timedelta(minutes=1))

    def fail_meetings(self) -> None:
        self.world.set_switches(meetings_fail=True)

    def _attendees(self, event_id: str) -> list[dict[str, Any]]:
        attendees: list[dict[str, Any]] = self.world.event(DANA, event_id).get("attendees", [])
        return attendees

    def requests(self) -> int:
        return sum(request.path.startswith("/calendar/") for request in self.world.requests)


@contextmanager
def google_stage() -> Iterator[GoogleStage]:
    world = GoogleWorld()
    with Served(create_google_app(world)) as server:
        world.base_url = server.url
        world.add_user(DANA, "Dana", time_zone="Europe/Berlin")
        yield GoogleStage(world, server)


def _span(starts_at: datetime) -> dict[str, Any]:
    ends_at = starts_at + timedelta(hours=1)
    return {
        "start": {"dateTime": starts_at.isoformat(), "timeZone": "Europe/Berlin"},
        "end": {"dateTime": ends_at.isoformat(), "timeZone": "Europe/Berlin"},
    }


def _occurrence_id(series_id: str, starts_at: datetime) -> str:
    return f"{series_id}_{starts_at:%Y%m%dT%H%M%SZ}"
