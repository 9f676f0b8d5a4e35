"""The sandbox Microsoft's sign-in, driven by the real MSAL: microsoft-graph.md §2-§4, §6."""

import base64
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from latesync.sandbox.microsoft import MicrosoftWorld
from latesync.sandbox.microsoft.persons import PERSONAL_TENANT
from latesync.sandbox.microsoft.scopes import read_scopes

from .identity_stage import (
    ALL_SCOPES,
    ANNA,
    BEN,
    CALLBACK,
    EVE,
    SCOPES,
    Stage,
    callback,
    refused,
    staged,
)

pytestmark = pytest.mark.filterwarnings("ignore:response_mode='form_post'")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


@pytest.fixture(params=["http", "https"])
def either(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(tmp_path, tls=request.param == "https") as made:
        yield made


def signed_in(stage: Stage, account: str = ANNA) -> tuple[Any, dict[str, Any]]:
    """MSAL's own flow, from the first address to the tokens."""
    app = stage.msal()
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=CALLBACK)
    page = flow["auth_uri"].replace("https://login.microsoftonline.com", stage.url)
    return app, app.acquire_token_by_auth_code_flow(flow, stage.accepted(page, account))


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_msal_signs_a_person_in_with_pkce_and_refreshes_with_rotation(either: Stage) -> None:
    app, tokens = signed_in(either)
    anna = either.world.person(ANNA)
    assert tokens.get("error_description") is None
    assert tokens["id_token_claims"]["oid"] == anna.oid
    (account,) = app.get_accounts()
    assert account["home_account_id"] == f"{anna.oid}.{anna.tid}"
    assert account["username"] == ANNA
    either.world.advance(timedelta(hours=2))
    again = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
    assert again["access_token"] not in ("", tokens["access_token"])
    assert len(either.world.refresh_tokens) == 2


def test_a_plain_http_client_finds_nobody_behind_tls(tmp_path: Path) -> None:
    with staged(tmp_path, tls=True) as stage, pytest.raises(requests.ConnectionError):
        stage.http.get(stage.url.replace("https", "http"))


