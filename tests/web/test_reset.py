"""The pages on which a calendar begins anew, is left, or is joined with new bookings only."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from latesync.model import AccountState, MappingState
from latesync.options import NextSync, ResetEvents
from latesync.plan.content import event_key
from latesync.store import left_out, resets
from latesync.store.accounts import list_accounts, record_needs_sign_in
from latesync.store.history import Who
from latesync.store.mappings import read_mappings
from latesync.store.resets import ResetRow
from latesync.sync.now import sync_now
from tests.web.salon import DANA, Salon, post

CALENDAR = "dana@example.com"
OWNERS, AGENTS = f"/agents/{DANA}/reset", "/connect/reset"
LOOK = "?events=delete-from-calendar&next=new"
DELETE = {"events": "delete-from-calendar", "next": "all", "word": "DELETE"}


def work(salon: Salon) -> None:
    rows = list_accounts(salon.services.database, salon.services.site_id)
    sync_now(salon.services.sync_parts(), "test", rows)


def account_id(salon: Salon) -> int:
    (row,) = list_accounts(salon.services.database, salon.services.site_id)
    return row.id


def job(salon: Salon) -> ResetRow | None:
    return resets.last_reset(salon.services.database, account_id(salon))


def events(salon: Salon) -> int:
    """How many of ours stand in Dana's calendar."""
    stored = salon.google.events(CALENDAR)
    return sum("latesync_site" in str(event.get("extendedProperties")) for event in stored)


@pytest.fixture
def connected(salon: Salon) -> tuple[Salon, FlaskClient]:
    salon.upload()
    client = salon.connect()
    work(salon)
    assert events(salon) > 2
    return salon, client


# Looking first


@pytest.mark.parametrize("address", [OWNERS, AGENTS])
def test_the_page_shows_what_would_be_done_and_does_nothing(
    connected: tuple[Salon, FlaskClient], address: str
) -> None:
    salon, agent = connected
    client = agent if address == AGENTS else salon.owner()
    before = events(salon)
    shown = client.get(address + LOOK)
    assert f"{before} events of ours will be removed: {before} upcoming, 0 past" in shown.text
    assert "entries of the person’s own" in shown.text
    assert "Type DELETE to confirm" in shown.text
    assert len(re.findall(r"the event of booking \d+", shown.text)) == before
    assert events(salon) == before
    assert job(salon) is None


@pytest.mark.parametrize("word", ["", "delete", "yes"])
def test_nothing_is_removed_without_the_word(connected: tuple[Salon, FlaskClient], word: str) -> None:
    salon, client = connected
    answer = post(client, AGENTS, DELETE | {"word": word}, page=AGENTS + LOOK)
    assert "the word DELETE was not typed" in client.get(answer.location).text
    assert job(salon) is None


@pytest.mark.parametrize(("address", "who"), [(OWNERS, Who.OWNER), (AGENTS, Who.AGENT)])
def test_confirmed_it_is_queued_shown_and_done(
    connected: tuple[Salon, FlaskClient], address: str, who: Who
) -> None:
    salon, agent = connected
    client = agent if address == AGENTS else salon.owner()
    answer = post(client, address, DELETE | {"next": "new"}, page=address + LOOK)
    waiting = client.get(answer.location).text
    assert "Waiting for the worker" in waiting
    work(salon)
    asked = job(salon)
    assert asked is not None
    assert (asked.is_done, asked.asked_by) == (True, who)
    shown = client.get(address).text
    assert f"Done: {asked.done} of {asked.total} events removed" in shown
    assert "stay out of the calendar until changed" in shown
    assert events(salon) == 0


def test_one_under_way_can_be_cancelled(connected: tuple[Salon, FlaskClient]) -> None:
    salon, client = connected
    post(client, AGENTS, DELETE, page=AGENTS + LOOK)
    assert "Cancel" in client.get(AGENTS).text
    post(client, f"{AGENTS}/cancel", page=AGENTS)
    before = events(salon)
    work(salon)
    asked = job(salon)
    assert asked is not None
    assert (asked.state, events(salon)) == (resets.CANCELLED, before)


