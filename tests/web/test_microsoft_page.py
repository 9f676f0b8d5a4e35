"""The owner's page Microsoft, and its step of the set-up: what is typed in, each mistake, a replacement."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from latesync.read_overview import read_current_client
from latesync.set_up import Step, read_set_up
from latesync.store.clients import ClientRow
from tests.web.salon import BEN, DANA, Salon, post

A_GUID = "11111111-2222-3333-4444-555555555555"
WHERE = ["/microsoft", "/start/microsoft"]


def client_in_use(salon: Salon) -> ClientRow:
    client = read_current_client(salon.services, "microsoft")
    assert client is not None
    return client


def beside(page: str, name: str) -> str:
    """What is said to be wrong with a field; "" where nothing is."""
    found = re.search(rf'id="{name}-wrong" role="alert">(.*?)</div>', page, re.S)
    return html.unescape(found[1]) if found else ""


def value_of(page: str, name: str) -> str:
    found = re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("address", WHERE)
def test_page_has_every_line_to_paste(salon: Salon, address: str) -> None:
    page = salon.owner().get(address).text
    for line in ("http://localhost:8080/oauth/microsoft/callback", "Calendars.ReadWrite", "User.Read"):
        assert f">{line}</code>" in page
    for words in ("New registration", "Supported account types", "Delegated permissions", "24 months"):
        assert words in page


@pytest.mark.parametrize("address", WHERE)
def test_what_microsoft_shows_is_taken_and_agents_can_sign_in(salon: Salon, address: str) -> None:
    owner, form = salon.owner(), salon.app_form()
    assert post(owner, address, form).location == address
    page = owner.get(address).text
    assert "Agents can sign in now" in page
    assert form["client_id"] in page
    assert form["secret"] not in page
    assert client_in_use(salon).secret_ends_on is not None
    assert salon.connect_outlook().get("/connect").status_code == 200


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("secret", A_GUID, "secret’s ID"),
        ("secret", "", "client secret is missing"),
        ("client_id", "LateSync", "does not look like one"),
        ("tenant", "common", "Leave the field empty"),
        ("account_type", "", "whose accounts may sign in"),
        ("secret_ends_on", "2020-01-31", "has expired"),
    ],
)
def test_each_mistake_is_said_beside_its_field_and_only_the_secret_is_lost(
    salon: Salon, name: str, typed: str, said: str
) -> None:
    form = salon.app_form() | {name: typed}
    answer = post(salon.owner(), "/microsoft", form)
    assert answer.status_code == 422
    assert said in beside(answer.text, name)
    for field in ("client_id", "tenant", "secret_ends_on"):
        assert value_of(answer.text, field) == form[field]
    if form["account_type"]:
        assert 'value="any_and_personal" checked' in answer.text
    assert value_of(answer.text, "secret") == ""
    assert not form["secret"] or form["secret"] not in answer.text.replace(form["client_id"], "")
    assert read_current_client(salon.services, "microsoft") is None


def test_every_mistake_is_said_at_once(salon: Salon) -> None:
    answer = post(salon.owner(), "/microsoft", {"client_id": "x", "tenant": "?", "secret_ends_on": "soon"})
    for name in ("client_id", "tenant", "account_type", "secret", "secret_ends_on"):
        assert beside(answer.text, name)


def test_wrong_secret_is_said_by_microsoft_as_soon_as_it_is_saved(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/microsoft", salon.app_form() | {"secret": "abc8Q~not-the-one-that-was-made"})
    assert "Microsoft does not accept the client" in owner.get("/microsoft").text
    tested = owner.get("/sign-in-help/client/microsoft").text
    assert "AADSTS7000215" in tested
    assert "Microsoft does not accept the client secret" in tested
    assert "Google" not in tested


def test_right_client_passes_the_test(salon: Salon) -> None:
    salon.register()
    assert "Microsoft accepts the client" in salon.owner().get("/sign-in-help/client/microsoft").text


def test_empty_secret_field_keeps_the_secret_there_is(salon: Salon) -> None:
    salon.register()
    before = client_in_use(salon)
    form = {"client_id": before.client_id, "account_type": "any_and_personal", "secret_ends_on": "2027-01-31"}
    owner = salon.owner()
    post(owner, "/microsoft", form)
    after = client_in_use(salon)
    assert after.client_secret == before.client_secret
    assert str(after.secret_ends_on) == "2027-01-31"
    assert "ends on 31 January 2027, in 72 days" in owner.get("/microsoft").text


def test_days_left_are_counted_down_and_the_way_to_renew_is_said(salon: Salon) -> None:
    salon.register(secret_days=20)
    page = salon.owner().get("/microsoft").text
    assert "in 20 days" in page
    assert "New client secret" in page
    assert 'class="card wait" id="secret-end"' in page
    salon.clock.advance(timedelta(days=21))
    assert "which is over" in salon.owner().get("/microsoft").text


def test_another_app_is_taken_only_after_a_yes_that_names_who_must_sign_in(salon: Salon) -> None:
    first = salon.register()
    salon.connect_outlook()
    owner = salon.owner()
    answer = post(owner, "/microsoft", salon.app_form())
    assert answer.location == "/microsoft/replace"
    question = owner.get("/microsoft/replace").text
    assert "Dana Reyes must sign in again" in question
    assert "Google" not in question
    assert client_in_use(salon).client_id == first
    post(owner, "/microsoft/keep", page="/microsoft/replace")
    assert client_in_use(salon).client_id == first

    post(owner, "/microsoft", form := salon.app_form())
    post(owner, "/microsoft/replace")
    assert client_in_use(salon).client_id == form["client_id"]
    assert "To sign in again, once: Dana Reyes" in owner.get("/microsoft").text


def test_set_up_leads_who_is_signed_in_to_the_page_that_asks_first(salon: Salon) -> None:
    salon.register()
    salon.connect_outlook()
    owner = salon.owner()
    assert "shows first what a change means" in owner.get("/start/microsoft").text
    answer = post(owner, "/start/microsoft", salon.app_form(), page="/microsoft")
    assert answer.location == "/microsoft"


@pytest.mark.parametrize(
    ("ticked", "steps"),
    [
        (["google"], [Step.PROJECT, Step.CLIENT]),
        (["microsoft"], [Step.MICROSOFT]),
        (["google", "microsoft"], [Step.PROJECT, Step.CLIENT, Step.MICROSOFT]),
    ],
)
def test_set_up_has_the_steps_of_the_chosen_calendars(
    salon: Salon, ticked: list[str], steps: list[Step]
) -> None:
    owner = salon.owner()
    post(owner, "/start/calendars", {"provider": ticked})
    shown = [step.value for step in read_set_up(salon.services).steps]
    assert [step for step in shown if step not in ("site", "calendars", "mail", "agents")] == steps
    assert owner.get("/start").location == f"/start/{steps[0].value}"


def test_choice_can_be_changed_and_what_is_set_up_stays(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/start/calendars", {"provider": ["google"]})
    post(owner, "/start/calendars", {"provider": ["microsoft"]})
    assert set(read_set_up(salon.services).providers) == {"microsoft"}
    salon.upload()
    post(owner, "/start/calendars", {"provider": []})
    assert set(read_set_up(salon.services).providers) == {"google"}


def test_nothing_ticked_is_asked_again(salon: Salon) -> None:
    owner = salon.owner()
    assert post(owner, "/start/calendars").location == "/start/calendars"
    assert "Tick at least one" in owner.get("/start/calendars").text


def test_set_up_with_microsoft_alone_is_complete(salon: Salon) -> None:
    salon.register()
    state = read_set_up(salon.services)
    assert state.has_client
    assert Step.CLIENT not in state.steps
    assert {Step.CALENDARS, Step.MICROSOFT} <= set(state.done_steps)


def test_page_is_the_owners_alone(salon: Salon) -> None:
    salon.make_owner()
    assert salon.visitor().get("/microsoft").location == "/sign-in"
    assert salon.agent(BEN).get("/microsoft").status_code == 403


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"secret": "abc8Q~not-the-one-that-was-made"}, "secret"), ({"client_id": A_GUID}, "client_id")],
)
def test_what_microsoft_refuses_never_takes_the_place_of_what_works(
    salon: Salon, typed: dict[str, str], field: str
) -> None:
    """The secret that worked is shown nowhere any more (microsoft-graph.md M1)."""
    owner, form = salon.owner(), salon.app_form()
    post(owner, "/microsoft", form)
    answer = post(owner, "/microsoft", form | typed)
    assert answer.status_code == 422
    assert "nothing was changed" in beside(answer.text, field)
    assert "stands beside the fields" in answer.text
    kept = client_in_use(salon)
    assert (kept.client_id, kept.client_secret) == (form["client_id"], form["secret"])


def test_first_app_that_microsoft_refuses_is_not_called_ready(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/microsoft", salon.app_form() | {"secret": "abc8Q~not-the-one-that-was-made"})
    page = owner.get("/microsoft").text
    assert "Agents can sign in now" not in page
    assert "Press “Test this client”" in page


def test_secret_that_lasts_asks_for_nothing(salon: Salon) -> None:
    salon.register(secret_days=200)
    page = salon.owner().get("/microsoft").text
    assert "Nothing is to be done yet" in page
    assert "stand still" not in page


def test_end_of_the_secret_that_was_not_said_is_asked_for(salon: Salon) -> None:
    owner = salon.owner()
    post(owner, "/microsoft", salon.app_form() | {"secret_ends_on": ""})
    page = owner.get("/microsoft").text
    assert "When the secret ends is not known" in page
    assert "add the day" in page


def test_agents_page_does_not_guess_which_outlook_calendar_is_the_main_one(salon: Salon) -> None:
    salon.register()
    salon.connect_outlook()
    page = salon.owner().get(f"/agents/{DANA}").text
    assert "their calendar in Outlook" in page
    assert "another calendar of theirs" not in page


def test_agents_page_says_why_a_new_sign_in_is_asked_for(salon: Salon) -> None:
    salon.register()
    salon.connect_outlook()
    owner = salon.owner()
    post(owner, "/microsoft", salon.app_form())
    post(owner, "/microsoft/replace")
    assert "The app at Microsoft was replaced: ask Dana Reyes" in owner.get(f"/agents/{DANA}").text


def test_page_that_asks_before_leaving_names_the_calendar(salon: Salon) -> None:
    salon.register()
    agent = salon.connect_outlook()
    assert "Disconnect Outlook?" in agent.get("/connect/disconnect").text
    owners = salon.owner().get(f"/agents/{DANA}/disconnect").text
    assert "Disconnect Dana Reyes’s Outlook?" in owners
