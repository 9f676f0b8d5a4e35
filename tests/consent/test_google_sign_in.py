"""Signing in with Google's own libraries: at the stand-in, and at a token endpoint that says odd things."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, Response, request

from latesync.consent.google_sign_in import (
    CALENDAR_SCOPE,
    REFUSAL_CODES,
    SCOPES,
    begin,
    finish,
    refusal_of,
)
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import Consent, SignInStart
from latesync.errors import SignInRefused
from latesync.providers.google.endpoints import GOOGLE, GoogleEndpoints, google_endpoints
from latesync.sandbox.google.app import create_google_app
from latesync.sandbox.google.world import GoogleWorld
from latesync.sandbox.serving import Served

CALLBACK = "http://localhost:8080/oauth/google/callback"
DANA = "dana@example.com"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Google:
    """The stand-in with one registered client and one person who says yes."""

    def __init__(self, world: GoogleWorld, endpoints: GoogleEndpoints) -> None:
        self.world = world
        self.endpoints = endpoints
        self.person = world.add_user(DANA, "Dana", auto_consent=True)
        file = world.add_client([CALLBACK])["web"]
        self.client = OAuthClient(file["client_id"], file["client_secret"])

    def start(self) -> SignInStart:
        return begin(self.endpoints, self.client, redirect_uri=CALLBACK, login_hint=DANA)

    def returned(self, start: SignInStart) -> dict[str, str]:
        """What the browser brings back to our callback."""
        answer = requests.get(start.url, allow_redirects=False, timeout=10)
        location = urlsplit(answer.headers["Location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    def finish(self, start: SignInStart, code: str, **changes: Any) -> Consent:
        given: dict[str, Any] = {
            "redirect_uri": CALLBACK,
            "code": code,
            "code_verifier": start.kept,
            "now": NOW,
            **changes,
        }
        client = given.pop("client", self.client)
        return finish(self.endpoints, client, **given)

    def sign_in(self) -> Consent:
        start = self.start()
        return self.finish(start, self.returned(start)["code"])


@pytest.fixture
def google() -> Iterator[Google]:
    world = GoogleWorld()
    with Served(create_google_app(world)) as server:
        world.base_url = server.url
        yield Google(world, google_endpoints(server.url))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(SignInRefused) as caught:
        act()
    assert caught.value.code in REFUSAL_CODES
    return caught.value.code


class TestBeginning:
    def test_the_address_asks_for_everything_a_lasting_consent_needs(self, google: Google) -> None:
        start = google.start()
        asked = {name: values[0] for name, values in parse_qs(urlsplit(start.url).query).items()}
        assert asked["access_type"] == "offline"
        assert asked["prompt"] == "consent"
        assert asked["scope"].split() == list(SCOPES)
        assert asked["state"] == start.state
        assert asked["redirect_uri"] == CALLBACK
        assert asked["code_challenge_method"] == "S256"
        assert asked["login_hint"] == DANA
        assert "include_granted_scopes" not in asked
        assert google.client.client_secret not in start.url

    def test_google_itself_is_asked_over_https(self) -> None:
        start = begin(GOOGLE, OAuthClient("id", "secret"), redirect_uri=CALLBACK)
        assert start.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")

    def test_every_start_has_its_own_state_and_verifier(self, google: Google) -> None:
        first, second = google.start(), google.start()
        assert first.state != second.state
        assert first.kept != second.kept

    def test_nothing_secret_shows(self, google: Google) -> None:
        start = google.start()
        assert start.state not in repr(start)
        assert start.kept not in repr(start)


class TestFinishing:
    def test_a_sign_in_tells_who_and_what(self, google: Google) -> None:
        consent = google.sign_in()
        assert consent.subject == google.person.sub
        assert consent.email == DANA
        assert set(consent.scopes) == set(SCOPES)
        assert consent.consented_at == NOW
        assert consent.ends_at is None
        assert consent.refresh_token in google.world.refresh_tokens
        assert consent.refresh_token not in repr(consent)
        assert consent.access_token not in repr(consent)

    def test_an_app_in_testing_ends_after_seven_days(self, google: Google) -> None:
        google.world.freeze()
        google.world.change_client(google.client.client_id, mode="testing", test_users=[DANA])
        assert google.sign_in().ends_at == NOW + timedelta(seconds=604_799)

    def test_a_renewed_sign_in_is_the_same_person_with_a_token_of_its_own(self, google: Google) -> None:
        first, second = google.sign_in(), google.sign_in()
        assert first.subject == second.subject
        assert first.refresh_token != second.refresh_token

    def test_an_unticked_calendar_is_refused_and_an_earlier_sign_in_lives_on(self, google: Google) -> None:
        earlier = google.sign_in()
        google.world.change_user(DANA, unticks=[CALENDAR_SCOPE])
        assert refusal(google.sign_in) == "partial_consent"
        refreshed = requests.post(
            google.endpoints.token,
            data={
                "grant_type": "refresh_token",
                "refresh_token": earlier.refresh_token,
                "client_id": google.client.client_id,
                "client_secret": google.client.client_secret,
            },
            timeout=10,
        )
        assert refreshed.status_code == 200

    @pytest.mark.parametrize("granted", [[CALENDAR_SCOPE], [CALENDAR_SCOPE, "openid"]])
    def test_a_withheld_identity_is_learned_from_the_primary_calendar(
        self, google: Google, granted: list[str]
    ) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        google.world.codes[code].scopes = granted
        consent = google.finish(start, code)
        assert consent.email == DANA
        assert consent.subject == (google.person.sub if "openid" in granted else DANA)

    def test_an_identity_that_cannot_be_learned_because_the_api_is_off_is_the_admin_s_trouble(
        self, google: Google
    ) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        google.world.codes[code].scopes = [CALENDAR_SCOPE]
        google.world.set_switches(api_enabled=False)
        assert refusal(lambda: google.finish(start, code)) == "client_rejected"

    def test_a_code_serves_once(self, google: Google) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        google.finish(start, code)
        assert refusal(lambda: google.finish(start, code)) == "code_used"

    def test_a_code_without_its_verifier_is_worthless(self, google: Google) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        other = google.start().kept
        assert refusal(lambda: google.finish(start, code, code_verifier=other)) == "code_used"

    def test_a_made_up_code_is_refused(self, google: Google) -> None:
        assert refusal(lambda: google.finish(google.start(), "4/made-up")) == "code_used"

    def test_another_callback_is_refused(self, google: Google) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        elsewhere = CALLBACK + "/"
        assert refusal(lambda: google.finish(start, code, redirect_uri=elsewhere)) == "redirect_mismatch"

    def test_a_wrong_secret_is_the_admin_s_trouble(self, google: Google) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        wrong = replace(google.client, client_secret="wrong")
        assert refusal(lambda: google.finish(start, code, client=wrong)) == "client_rejected"

    def test_a_deleted_client_is_the_admin_s_trouble(self, google: Google) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        google.world.change_client(google.client.client_id, deleted=True)
        assert refusal(lambda: google.finish(start, code)) == "client_rejected"

    def test_a_declined_consent_comes_back_as_a_reason(self, google: Google) -> None:
        google.world.change_user(DANA, declines=True)
        returned = google.returned(google.start())
        assert refusal_of(returned["error"]).code == "declined"

    @pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
    def test_a_token_endpoint_that_stumbles_can_be_tried_again_later(self, google: Google, kind: str) -> None:
        start = google.start()
        code = google.returned(start)["code"]
        google.world.add_fault(kind, path="/token", status=503, reason="internal_failure", times=None)
        assert refusal(lambda: google.finish(start, code)) == "provider_unavailable"

    @pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
    def test_a_profile_that_cannot_be_read_is_no_identity(self, google: Google, kind: str) -> None:
        google.world.add_fault(kind, path="/userinfo", status=503, times=None)
        assert refusal(google.sign_in) == "provider_unavailable"

    def test_the_log_stays_silent(self, google: Google, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        consent = google.sign_in()
        assert consent.refresh_token not in caplog.text
        assert consent.access_token not in caplog.text
        assert google.client.client_secret not in caplog.text
        assert DANA not in caplog.text


@contextmanager
def answering(answer: object, status: int = 200) -> Iterator[GoogleEndpoints]:
    """A token endpoint that always says the same, before a profile that is fine."""
    app = Flask("odd-google")
    body = answer if isinstance(answer, str) else json.dumps(answer)

    @app.post("/token")
    def token() -> Response:
        return Response(body, status, content_type="application/json")

    @app.get("/userinfo")
    def userinfo() -> dict[str, str]:
        assert request.headers["Authorization"] == "Bearer at"
        return {"sub": "1", "email": DANA}

    with Served(app) as server:
        yield google_endpoints(server.url)


def finished(answer: object, status: int = 200) -> Consent:
    with answering(answer, status) as endpoints:
        return finish(
            endpoints,
            OAuthClient("id", "secret"),
            redirect_uri=CALLBACK,
            code="4/code",
            code_verifier="v" * 43,
            now=NOW,
        )


TOKEN = {
    "access_token": "at",
    "refresh_token": "rt",
    "expires_in": 3599,
    "token_type": "Bearer",
    "scope": " ".join(SCOPES),
}


class TestOddAnswers:
    def test_unknown_fields_and_scopes_do_no_harm(self) -> None:
        more = {**TOKEN, "scope": f"{CALENDAR_SCOPE} openid email", "something_new": {"a": 1}}
        assert finished(more).scopes == (CALENDAR_SCOPE, "openid", "email")

    def test_an_answer_without_scopes_means_those_asked_for(self) -> None:
        assert finished({key: value for key, value in TOKEN.items() if key != "scope"}).scopes == SCOPES

    @pytest.mark.parametrize("seconds", ["604799", 604799, 604799.0])
    def test_the_consent_s_end_may_come_as_text(self, seconds: object) -> None:
        consent = finished({**TOKEN, "refresh_token_expires_in": seconds})
        assert consent.ends_at == NOW + timedelta(seconds=604_799)

    @pytest.mark.parametrize("seconds", ["soon", None, [], 10**18])
    def test_an_end_that_makes_no_sense_is_no_end(self, seconds: object) -> None:
        assert finished({**TOKEN, "refresh_token_expires_in": seconds}).ends_at is None

    @pytest.mark.parametrize("refresh_token", [None, "", 5])
    def test_without_a_refresh_token_there_is_nothing_to_keep(self, refresh_token: object) -> None:
        assert refusal(lambda: finished({**TOKEN, "refresh_token": refresh_token})) == "no_refresh_token"

    @pytest.mark.parametrize("answer", ["<html></html>", "", [], [1], "null", 5, {}, {"scope": "x"}])
    def test_what_is_no_token_is_no_sign_in(self, answer: object) -> None:
        assert refusal(lambda: finished(answer)) == "provider_unavailable"

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            ("invalid_grant", "code_used"),
            ("invalid_client", "client_rejected"),
            ("unauthorized_client", "client_rejected"),
            ("redirect_uri_mismatch", "redirect_mismatch"),
            ("admin_policy_enforced", "blocked_by_admin"),
            ("org_internal", "wrong_organisation"),
            ("server_error", "provider_unavailable"),
            ("something_new", "sign_in_failed"),
        ],
    )
    def test_every_refusal_has_its_page(self, error: str, code: str) -> None:
        assert refusal(lambda: finished({"error": error, "error_description": "Dana"}, 400)) == code

    def test_a_made_up_error_is_not_repeated(self) -> None:
        refused = refusal_of("<script>")
        assert (refused.code, refused.detail) == ("sign_in_failed", "")
