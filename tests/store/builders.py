"""Builders: they show only what matters to a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from latesync.model import BusySlot, CalendarItem, MappingState
from latesync.store.accounts import AccountRow, read_account, record_consent
from latesync.store.calendars import CalendarRow, read_calendars, record_page, start_listing
from latesync.store.database import Database
from latesync.store.leases import Claim, claim_due, release
from latesync.store.mappings import NewIntent, record_intents, record_written
from latesync.store.secrets import SecretBox
from latesync.times import TimeRange

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
SITE = "0123456789ab"
LEASE = timedelta(seconds=45)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Site:
    """A site in a database, and what is needed to do things with it."""

    database: Database
    box: SecretBox
    client_ref: int

    def connect(self, agent_id: int = 1, **changes: Any) -> int:
        values: dict[str, Any] = {
            "provider": "google",
            "subject": f"person-{agent_id}",
            "email": "agent@example.com",
            "client_ref": self.client_ref,
            "refresh_token": "token-1",
            "scopes": "calendar",
            "consented_at": NOW,
            "ends_at": None,
            "write_calendar_id": "primary",
            "now": NOW,
        }
        return record_consent(self.database, self.box, SITE, agent_id, **(values | changes))

    def account(self, account_id: int) -> AccountRow:
        row = read_account(self.database, account_id)
        assert row is not None
        return row

    def calendar(self, account_id: int) -> CalendarRow:
        """The account's first one."""
        return read_calendars(self.database, account_id)[0]

    def claim(
        self, owner: str = "worker-1", now: datetime = NOW, limit: int = 100, **only: Any
    ) -> list[Claim]:
        return claim_due(self.database, owner, now, lease=LEASE, limit=limit, **only)

    def release(self, account_id: int, owner: str = "worker-1", now: datetime = NOW, **changes: Any) -> bool:
        values: dict[str, Any] = {
            "outbound_due_at": None,
            "inbound_due_at": now + HOUR,
            "failures": 0,
            "problem": None,
            "outbound_good": True,
            "inbound_good": True,
        }
        return release(self.database, owner, account_id, now, **(values | changes))

    def full_listing(self, calendar_ref: int, *items: CalendarItem, slots: tuple[BusySlot, ...] = ()) -> int:
        """One full listing of one page."""
        listing = start_listing(self.database, calendar_ref)
        self.page(calendar_ref, *items, slots=slots, listing=listing, end_of_listing=True)
        return listing

    def page(
        self, calendar_ref: int, *items: CalendarItem, slots: tuple[BusySlot, ...] = (), **changes: Any
    ) -> None:
        values: dict[str, Any] = {
            "drop": (),
            "listing": 1,
            "slots_replaced_for": {item.series_id or item.event_id for item in items},
            "zone": "Europe/Berlin",
            "sync_token": "token",
            "now": NOW,
            "end_of_listing": False,
        }
        record_page(self.database, calendar_ref, items, slots=slots, **(values | changes))

    def live_mapping(self, account_id: int, booking_id: int = 7, **changes: Any) -> int:
        (mapping_id,) = record_intents(self.database, [an_intent(account_id, booking_id, **changes)], NOW)
        record_written(self.database, mapping_id, **an_answer())
        return mapping_id


def a_span(hours_ahead: int = 24, hours: int = 1) -> TimeRange:
    start = NOW.replace(minute=0, second=0, microsecond=0) + hours_ahead * HOUR
    return TimeRange(start, start + hours * HOUR)


def an_item(event_id: str = "event-1", **changes: Any) -> CalendarItem:
    values: dict[str, Any] = {"starts": a_span().start, "ends": a_span().end}
    return CalendarItem(event_id, **(values | changes))


def a_slot(slot_id: str = "a" * 32, **changes: Any) -> BusySlot:
    values: dict[str, Any] = {"agent_id": 1, "item_id": "event-1", "span": a_span()}
    return BusySlot(slot_id, **(values | changes))


def an_intent(account_id: int, booking_id: int = 7, **changes: Any) -> NewIntent:
    values: dict[str, Any] = {
        "site_id": SITE,
        "booking_id": booking_id,
        "agent_id": 1,
        "account_id": account_id,
        "calendar_id": "primary",
        "event_id": f"ls{booking_id}g0",
        "generation": 0,
        "span": a_span(),
        "content_hash": "hash-1",
    }
    return NewIntent(**(values | changes))


def an_answer(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": MappingState.LIVE,
        "etag": '"1"',
        "content_hash": "hash-1",
        "echo_hash": "echo-1",
        "has_agent_notes": False,
        "span": a_span(),
        "now": NOW,
    }
    return values | changes
