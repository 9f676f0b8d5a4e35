"""The calendars an agent chooses on their own page."""

from __future__ import annotations

import re

from latesync.store.calendars import read_calendars
from tests.web.salon import Salon, post


def reads(salon: Salon) -> set[str]:
    account = salon.account()
    assert account is not None
    rows = read_calendars(salon.services.database, account.id)
    return {row.calendar_id for row in rows if row.reads_busy}


def test_list_is_read_anew_and_read_only_calendars_only_make_busy(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    holidays = salon.google.add_calendar("ben@example.com", "Team holidays").id
    salon.google.share_calendar(holidays, "dana@example.com", "reader")
    page = client.get("/connect").text
    assert "Team holidays" in page
    assert "Can only be read" in page
    assert f'name="write" value="google:{holidays}"' not in page
    form = {"write": f"google:{holidays}", "busy": [f"google:{holidays}"]}
    answer = post(client, "/connect/calendars", form, page="/connect")
    assert answer.location == "/connect"
    assert "Bookings cannot go into that calendar" in client.get("/connect").text


def test_choice_is_kept_and_shown(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    family = salon.google.add_calendar("dana@example.com", "Family").id
    form = {"write": f"google:{family}", "busy": ["google:dana@example.com", f"google:{family}"]}
    post(client, "/connect/calendars", form, page="/connect")
    account = salon.account()
    assert account is not None
    assert account.write_calendar_id == family
    assert reads(salon) == {"dana@example.com", family}
    page = client.get("/connect").text
    assert re.search(rf'name="write" value="google:{re.escape(family)}" checked><span>Family', page)


def test_no_calendar_at_all_may_make_busy(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    post(client, "/connect/calendars", {"write": "google:dana@example.com"}, page="/connect")
    assert reads(salon) == set()


def test_calendar_that_is_not_offered_is_refused(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    form = {"write": "google:dana@example.com", "busy": ["google:ben@example.com"]}
    post(client, "/connect/calendars", form, page="/connect")
    assert "no longer there" in client.get("/connect").text
    assert reads(salon) == {"dana@example.com"}


def test_page_opens_with_the_old_choice_while_google_is_down(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.google.add_fault("status", path="calendarList", status=403, reason="forbidden", times=None)
    page = client.get("/connect").text
    assert "did not show your list of calendars" in page
    assert '<button class="button primary" disabled>' in page


def test_disconnected_agent_cannot_choose_calendars(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    post(client, "/connect/disconnect")
    answer = post(client, "/connect/calendars", {"write": "google:dana@example.com"}, page="/connect")
    assert answer.location == "/connect"
    assert salon.account() is None
