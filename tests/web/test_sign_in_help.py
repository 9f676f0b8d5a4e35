"""The page "Something went wrong at Google?": for everybody, with no more than each may see."""

from __future__ import annotations

import html
import logging
from datetime import timedelta

import pytest

from latesync.consent.links import consent_stamp, make_mail_token
from latesync.messages import Message
from latesync.sign_in_troubles import TROUBLES, words
from latesync.store.people import link_serial
from tests.web.salon import DANA, Salon, post

HELP = "/sign-in-help"
CALLBACK = "http://localhost:8080/oauth/google/callback"


def test_page_is_open_to_strangers_and_lists_everything(salon: Salon) -> None:
    page = salon.visitor().get(HELP)
    assert page.status_code == 200
    for trouble in TROUBLES:
        assert f'id="{trouble.key}"' in page.text
        assert trouble.title in html.unescape(page.text)


def test_values_of_the_set_up_are_shown_to_whom_they_belong(salon: Salon) -> None:
    client_id = salon.upload()
    stranger, agent, owner = (
        viewer.get(HELP).text for viewer in (salon.visitor(), salon.agent(), salon.owner())
    )
    assert CALLBACK not in stranger + agent
    assert client_id not in stranger
    assert client_id in agent
    assert CALLBACK in owner
    assert client_id in owner
    assert "dana@salon-linden.example" in owner
    assert "dana@" not in stranger


def test_links_to_google_open_the_clients_own_project(salon: Salon) -> None:
    salon.upload()
    page = salon.owner().get(HELP).text
    assert "https://console.cloud.google.com/auth/audience?project=sandbox-project" in page
    assert 'rel="noreferrer noopener"' in page


def test_agents_letter_names_the_address_they_are_connected_with(salon: Salon) -> None:
    salon.upload()
    before = post(salon.agent(), HELP, {"text": "Error 403: access_denied"})
    assert "(write your address here)" in before.text
    after = post(salon.connect(), HELP, {"text": "Error 403: access_denied"})
    assert "Please add my Google address dana@example.com" in after.text
    stranger = post(salon.visitor(), HELP, {"text": "Error 403: access_denied"})
    assert "dana@example.com" not in stranger.text


def test_link_from_a_mail_shows_whoever_opened_it_no_address(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    account, site_id = salon.account(), salon.services.site_id
    assert account is not None
    token = make_mail_token(
        salon.services.secret_key,
        site_id,
        DANA,
        link_serial(salon.services.database, site_id, DANA),
        account_id=account.id,
        consent=consent_stamp(account.consented_at),
        now=salon.clock(),
    )
    client = salon.visitor()
    assert client.get(f"/connect/{token}").location == "/connect/renew"

    shown = post(client, HELP, {"text": "Error 403: access_denied"}).text

    assert "(write your address here)" in shown
    assert "dana@example.com" not in shown
    assert "Wait and try again first" in post(client, HELP, {"text": "invalid_client"}).text


@pytest.mark.parametrize(
    "code", ["not-a-tester", "redirect_uri_mismatch", "REDIRECT_URI_MISMATCH", "AADSTS50011"]
)
def test_known_code_in_the_address_opens_its_entry(salon: Salon, code: str) -> None:
    assert 'aria-labelledby="found-' in salon.visitor().get(HELP, query_string={"code": code}).text


def test_other_words_in_the_address_are_not_repeated(salon: Salon) -> None:
    page = salon.visitor().get(HELP, query_string={"code": "call-this-number"})
    assert page.status_code == 200
    assert "call-this-number" not in page.text
    assert "found-" not in page.text


@pytest.mark.parametrize(
    ("text", "note"), [("  \n", words.EMPTY), ("the coffee machine is broken", words.NOT_FOUND)]
)
def test_text_that_tells_nothing_is_answered_kindly(salon: Salon, text: str, note: Message) -> None:
    page = html.unescape(post(salon.visitor(), HELP, {"text": text}).text)
    assert note.title in page
    assert note.text in page


def test_pasted_text_stays_nowhere(salon: Salon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = "Error 403: access_denied login_hint=somebody@private.example code=4/0secret"
    answer = post(salon.visitor(), HELP, {"text": text})
    assert "found-not-a-tester" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for secret in ("somebody@private.example", "4/0secret"):
        assert secret not in answer.text
        assert secret not in caplog.text


def test_search_needs_the_pages_token(salon: Salon) -> None:
    answer = salon.visitor().post(HELP, data={"text": "Error 403: access_denied"})
    assert answer.status_code == 400
    assert "found-" not in answer.text


def test_very_long_text_is_answered(salon: Salon) -> None:
    answer = post(salon.visitor(), HELP, {"text": "Error 403: access_denied " + "x y " * 20_000})
    assert "found-not-a-tester" in answer.text


def test_agents_page_leads_to_the_help(salon: Salon) -> None:
    salon.upload()
    assert f'href="{HELP}"' in salon.agent().get("/connect").text


# --- asking Google about the client -----------------------------------------------------------


def test_owner_asks_whether_google_knows_the_client(salon: Salon) -> None:
    salon.upload()
    page = salon.owner().get(f"{HELP}/client/google")
    assert words.client_accepted(provider="google").title in page.text
    assert 'http-equiv="refresh"' not in page.text


def test_refused_client_just_uploaded_is_asked_again_by_the_page_itself(salon: Salon) -> None:
    client_id = salon.upload()
    salon.google.rotate_secret(client_id)
    page = html.unescape(salon.owner().get(f"{HELP}/client/google").text)
    assert "Google does not accept the client yet" in page
    assert 'http-equiv="refresh" content="60"' in page


def test_refused_client_uploaded_long_ago_is_wrong(salon: Salon) -> None:
    client_id = salon.upload()
    salon.google.change_client(client_id, deleted=True)
    salon.clock.advance(timedelta(hours=2))
    page = html.unescape(salon.owner().get(f"{HELP}/client/google").text)
    assert "Google answered “deleted_client”" in page
    assert "The client was deleted at Google" in page
    assert 'http-equiv="refresh"' not in page


def test_google_that_does_not_answer_is_no_verdict(salon: Salon) -> None:
    salon.upload()
    salon.google.add_fault("drop", path="/token", times=None)
    assert words.client_unknown(provider="google").title in salon.owner().get(f"{HELP}/client/google").text


def test_without_a_client_there_is_nothing_to_ask(salon: Salon) -> None:
    assert salon.owner().get(f"{HELP}/client/google").status_code == 409


def test_asking_is_the_owners(salon: Salon) -> None:
    salon.upload()
    salon.google.forget_requests()
    assert salon.visitor().get(f"{HELP}/client/google").status_code == 302
    assert salon.agent(DANA).get(f"{HELP}/client/google").status_code == 403
    assert not salon.google.requests
