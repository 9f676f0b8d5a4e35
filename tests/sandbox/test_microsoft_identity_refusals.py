"""What the sandbox Microsoft refuses, on its pages and to those who ask for tokens: microsoft-graph.md §5."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msal
import pytest
import requests

from latesync.sandbox.microsoft import GraphError
from latesync.sandbox.microsoft.refusals import REFUSALS
from latesync.sandbox.microsoft.tokens import bearer

from .identity_stage import (
    ANNA,
    BEN,
    CALLBACK,
    EVE,
    SCOPES,
    Stage,
    callback,
    refusal_on_page,
    refused,
    staged,
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


def registered(stage: Stage, *uris: str, **settings: Any) -> None:
    """Another app takes the stage."""
    stage.client = stage.world.add_client(list(uris) or [CALLBACK], tenant="salon.example", **settings)


# The sign-in page


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": None}, "AADSTS900144"),
        ({"client_id": "11111111-2222-3333-4444-555555555555"}, "AADSTS700016"),
        ({"response_type": None}, "AADSTS900144"),
        ({"response_type": "token"}, "AADSTS700054"),
        ({"response_mode": "fragment"}, "AADSTS70007"),
        ({"redirect_uri": None}, "AADSTS900144"),
        ({"scope": None}, "AADSTS900144"),
        ({"scope": "Calendars.ReadWrit"}, "AADSTS70011"),
        ({"prompt": "always"}, "AADSTS90023"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "AADSTS501491"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "AADSTS501491"),
        ({"access_type": "offline"}, "AADSTS9002313"),
    ],
)
def test_a_malformed_request_is_told_to_the_person(
    stage: Stage, changes: dict[str, str | None], code: str
) -> None:
    assert refusal_on_page(stage.page(stage.asked(**changes))) == code


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8080/oauth/Microsoft/callback",  # U2: the path's case counts
        "http://localhost:8080/oauth/microsoft/callback/",
        "https://localhost:8080/oauth/microsoft/callback",
        "http://127.0.0.1:8080/oauth/microsoft/callback",
    ],
)
def test_a_redirect_uri_is_compared_exactly(stage: Stage, uri: str) -> None:
    """microsoft-graph.md U2."""
    answer = stage.page(stage.asked(redirect_uri=uri))
    assert refusal_on_page(answer) == "AADSTS50011"
    assert uri in answer.text


def test_the_port_of_localhost_does_not_count(stage: Stage) -> None:
    """microsoft-graph.md U3."""
    uri = CALLBACK.replace("8080", "9999")
    answer = stage.post(stage.asked(redirect_uri=uri), account=ANNA, decision="accept")
    assert answer.headers["Location"].startswith(f"{uri}?code=")


def test_a_redirect_uri_without_a_path_gets_one(stage: Stage) -> None:
    """microsoft-graph.md U4."""
    registered(stage, "https://salon.example")
    answer = stage.post(stage.asked(redirect_uri="https://salon.example"), account=ANNA, decision="accept")
    assert answer.headers["Location"].startswith("https://salon.example/?code=")


def test_an_app_without_redirect_uri_says_so(stage: Stage) -> None:
    stage.world.change_client(stage.client["client_id"], redirect_uris=[])
    assert refusal_on_page(stage.page(stage.asked())) == "AADSTS500113"


@pytest.mark.parametrize(
    ("uri", "audience"),
    [
        ("http://salon.example/callback", "AzureADMyOrg"),  # U1
        ("https://salon.example/callback!", "AzureADMyOrg"),  # U2
        (f"https://salon.example/{'a' * 256}", "AzureADMyOrg"),  # U2
        ("https://salon.example/callback?a=b", "AzureADandPersonalMicrosoftAccount"),  # U5
        ("https://*.salon.example/callback", "AzureADMultipleOrgs"),  # U5
    ],
)
def test_the_portal_refuses_redirect_uris_that_break_its_rules(stage: Stage, uri: str, audience: str) -> None:
    before = dict(stage.world.clients)
    with pytest.raises(ValueError, match=r"\(U\d\)"):
        stage.world.add_client([uri], audience=audience)
    assert stage.world.clients == before


@pytest.mark.parametrize(
    ("audience", "path", "code"),
    [
        ("AzureADMyOrg", "common", "AADSTS50194"),
        ("AzureADMyOrg", "organizations", "AADSTS50194"),
        ("AzureADMyOrg", "other.example", "AADSTS700016"),
        ("AzureADMultipleOrgs", "consumers", "AADSTS9002332"),
        ("PersonalMicrosoftAccount", "common", "AADSTS9002331"),
        ("PersonalMicrosoftAccount", "salon.example", "AADSTS9002331"),
        ("AzureADMultipleOrgs", "nobody.example", "AADSTS90002"),
    ],
)
def test_the_tenant_path_must_agree_with_the_audience(
    stage: Stage, audience: str, path: str, code: str
) -> None:
    """microsoft-graph.md H2."""
    stage.world.tenant_of("other.example")
    registered(stage, audience=audience)
    stage.tenant = path
    assert refusal_on_page(stage.page(stage.asked())) == code
    assert refused(stage.token(grant_type="refresh_token"))[2] == int(code.removeprefix("AADSTS"))


@pytest.mark.parametrize(
    ("audience", "path", "account", "code"),
    [
        ("AzureADMyOrg", "salon.example", EVE, "AADSTS50020"),
        ("AzureADMultipleOrgs", "common", EVE, "AADSTS50020"),
        ("AzureADandPersonalMicrosoftAccount", "organizations", EVE, "AADSTS50020"),
        ("AzureADandPersonalMicrosoftAccount", "other.example", ANNA, "AADSTS50020"),
        ("AzureADandPersonalMicrosoftAccount", "consumers", ANNA, "AADSTS50034"),
    ],
)
def test_an_account_from_elsewhere_is_not_let_in(
    stage: Stage, audience: str, path: str, account: str, code: str
) -> None:
    stage.world.tenant_of("other.example")
    registered(stage, audience=audience)
    stage.tenant = path
    assert refusal_on_page(stage.post(stage.asked(), account=account)) == code


def test_where_only_an_admin_may_agree_the_person_reads_so_and_can_go_back(stage: Stage) -> None:
    """microsoft-graph.md M6, 90094."""
    stage.world.change_client(stage.client["client_id"], admin_consent_needed=True)
    answer = stage.post(stage.asked(), account=ANNA)
    assert refusal_on_page(answer) == "AADSTS90094"
    assert callback(stage.post(stage.asked(), decision="cancel"))["error"] == "access_denied"
    agreed = stage.post(
        f"{stage.url}/salon.example/adminconsent?client_id={stage.client['client_id']}"
        f"&redirect_uri={CALLBACK}&state=s2"
    )
    assert callback(agreed)["admin_consent"] == "True"
    assert "code" in callback(stage.post(stage.asked(), account=ANNA))


@pytest.mark.parametrize("name", [name for name, row in REFUSALS.items() if row.stops_sign_in])
def test_what_a_sign_in_cannot_cure_is_met_at_the_page(stage: Stage, name: str) -> None:
    stage.world.change_person(ANNA, refusal=name)
    assert refusal_on_page(stage.post(stage.asked(), account=ANNA)) == f"AADSTS{REFUSALS[name].aadsts}"


# Codes


def test_a_code_is_good_once_and_for_ten_minutes(stage: Stage) -> None:
    """microsoft-graph.md C2."""
    code = stage.code()
    assert stage.redeemed(code).ok
    assert refused(stage.redeemed(code)) == (400, "invalid_grant", 54005)
    late = stage.code()
    stage.world.advance(timedelta(minutes=10))
    assert refused(stage.redeemed(late)) == (400, "invalid_grant", 70008)
    assert refused(stage.redeemed("nonsense")) == (400, "invalid_grant", 70000)


def test_a_code_is_redeemed_where_it_came_from(stage: Stage) -> None:
    """microsoft-graph.md H3."""
    code = stage.code()
    elsewhere = stage.redeemed(code, tenant="salon.example")
    assert refused(elsewhere) == (400, "invalid_grant", 700005)
    assert refused(stage.redeemed(code, redirect_uri=f"{CALLBACK}x"))[2] == 500112
    assert stage.redeemed(code).ok


def test_a_code_needs_its_verifier(stage: Stage) -> None:
    """microsoft-graph.md C1: PKCE, S256 (the example of RFC 7636)."""
    challenge = {
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    code = stage.code(**challenge)
    assert refused(stage.redeemed(code))[2] == 501481
    assert refused(stage.redeemed(code, code_verifier="x" * 43))[2] == 501481
    assert stage.redeemed(code, code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").ok
    without = stage.code()
    assert refused(stage.redeemed(without, code_verifier="x" * 43))[2] == 501481


def test_the_scopes_of_a_code_cannot_grow(stage: Stage) -> None:
    code = stage.code(scope="User.Read openid")
    assert refused(stage.redeemed(code, scope="Calendars.ReadWrite")) == (400, "invalid_scope", 70011)


def test_anothers_code_or_refresh_token_is_worth_nothing(stage: Stage) -> None:
    code, tokens = stage.code(), stage.signed_in(BEN)
    registered(stage)
    assert refused(stage.redeemed(code))[2] == 70000
    assert refused(stage.refreshed(tokens["refresh_token"]))[2] == 70000


# Clients


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": None}, (401, "invalid_client", 7000218)),
        ({"client_id": None}, (400, "invalid_request", 900144)),
        ({"client_id": "unknown"}, (400, "unauthorized_client", 700016)),
        ({"grant_type": None}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
        ({"refresh_token": None}, (400, "invalid_request", 900144)),
        ({"refresh_token": "nonsense"}, (400, "invalid_grant", 70000)),
        ({"scope": "Calendars.Nothing"}, (400, "invalid_scope", 70011)),
        ({"access_type": "offline"}, (400, "invalid_request", 9002313)),
    ],
)
def test_a_token_request_is_refused_with_its_code(
    stage: Stage, form: dict[str, str | None], expected: tuple[int, str, int]
) -> None:
    refresh = stage.signed_in()["refresh_token"]
    asked: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": refresh, **form}
    assert refused(stage.token(**asked)) == expected


def test_the_id_of_a_secret_is_not_its_value(stage: Stage) -> None:
    """microsoft-graph.md M1."""
    answer = stage.token(grant_type="refresh_token", client_secret=stage.client["secret_id"])
    assert refused(answer) == (401, "invalid_client", 7000215)


def test_an_expired_secret_is_told_apart_from_a_wrong_one(stage: Stage) -> None:
    """microsoft-graph.md M2."""
    stage.world.end_secrets(stage.client["client_id"])
    assert refused(stage.token(grant_type="refresh_token")) == (401, "invalid_client", 7000222)


def test_a_public_client_sends_no_secret(stage: Stage) -> None:
    """microsoft-graph.md M5."""
    registered(stage, platform="public")
    code = stage.code()
    assert refused(stage.redeemed(code)) == (401, "invalid_client", 700025)
    assert stage.redeemed(code, client_secret=None).ok


def test_a_single_page_apps_tokens_die_after_a_day_however_often_they_are_used(stage: Stage) -> None:
    """microsoft-graph.md M5, T1, 700084."""
    registered(stage, platform="spa")
    assert refusal_on_page(stage.page(stage.asked())) == "AADSTS9002325"  # PKCE is a must there
    refresh = stage.world.grant(ANNA, stage.client["client_id"], [*SCOPES, "offline_access"])["refresh_token"]
    stage.world.advance(timedelta(hours=20))
    refresh = stage.refreshed(refresh).json()["refresh_token"]
    stage.world.advance(timedelta(hours=4))
    assert refused(stage.refreshed(refresh)) == (400, "invalid_grant", 700084)


# Refresh tokens


@pytest.mark.parametrize("name", list(REFUSALS))
def test_every_row_can_befall_a_person_and_a_client_on_demand(stage: Stage, name: str) -> None:
    """microsoft-graph.md §5."""
    row = REFUSALS[name]
    refresh = stage.signed_in()["refresh_token"]
    stage.world.change_person(ANNA, refusal=name)
    assert refused(stage.refreshed(refresh)) == (row.status, row.error, row.aadsts)
    stage.world.change_person(ANNA, refusal="")
    stage.world.change_client(stage.client["client_id"], refusal=name)
    answer = stage.refreshed(refresh)
    assert refused(answer) == (row.status, row.error, row.aadsts)
    assert answer.json().get("suberror", "") == row.suberror
    stage.world.change_client(stage.client["client_id"], refusal="")
    assert stage.refreshed(refresh).ok


def test_a_refusal_has_the_documented_members(stage: Stage) -> None:
    asked = "11111111-2222-3333-4444-555555555555"
    stage.http.headers["client-request-id"] = asked
    body = stage.token(grant_type="refresh_token", client_secret="wrong").json()
    assert set(body) == {
        *("error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri")
    }
    assert body["error_description"].startswith("AADSTS7000215: Invalid client secret provided.")
    assert body["timestamp"] == "2026-11-02 12:00:00Z"
    assert body["correlation_id"] == asked


def test_missing_mfa_is_named_either_way(stage: Stage) -> None:
    """microsoft-graph.md T4."""
    refresh = stage.signed_in()["refresh_token"]
    stage.world.change_person(ANNA, refusal="mfa")
    answer = stage.refreshed(refresh)
    assert refused(answer)[1] == "interaction_required"
    assert "access_token" in json.loads(answer.json()["claims"])
    stage.world.set_switches(policy_error="invalid_grant", names_suberrors=False)
    answer = stage.refreshed(refresh)
    assert refused(answer)[1] == "invalid_grant"
    assert "suberror" not in answer.json()


def test_a_fresh_sign_in_cures_what_it_can(stage: Stage) -> None:
    stage.world.change_person(ANNA, refusal="mfa")
    assert stage.refreshed(stage.signed_in()["refresh_token"]).ok


def test_revoked_sessions_end_the_tokens_there_are_and_not_the_next(stage: Stage) -> None:
    """microsoft-graph.md T3."""
    refresh = stage.signed_in()["refresh_token"]
    stage.world.revoke_sessions(ANNA)
    assert not stage.world.is_let_in(ANNA)
    assert refused(stage.refreshed(refresh)) == (400, "invalid_grant", 50173)
    assert stage.refreshed(stage.signed_in()["refresh_token"]).ok


def test_withdrawn_consent_asks_for_consent_again(stage: Stage) -> None:
    refresh = stage.signed_in()["refresh_token"]
    stage.world.withdraw_consent(ANNA)
    assert not stage.world.is_let_in(ANNA)
    answer = stage.refreshed(refresh)
    assert refused(answer) == (400, "invalid_grant", 65001)
    assert answer.json()["suberror"] == "consent_required"
    assert "Permissions requested" in stage.post(stage.asked(), account=ANNA).text


def test_a_removed_account_is_unknown(stage: Stage) -> None:
    refresh = stage.signed_in()["refresh_token"]
    stage.world.remove_person(ANNA)
    assert refused(stage.refreshed(refresh)) == (400, "invalid_grant", 50034)


def test_who_is_throttled_is_told_how_long_to_wait(stage: Stage) -> None:
    stage.world.change_client(stage.client["client_id"], refusal="throttled")
    answer = stage.refreshed("anything")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")


def test_msal_gives_the_refusal_back_as_it_was_answered(stage: Stage) -> None:
    """microsoft-graph.md P10, P13: a dict with the code; an exception for a failing server."""
    app = stage.msal()
    app.acquire_token_by_refresh_token(stage.signed_in()["refresh_token"], SCOPES)
    (account,) = app.get_accounts()
    stage.world.revoke_sessions(ANNA)
    answer = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [50173])
    stage.world.change_person(ANNA, refusal="server_error")
    fresh = stage.msal(token_cache=app.token_cache)
    stage.world.refresh_tokens.clear()
    refresh = stage.world.grant(ANNA, stage.client["client_id"], [*SCOPES, "offline_access"])
    with pytest.raises(msal.exceptions.MsalServiceError):
        fresh.acquire_token_by_refresh_token(refresh["refresh_token"], SCOPES)


# Access tokens


def test_an_access_token_outlives_a_revocation_unless_the_tenant_evaluates_continuously(stage: Stage) -> None:
    token = stage.signed_in()["access_token"]
    stage.world.revoke_sessions(ANNA)
    assert bearer(stage.world, f"Bearer {token}").oid == stage.world.person(ANNA).oid
    stage.world.set_switches(revoking_ends_access_tokens=True)
    stage.world.revoke_sessions(ANNA)
    with pytest.raises(GraphError, match="expired"):
        bearer(stage.world, f"Bearer {token}")


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer unknown", "Basic abc"])
def test_what_is_no_access_token_is_refused(stage: Stage, header: str) -> None:
    with pytest.raises(GraphError) as caught:
        bearer(stage.world, header)
    assert (caught.value.status, caught.value.code) == (401, "InvalidAuthenticationToken")


def test_a_claims_challenge_is_answered_by_a_token_asked_for_with_claims(stage: Stage) -> None:
    tokens = stage.signed_in()
    stage.world.change_person(ANNA, claims_challenge='{"access_token":{}}')
    with pytest.raises(GraphError) as caught:
        bearer(stage.world, f"Bearer {tokens['access_token']}")
    assert 'claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="' in caught.value.headers["WWW-Authenticate"]
    renewed = stage.refreshed(tokens["refresh_token"], claims='{"access_token":{}}').json()
    assert bearer(stage.world, f"Bearer {renewed['access_token']}").scopes


# Faults and the control API


def test_faults_strike_the_token_endpoint(stage: Stage) -> None:
    refresh = stage.signed_in()["refresh_token"]
    stage.world.add_fault(
        "status", path="/token", status=503, reason="temporarily_unavailable", aadsts=90033, retry_after_s=7
    )
    answer = stage.refreshed(refresh)
    assert refused(answer) == (503, "temporarily_unavailable", 90033)
    assert answer.headers["Retry-After"] == "7"
    stage.world.add_fault("lost_answer", path="/token")
    before = len(stage.world.refresh_tokens)
    with pytest.raises(requests.ConnectionError):
        stage.refreshed(refresh)
    assert len(stage.world.refresh_tokens) == before + 1
    stage.world.add_fault("garbage", path="/token", status=200)
    assert stage.refreshed(refresh).headers["Content-Type"] == "text/html"
    assert stage.refreshed(refresh).ok


def test_requests_are_noted_without_their_secrets(stage: Stage) -> None:
    stage.signed_in()
    stage.world.forget_requests()
    stage.refreshed("secret-token")
    (noted,) = stage.world.requests
    assert (noted.method, noted.path, noted.status) == ("POST", "/common/oauth2/v2.0/token", 400)
    assert stage.world.request_counts == {"POST token 400": 1}


def test_the_control_api_does_what_the_world_does(stage: Stage) -> None:
    control = f"{stage.url}/sandbox"
    dana = stage.http.post(f"{control}/persons", json={"email": "dana@salon.example"}).json()
    app = stage.http.post(f"{control}/clients", json={"redirect_uris": [CALLBACK]}).json()
    grant = {"who": dana["oid"], "client_id": app["client_id"], "scopes": [*SCOPES, "offline_access"]}
    tokens = stage.http.post(f"{control}/grants", json=grant).json()
    stage.client = app
    assert stage.refreshed(tokens["refresh_token"]).ok
    stage.http.post(f"{control}/persons/dana@salon.example/revoke", json={"reason": "sign_in_frequency"})
    assert refused(stage.refreshed(tokens["refresh_token"]))[2] == 70043
    newer = stage.http.post(f"{control}/clients/{app['client_id']}/secrets", json={"keep_old": False}).json()
    assert refused(stage.refreshed("x"))[2] == 7000215
    assert refused(stage.refreshed("x", client_secret=newer["secret"]))[2] == 70000
    stage.http.post(f"{control}/clients/{app['client_id']}/end-secrets")
    assert refused(stage.refreshed("x", client_secret=newer["secret"]))[2] == 7000222
    world = stage.http.get(f"{control}/world").json()
    assert "dana@salon.example" in [person["email"] for person in world["persons"]]


def test_the_control_api_names_what_it_does_not_know(stage: Stage) -> None:
    control = f"{stage.url}/sandbox"
    wrong = stage.http.patch(f"{control}/persons/{ANNA}", json={"refusal": "unheard of"})
    assert (wrong.status_code, "A refusal is one of" in wrong.text) == (400, True)
    assert stage.http.patch(f"{control}/persons/{ANNA}", json={"oid": "x"}).status_code == 400
    assert stage.http.delete(f"{control}/persons/nobody@salon.example").status_code == 404
    assert stage.http.patch(f"{control}/switches", json={"nonsense": True}).status_code == 400
    assert stage.http.post(f"{control}/persons", data="email=x").status_code == 415


def test_the_clock_is_moved_and_frozen_from_outside(stage: Stage) -> None:
    moved = stage.http.post(f"{stage.url}/sandbox/clock", json={"advance_s": 60}).json()
    assert moved["now"] == stage.world.now()
    stood = stage.http.post(f"{stage.url}/sandbox/clock", json={"freeze": "2030-01-01T00:00:00+00:00"}).json()
    assert stood["now"] == 1893456000
