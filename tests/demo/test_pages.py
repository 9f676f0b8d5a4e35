"""The demo's pages, as a visitor without JavaScript uses them."""

import html
import re
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from latesync.sandbox.demo_files import LINKS_FILE, OWNER_FILE
from latesync.sandbox.google import GoogleWorld
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.site import bookings
from latesync.sandbox.site.bookings import Appointment, Customer
from latesync.sandbox.site.reading import read_upcoming
from latesync.sandbox.site.seed import AGENTS
from tests.demo.conftest import ANNA, BEN, CUT, NOW, TUESDAY, add_busy

EMAIL = AGENTS[0][2]
NORA = Customer("Nora", "Lindqvist", "nora@mail.example")
DETAILS = f"/salon/details?service={CUT}&agent={ANNA}&day={TUESDAY}&minute=600"
FORM = {"name": "Nora Lindqvist", "email": "nora@mail.example", "phone": "", "comment": "Short, please."}


@pytest.fixture
def world() -> GoogleWorld:
    world = GoogleWorld()
    for first, last, email, _ in AGENTS:
        world.add_user(email, name=f"{first} {last}", time_zone="Europe/Berlin")
    return world


@pytest.fixture
def visitor(world: GoogleWorld, site: sqlite3.Connection, site_file: Path) -> FlaskClient:
    return create_pages(
        world, site_file=site_file, links_home=site_file.parent, now=lambda: NOW
    ).test_client()


def text(response: TestResponse) -> str:
    """What a page says, without its markup."""
    assert response.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def test_the_form_greys_out_what_the_calendar_takes(visitor: FlaskClient, site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, NOW.replace(day=20, hour=8), NOW.replace(day=20, hour=9))
    page = text(visitor.get(f"/salon/?service={CUT}&agent={ANNA}&day={TUESDAY}"))
    assert "10:00 taken" in page
    assert "11:00 taken" not in page
    assert "10:00 taken" not in text(visitor.get(f"/salon/?service={CUT}&agent={BEN}&day={TUESDAY}"))


def test_a_visit_can_be_booked(visitor: FlaskClient, site: sqlite3.Connection) -> None:
    page = text(visitor.post(DETAILS, data=FORM, follow_redirects=True))
    assert "See you soon, Nora!" in page
    (booking,) = read_upcoming(site, TUESDAY)
    assert (booking.agent_id, booking.start, booking.comment) == (ANNA, 600, "Short, please.")


def test_a_time_taken_meanwhile_leads_back_to_the_times(
    visitor: FlaskClient, site: sqlite3.Connection
) -> None:
    add_busy(site, ANNA, NOW.replace(day=20, hour=8), NOW.replace(day=20, hour=9))
    assert "just been taken" in text(visitor.post(DETAILS, data=FORM, follow_redirects=True))
    assert read_upcoming(site, TUESDAY) == []


@pytest.mark.parametrize(
    "address", ["?service=9&agent=1", "?service=3&agent=3", "details?service=1&agent=1&day=x&minute=1"]
)
def test_nonsense_in_the_address_shows_the_form(visitor: FlaskClient, address: str) -> None:
    assert "What may we do for you?" in text(visitor.get(f"/salon/{address}", follow_redirects=True))


def test_reception_reschedules_gives_cancels_and_deletes(
    visitor: FlaskClient, site: sqlite3.Connection
) -> None:
    booking_id = bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 600), NORA, NOW)
    address = f"/salon/reception/{booking_id}"

    def press(button: str, **form: object) -> str:
        return text(visitor.post(f"{address}/{button}", data=form, follow_redirects=True))

    assert "at 11:00" in press(f"move?day={TUESDAY}&minute=660")
    assert "with Ben Cho" in press("give", agent=BEN)
    assert "is cancelled" in press("cancel")
    (booking,) = read_upcoming(site, TUESDAY)
    assert (booking.start, booking.agent_id, booking.status) == (660, BEN, "cancelled")
    assert "is deleted" in press("delete")
    assert "does not exist any more" in press("cancel")


def test_a_private_appointment_reaches_the_calendar(visitor: FlaskClient, world: GoogleWorld) -> None:
    form = {"title": "Dentist", "day": "2026-10-20", "begins": "10:00", "ends": "11:30", "shown_as": "busy"}
    page = text(visitor.post(f"/calendars/{EMAIL}/new", data=form, follow_redirects=True))
    assert "10:00–11:30 Dentist" in page
    (event,) = world.events(EMAIL)
    assert event["start"]["dateTime"] == "2026-10-20T10:00:00+02:00"
    assert "transparency" not in event


def test_a_free_event_over_several_days(visitor: FlaskClient, world: GoogleWorld) -> None:
    form = {"title": "Fair", "day": "2026-10-24", "until": "2026-10-26", "all_day": "1", "shown_as": "free"}
    page = text(visitor.post(f"/calendars/{EMAIL}/new", data=form, follow_redirects=True))
    assert page.count("all day Fair") == 2
    (event,) = world.events(EMAIL)
    assert (event["start"], event["end"]) == ({"date": "2026-10-24"}, {"date": "2026-10-27"})
    assert event["transparency"] == "transparent"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends": "09:00"}, "ends before it starts"),
        ({"begins": ""}, "give both times"),
        ({"day": ""}, "choose a day"),
        ({"all_day": "1", "until": "2026-10-19"}, "last day is before"),
    ],
)
def test_a_form_that_cannot_be_used_is_shown_again_with_what_was_entered(
    visitor: FlaskClient, world: GoogleWorld, change: dict[str, str], sentence: str
) -> None:
    form = {"title": "Judo", "day": "2026-10-20", "begins": "10:00", "ends": "11:00"} | change
    response = visitor.post(f"/calendars/{EMAIL}/new", data=form)
    assert sentence in text(response)
    assert 'value="Judo"' in response.text
    assert world.events(EMAIL) == []


