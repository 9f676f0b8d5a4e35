"""The pretend Microsoft over TLS, what people do in its Outlook, and LateSync's accounts there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from latesync.consent.microsoft_app import SCOPES
from latesync.consent.microsoft_client import MicrosoftClientForm, read_form, take_microsoft_client
from latesync.sandbox.microsoft import MicrosoftWorld, outlook, served_microsoft
from latesync.sandbox.microsoft.graph_state import Mailbox
from latesync.sandbox.tls import Certificate
from latesync.store.accounts import read_refresh_token, record_consent
from latesync.store.clients import current_client
from tests.system.google import Json
from tests.system.installation import Installation

GRAPH = "/v1.0/"
TOKEN = "/oauth2/v2.0/token"
_ASKED = ["Calendars.ReadWrite", "User.Read", "offline_access", "openid", "profile"]


@dataclass
class PretendMicrosoft:
    """world: open to tests of what goes wrong. certificate: a file with the public half, for browsers."""

    world: MicrosoftWorld
    url: str
    certificate: Path
    client_id: str = ""

    # The owner

    def register(self, installation: Installation) -> None:
        """An app at Microsoft, and LateSync knows it."""
        callback = f"{installation.environment['LATESYNC_BASE_URL']}/oauth/microsoft/callback"
        self.client_id = self.world.add_client([callback], audience="AzureADMultipleOrgs")["client_id"]
        with installation.services() as services:
            desk = services.consent_desk()
            take_microsoft_client(desk, read_form(desk, MicrosoftClientForm(**self._form())))

    def client_file(self, folder: Path) -> str:
        """The app's registration with its newest secret, as `client import` takes it."""
        typed = self._form()
        path = folder / "microsoft.json"
        secret = typed.pop("secret")
        path.write_text(json.dumps({**typed, "client_secret": secret}))
        return str(path)

    def _form(self) -> dict[str, str]:
        app = self.world.client_json(self.client_id)
        ends_on = datetime.fromtimestamp(app["secret_ends_at"], UTC).date()
        return {
            "client_id": app["client_id"],
            "tenant": "",
            "account_type": "any",
            "secret": app["secret"],
            "secret_ends_on": ends_on.isoformat(),
        }

    # The agents

    def connect(self, installation: Installation, agent_id: int, email: str, *, writes: bool = False) -> str:
        """A signed-in account for an agent, without going through pages; returns the address."""
        person = self.world.add_person(email, time_zone="Europe/Berlin")
        with installation.services() as services:
            client = current_client(services.database, services.box, services.site_id, "microsoft")
            assert client is not None
            token = self.world.grant(email, self.client_id, _ASKED)["refresh_token"]
            now = services.clock()
            record_consent(
                services.database,
                services.box,
                services.site_id,
                agent_id,
                "microsoft",
                person.key,
                email,
                client.id,
                token,
                " ".join(SCOPES),
                now,
                None,
                outlook.primary_id(person.mailbox),
                now,
                writes=writes,
            )
        return email

    def stored_token(self, installation: Installation, account_id: int) -> str:
        with installation.services() as services:
            token = read_refresh_token(services.database, services.box, account_id)
        assert token is not None
        return token

    # Their calendars

    def put_event(self, email: str, starts: datetime, ends: datetime, **fields: Any) -> str:
        """An event of the person's own; its id."""
        body = {"subject": "Dentist", "start": moment(starts), "end": moment(ends), **fields}
        return str(outlook.put_event(self.mailbox(email), body)["id"])

    def put_weekly(self, email: str, starts: datetime, ends: datetime, times: int) -> str:
        """A series in the hours of Berlin, from a day that is in the same half of the year throughout."""
        body = {"subject": "Dentist", "start": moment(starts), "end": moment(ends)}
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [f"{starts:%A}".lower()]}
        span = {"type": "numbered", "startDate": f"{starts:%Y-%m-%d}", "numberOfOccurrences": times}
        return str(outlook.add_series(self.mailbox(email), body, pattern, span)["id"])

    def move_date(self, email: str, series: str, day: date, starts: datetime, ends: datetime) -> None:
        outlook.move_occurrence(self.mailbox(email), series, day, starts, ends)

    def patch_event(self, email: str, event_id: str, **fields: Any) -> None:
        outlook.patch_event(self.mailbox(email), event_id, fields)

    def delete_event(self, email: str, event_id: str) -> None:
        outlook.delete_event(self.mailbox(email), event_id)

    def events(self, email: str) -> list[Json]:
        """Singles, series and changed dates, in time order."""
        return outlook.events(self.mailbox(email))

    def bookings(self, email: str) -> list[int]:
        """The booking of every event that LateSync made there, sorted; doubles show."""
        return sorted(number for event in self.events(email) if (number := _booking_of(event)) is not None)

    def event_of(self, email: str, booking_id: int) -> Json | None:
        """The only event of a booking, None when there is none."""
        found = [event for event in self.events(email) if _booking_of(event) == booking_id]
        assert len(found) <= 1, f"booking {booking_id} has {len(found)} events"
        return found[0] if found else None

    def mailbox(self, email: str) -> Mailbox:
        return self.world.mailbox(email)

    # What was asked of it

    def asked(self) -> Counter[str]:
        """Answered requests by method and last part of the path, for example "POST $batch"."""
        with self.world.lock:
            seen = list(self.world.requests)
        return Counter(f"{request.method} {request.path.rpartition('/')[2]}" for request in seen)

    def secrets(self) -> set[str]:
        """Every token and secret there is, and every code that was given."""
        world = self.world
        with world.lock:
            values = [secret.value for client in world.clients.values() for secret in client.secrets]
            return {*values, *world.refresh_tokens, *world.access_tokens, *world.codes}


def start_of(event: Json) -> datetime:
    return _instant(event["start"])


def end_of(event: Json) -> datetime:
    return _instant(event["end"])


def moment(instant: datetime) -> Json:
    """As Outlook writes it: wall-clock time in Windows' name of the zone."""
    return {"dateTime": f"{instant:%Y-%m-%dT%H:%M:%S}", "timeZone": "W. Europe Standard Time"}


@contextmanager
def pretend_microsoft(folder: Path) -> Iterator[PretendMicrosoft]:
    """Served beside the test, behind TLS with a certificate made now: https://localhost:PORT."""
    world, certificate = MicrosoftWorld(), Certificate()
    file = folder / "microsoft.pem"
    file.write_text(certificate.pem)
    with served_microsoft(world, certificate=certificate):
        yield PretendMicrosoft(world, world.base_url, file)


def _booking_of(event: Json) -> int | None:
    """By our extended property, which people's own events have not."""
    for entry in event.get("singleValueExtendedProperties") or []:
        if entry["id"].endswith("Name latesync_booking"):
            return int(entry["value"])
    return None


def _instant(shown: Json) -> datetime:
    assert shown["timeZone"] == "UTC", shown
    whole, _, _ = shown["dateTime"].partition(".")
    return datetime.fromisoformat(whole).replace(tzinfo=UTC)
