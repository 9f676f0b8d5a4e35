"""The demo's people who use Outlook: their calendars, their sign-ins, and Microsoft beside Google."""

import html
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from latesync.sandbox.demo_microsoft import open_microsoft, register_app, sign_in_at_microsoft
from latesync.sandbox.demo_server import one_app
from latesync.sandbox.google import GoogleWorld
from latesync.sandbox.microsoft import MicrosoftWorld, create_microsoft_app
from latesync.sandbox.microsoft.outlook import events, put_event
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.site.outlook_people import EMIL, FARAH, add_outlook_people
from latesync.sandbox.site.seed import AGENTS
from tests.demo.conftest import NOW

ADDRESS = EMIL[2]
CALLBACK = "http://localhost:8080/oauth/microsoft/callback"
MARK = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name latesync_booking"


@pytest.fixture
def microsoft() -> MicrosoftWorld:
    world = MicrosoftWorld()
    world.freeze(NOW)
    for first, last, email, _ in (EMIL, FARAH):
        world.add_person(email, f"{first} {last}", time_zone="Europe/Berlin")
    return world


@pytest.fixture
def visitor(microsoft: MicrosoftWorld, site: sqlite3.Connection, site_file: Path) -> FlaskClient:
    google = GoogleWorld()
    for first, last, email, _ in AGENTS:
        google.add_user(email, name=f"{first} {last}", time_zone="Europe/Berlin")
    pages = create_pages(
        google, site_file=site_file, links_home=site_file.parent, now=lambda: NOW, microsoft=microsoft
    )
    return pages.test_client()


def text(response: TestResponse) -> str:
    assert response.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def stored(microsoft: MicrosoftWorld) -> list[dict[str, object]]:
    return events(microsoft.mailbox(ADDRESS))


def event_address(visitor: FlaskClient, week: str) -> str:
    (address,) = re.findall(r'href="(/calendars/[^"]*/events/[^"]*)"', visitor.get(week).text)
    return html.unescape(str(address))


def test_a_private_appointment_reaches_outlook(visitor: FlaskClient, microsoft: MicrosoftWorld) -> None:
    form = {"title": "Dentist", "day": "2026-10-20", "begins": "10:00", "ends": "11:30", "shown_as": "free"}
    page = text(visitor.post(f"/calendars/{ADDRESS}/new", data=form, follow_redirects=True))
    assert "Pretend Outlook" in page
    assert "10:00–11:30 Dentist" in page
    (event,) = stored(microsoft)
    assert event["start"] == {"dateTime": "2026-10-20T08:00:00.0000000", "timeZone": "UTC"}
    assert event["showAs"] == "free"


def test_an_event_of_several_days_is_shown_on_each(visitor: FlaskClient, microsoft: MicrosoftWorld) -> None:
    form = {"title": "Fair", "day": "2026-10-24", "until": "2026-10-26", "all_day": "1"}
    page = text(visitor.post(f"/calendars/{ADDRESS}/new", data=form, follow_redirects=True))
    assert page.count("all day Fair") == 2  # the third day is in the next week
    (event,) = stored(microsoft)
    assert event["isAllDay"] is True
    assert text(visitor.get(f"/calendars/{ADDRESS}/?day=2026-10-27")).count("all day Fair") == 1


def test_an_event_is_moved_becomes_all_day_and_is_deleted(
    visitor: FlaskClient, microsoft: MicrosoftWorld
) -> None:
    form = {"title": "Judo", "day": "2026-10-20", "begins": "10:00", "ends": "11:00"}
    visitor.post(f"/calendars/{ADDRESS}/new", data=form)
    address = event_address(visitor, f"/calendars/{ADDRESS}/?day=2026-10-20")
    visitor.post(f"{address}/move", data={"day": "2026-10-21", "begins": "09:00", "ends": "10:00"})
    assert "Wednesday, 21 October, 09:00–10:00" in text(visitor.get(address))
    visitor.post(f"{address}/move", data={"day": "2026-10-21", "all_day": "1"})
    assert "Wednesday, 21 October, all day" in text(visitor.get(address))
    visitor.post(f"{address}/delete")
    assert visitor.get(address).status_code == 404
    assert stored(microsoft) == []


def test_an_event_of_latesyncs_is_shown_as_such(visitor: FlaskClient, microsoft: MicrosoftWorld) -> None:
    times = {
        side: {"dateTime": f"2026-10-20T{hour}:00:00", "timeZone": "UTC"}
        for side, hour in (("start", "08"), ("end", "09"))
    }
    body = {"contentType": "html", "content": "Mara Vogel<br>+49 151 5550111"}
    mark = {"singleValueExtendedProperties": [{"id": MARK, "value": "7"}]}
    put_event(microsoft.mailbox(ADDRESS), {"subject": "Cut: Mara", "body": body, **times, **mark})
    page = text(visitor.get(event_address(visitor, f"/calendars/{ADDRESS}/?day=2026-10-20")))
    assert "LateSync, for booking 7" in page
    assert "Mara Vogel +49 151 5550111" in page


