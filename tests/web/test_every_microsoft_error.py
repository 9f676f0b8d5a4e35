"""What Microsoft says is caused at the stand-in, and what the person then sees leads to the row about it.

On Microsoft's pages: what stands there is pasted into LateSync's help page. On the return: LateSync's own
page shows the row. At a renewal: Microsoft's answer is looked up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import requests
from flask.testing import FlaskClient

from latesync.sandbox.microsoft.refusals import REFUSALS
from latesync.sign_in_troubles import TROUBLES, Actor, Provider, Trouble, find_troubles
from tests.web.salon import Salon, post
from tests.web.test_every_google_error import looked_up, row, words_of

DANA = "dana@outlook.example"

Cause = Callable[[Salon], object]


def of_client(**settings: object) -> Cause:
    return lambda salon: salon.microsoft.change_client(client_id(salon), **settings)


def of_dana(**settings: object) -> Cause:
    return lambda salon: salon.microsoft.change_person(DANA, **settings)


def client_id(salon: Salon) -> str:
    return list(salon.microsoft.clients)[-1]


ON_MICROSOFTS_PAGE: dict[str, Cause] = {
    "microsoft-redirect-uri": of_client(redirect_uris=["https://elsewhere.example.com/callback"]),
    "microsoft-no-reply-address": of_client(redirect_uris=[]),
    "microsoft-single-tenant": of_client(audience="AzureADMyOrg"),
    "microsoft-unknown-app": lambda salon: salon.microsoft.remove_client(client_id(salon)),
    "microsoft-admin-consent": of_dana(admin_consent_needed=True),
    "microsoft-account-gone": of_dana(refusal="disabled"),
    "microsoft-foreign-account": of_dana(refusal="foreign"),
    "microsoft-blocked-by-policy": of_dana(refusal="blocked"),
}
ON_THE_RETURN: dict[str, Cause] = {
    "microsoft-declined": of_dana(declines=True),
    "microsoft-wrong-secret": lambda salon: salon.microsoft.add_secret(client_id(salon), keep_old=False),
    "microsoft-expired-secret": lambda salon: salon.microsoft.end_secrets(client_id(salon)),
    "microsoft-sign-in-ended": lambda salon: salon.microsoft.set_switches(code_life_s=0),
    "microsoft-no-consent": of_client(withheld=["Calendars.ReadWrite"]),
}


def microsofts_page(salon: Salon, client: FlaskClient) -> str:
    """What Microsoft shows after the button was pressed."""
    started = post(client, "/connect/microsoft", page="/connect")
    assert started.status_code == 302, started.text
    salon.microsoft.change_person(DANA, auto_consent=True)
    address = re.sub(r"&(?:login_hint|prompt)=[^&]*", "", started.location) + f"&login_hint={DANA}"
    answer = requests.get(address, allow_redirects=False, timeout=10)
    assert answer.status_code != 302, answer.headers
    return words_of(answer.text)


@pytest.mark.parametrize(("key", "cause"), ON_MICROSOFTS_PAGE.items(), ids=ON_MICROSOFTS_PAGE)
def test_what_microsoft_shows_is_explained_to_agent_and_owner(salon: Salon, key: str, cause: Cause) -> None:
    salon.register()
    agent = salon.agent()
    agent_started = client_id(salon)
    cause(salon)

    shown = microsofts_page(salon, agent)

    assert find_troubles(shown)[0] == row(key), shown
    fits(looked_up(agent, shown), row(key), is_owner=False)
    entry = looked_up(salon.owner(), shown)
    fits(entry, row(key), is_owner=True)
    wanted = {step.paste.value for step in row(key).steps if step.paste}
    if "client_id" in wanted:
        assert agent_started in entry
    if "redirect_uri" in wanted:
        assert salon.services.config.microsoft_callback in entry


@pytest.mark.parametrize(("key", "cause"), ON_THE_RETURN.items(), ids=ON_THE_RETURN)
def test_page_after_the_return_shows_the_row_by_itself(salon: Salon, key: str, cause: Cause) -> None:
    salon.register()
    agent = salon.agent()
    cause(salon)

    answer = salon.sign_in_to_outlook(agent)

    assert answer.status_code >= 400
    entry = re.search(
        rf'<section class="card" aria-labelledby="{key}-title">.*?</section>', answer.text, re.S
    )
    assert entry, words_of(answer.text)
    fits(html.unescape(entry[0]), row(key), is_owner=False)
    assert "Google" not in words_of(answer.text)


@pytest.mark.parametrize("name", REFUSALS)
def test_whatever_microsoft_answers_at_a_renewal_is_found(salon: Salon, name: str) -> None:
    salon.register()
    salon.connect_outlook()
    salon.microsoft.change_person(DANA, refusal=name)
    token = list(salon.microsoft.refresh_tokens.values())[-1]
    client = salon.microsoft.clients[token.client_id]
    form = {
        "grant_type": "refresh_token",
        "client_id": client.id,
        "client_secret": client.secrets[-1].value,
        "refresh_token": token.value,
    }
    address = f"{salon.microsoft.base_url}/common/oauth2/v2.0/token"
    answer = requests.post(address, data=form, timeout=10)
    assert answer.status_code >= 400
    found = find_troubles(answer.text)
    assert found, answer.text
    assert found[0].provider is Provider.MICROSOFT
    assert f"AADSTS{REFUSALS[name].aadsts}" in found[0].codes


def test_every_number_of_the_stand_ins_refusals_stands_in_the_table() -> None:
    known = {code for trouble in TROUBLES if trouble.provider is Provider.MICROSOFT for code in trouble.codes}
    assert {f"AADSTS{refusal.aadsts}" for refusal in REFUSALS.values()} <= known


def fits(entry: str, trouble: Trouble, *, is_owner: bool) -> None:
    """Whoever can act reads the steps; whoever cannot, what to send to whom."""
    assert trouble.title in entry
    steps, _, others = entry.partition("What they will do")
    theirs = {Actor.OWNER, Actor.ORGANISATION} if is_owner else {Actor.AGENT}
    is_mine = trouble.actor in {Actor.NOBODY, *theirs}
    assert trouble.steps[0].text in (steps if is_mine else others)
    if not is_owner:
        assert "/oauth/microsoft/callback" not in entry