def test_a_silent_visitor_keeps_nobody_out_of_a_server_with_tls(tmp_path: Path) -> None:
    with staged(tmp_path, tls=True) as stage:
        port = int(stage.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            assert stage.http.get(f"{stage.url}/", timeout=10).ok


def test_tls_of_a_sandbox_is_not_believed_without_its_certificate(tmp_path: Path) -> None:
    with staged(tmp_path, tls=True) as stage:
        stage.http.verify = True
        with pytest.raises(requests.exceptions.SSLError):
            stage.http.get(stage.url)


def test_the_configuration_may_name_a_page_elsewhere_over_plain_http(stage: Stage) -> None:
    stage.world.page_url = "http://localhost:1"
    found = stage.http.get(f"{stage.url}/organizations/v2.0/.well-known/openid-configuration").json()
    assert found["authorization_endpoint"] == "http://localhost:1/organizations/oauth2/v2.0/authorize"
    assert found["token_endpoint"] == f"{stage.url}/organizations/oauth2/v2.0/token"
    assert found["issuer"] == f"{stage.url}/{{tenantid}}/v2.0"


def test_a_tenant_is_known_by_its_domain_and_its_id(stage: Stage) -> None:
    tid = stage.world.tenants["salon.example"]
    for path in ("salon.example", tid):
        found = stage.http.get(f"{stage.url}/{path}/v2.0/.well-known/openid-configuration").json()
        assert found["issuer"] == f"{stage.url}/{tid}/v2.0"
    stranger = stage.http.get(f"{stage.url}/nobody.example/v2.0/.well-known/openid-configuration")
    assert refused(stranger) == (400, "invalid_tenant", 90002)


def test_a_person_picks_an_account_reads_what_is_asked_and_accepts(stage: Stage) -> None:
    url = stage.asked()
    chooser = stage.page(url).text
    assert [email in chooser for email in (ANNA, BEN, EVE)] == [True, True, True]
    consent = stage.post(url, account=BEN).text
    assert "Have full access to your calendars" in consent
    assert stage.accepted(url, BEN)["state"] == "s1"
    # Consent is given: the second time nothing is asked.
    assert "code" in callback(stage.post(url, account=BEN))


def test_a_login_hint_leads_past_the_list_of_accounts(stage: Stage) -> None:
    assert "Permissions requested" in stage.page(stage.asked(login_hint=BEN)).text
    chooser = stage.page(stage.asked(login_hint=BEN, prompt="select_account")).text
    assert "Pick an account" in chooser


def test_consent_is_asked_for_again_on_demand(stage: Stage) -> None:
    stage.code()
    again = stage.post(stage.asked(prompt="consent"), account=ANNA)
    assert "Permissions requested" in again.text


@pytest.mark.parametrize("account", [ANNA, ""])
def test_whoever_cancels_goes_back_with_access_denied(stage: Stage, account: str) -> None:
    """microsoft-graph.md C6."""
    answer = callback(stage.post(stage.asked(), account=account, decision="cancel"))
    assert (answer["error"], answer["error_subcode"], answer["state"]) == ("access_denied", "cancel", "s1")
    assert answer["error_description"].startswith("AADSTS65004: ")


def test_a_silent_request_is_answered_by_who_is_known_and_has_agreed(stage: Stage) -> None:
    silent = {"prompt": "none", "login_hint": ANNA}
    assert callback(stage.page(stage.asked(**silent)))["error_description"].startswith("AADSTS65001")
    stage.code()
    assert "code" in callback(stage.page(stage.asked(**silent)))
    assert callback(stage.page(stage.asked(prompt="none")))["error"] == "login_required"


def test_automatic_consent_needs_no_page(stage: Stage) -> None:
    stage.world.set_switches(auto_consent=True)
    assert "code" in callback(stage.page(stage.asked(login_hint=BEN)))
    stage.world.change_person(BEN, declines=True)
    assert callback(stage.page(stage.asked(login_hint=BEN)))["error"] == "access_denied"


def test_form_post_brings_the_answer_in_a_form(stage: Stage) -> None:
    answer = stage.post(stage.asked(response_mode="form_post"), account=ANNA, decision="accept")
    assert answer.status_code == 200
    assert f'<form method="post" action="{CALLBACK}">' in answer.text
    assert 'name="code" value="0.A' in answer.text
    assert 'name="state" value="s1"' in answer.text


def test_the_answer_says_who_and_for_how_long_but_not_offline_access(stage: Stage) -> None:
    answer = stage.redeemed(stage.code(nonce="n1"), client_info="1").json()
    anna = stage.world.person(ANNA)
    assert 3600 <= answer["expires_in"] < 5400
    assert set(answer["scope"].split()) == {*SCOPES, "openid", "profile", "email"}
    assert json.loads(decoded(answer["client_info"])) == {"uid": anna.oid, "utid": anna.tid}
    claims = json.loads(decoded(answer["id_token"].split(".")[1]))
    assert claims["aud"] == stage.client["client_id"]
    assert (claims["tid"], claims["oid"], claims["nonce"]) == (anna.tid, anna.oid, "n1")
    assert claims["preferred_username"] == ANNA
    assert claims["iss"] == f"{stage.url}/{anna.tid}/v2.0"


def test_the_id_token_is_signed_with_the_published_key(stage: Stage) -> None:
    signed = stage.signed_in()["id_token"]
    (key,) = stage.http.get(f"{stage.url}/common/discovery/v2.0/keys").json()["keys"]
    modulus, exponent = (int.from_bytes(decoded(key[part]), "big") for part in ("n", "e"))
    text, _, signature = signed.rpartition(".")
    public = RSAPublicNumbers(exponent, modulus).public_key()
    public.verify(decoded(signature), text.encode(), PKCS1v15(), SHA256())


def test_scopes_may_be_named_in_full_and_more_may_come_back(stage: Stage) -> None:
    """microsoft-graph.md C4."""
    stage.world.set_switches(full_scope_names=True)
    asked = "https://graph.microsoft.com/calendars.readwrite openid"
    answer = stage.redeemed(stage.code(scope=asked)).json()
    assert "https://graph.microsoft.com/Calendars.ReadWrite" in answer["scope"].split()
    assert "refresh_token" not in answer


def test_a_client_may_be_given_less_than_it_asked_for(stage: Stage) -> None:
    stage.world.change_client(stage.client["client_id"], withheld=["Calendars.ReadWrite"])
    assert "Calendars.ReadWrite" not in stage.signed_in()["scope"]


def test_a_personal_account_has_its_own_tenant_and_an_opaque_token(stage: Stage) -> None:
    """microsoft-graph.md H4, C7."""
    answer = stage.redeemed(stage.code(EVE)).json()
    assert json.loads(decoded(answer["id_token"].split(".")[1]))["tid"] == PERSONAL_TENANT
    assert answer["access_token"].count(".") == 0
    assert stage.signed_in(ANNA)["access_token"].count(".") == 2


def test_a_client_may_show_its_secret_in_a_header(stage: Stage) -> None:
    pair = f"{stage.client['client_id']}:{stage.client['secret']}".encode()
    stage.http.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    assert stage.redeemed(stage.code(), client_id=None, client_secret=None).ok


def test_every_refresh_brings_a_new_refresh_token_and_the_old_one_goes_on(stage: Stage) -> None:
    """microsoft-graph.md T1."""
    first = stage.signed_in()["refresh_token"]
    second = stage.refreshed(first).json()["refresh_token"]
    third = stage.refreshed(first).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert stage.refreshed(second).ok


def test_a_refresh_token_lives_ninety_days_and_each_use_begins_anew(stage: Stage) -> None:
    """microsoft-graph.md T2."""
    first = stage.signed_in()["refresh_token"]
    stage.world.advance(timedelta(days=89))
    second = stage.refreshed(first).json()["refresh_token"]
    stage.world.advance(timedelta(days=89))
    assert stage.refreshed(second).ok
    assert refused(stage.refreshed(first)) == (400, "invalid_grant", 700082)


def test_what_is_kept_in_a_file_goes_on_where_it_was(stage: Stage, tmp_path: Path) -> None:
    tokens = stage.signed_in()
    stage.world.save_after_changes(tmp_path / "world.json")
    stage.world.change_person(BEN, refusal="mfa")
    loaded = MicrosoftWorld.load(tmp_path / "world.json")
    assert loaded.persons.keys() == stage.world.persons.keys()
    assert loaded.person(BEN).refusal == "mfa"
    assert loaded.is_let_in(ANNA)
    assert not loaded.is_let_in(EVE)
    assert loaded.access_tokens[tokens["access_token"]].oid == stage.world.person(ANNA).oid
    assert loaded.client_json(stage.client["client_id"]) == stage.client


def test_several_secrets_hold_side_by_side_until_each_ends(stage: Stage) -> None:
    """microsoft-graph.md M3: tokens survive a change of the secret."""
    refresh = stage.signed_in()["refresh_token"]
    newer = stage.world.add_secret(stage.client["client_id"], days=400)
    assert stage.refreshed(refresh).ok
    assert stage.refreshed(refresh, client_secret=newer["secret"]).ok
    stage.world.advance(timedelta(days=50))
    refresh = stage.refreshed(refresh, client_secret=newer["secret"]).json()["refresh_token"]
    stage.world.set_switches(refresh_token_life_s=1e9)
    stage.world.advance(timedelta(days=200))
    assert refused(stage.refreshed(refresh)) == (401, "invalid_client", 7000222)
    assert stage.refreshed(refresh, client_secret=newer["secret"]).ok


def test_scopes_of_the_whole_sign_in_are_known() -> None:
    assert read_scopes(" ".join(ALL_SCOPES)) == ALL_SCOPES
