"""Links from WordPress: each opens one session, once, within five minutes."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from latesync.logs import without_secrets
from latesync.store.people import replace_link
from tests.web.salon import ANNA, BEN, DANA, Salon
from tests.web.signing import enter_link, note_body, send

AGENTS_LINK = f"/enter/agent/{DANA}"
OWNERS_LINK = "/enter/owner"
FIVE_MINUTES = timedelta(minutes=5)


def test_agent_comes_to_their_own_page(salon: Salon) -> None:
    client = salon.visitor()
    answer = client.get(enter_link(salon, AGENTS_LINK))
    assert (answer.status_code, answer.location) == (302, "/connect")
    assert "Dana Reyes" in client.get("/connect").text
    assert client.get("/").location == "/connect"
    assert client.get("/google").status_code == 403


def test_owner_comes_to_the_dashboard(salon: Salon) -> None:
    client = salon.visitor()
    answer = client.get(enter_link(salon, OWNERS_LINK))
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Anna Berg" in client.get("/").text


def test_session_of_an_entered_agent_ends_when_their_personal_link_is_replaced(salon: Salon) -> None:
    replace_link(salon.services.database, salon.services.site_id, DANA)
    client = salon.visitor()
    client.get(enter_link(salon, AGENTS_LINK))
    assert client.get("/connect").status_code == 200
    replace_link(salon.services.database, salon.services.site_id, DANA)
    assert client.get("/connect").status_code == 403


@pytest.mark.parametrize("path", [AGENTS_LINK, OWNERS_LINK])
def test_link_opens_once(salon: Salon, path: str) -> None:
    link = enter_link(salon, path)
    assert salon.visitor().get(link).status_code == 302
    client = salon.visitor()
    answer = client.get(link)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    assert "Go back to WordPress and press the button again" in answer.text
    assert not is_in(client)


@pytest.mark.parametrize("path", [AGENTS_LINK, OWNERS_LINK])
def test_link_is_good_for_five_minutes(salon: Salon, path: str) -> None:
    link = enter_link(salon, path)
    salon.clock.advance(FIVE_MINUTES)
    assert salon.visitor().get(link).status_code == 302
    late = enter_link(salon, path)
    salon.clock.advance(FIVE_MINUTES + timedelta(seconds=1))
    client = salon.visitor()
    assert client.get(late).status_code == 410
    assert not is_in(client)


def test_link_of_one_agent_opens_nobody_elses_page(salon: Salon) -> None:
    link = enter_link(salon, AGENTS_LINK)
    for other in (f"/enter/agent/{ANNA}", OWNERS_LINK):
        client = salon.visitor()
        answer = client.get(link.replace(AGENTS_LINK, other))
        assert answer.status_code == 403
        assert "This link does not work" in answer.text
        assert not is_in(client)
    assert salon.visitor().get(link).status_code == 302


@pytest.mark.parametrize("path", [AGENTS_LINK, OWNERS_LINK])
@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"nonce": "0" * 32},
        {"nonce": "0"},
        {"timestamp": "1"},
        {"timestamp": "soon"},
        {"site": ""},
        {"site": "0123456789ab"},
        {"site": "' OR 1=1 --"},
    ],
)
def test_link_that_is_not_rightly_signed_for_this_site_is_refused(
    salon: Salon, path: str, changes: dict[str, str]
) -> None:
    client = salon.visitor()
    answer = client.get(enter_link(salon, path, **changes))
    assert answer.status_code == 403
    assert "This link does not work" in answer.text
    assert not is_in(client)


def test_link_without_a_signature_is_refused(salon: Salon) -> None:
    for path in (AGENTS_LINK, OWNERS_LINK):
        assert salon.visitor().get(path).status_code == 403


def test_nonce_of_a_note_opens_nothing(salon: Salon) -> None:
    link = enter_link(salon, OWNERS_LINK)
    nonce = re.search("nonce=([0-9a-f]{32})", link)
    assert nonce
    assert send(salon, note_body(bookings=[12]), nonce=nonce[1]).status_code == 200
    assert salon.visitor().get(link).status_code == 410


def test_looking_where_the_link_leads_does_not_use_it_up(salon: Salon) -> None:
    link = enter_link(salon, AGENTS_LINK)
    assert salon.visitor().head(link).status_code == 405
    assert salon.visitor().get(link).status_code == 302


def test_agent_the_site_does_not_have_is_not_let_in(salon: Salon) -> None:
    client = salon.visitor()
    answer = client.get(enter_link(salon, "/enter/agent/77"))
    assert answer.status_code == 404
    assert "not among the site" in answer.text
    assert not is_in(client)


def test_agent_with_an_account_comes_in_while_the_site_is_away(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA)
    salon.services.config.home.parent.joinpath("site.db").unlink()
    salon.services.site.doubt()
    salon.services.site_engine.dispose()
    assert salon.visitor().get(enter_link(salon, AGENTS_LINK)).status_code == 302
    link = enter_link(salon, f"/enter/agent/{BEN}")
    answer = salon.visitor().get(link)
    assert answer.status_code == 503
    assert "cannot be read at the moment" in answer.text


def test_link_is_taken_out_of_access_lines(salon: Salon) -> None:
    for path in (AGENTS_LINK, OWNERS_LINK):
        line = f'"GET {enter_link(salon, path)} HTTP/1.1" 302'
        assert without_secrets(line) == f'"GET {path}?… HTTP/1.1" 302'


def test_pages_that_refuse_a_link_do_not_pass_it_on(salon: Salon) -> None:
    answer = salon.visitor().get(f"{OWNERS_LINK}?{urlencode({'signature': '0' * 64})}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "0" * 64 not in answer.text


def is_in(client: FlaskClient) -> bool:
    return client.get("/connect").status_code == 200 or client.get("/").status_code == 200