def test_an_all_day_event_written_in_utc_keeps_its_day(
    visitor: FlaskClient, microsoft: MicrosoftWorld
) -> None:
    """microsoft-graph.md E2."""
    times = {
        side: {"dateTime": f"2026-10-{day}T00:00:00", "timeZone": "UTC"}
        for side, day in (("start", 20), ("end", 21))
    }
    put_event(microsoft.mailbox(ADDRESS), {"subject": "Closed", "isAllDay": True, **times})
    page = text(visitor.get(event_address(visitor, f"/calendars/{ADDRESS}/?day=2026-10-20")))
    assert "Tuesday, 20 October, all day" in page


def test_taking_the_access_away_ends_it_at_microsoft(visitor: FlaskClient, microsoft: MicrosoftWorld) -> None:
    app = microsoft.add_client([CALLBACK])
    microsoft.grant(ADDRESS, app["client_id"], ["Calendars.ReadWrite", "offline_access"])
    assert "Take LateSync’s access away" in text(visitor.get(f"/calendars/{ADDRESS}/"))
    page = text(visitor.post(f"/calendars/{ADDRESS}/forget", follow_redirects=True))
    assert "LateSync has no access to this calendar" in page
    assert not microsoft.is_let_in(ADDRESS)


def test_the_tour_tells_of_outlook_where_somebody_uses_it(visitor: FlaskClient) -> None:
    page = text(visitor.get("/"))
    assert "five calendars" in page
    assert "Farah uses Outlook." in page


def test_unknown_events_are_not_found(visitor: FlaskClient) -> None:
    assert visitor.get(f"/calendars/{ADDRESS}/events/nothing").status_code == 404


def test_the_salon_gains_two_people_once(site: sqlite3.Connection) -> None:
    add_outlook_people(site, NOW)
    add_outlook_people(site, NOW)
    names = [row["first_name"] for row in site.execute("SELECT first_name FROM wp_latepoint_agents")]
    assert names == ["Anna", "Ben", "Dana", "Emil", "Farah"]
    booked = site.execute("SELECT count(*) AS n FROM wp_latepoint_bookings WHERE agent_id IN (4, 5)")
    assert booked.fetchone()["n"] == 4


def test_emil_signed_in_days_ago_and_stays_known_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "microsoft.json"
    world = open_microsoft(file, NOW)
    world.freeze(NOW)
    app = register_app(world, "https://localhost:8110", "http://127.0.0.1:8090", CALLBACK)
    (emil,) = sign_in_at_microsoft(world)
    assert datetime.fromisoformat(emil["signed_in_at"]) == NOW - timedelta(days=3)
    assert emil["calendar"] in world.person(ADDRESS).mailbox.calendars
    assert [world.is_let_in(one[2]) for one in (EMIL, FARAH)] == [True, False]
    world.save(file)

    later = open_microsoft(file, NOW)
    again = register_app(later, "https://localhost:9110", "http://127.0.0.1:9090", f"{CALLBACK}2")
    assert (again["client_id"], again["secret"]) == (app["client_id"], app["secret"])
    assert later.clients[app["client_id"]].redirect_uris == [f"{CALLBACK}2"]
    assert later.is_let_in(ADDRESS)


def test_a_demo_that_rested_for_long_gets_another_secret(tmp_path: Path) -> None:
    world = open_microsoft(tmp_path / "microsoft.json", NOW)
    world.freeze(NOW)
    app = register_app(world, "https://localhost:1", "http://127.0.0.1:1", CALLBACK)
    world.advance(timedelta(days=200))
    again = register_app(world, "https://localhost:1", "http://127.0.0.1:1", CALLBACK)
    assert again["secret"] != app["secret"]
    assert datetime.fromtimestamp(again["secret_ends_at"], UTC) > NOW + timedelta(days=300)


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/", "pages"),
        ("/salon/", "pages"),
        ("/o/oauth2/v2/auth", "google"),
        ("/calendar/v3/users/me/calendarList", "google"),
        ("/sandbox/world", "google"),
        ("/0f7c0d8e-1d0f-4a33-9a3e-3a6f0e2d6f11/oauth2/v2.0/authorize", "microsoft"),
        ("/common/adminconsent", "microsoft"),
        ("/common/oauth2/v2.0/token", "google"),  # behind TLS only
        ("/v1.0/me", "google"),
    ],
)
def test_only_microsofts_pages_are_served_beside_googles(path: str, who: str) -> None:
    asked = Client(one_app(*(_named(name) for name in ("pages", "google", "microsoft")))).get(path)
    assert asked.text == who


def _named(name: str) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", "front", lambda: name)
    app.add_url_rule("/<path:rest>", "all", lambda rest: name)
    return app


def test_the_sign_in_page_is_reached_from_the_configuration(tmp_path: Path) -> None:
    world = open_microsoft(tmp_path / "microsoft.json", NOW)
    app = register_app(world, "https://localhost:8110", "http://127.0.0.1:8090", CALLBACK)
    microsoft = create_microsoft_app(world).test_client()
    found = microsoft.get(f"/{app['tenant_id']}/v2.0/.well-known/openid-configuration").get_json()
    assert found["authorization_endpoint"].startswith(f"http://127.0.0.1:8090/{app['tenant_id']}/")
    assert found["token_endpoint"].startswith(f"https://localhost:8110/{app['tenant_id']}/")
