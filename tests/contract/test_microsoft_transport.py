"""MSAL and our client over a stand-in with TLS of its own, or without (microsoft-graph.md P3, P4)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator

import pytest
import requests

from latesync.providers.microsoft.endpoints import microsoft_endpoints
from latesync.providers.microsoft.transport import MsalHttpClient, http_session
from latesync.sandbox.microsoft.app import served_microsoft
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.sandbox.tls import Certificate

CONFIGURATION = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"


@pytest.fixture(params=["http", "https"])
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    certificate = Certificate() if request.param == "https" else None
    world = MicrosoftWorld()
    with served_microsoft(world, certificate=certificate):
        yield world.base_url


def test_msal_reads_microsoft_s_addresses_and_people_open_the_stand_in_s(base_url: str) -> None:
    client = MsalHttpClient(microsoft_endpoints(base_url))
    answer = client.get(CONFIGURATION)
    assert answer.status_code == 200
    found = json.loads(answer.text)
    assert found["token_endpoint"] == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert found["authorization_endpoint"] == f"{base_url}/common/oauth2/v2.0/authorize"


def test_answers_of_the_token_endpoint_come_as_they_are(base_url: str) -> None:
    client = MsalHttpClient(microsoft_endpoints(base_url))
    answer = client.post("https://login.microsoftonline.com/common/oauth2/v2.0/token", data={"x": "y"})
    assert answer.status_code in (400, 401)
    assert "error" in answer.text
    with pytest.raises(requests.HTTPError):
        answer.raise_for_status()


def test_a_certificate_of_the_stand_in_s_own_is_taken_without_a_word(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    session = http_session(microsoft_endpoints(base_url))
    with warnings.catch_warnings(record=True) as warned:
        assert session.get(f"{base_url}/v1.0/me", timeout=5).status_code == 401
    assert warned == []