def test_a_second_one_is_refused_while_one_is_under_way(connected: tuple[Salon, FlaskClient]) -> None:
    salon, client = connected
    post(client, AGENTS, DELETE, page=AGENTS + LOOK)
    owner = salon.owner()
    post(owner, OWNERS, {"events": "keep", "next": "all"})
    assert "A reset of this calendar is under way" in owner.get(OWNERS).text


@pytest.mark.parametrize("form", [{}, {"events": "everything", "next": "all"}, {"events": "keep"}])
def test_what_is_no_choice_is_said_to_be_none(
    connected: tuple[Salon, FlaskClient], form: dict[str, str]
) -> None:
    salon, client = connected
    answer = post(client, AGENTS, form, page="/connect")
    assert "Choose what becomes of the events" in client.get(answer.location).text
    assert job(salon) is None


def test_doubles_are_offered_where_there_are_some(connected: tuple[Salon, FlaskClient]) -> None:
    """users-ask.md U28."""
    salon, client = connected
    before = events(salon)
    assert "Remove the doubles only" not in client.get(f"{AGENTS}?events=keep&next=all").text
    put_double(salon)
    shown = client.get(f"{AGENTS}?events=keep&next=all").text
    assert "1 double of ours stands in the calendar" in shown
    assert f"{AGENTS}?events=doubles" in shown
    doubles = {"events": "doubles", "word": "DELETE"}
    post(client, AGENTS, doubles, page=f"{AGENTS}?events=doubles")
    work(salon)
    assert events(salon) == before


def test_a_signed_out_calendar_is_told_to_sign_in_first(connected: tuple[Salon, FlaskClient]) -> None:
    salon, client = connected
    sign_out(salon)
    answer = client.get(AGENTS + LOOK, follow_redirects=True)
    assert "Google has signed this calendar out" in answer.text
    post(client, AGENTS, DELETE, page="/connect")
    assert job(salon) is None


def test_google_that_does_not_answer_is_said(connected: tuple[Salon, FlaskClient]) -> None:
    salon, client = connected
    salon.google.add_fault("status", path="/events$", times=None, status=503)
    assert "cannot be looked at just now" in client.get(AGENTS + LOOK, follow_redirects=True).text


# Leaving


@pytest.mark.parametrize("address", ["/connect/disconnect", f"/agents/{DANA}/disconnect"])
def test_leaving_keeps_the_events_unless_said_otherwise(
    connected: tuple[Salon, FlaskClient], address: str
) -> None:
    salon, agent = connected
    client = agent if address.startswith("/connect") else salon.owner()
    before = events(salon)
    assert f"{before} events of bookings" in client.get(address).text
    post(client, address, {"events": "leave"})
    assert salon.account() is None
    assert events(salon) == before


@pytest.mark.parametrize("address", ["/connect/disconnect", f"/agents/{DANA}/disconnect"])
def test_leaving_without_our_events_removes_them_first(
    connected: tuple[Salon, FlaskClient], address: str
) -> None:
    salon, agent = connected
    client = agent if address.startswith("/connect") else salon.owner()
    answer = post(client, address, {"events": "remove", "word": "DELETE"})
    assert answer.location in (f"{OWNERS}?provider=google", f"{AGENTS}?provider=google")
    account = salon.account()
    assert account is not None
    assert account.state is AccountState.CONNECTED  # it counts as connected until they are gone
    home = "/connect" if address.startswith("/connect") else f"/agents/{DANA}"
    assert "The calendar is being disconnected" in client.get(home).text
    work(salon)
    assert salon.account() is None
    assert events(salon) == 0
    (token,) = salon.google.refresh_tokens.values()
    assert token.ends_ts is not None  # given back to Google


