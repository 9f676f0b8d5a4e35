"""No page says "Google" where the provider is Microsoft, but for offering Google as the other choice."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from latesync.store.accounts import record_needs_sign_in
from latesync.store.clients import record_client_problem
from tests.web.mail_links import run_now
from tests.web.salon import DANA, Salon

OWNERS = (
    "/",
    f"/agents/{DANA}",
    f"/agents/{DANA}/disconnect",
    f"/agents/{DANA}/reset",
    f"/agents/{DANA}/reset?events=keep&next=all",
    f"/agents/{DANA}/slots?at=2026-11-24T10:00",
    "/microsoft",
    "/start/microsoft",
    "/start/agents",
    "/start/done",
    "/history",
    "/held",
    "/settings",
    "/sign-in-help",
    "/sign-in-help/client/microsoft",
    "/wordpress",
)
AGENTS = (
    "/connect",
    "/connect/done",
    "/connect/disconnect",
    "/connect/reset",
    "/connect/reset?events=keep&next=all",
    "/connect/renew",
    "/connect/slots?at=2026-11-24T10:00",
)


@pytest.fixture
def outlook(salon: Salon) -> Salon:
    """A site of which Microsoft alone is set up, with one agent on Outlook who is in step."""
    salon.register()
    salon.connect_outlook()
    run_now(salon)
    return salon


def said_of_google(client: FlaskClient, address: str) -> str:
    """What stands around the word; "" where it does not."""
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, (address, answer.status_code)
    text = re.sub(r'<nav class="row" aria-label="Providers">.*?</nav>', "", answer.text, flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    found = re.search(r".{0,60}Google.{0,60}", " ".join(text.split()))
    return found[0] if found else ""


@pytest.mark.parametrize("address", OWNERS)
def test_owner_of_a_site_with_microsoft_alone_reads_nothing_of_google(outlook: Salon, address: str) -> None:
    assert said_of_google(outlook.owner(), address) == ""


@pytest.mark.parametrize("address", AGENTS)
def test_agent_with_outlook_reads_nothing_of_google(outlook: Salon, address: str) -> None:
    assert said_of_google(outlook.agent(), address) == ""


def test_agent_before_the_first_sign_in_reads_of_microsoft_alone(salon: Salon) -> None:
    salon.register()
    page = salon.agent().get("/connect").text
    assert "Sign in with Microsoft" in page
    assert said_of_google(salon.agent(), "/connect") == ""
    assert said_of_google(salon.agent(), "/connect/renew") == ""


def test_whoever_is_signed_out_reads_of_microsoft(outlook: Salon) -> None:
    account = outlook.account()
    assert account is not None
    record_needs_sign_in(outlook.services.database, account.id, "sign_in_again", outlook.clock())
    for client, addresses in ((outlook.agent(), AGENTS[:5]), (outlook.owner(), OWNERS[:4])):
        for address in addresses:
            assert said_of_google(client, address) == "", address
    assert "Microsoft has signed you out" in outlook.agent().get("/connect").text
    assert "Microsoft has signed Dana Reyes out" in html.unescape(outlook.owner().get("/").text)


@pytest.mark.parametrize("problem", ["client_rejected", "client_unauthorized", "redirect_mismatch"])
def test_trouble_of_the_client_is_said_to_be_microsofts(outlook: Salon, problem: str) -> None:
    account = outlook.account()
    assert account is not None
    record_client_problem(outlook.services.database, account.client_ref, problem, outlook.clock())
    for address in ("/", "/microsoft", "/start/microsoft"):
        assert said_of_google(outlook.owner(), address) == "", address
    assert "Microsoft" in outlook.owner().get("/").text


def test_refused_sign_in_is_spoken_of_as_microsofts_and_offers_its_button(salon: Salon) -> None:
    salon.register()
    salon.microsoft.change_person("dana@outlook.example", declines=True)
    answer = salon.sign_in_to_outlook(salon.agent())
    text = html.unescape(answer.text)
    assert answer.status_code == 400
    assert "Google" not in text
    assert 'action="/connect/microsoft"' in text
    assert "“Cancel” was pressed on Microsoft’s page" in text


def test_page_of_the_sign_in_help_finds_what_microsoft_says(outlook: Salon) -> None:
    owner = outlook.owner()
    outlook.clock.advance(timedelta(hours=1))
    text = "Sorry, but we’re having trouble signing you in. AADSTS50011: The redirect URI does not match"
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get("/sign-in-help").text)
    assert token
    found = owner.post("/sign-in-help", data={"csrf_token": token[1], "text": text}).text
    assert "Microsoft does not know LateSync’s address" in found
    assert "http://localhost:8080/oauth/microsoft/callback" in found
