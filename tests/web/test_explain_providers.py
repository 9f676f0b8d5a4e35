"""Why a booking is (not) in a calendar, and why a time is blocked, where agents use Outlook or both."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from latesync.cli.explain import booking_report, slot_report
from latesync.explaining.answers import BookingAnswer, read_names
from latesync.explaining.answers import answer as answer_booking
from latesync.explaining.bookings import explain_booking
from latesync.explaining.slot_answers import SlotAnswer
from latesync.explaining.slot_answers import answer as answer_slot
from latesync.explaining.slots import explain_slot
from latesync.model import AccountState
from latesync.sandbox.microsoft import outlook
from latesync.store.accounts import AccountRow, promote, record_needs_sign_in
from latesync.store.explaining import mappings_of_booking
from latesync.store.mappings import record_set_aside
from latesync.sync.now import sync_now
from latesync.times import parse_moment
from tests.web.salon import DANA, NOW, Salon

OUTLOOK = "dana@outlook.example"
EARLY = NOW.replace(hour=2, minute=0) + timedelta(days=9)  # nobody has bookings at that hour
TITLE = "Dentist"


def account_at(salon: Salon, provider: str) -> AccountRow:
    account = salon.account(DANA, provider)
    assert account is not None
    return account


def run(salon: Salon, *providers: str) -> None:
    sync_now(salon.services.sync_parts(), "test", [account_at(salon, each) for each in providers])


def some_booking(salon: Salon) -> int:
    snapshot = salon.services.site.read_snapshot(DANA)
    return min(each.id for each in snapshot.bookings.values() if each.span.start > NOW)


def explained(salon: Salon, booking_id: int) -> BookingAnswer:
    facts = explain_booking(salon.services, booking_id, salon.clock())
    return answer_booking(facts, read_names(salon.services), in_shell=True)


def put_in_google(salon: Salon, at: datetime, **fields: str) -> None:
    times = {
        "start": {"dateTime": at.isoformat()},
        "end": {"dateTime": (at + timedelta(hours=1)).isoformat()},
    }
    salon.google.put_event("dana@example.com", {"summary": TITLE, **fields} | times)


def put_in_outlook(salon: Salon, at: datetime, **fields: str) -> None:
    start, end = (
        {"dateTime": f"{each:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for each in (at, at + timedelta(hours=1))
    )
    body = {"subject": TITLE, "start": start, "end": end, **fields}
    outlook.put_event(salon.microsoft.mailbox(OUTLOOK), body)


def slot(salon: Salon, at: datetime, names: dict[str, str] | None = None) -> SlotAnswer:
    facts = explain_slot(
        salon.services, DANA, parse_moment(at.isoformat(), salon.services.site.zone()), salon.clock()
    )
    return answer_slot(facts, "Dana Reyes", names)


@pytest.fixture
def both(salon: Salon) -> Salon:
    """Dana's bookings stand in Google; Outlook brings busy time."""
    salon.upload()
    salon.register()
    salon.connect_outlook(DANA)
    salon.connect(DANA)
    google = account_at(salon, "google")
    promote(salon.services.database, google.id, "dana@example.com", salon.clock())
    return salon