def test_an_event_is_moved_and_may_become_all_day(visitor: FlaskClient, world: GoogleWorld) -> None:
    event_id = put(world, "Dentist")
    form = {"day": "2026-10-21", "begins": "09:00", "ends": "10:00"}
    visitor.post(f"/calendars/{EMAIL}/events/{event_id}/move", data=form)
    assert world.event(EMAIL, event_id)["start"]["dateTime"] == "2026-10-21T09:00:00+02:00"
    visitor.post(f"/calendars/{EMAIL}/events/{event_id}/move", data=form | {"all_day": "1"})
    assert world.event(EMAIL, event_id)["end"] == {"date": "2026-10-22"}


def test_one_of_a_series_is_deleted_alone(visitor: FlaskClient, world: GoogleWorld) -> None:
    put(world, "Choir", recurrence=["RRULE:FREQ=WEEKLY"])
    week = f"/calendars/{EMAIL}/?day=2026-10-27"
    page = visitor.get(week).text
    (address,) = re.findall(r'href="(/calendars/[^"]*/events/[^"]*)"', page)
    assert "one of a series" in text(visitor.get(address))
    visitor.post(f"{address}/delete")
    assert "Choir" not in text(visitor.get(week))
    assert "Choir" in text(visitor.get(f"/calendars/{EMAIL}/?day=2026-10-20"))
    assert visitor.get(address).status_code == 404


def test_an_event_of_latesyncs_is_shown_as_such_with_its_notes(
    visitor: FlaskClient, world: GoogleWorld
) -> None:
    event_id = put(
        world,
        "Cut · Nora",
        description="Nora\nNo fringe",
        extendedProperties={"private": {"latesync_booking": "7"}},
    )
    assert "booking-event" in visitor.get(f"/calendars/{EMAIL}/?day=2026-10-20").text
    page = text(visitor.get(f"/calendars/{EMAIL}/events/{event_id}"))
    assert "No fringe" in page
    assert "LateSync, for booking 7" in page


def test_taking_the_access_away_revokes_it_at_google(visitor: FlaskClient, world: GoogleWorld) -> None:
    client = world.add_client(redirect_uris=["http://localhost:1/x"])["web"]
    world.grant(EMAIL, client["client_id"], ["https://www.googleapis.com/auth/calendar"])
    assert "Anna is connected." in text(visitor.get("/"))
    assert "ask Anna Berg to sign in again" in text(
        visitor.post(f"/calendars/{EMAIL}/forget", follow_redirects=True)
    )
    assert not any(world.grants.values())
    assert "Anna is connected." not in text(visitor.get("/"))


def test_the_tour_follows_what_was_done(
    visitor: FlaskClient, site: sqlite3.Connection, world: GoogleWorld
) -> None:
    before = text(visitor.get("/"))
    assert "booked." not in before
    booking_id = bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 600), NORA, NOW)
    put(world, "Cut · Nora", extendedProperties={"private": {"latesync_booking": str(booking_id)}})
    add_busy(site, ANNA, NOW, NOW.replace(hour=9))
    after = text(visitor.get("/"))
    assert "1 booked." in after
    assert "1 booking in her calendar." in after
    assert "1 busy time kept off" in after


def test_the_tour_names_the_booking_to_ask_about(visitor: FlaskClient, site: sqlite3.Connection) -> None:
    assert "the code of a visit, once there is one" in text(visitor.get("/"))
    bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 600), NORA, NOW)
    (booking,) = read_upcoming(site, TUESDAY)
    assert f"type {booking.code} , the code of the visit you booked" in text(visitor.get("/"))


def test_the_owners_link_is_given_once_and_then_latesyncs_own_address(
    visitor: FlaskClient, site_file: Path
) -> None:
    home = site_file.parent
    assert visitor.get("/tour/owner").location == "/"
    (home / LINKS_FILE).write_text('{"web": "http://localhost:1", "agents": {}}')
    (home / OWNER_FILE).write_text("http://localhost:1/sign-in/once")
    assert visitor.get("/tour/owner").location == "http://localhost:1/sign-in/once"
    assert visitor.get("/tour/owner").location == "http://localhost:1"


def test_a_page_elsewhere_cannot_press_buttons_here(visitor: FlaskClient, world: GoogleWorld) -> None:
    event_id = put(world, "Dentist")
    response = visitor.post(
        f"/calendars/{EMAIL}/events/{event_id}/delete", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    assert len(world.events(EMAIL)) == 1


def test_unknown_people_and_events_are_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/calendars/nobody@example.org/").status_code == 404
    assert visitor.get(f"/calendars/{EMAIL}/events/none").status_code == 404


def put(world: GoogleWorld, title: str, day: date = TUESDAY, **more: object) -> str:
    times = {
        side: {"dateTime": f"{day}T{hour}:00:00", "timeZone": "Europe/Berlin"}
        for side, hour in (("start", "17"), ("end", "18"))
    }
    return str(world.put_event(EMAIL, {"summary": title, **times, **more})["id"])
