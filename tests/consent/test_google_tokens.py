"""Credentials: built for these endpoints, kept once a process, revoked at Google."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

from latesync.consent.google_sign_in import CALENDAR_SCOPE, SCOPES
from latesync.consent.google_tokens import CredentialCache, build_credentials, revoke
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import ProviderUnavailable
from latesync.providers.google.endpoints import GoogleEndpoints, google_endpoints
from latesync.sandbox.google.app import create_google_app
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.serving import Served

DANA = "dana@example.com"


class Granted:
    def __init__(self, world: GoogleWorld, endpoints: GoogleEndpoints) -> None:
        self.world = world
        self.endpoints = endpoints
        world.add_user(DANA)
        file = world.add_client([])["web"]
        self.client = OAuthClient(file["client_id"], file["client_secret"])

    def token(self, *scopes: str) -> str:
        token: str = self.world.grant(DANA, self.client.client_id, list(scopes or SCOPES))["refresh_token"]
        return token


@pytest.fixture
def granted() -> Iterator[Granted]:
    world = GoogleWorld()
    with Served(create_google_app(world)) as server:
        world.base_url = server.url
        yield Granted(world, google_endpoints(server.url))


def refresh(granted: Granted, *scopes: str, token: str) -> str | None:
    credentials = build_credentials(granted.endpoints, granted.client, token, scopes or None)
    credentials.refresh(Request())  # type: ignore[no-untyped-call]
    access_token: str | None = credentials.token
    return access_token


def test_a_refresh_asks_the_configured_endpoint(granted: Granted) -> None:
    assert refresh(granted, token=granted.token()) in granted.world.access_tokens


def test_after_a_partial_consent_the_granted_scopes_refresh(granted: Granted) -> None:
    token = granted.token(CALENDAR_SCOPE)
    assert refresh(granted, CALENDAR_SCOPE, token=token)
    assert refresh(granted, token=token)
    with pytest.raises(RefreshError, match="invalid_scope"):
        refresh(granted, *SCOPES, token=token)


def test_a_revoked_token_is_dead_and_revoking_it_again_is_fine(granted: Granted) -> None:
    token = granted.token()
    revoke(granted.endpoints, token)
    with pytest.raises(RefreshError, match="invalid_grant"):
        refresh(granted, token=token)
    revoke(granted.endpoints, token)


@pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
def test_a_revocation_that_was_not_confirmed_is_not_done(granted: Granted, kind: str) -> None:
    granted.world.add_fault(kind, path="/revoke", status=503, times=None)
    with pytest.raises(ProviderUnavailable):
        revoke(granted.endpoints, granted.token())


def test_an_account_s_credentials_are_made_once_until_it_signs_in_again(granted: Granted) -> None:
    cache, first, second = CredentialCache(), granted.token(), granted.token()

    def of(account_id: int, token: str) -> object:
        return cache.credentials(
            account_id, token, lambda: build_credentials(granted.endpoints, granted.client, token)
        )

    kept = of(1, first)
    assert of(1, first) is kept
    assert of(2, first) is not kept
    assert of(1, second) is not kept
    cache.forget(2)
    assert of(2, first) is not kept


def test_a_replaced_secret_is_used_at_once(granted: Granted) -> None:
    cache, token = CredentialCache(), granted.token()

    def credentials(client: OAuthClient) -> Credentials:
        return cache.credentials(1, token, lambda: build_credentials(granted.endpoints, client, token))

    before = credentials(granted.client)
    file = granted.world.rotate_secret(granted.client.client_id)["web"]
    after = credentials(OAuthClient(file["client_id"], file["client_secret"]))
    assert after is not before
    after.refresh(Request())  # type: ignore[no-untyped-call]
    assert after.token
