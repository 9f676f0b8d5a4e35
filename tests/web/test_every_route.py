"""Who may ask for which address. Every route there is stands in one of the lists, also those to come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.web.mail_links import mail_link
from tests.web.salon import DANA, Salon

# For whoever asks: ways in, pages behind a signed link, the providers' return, help, health.
ANYBODYS = {
    "static",
    "health.livez",
    "health.readyz",
    "metrics.metrics",  # with LATESYNC_METRICS_TOKEN to whoever has it
    "entrance.sign_in",
    "entrance.check_password",
    "entrance.sign_out",
    "entrance.setup",
    "entrance.set_up",
    "entrance.owner_link",
    "enter.agent",
    "enter.owner",
    "connect.personal_link",
    "connect.back_to_page",  # leads to the agent's page and says nothing
    "provider_return.callback",
    "provider_return.posted_callback",  # leads to the one above
    "mail_stop.page",
    "microsoft_hook.told",
    "mail_stop.act",
    "sign_in_help.page",
    "sign_in_help.search",
    "site_hook.site",
}
# For an agent's own session; those that begin a sign-in also for a mail's link.
AGENTS = {
    "slots.own",
    "connect.page",
    "connect.google",
    "connect.microsoft",
    "connect.mail_me_again",
    "connect.calendars",
    "connect.what_makes_busy",
    "connect.ask_disconnect",
    "connect.disconnect_now",
    "reset.agents",
    "reset.ask_as_agent",
    "reset.cancel_as_agent",
    "done.page",
    "done.state",
}
RENEWALS = {"renew.page", "renew.begin"}
WITHOUT_CSRF_TOKEN = {
    "provider_return.posted_callback",
    "mail_stop.act",
    "microsoft_hook.told",
    "site_hook.site",
}


@pytest.fixture
def asked(salon: Salon) -> Salon:
    salon.upload()
    salon.connect()
    return salon


def rules(salon: Salon, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every route that takes this method."""
    for rule in salon.app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule.endpoint, _address(rule)


def _address(rule: Rule) -> str:
    address = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<(?:\w+:)?\w+>", str(DANA), address)


def csrf_token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in-help").text)
    assert found
    return found[1]


def let_through(client: FlaskClient, routes: Iterable[tuple[str, str]], method: str) -> set[str]:
    """The endpoints that neither refuse nor send to where somebody may sign in."""
    token = csrf_token(client)
    found = set()
    for endpoint, address in routes:
        answer = client.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
        is_led_off = answer.status_code == 302 and answer.location in (
            "/sign-in",
            "/connect",
            "/connect/renew",
        )
        if answer.status_code != 403 and not is_led_off:
            found.add(endpoint)
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_stranger_is_let_through_to_nothing_but_the_ways_in(asked: Salon, method: str) -> None:
    routes = [(name, address) for name, address in rules(asked, method) if name not in ANYBODYS]
    assert let_through(asked.visitor(), routes, method) == set()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_agent_is_let_through_to_no_page_of_the_owners(asked: Salon, method: str) -> None:
    own = ANYBODYS | AGENTS | RENEWALS
    routes = [(name, address) for name, address in rules(asked, method) if name not in own]
    client = asked.visitor()
    client.get(asked.personal_link(DANA))
    assert let_through(client, routes, method) == set()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_mails_link_is_let_through_to_the_one_button_alone(asked: Salon, method: str) -> None:
    routes = [(name, address) for name, address in rules(asked, method) if name not in ANYBODYS | RENEWALS]
    client = asked.visitor()
    client.get(mail_link(asked))
    assert client.get("/connect/renew").status_code == 200
    assert let_through(client, routes, method) == set()


def test_every_button_needs_the_pages_token(asked: Salon) -> None:
    owner = asked.owner()
    routes = [each for each in rules(asked, "POST") if each[0] not in WITHOUT_CSRF_TOKEN]
    assert {name for name, address in routes if owner.post(address).status_code != 400} == set()


def test_lists_name_routes_that_there_are(asked: Salon) -> None:
    known = {name for method in ("GET", "POST") for name, _ in rules(asked, method)}
    assert known >= ANYBODYS | AGENTS | RENEWALS | WITHOUT_CSRF_TOKEN
