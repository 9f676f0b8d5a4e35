"""The contract suite's stage for Microsoft: the stand-in behind MSAL and our own client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from latesync.consent.microsoft_app import SCOPES, MsalApps
from latesync.consent.microsoft_tokens import MicrosoftTokens
from latesync.consent.oauth_client import OAuthClient
from latesync.model import EventContent
from latesync.plan.content import event_key
from latesync.providers.microsoft.client import MicrosoftCalendar, MicrosoftProviderFactory
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints, microsoft_endpoints
from latesync.providers.microsoft.marks import is_key
from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.app import served_microsoft
from latesync.sandbox.microsoft.graph_state import Mailbox
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.sandbox.serving import Served

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DANA = "dana@example.com"
TIME_LIMIT_S = 1.0
GRAPH = "/v1.0/"

_CODES = {403: "ErrorAccessDenied", 429: "TooManyRequests", 400: "ErrorPropertyValidationFailure"}


class MicrosoftStage:
    """Dana's account. `world` and `mailbox` are open to tests of what only Microsoft does."""

    names_zone = False
    expands_series = True
    ids_are_ours = False
    too_fast = (429,)
    some_notes = "<br>bring the <b>big</b> mirror"

    def __init__(self, world: MicrosoftWorld, server: Served) -> None:
        self.world = world
        self.endpoints: MicrosoftEndpoints = microsoft_endpoints(server.url)
        self.pauses: list[float] = []
        self.registered = world.add_client([], audience="AzureADandPersonalMicrosoftAccount")
        self.refresh_token = self.grant(("Calendars.ReadWrite", "User.Read"))
        self.calendar_id = outlook.primary_id(self.mailbox)
        self.microsoft = MicrosoftProviderFactory(
            self.endpoints, now=lambda: NOW, pause=self.pauses.append, timeout_s=TIME_LIMIT_S
        )

    @property
    def mailbox(self) -> Mailbox:
        return self.world.mailbox(DANA)

    def grant(self, scopes: tuple[str, ...]) -> str:
        asked = [*scopes, "offline_access", "openid", "profile"]
        token: str = self.world.grant(DANA, self.registered["client_id"], asked)["refresh_token"]
        return token

    def tokens(self) -> MicrosoftTokens:
        client = OAuthClient(self.registered["client_id"], self.registered["secret"], "common")
        return MicrosoftTokens(
            MsalApps(self.endpoints, lambda: NOW),
            client,
            account_id=7,
            refresh_token=self.refresh_token,
            keep=lambda _old, _new: None,
            now=lambda: NOW,
            scopes=SCOPES,
        )

    def provider(self) -> MicrosoftCalendar:
        return self.microsoft.calendar(7, self.tokens())

    def an_id(self, number: int = 1) -> str:
        return event_key("site1", 42, 7, "dana", number)

    def as_shown(self, content: EventContent) -> EventContent:
        return replace(content, zone=None)

    def refuse_events(self) -> None:
        self.fail(400, times=None)

    def id_of(self, name: str) -> str:
        """The event's own id, by the key it was created under."""
        if not is_key(name):
            return name
        found = [raw for raw in outlook.events(self.mailbox) if name in str(raw.get("transactionId"))]
        return str(found[0]["id"])

    def event(self, name: str) -> dict[str, Any]:
        return outlook.event(self.mailbox, self.id_of(name))

    def person_adds(self, starts_at: datetime, *, weekly: bool = False) -> str:
        body = {"subject": "Dentist", **span(starts_at)}
        if not weekly:
            return str(outlook.put_event(self.mailbox, body)["id"])
        day = starts_at.strftime("%A").lower()
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [day]}
        ten = {"type": "numbered", "startDate": f"{starts_at:%Y-%m-%d}", "numberOfOccurrences": 10}
        return str(outlook.add_series(self.mailbox, body, pattern, ten)["id"])

    def person_moves(self, event_id: str, starts_at: datetime) -> None:
        outlook.patch_event(self.mailbox, self.id_of(event_id), span(starts_at))

    def person_deletes(self, event_id: str) -> None:
        outlook.delete_event(self.mailbox, self.id_of(event_id))

    def person_decorates(self, event_id: str) -> None:
        theirs = {"categories": ["Red category"], "reminderMinutesBeforeStart": 5, "sensitivity": "private"}
        outlook.patch_event(self.mailbox, self.id_of(event_id), theirs)
        self.person_invites(event_id, "guest@example.org")

    def decorations(self, event_id: str) -> Any:
        event = self.event(event_id)
        return [
            event[key] for key in ("categories", "reminderMinutesBeforeStart", "sensitivity", "attendees")
        ]

    def person_moves_occurrence(self, series_id: str, starts_at: datetime, to: datetime) -> None:
        ends_at = to + timedelta(hours=1)
        outlook.move_occurrence(self.mailbox, series_id, starts_at.date(), to, ends_at)

    def person_cancels_occurrence(self, series_id: str, starts_at: datetime) -> None:
        outlook.cancel_occurrence(self.mailbox, series_id, starts_at.date())

    def person_makes_a_calendar(self) -> str:
        return str(outlook.make_calendar(self.mailbox, "Salon")["id"])

    def person_removes_calendar(self, calendar_id: str) -> None:
        outlook.remove_calendar(self.mailbox, calendar_id)

    def end_sync_tokens(self) -> None:
        outlook.kill_delta_tokens(self.mailbox)

    def limit_pages(self, size: int) -> None:
        self.world.set_switches(delta_empty_pages=True, page_size_cap=size)

    def lose_answers(self) -> None:
        self.world.add_fault("lost_answer", method="POST|PATCH|DELETE", path=GRAPH, times=None)

    def fail(self, status: int, *, times: int | None, retry_after_s: int | None = None) -> None:
        self.world.add_fault(
            "status",
            path=GRAPH,
            status=status,
            reason=_CODES.get(status, "UnknownError"),
            times=times,
            retry_after_s=retry_after_s,
        )

    def answer_garbage(self) -> None:
        self.world.add_fault("garbage", path=GRAPH, status=200, times=None)

    def answer_slower_than_the_time_limit(self) -> None:
        self.world.add_fault("delay", path=GRAPH, seconds=2 * TIME_LIMIT_S, times=None)

    def recover(self) -> None:
        self.world.clear_faults()

    def go_down(self) -> None:
        self.world.add_fault("drop", times=None)

    def withdraw_consent(self) -> None:
        self.world.set_switches(revoking_ends_access_tokens=True)
        self.world.withdraw_consent(DANA)

    def replace_client_secret(self) -> None:
        self.world.add_secret(self.registered["client_id"], keep_old=False)

    def take_away_permission(self) -> None:
        for token in self.world.access_tokens.values():
            token.scopes = ["User.Read"]
        self.world.change_client(self.registered["client_id"], withheld=["Calendars.ReadWrite"])

    def mails(self) -> int:
        return len(self.world.mails())

    def mailed(self) -> list[str]:
        return [str(address) for mail in self.mailbox.mails for address in mail["to"]]

    def guests(self, event_id: str) -> list[str]:
        return [attendee["emailAddress"]["address"] for attendee in self.event(event_id)["attendees"]]

    def person_invites(self, event_id: str, address: str) -> None:
        attendees = [*self.event(event_id)["attendees"], {"emailAddress": {"address": address}}]
        outlook.patch_event(self.mailbox, self.id_of(event_id), {"attendees": attendees})

    def guest_answers(self, event_id: str, address: str, answer: str) -> None:
        raise NotImplementedError("Nobody is invited by way of Microsoft (V1)")

    def answer_of(self, event_id: str, address: str) -> str:
        raise NotImplementedError("Nobody is invited by way of Microsoft (V1)")

    def refuse_invitations(self) -> None:
        raise NotImplementedError("Nobody is invited by way of Microsoft (V1)")

    def finish_meetings(self) -> None:
        self.world.advance(timedelta(minutes=1))

    def fail_meetings(self) -> None:
        outlook.change_calendar(self.mailbox, self.calendar_id, meeting_providers=[])

    def requests(self) -> int:
        return sum(request.path.startswith(GRAPH) for request in self.world.requests)


@contextmanager
def microsoft_stage() -> Iterator[MicrosoftStage]:
    world = MicrosoftWorld()
    world.add_person(DANA, "Dana", time_zone="Europe/Berlin")
    world.set_switches(meetings_take_s=30.0)
    with served_microsoft(world) as server:
        yield MicrosoftStage(world, server)


def span(starts_at: datetime) -> dict[str, Any]:
    """As Outlook writes it: in Windows' name of the person's zone."""
    local = timedelta(hours=1)  # the stage's dates are all in winter
    return {
        "start": {
            "dateTime": f"{starts_at + local:%Y-%m-%dT%H:%M:%S}",
            "timeZone": "W. Europe Standard Time",
        },
        "end": {
            "dateTime": f"{starts_at + 2 * local:%Y-%m-%dT%H:%M:%S}",
            "timeZone": "W. Europe Standard Time",
        },
    }
