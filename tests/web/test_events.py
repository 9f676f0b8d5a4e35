"""The owner words events: looking on a real booking, saving, going back; nothing of it is kept."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from latesync.options import EventStatuses
from latesync.plan.event_settings import EventSettings, Grouping, Privacy
from latesync.store.choices import read_event_statuses
from latesync.store.schema import accounts
from latesync.store.trust_schema import history
from latesync.sync.event_choices import read_event_choices
from latesync.sync.site import BookingSite
from tests.web.salon import Salon, post

FORM = {
    "service": "0",
    "privacy": "full",
    "summary": "{{customer_full_name}}: {{service_name}}",
    "description": "Booking {{booking_code}}\r\n{{customer_phone}}",
    "location": "{{location_name}}",
    "group": "each",
    "colour": "sage",
    "visibility": "private",
    "reminders_as": "own",
    "reminders": "10, 60",
}


def press(client: FlaskClient, path: str = "", **changes: Any) -> TestResponse:
    return post(client, f"/settings/events{path}", {**FORM, **changes}, page="/settings/events")


def kept(salon: Salon, service_id: int = 0) -> EventSettings:
    return read_event_choices(salon.services.database, salon.services.site_id).of_service(service_id)


def site(salon: Salon) -> BookingSite:
    found: BookingSite = salon.services.site
    return found


def test_the_page_begins_with_the_standard(salon: Salon) -> None:
    owner = salon.owner()
    assert 'href="/settings/events"' in owner.get("/settings").text
    page = unescape(owner.get("/settings/events").text)
    assert EventSettings().summary in page
    assert "{{customer_initials}}" in page
    assert "Back to the standard" not in page
    assert all(name in page for name in site(salon).services().values())


def test_what_is_saved_is_kept_and_every_account_is_due(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    answer = press(salon.owner())
    assert answer.location == "/settings/events?service=0"
    assert kept(salon) == EventSettings(
        summary="{{customer_full_name}}: {{service_name}}",
        description="Booking {{booking_code}}\n{{customer_phone}}",
        location="{{location_name}}",
        colour="sage",
        visibility=kept(salon).visibility,
        reminders=(60, 10),
    )
    with salon.services.database.read() as connection:
        (due,) = connection.scalars(select(accounts.c.outbound_due_at)).all()
    assert due <= salon.clock()


def test_a_service_has_wishes_of_its_own_and_goes_back_to_those_of_all(salon: Salon) -> None:
    owner = salon.owner()
    press(owner, summary="{{service_name}}")
    press(owner, service="1", privacy="booked")
    assert (kept(salon, 1).privacy, kept(salon, 2).summary) == (Privacy.BOOKED, "{{service_name}}")
    assert "As all services" in owner.get("/settings/events?service=1").text
    press(owner, "/standard", service="1")
    assert kept(salon, 1) == kept(salon, 2)


def test_looking_first_shows_a_real_booking_and_saves_nothing(salon: Salon) -> None:
    """users-ask.md U30: the number is shown before."""
    booking = site(salon).next_bookings(1)[0]
    page = unescape(press(salon.owner(), "/preview").text)
    assert f"{booking.customer_name}: {booking.service_name}" in page
    assert f"Booking {booking.code}" in page
    assert "Saving rewrites no event." in page  # nobody is connected
    assert kept(salon) == EventSettings()


def test_looking_first_shows_the_booking_that_was_chosen(salon: Salon) -> None:
    booking = site(salon).next_bookings(3)[2]
    page = unescape(press(salon.owner(), "/preview", example=str(booking.id)).text)
    assert f"<strong>{booking.customer_name}: {booking.service_name}</strong>" in page


def test_preset_hides_the_customer_in_what_is_shown(salon: Salon) -> None:
    """users-ask.md U40."""
    page = unescape(press(salon.owner(), "/preview", privacy="booked").text)
    assert "<strong>Booked</strong>" in page


@pytest.mark.parametrize("path", ["", "/preview"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"summary": "{{servicename}}"}, "Did you mean {{service_name}}?"),
        ({"summary": ""}, "The title is empty"),
        ({"reminders": "1,2,3,4,5,6"}, "five reminders at most"),
        ({"colour": "mauve"}, "has to be one of"),
        ({"description": "x" * 4001}, "at most 4000"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    salon: Salon, path: str, changes: dict[str, str], said: str
) -> None:
    answer = press(salon.owner(), path, **{"location": "Room {{location_name}}", **changes})
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert "Room {{location_name}}" in unescape(answer.text)
    assert kept(salon) == EventSettings()


def test_nothing_of_the_wording_is_in_the_history(salon: Salon) -> None:
    press(salon.owner(), description="Dear {{customer_full_name}}, secret")
    with salon.services.database.read() as connection:
        rows = connection.execute(select(history.c.why, history.c.detail)).all()
    assert "events" in {row.why for row in rows}
    assert "secret" not in str(rows)


def test_groups_are_chosen_by_service(salon: Salon) -> None:
    press(salon.owner(), service="1", group="together")
    assert (kept(salon, 1).group, kept(salon).group) == (Grouping.TOGETHER, Grouping.EACH)


def test_owner_chooses_which_bookings_stand_in_calendars(salon: Salon) -> None:
    """users-ask.md U27."""
    owner = salon.owner()
    page = owner.get("/settings/events").text
    assert 'value="completed"' in page
    assert 'name="also" value="cancelled"' not in page
    form = {"also": ["completed", "cancelled"], "cancelled": "keep"}
    post(owner, "/settings/events/statuses", form, page="/settings/events")
    found = read_event_statuses(salon.services.database, salon.services.site_id)
    assert found == EventStatuses(frozenset({"completed"}), keeps_cancelled=True)


@pytest.mark.parametrize("path", ["/preview", "/standard", "/statuses"])
def test_back_button_leads_to_the_page(salon: Salon, path: str) -> None:
    assert salon.owner().get(f"/settings/events{path}").location == "/settings/events"
