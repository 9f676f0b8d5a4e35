"""The town's Microsoft: people with Outlook, their mailboxes, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from latesync.consent.microsoft_app import SCOPES
from latesync.options import AccountType
from latesync.plan.content import event_key
from latesync.providers.microsoft.marks import Mark, read_mark
from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.graph_state import Item, Mailbox
from latesync.sandbox.microsoft.keeping import keep
from latesync.sandbox.microsoft.listing import in_window
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.store.clients import record_client
from latesync.store.database import Database
from latesync.store.secrets import SecretBox

CALLBACK = "http://localhost:8080/oauth/microsoft/callback"
ASKED = ["Calendars.ReadWrite", "User.Read", "offline_access", "openid", "profile"]
_GENERATIONS = 25


@dataclass(frozen=True)
class OutlookEvent:
    """A single event, a series or a changed date of one. number: the order in which they were made."""

    item: Item
    number: int
    mark: Mark | None
    cancelled: bool = False

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def start_ts(self) -> float:
        return self.item.start_ts

    @property
    def end_ts(self) -> float:
        return self.item.end_ts

    @property
    def is_series(self) -> bool:
        return self.item.is_series

    @property
    def master_id(self) -> str | None:
        return self.item.master_id or None

    @property
    def title(self) -> str:
        return str(self.item.resource.get("subject", ""))

    @property
    def is_free(self) -> bool:
        return self.item.resource.get("showAs") == "free"


@dataclass
class OutlookTown:
    """copies: ids of events that people copied; these are theirs, whatever marks they carry along.

    bin: what was deleted, by calendar and id, as it was; taken out of it, it has its old id (E11).
    """

    world: MicrosoftWorld
    site_id: str
    people: list[tuple[int, str]]
    copies: set[str] = field(default_factory=set)
    bin: dict[tuple[str, str], OutlookEvent] = field(default_factory=dict)
    client_id: str = ""
    team: str = ""

    # People and consents

    def settle_people(self, team_of: str) -> None:
        for email in dict.fromkeys(email for _, email in self.people):
            self.world.add_person(email, time_zone="Europe/Berlin")
            self.world.mailbox(email).secret = email  # so that an example's ids are the same each time
        self.team = str(outlook.make_calendar(self.world.mailbox(team_of), "Team")["id"])
        client = self.world.add_client([CALLBACK], audience="AzureADandPersonalMicrosoftAccount")
        self.client_id = str(client["client_id"])

    def upload_client(self, database: Database, box: SecretBox, now: datetime) -> int:
        client = self.world.client_json(self.client_id)
        return record_client(
            database,
            box,
            self.site_id,
            "microsoft",
            client["client_id"],
            client["secret"],
            None,
            (CALLBACK,),
            now,
            tenant="common",
            account_type=AccountType.ANY_AND_PERSONAL,
        )

    def grant(self, email: str) -> str:
        return str(self.world.grant(email, self.client_id, ASKED)["refresh_token"])

    def subject(self, email: str) -> str:
        return self.world.person(email).key

    def token_lives(self, token: str | None) -> bool:
        """Unless somebody ended it; one that ended by itself, or is none of ours, was lost (T1)."""
        kept = self.world.refresh_tokens.get(token or "")
        assert kept is not None, "a refresh token was lost"
        life = self.world.switches.refresh_token_life_s
        assert kept.ended_by or kept.issued_ts + life > self.world.now(), "a refresh token was never renewed"
        return not kept.ended_by

    # Calendars

    def primary(self, email: str) -> str:
        return outlook.primary_id(self.world.mailbox(email))

    def has(self, calendar_id: str) -> bool:
        return any(calendar_id in mailbox.calendars for mailbox in self._mailboxes())

    def mailbox(self, calendar_id: str) -> Mailbox:
        return next(mailbox for mailbox in self._mailboxes() if calendar_id in mailbox.calendars)

    def calendars(self) -> list[str]:
        return [calendar_id for mailbox in self._mailboxes() for calendar_id in mailbox.calendars]

    def _mailboxes(self) -> list[Mailbox]:
        return [person.mailbox for person in self.world.persons.values()]

    # Events

    def events(self, calendar_id: str) -> list[OutlookEvent]:
        items = list(self.mailbox(calendar_id).items.values())
        return [
            self._event(item, number) for number, item in enumerate(items) if item.calendar_id == calendar_id
        ]

    def deleted(self, calendar_id: str) -> list[OutlookEvent]:
        living = self.mailbox(calendar_id).items
        return [
            event for (where, key), event in self.bin.items() if where == calendar_id and key not in living
        ]

    def find(self, calendar_id: str, name: str) -> OutlookEvent | None:
        """By id, or by the key it was made under."""
        found = [event for event in self.events(calendar_id) if event.id == name]
        made = [event for event in self.events(calendar_id) if event.mark and event.mark.key == name]
        return next(iter(found or made), None)

    def made_for(self, event: OutlookEvent) -> tuple[int, int] | None:
        """(booking, agent) of an event that is ours."""
        mark = event.mark
        if mark is None or mark.marker.site_id != self.site_id or event.id in self.copies:
            return None
        booking_id, generation = mark.marker.booking_id, mark.marker.generation
        for agent_id, email in self.people:
            if event_key(self.site_id, booking_id, agent_id, self.subject(email), generation) == mark.key:
                return booking_id, agent_id
        return None

    def is_shared(self, event: OutlookEvent) -> bool:
        """Whether several agents have the event's mailbox."""
        address = self.mailbox(event.item.calendar_id).address
        return [email for _, email in self.people].count(address) > 1

    def throw_away(self, event: OutlookEvent) -> None:
        """Note what is about to be deleted."""
        item = replace(event.item, exceptions={}, was=list(event.item.was))
        self.bin[item.calendar_id, item.id] = replace(event, item=item, cancelled=True)

    def take_out_of_bin(self, event: OutlookEvent) -> None:
        mailbox = self.mailbox(event.item.calendar_id)
        with mailbox.changing():
            keep(mailbox, replace(event.item), "created")

    def dates(self, calendar_id: str, after: float, before: float) -> list[Item]:
        """Everything in a span, series expanded."""
        mailbox = self.mailbox(calendar_id)
        with mailbox.reading():
            return in_window(mailbox, mailbox.calendars[calendar_id], after, before)

    def theirs(self, is_ours: Callable[[OutlookEvent], bool]) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (calendar_id, event.id): {
                **event.item.resource,
                "times": (event.start_ts, event.end_ts),
                "change": event.item.change_key,
            }
            for calendar_id in self.calendars()
            for event in self.events(calendar_id)
            if not is_ours(event)
        }

    def _event(self, item: Item, number: int) -> OutlookEvent:
        properties = [{"id": name, "value": value} for name, value in item.properties.items()]
        mark = read_mark({**item.resource, "singleValueExtendedProperties": properties})
        return OutlookEvent(item, number, None if item.is_series or item.day else mark)


def scopes() -> str:
    return " ".join(SCOPES)
