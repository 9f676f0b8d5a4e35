"""An agent's personal link, and what its session may and may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.consent.links import make_link_token
from latesync.store.people import replace_link
from tests.web.salon import ANNA, BEN, DANA, Salon, post


def test_link_is_exchanged_at_once_for_a_session(salon: Salon) -> None:
    answer = salon.visitor().get(salon.personal_link())
    assert (answer.status_code, answer.location) == (302, "/connect")


def test_link_works_again_until_it_is_replaced(salon: Salon) -> None:
    link = salon.personal_link()
    for _ in range(3):
        assert salon.visitor().get(link).status_code == 302
    replace_link(salon.services.database, salon.services.site_id, DANA)
    answer = salon.visitor().get(link)
    assert answer.status_code == 410
    assert "replaced by a newer one" in answer.text


def test_replacing_the_link_ends_the_sessions_it_opened(salon: Salon) -> None:
    client = salon.agent(DANA)
    replace_link(salon.services.database, salon.services.site_id, DANA)
    answer = client.get("/connect")
    assert answer.status_code == 403
    assert "Please open your personal link" in answer.text


def test_link_older_than_thirty_days_is_explained(salon: Salon) -> None:
    link = salon.personal_link()
    salon.clock.advance(timedelta(days=31))
    answer = salon.visitor().get(link)
    assert answer.status_code == 410
    assert "has expired" in answer.text
    assert "Ask the site" in answer.text


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "%20", "é"])
def test_broken_link_is_explained(salon: Salon, token: str) -> None:
    answer = salon.visitor().get(f"/connect/{token}")
    assert answer.status_code == 410
    assert "This link does not work" in answer.text


def test_link_of_another_site_is_refused(salon: Salon) -> None:
    token = make_link_token(salon.services.secret_key, "0" * 12, DANA, 1, now=salon.clock())
    assert salon.visitor().get(f"/connect/{token}").status_code == 410


def test_link_signed_with_another_key_is_refused(salon: Salon) -> None:
    token = make_link_token("k" * 40, salon.services.site_id, DANA, 1, now=salon.clock())
    assert salon.visitor().get(f"/connect/{token}").status_code == 410


def test_session_shows_its_own_agent_only(salon: Salon) -> None:
    salon.upload()
    salon.connect(DANA, "dana@example.com")
    page = salon.agent(BEN).get("/connect").text
    assert "Ben Cho" in page
    assert "dana@example.com" not in page


@pytest.mark.parametrize("path", ["/agents/3", "/agents/2", "/google", "/agents/3/disconnect"])
def test_agent_may_not_open_the_owners_pages(salon: Salon, path: str) -> None:
    assert salon.agent(DANA).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/agents/2/link", "/agents/2/disconnect", "/agents/2/sync", "/google"])
def test_agent_may_not_press_the_owners_buttons(salon: Salon, path: str) -> None:
    salon.upload()
    assert post(salon.agent(DANA), path, page="/connect").status_code == 403


def test_front_page_leads_an_agent_to_their_own(salon: Salon) -> None:
    assert salon.agent().get("/").location == "/connect"


def test_own_page_without_a_session_asks_for_the_link(salon: Salon) -> None:
    answer = salon.visitor().get("/connect")
    assert answer.status_code == 403
    assert "Open the link you were sent" in answer.text


def test_agents_session_ends_after_thirty_days(salon: Salon) -> None:
    client = salon.agent()
    salon.clock.advance(timedelta(days=30))
    assert client.get("/connect").status_code == 403


def test_agent_removed_from_the_site_is_told(salon: Salon) -> None:
    client = salon.agent(77)
    answer = client.get("/connect")
    assert answer.status_code == 404
    assert "no longer among" in answer.text


def test_owner_who_opens_an_agents_link_stays_the_owner(salon: Salon) -> None:
    client = salon.owner()
    client.get(salon.personal_link(ANNA))
    assert "Anna Berg" in client.get("/connect").text
    assert client.get("/").status_code == 200
