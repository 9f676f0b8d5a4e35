"""The encryption key is gone: every page says so calmly, and each one's way out works."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from latesync.consent.client_import import import_client
from latesync.private_files import write_private
from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.store.secrets import new_key
from tests.web.salon import BEN, DANA, Salon, post


@pytest.fixture
def client(salon: Salon) -> FlaskClient:
    """Dana's browser; she had signed in before the key was lost."""
    salon.upload()
    return salon.connect()


def lose_key(salon: Salon) -> None:
    """Somebody put another key in its place; a running process notices with the next secret it keeps."""
    write_private(salon.services.config.home / "encryption_key", new_key())
    salon.services.box.seal("something else")


def upload_again(salon: Salon) -> None:
    (client_id,) = salon.google.clients
    content = json.dumps(salon.google.client_json(client_id)).encode()
    import_client(salon.services.consent_desk(), content)


def test_agent_is_asked_to_sign_in_again_and_not_told_that_all_is_well(
    salon: Salon, client: FlaskClient
) -> None:
    lose_key(salon)
    page = client.get("/connect").text
    assert "Your calendar is connected" not in page
    assert "LateSync can no longer read your sign-in" in page
    assert 'action="/connect/google"' not in page, "nobody can before the owner has uploaded the file again"
    upload_again(salon)
    assert 'action="/connect/google"' in client.get("/connect").text


def test_signing_in_again_heals_the_account(salon: Salon, client: FlaskClient) -> None:
    before = salon.account()
    lose_key(salon)
    upload_again(salon)
    assert salon.sign_in(client).status_code == 302
    after = salon.account()
    assert before is not None
    assert after is not None
    assert after.id == before.id
    assert "Your calendar is connected" in client.get("/connect").text


@pytest.mark.parametrize("path", ["/", "/agents/3", "/google", "/settings", "/health", "/start"])
def test_owners_pages_open(salon: Salon, client: FlaskClient, path: str) -> None:
    lose_key(salon)
    answer = salon.owner().get(path, follow_redirects=True)
    assert answer.status_code == 200


def test_dashboard_says_it_once_for_all(salon: Salon, client: FlaskClient) -> None:
    salon.connect(BEN, "ben@example.com")
    lose_key(salon)
    page = salon.owner().get("/").text
    assert page.count("sign-ins must be renewed") == 1
    assert page.count("The key is gone") == 1
    assert page.count("must sign in again") == 2
    upload_again(salon)
    page = salon.owner().get("/").text
    assert page.count("sign-ins must be renewed") == 1
    assert "upload the client file" not in page


def test_google_page_does_not_speak_as_if_there_never_was_a_file(salon: Salon, client: FlaskClient) -> None:
    lose_key(salon)
    assert "The key is gone" in salon.owner().get("/google").text


def test_sign_in_under_way_is_told_to_begin_anew(salon: Salon, client: FlaskClient) -> None:
    address = salon.google_return(client)
    lose_key(salon)
    answer = client.get(address)
    assert answer.status_code == 400
    assert sign_in_refused("key_lost", provider="google").title in answer.text


def test_disconnecting_works(salon: Salon, client: FlaskClient) -> None:
    lose_key(salon)
    assert post(client, "/connect/disconnect").status_code == 302
    assert salon.account(DANA) is None