def test_leaving_without_our_events_needs_the_word(connected: tuple[Salon, FlaskClient]) -> None:
    salon, client = connected
    answer = post(client, "/connect/disconnect", {"events": "remove"})
    assert "the word DELETE was not typed" in client.get(answer.location).text
    assert salon.account() is not None
    assert job(salon) is None


def test_a_sign_in_that_died_meanwhile_offers_to_leave_the_events(
    connected: tuple[Salon, FlaskClient],
) -> None:
    salon, client = connected
    post(client, "/connect/disconnect", {"events": "remove", "word": "DELETE"})
    sign_out(salon)
    shown = client.get(AGENTS).text
    assert "could not be removed, because Google has signed this calendar out" in shown
    assert "Disconnect and leave the events" in shown
    assert "could not be removed" in client.get("/connect").text
    post(client, "/connect/disconnect", {"events": "leave"})
    assert salon.account() is None
    asked = job(salon)
    assert asked is not None
    assert asked.state == resets.CANCELLED


# The first sign-in


def test_a_first_sign_in_asks_with_numbers_and_brings_all_by_default(salon: Salon) -> None:
    """users-ask.md U38: "also the 41 existing ones?", asked once; U30: numbers are shown before."""
    salon.upload()
    client = salon.agent()
    found = re.search(r"Your (\d+) upcoming bookings", client.get("/connect").text)
    assert found
    assert f"{found[1]} upcoming bookings will be written" in salon.owner().get(f"/agents/{DANA}").text
    salon.sign_in(client)
    work(salon)
    assert events(salon) == int(found[1])
    assert job(salon) is None
    assert not salon.google.mails


def test_only_new_ones_leaves_the_others_out_and_says_so(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    sign_in_for_new_ones(salon, client)
    assert "As you asked, only bookings made or changed from now on" in client.get("/connect/done").text
    work(salon)
    assert events(salon) == 0
    number = left_out.count_left_out(salon.services.database, account_id(salon))
    assert number > 2
    assert f"{number} earlier ones stay out" in client.get("/connect/done").text
    assert f"{number} earlier bookings stay out of the calendar" in client.get("/connect").text
    assert f"{number} earlier bookings stay out" in salon.owner().get(f"/agents/{DANA}").text
    asked = job(salon)
    assert asked is not None
    assert (asked.wish.events, asked.wish.next) == (ResetEvents.KEEP, NextSync.NEW)
    assert asked.wish.newest_booking_id


def test_a_returning_account_is_not_asked_and_keeps_what_it_has(
    connected: tuple[Salon, FlaskClient],
) -> None:
    salon, client = connected
    before = events(salon)
    post(client, "/connect/disconnect", {"events": "leave"})
    assert "upcoming bookings" not in client.get("/connect").text
    sign_in_for_new_ones(salon, client)  # a page that was open for long
    work(salon)
    assert events(salon) == before
    assert job(salon) is None
    rows = read_mappings(salon.services.database, account_id(salon))
    assert {row.state for row in rows} == {MappingState.LIVE}


def sign_in_for_new_ones(salon: Salon, client: FlaskClient) -> None:
    started = post(client, "/connect/google", {"next": "new"}, page="/connect")
    answer = client.get(salon.consent(started.location, CALENDAR))
    assert answer.status_code == 302, answer.text


def sign_out(salon: Salon) -> None:
    record_needs_sign_in(salon.services.database, account_id(salon), "sign_in_again", salon.clock())


def put_double(salon: Salon) -> None:
    """A second event of one of Dana's bookings, as ours as the first."""
    account, database = salon.account(), salon.services.database
    assert account is not None
    known = read_mappings(database, account.id)[0]
    stored = salon.google.event(CALENDAR, known.event_id)
    body = {key: stored[key] for key in ("summary", "start", "end")}
    site_id = salon.services.site_id
    body["id"] = event_key(site_id, known.booking_id, DANA, account.subject, 5)
    marker = {"latesync_site": site_id, "latesync_booking": str(known.booking_id), "latesync_generation": "5"}
    salon.google.put_event(CALENDAR, body | {"extendedProperties": {"private": marker}})