class TestBookings:
    def test_the_answer_says_in_which_of_two_calendars_it_stands(self, both: Salon) -> None:
        run(both, "google", "microsoft")
        booking_id = some_booking(both)
        (place,) = explained(both, booking_id).places
        assert place.answer.title == "Google Calendar: It is in Dana Reyes’s calendar, as it should be."
        (reported,) = booking_report(explained(both, booking_id))["calendars"]
        assert (reported["provider"], reported["has_event"]) == ("google", True)

    def test_one_that_moves_is_answered_for_both(self, both: Salon) -> None:
        run(both, "google", "microsoft")
        booking_id = some_booking(both)
        microsoft = account_at(both, "microsoft")
        promote(
            both.services.database, microsoft.id, outlook.primary_id(both.microsoft.mailbox(OUTLOOK)), NOW
        )
        titles = {place.provider: place.answer.title for place in explained(both, booking_id).places}
        assert titles["microsoft"].startswith("Outlook: It is not in Dana Reyes’s calendar yet")
        assert titles["google"].startswith("Google Calendar: It still stands in this calendar")

    def test_an_agent_with_one_calendar_reads_no_products_name(self, salon: Salon) -> None:
        salon.register()
        salon.connect_outlook(DANA)
        run(salon, "microsoft")
        (place,) = explained(salon, some_booking(salon)).places
        assert place.answer.title == "It is in Dana Reyes’s calendar, as it should be."
        assert place.provider == "microsoft"

    def test_what_microsoft_refused_is_not_said_of_google(self, salon: Salon) -> None:
        salon.register()
        salon.connect_outlook(DANA)
        run(salon, "microsoft")
        booking_id, database = some_booking(salon), salon.services.database
        (mapping,) = mappings_of_booking(database, salon.services.site_id, booking_id)
        record_set_aside(
            database,
            mapping.account_id,
            booking_id,
            content_hash=mapping.content_hash,
            span=mapping.span,
            problem="invalid",
            now=NOW,
        )
        said = explained(salon, booking_id)
        assert "Microsoft refused its event" in said.places[0].answer.title
        assert "Google" not in json.dumps(booking_report(said), default=str)

    def test_who_signed_the_agent_out_is_named(self, salon: Salon) -> None:
        """users-ask.md U8."""
        salon.register()
        salon.connect_outlook(DANA)
        run(salon, "microsoft")
        account = account_at(salon, "microsoft")
        record_needs_sign_in(salon.services.database, account.id, "sign_in_again", NOW)
        said = explained(salon, some_booking(salon))
        assert any("Microsoft has signed Dana Reyes out" in text for text in said.places[0].waits)
        assert "Google" not in json.dumps(booking_report(said), default=str)


class TestTimes:
    def test_the_answer_says_whose_calendar_blocks_and_whose_does_not(self, both: Salon) -> None:
        """users-ask.md U40: nor the entry's title, nor the calendar's name."""
        put_in_outlook(both, EARLY)
        put_in_google(both, EARLY, transparency="transparent")
        run(both, "google", "microsoft")
        (moment,) = slot_report(slot(both, EARLY))["moments"]
        assert moment["is_blocked"]
        assert {(entry["provider"], entry["blocks"]) for entry in moment["entries"]} == {
            ("microsoft", True),
            ("google", False),
        }
        (blocking,), (beside,) = moment["because"], moment["not_blocking"]
        assert blocking.startswith("In a calendar of Dana Reyes’s in Outlook (number 2 of 2)")
        assert beside.startswith("In a calendar of Dana Reyes’s in Google Calendar (number 1 of 2)")
        assert TITLE not in json.dumps(moment)

    def test_the_agent_reads_the_calendars_own_name_with_the_product(self, both: Salon) -> None:
        put_in_outlook(both, EARLY)
        run(both, "google", "microsoft")
        names = {outlook.primary_id(both.microsoft.mailbox(OUTLOOK)): "Calendar"}
        (moment,) = slot(both, EARLY, names).moments
        assert moment.blocking[0].startswith("In “Calendar” in Outlook: an entry")

    def test_an_agent_of_outlook_alone_never_reads_of_google(self, salon: Salon) -> None:
        salon.register()
        salon.connect_outlook(DANA)
        put_in_outlook(salon, EARLY, showAs="tentative")
        run(salon, "microsoft")
        account = account_at(salon, "microsoft")
        record_needs_sign_in(salon.services.database, account.id, "sign_in_again", NOW)
        assert account_at(salon, "microsoft").state is AccountState.NEEDS_SIGN_IN
        said = json.dumps(slot_report(slot(salon, EARLY)))
        assert "Microsoft has signed Dana Reyes out" in said
        assert "Google" not in said
