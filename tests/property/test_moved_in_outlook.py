"""An event of ours that somebody drags into another of their Outlook calendars: its id lives on (E11)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from latesync.descriptions import NOTES_LINE
from latesync.options import DriftPolicy
from latesync.sandbox.microsoft import outlook
from tests.property.machine.outlook import OutlookEvent, OutlookTown
from tests.property.machine.scenes import book, cancel, work
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, OUTLOOK_EMAILS, Town, opened_town

EMAIL = OUTLOOK_EMAILS[ANNA]


@pytest.fixture
def town(stand: Stand) -> Iterator[Town]:
    """Anna's bookings go to Outlook."""
    with opened_town(stand, agents=[ANNA], homes={ANNA: "microsoft"}) as town:
        town.sign_in(ANNA, "microsoft")
        town.note_site()
        yield town


def outlook_of(town: Town) -> OutlookTown:
    assert town.outlook is not None
    return town.outlook


def everywhere(town: Town) -> dict[str, list[OutlookEvent]]:
    """Events by calendar, empty calendars left out."""
    place = outlook_of(town)
    found = {calendar_id: place.events(calendar_id) for calendar_id in place.calendars()}
    return {calendar_id: events for calendar_id, events in found.items() if events}


def text_of(town: Town, event: OutlookEvent) -> str:
    shown = outlook.event(outlook_of(town).world.mailbox(EMAIL), event.id)
    return str(shown["body"]["content"])


def drag_away(town: Town) -> str:
    """Into a calendar that is not read; gives its id."""
    mailbox = outlook_of(town).world.mailbox(EMAIL)
    private = str(outlook.make_calendar(mailbox, "Private")["id"])
    ((event,),) = everywhere(town).values()
    outlook.move_event_to_calendar(mailbox, event.id, private)
    return private


def write_a_line(town: Town) -> None:
    mailbox = outlook_of(town).world.mailbox(EMAIL)
    ((event,),) = everywhere(town).values()
    body = text_of(town, event)
    assert NOTES_LINE in body
    body = body.replace(NOTES_LINE, f"{NOTES_LINE}<p>bring the big mirror</p>")
    outlook.patch_event(mailbox, event.id, {"body": {"contentType": "html", "content": body}})


@pytest.mark.parametrize("policy", list(DriftPolicy))
def test_it_comes_back_once_with_the_lines_somebody_wrote(town: Town, policy: DriftPolicy) -> None:
    town.choose_policy(policy)
    book(town)
    work(town)
    write_a_line(town)
    work(town)
    drag_away(town)
    town.settle()
    found = everywhere(town)
    assert list(found) == [outlook_of(town).primary(EMAIL)]
    ((event,),) = found.values()
    assert "bring the big mirror" in text_of(town, event)
    assert next(iter(town.bookings().values()))["status"] == "approved"


def test_a_cancelled_booking_leaves_nothing_behind(town: Town) -> None:
    booking = book(town)
    work(town)
    drag_away(town)
    cancel(town, booking)
    town.settle()
    assert everywhere(town) == {}


def test_what_was_deleted_there_is_deleted(town: Town) -> None:
    """Deleted Items is no calendar: it is put back as any deleted event is."""
    book(town)
    work(town)
    ((event,),) = everywhere(town).values()
    outlook.delete_event(outlook_of(town).world.mailbox(EMAIL), event.id)
    town.settle()
    ((again,),) = everywhere(town).values()
    assert again.id != event.id
