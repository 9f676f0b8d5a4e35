"""LateSync below a path of an address it shares with the booking site: its cookie is not the site's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.salon import DANA, Salon, open_salon, post
from tests.web.signing import enter_link

PATH = "/latesync"


@pytest.fixture
def below(tmp_path: Path, empty_state: Path) -> Iterator[Salon]:
    with open_salon(tmp_path, f"http://localhost:8080{PATH}", state=empty_state) as opened:
        yield opened


def cookie_path(client: FlaskClient) -> str:
    cookie = client.get_cookie("latesync", path=PATH)
    assert cookie is not None
    return cookie.path


def test_session_is_of_our_path_alone(below: Salon) -> None:
    client = below.visitor()
    client.get(PATH + enter_link(below, "/enter/owner"))
    assert cookie_path(client) == PATH
    assert client.get_cookie("latesync", path="/") is None


def test_session_of_an_address_without_a_path_is_of_all_of_it(salon: Salon) -> None:
    client = salon.visitor()
    client.get(enter_link(salon, "/enter/owner"))
    cookie = client.get_cookie("latesync", path="/")
    assert cookie is not None
    assert cookie.path == "/"


def test_links_from_wordpress_open_their_pages(below: Salon) -> None:
    owner, agent = below.visitor(), below.visitor()
    assert owner.get(PATH + enter_link(below, "/enter/owner")).location == f"{PATH}/"
    assert owner.get(f"{PATH}/google").status_code == 200
    assert agent.get(PATH + enter_link(below, f"/enter/agent/{DANA}")).location == f"{PATH}/connect"
    assert "Dana Reyes" in agent.get(f"{PATH}/connect").text


def test_agent_signs_in_with_google_and_out_again(below: Salon) -> None:
    below.upload()
    client = below.visitor()
    client.get(PATH + below.personal_link(DANA))
    started = post(client, f"{PATH}/connect/google", page=f"{PATH}/connect")
    answer = client.get(below.consent(started.location))
    assert (answer.status_code, answer.location) == (302, f"{PATH}/connect/done")
    assert below.account(DANA) is not None
    assert "Your calendar is connected" in client.get(f"{PATH}/connect/done").text
    post(client, f"{PATH}/sign-out", page=f"{PATH}/connect")
    assert client.get(f"{PATH}/connect").status_code == 403
