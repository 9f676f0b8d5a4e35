"""Signing in with MSAL itself: at the stand-in, and at a token endpoint that says odd things."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latesync.consent.microsoft_answers import REFUSAL_CODES
from latesync.consent.microsoft_app import CALENDAR_SCOPE, SCOPES, MsalApps
from latesync.consent.microsoft_sign_in import begin, finish, refusal_of
from latesync.consent.oauth_client import OAuthClient
from latesync.consent.providers import Consent, SignInReturn, SignInStart
from latesync.errors import SignInRefused
from latesync.providers.microsoft.endpoints import microsoft_endpoints
from latesync.sandbox.microsoft.persons import PERSONAL_TENANT
from latesync.sandbox.tls import Certificate
from tests.consent.microsoft import CALLBACK, DANA, NOW, Microsoft, microsoft_standing_in
from tests.consent.odd_microsoft import TOKEN, Answer, odd_microsoft

ANNA = "anna@outlook.example"


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(SignInRefused) as caught:
        act()
    assert caught.value.code in REFUSAL_CODES
    return caught.value.code, caught.value.detail


class TestBeginning:
    def test_the_address_asks_for_everything_a_lasting_consent_needs(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md C1, P5, P6."""
        start = microsoft.start()
        asked = {name: values[0] for name, values in parse_qs(urlsplit(start.url).query).items()}
        assert set(asked["scope"].split()) == {*SCOPES, "openid", "profile", "offline_access"}
        assert asked["state"] == start.state
        assert asked["redirect_uri"] == CALLBACK
        assert asked["response_mode"] == "query"
        assert asked["code_challenge_method"] == "S256"
        assert asked["nonce"]
        assert asked["login_hint"] == DANA
        assert microsoft.client.client_secret not in start.url

    def test_who_is_not_known_yet_is_asked_which_account_is_meant(self, microsoft: Microsoft) -> None:
        asked = parse_qs(urlsplit(microsoft.start(login_hint=None).url).query)
        assert asked["prompt"] == ["select_account"]

    def test_every_start_has_its_own_state_and_verifier(self, microsoft: Microsoft) -> None:
        first, second = microsoft.start(), microsoft.start()
        assert first.state != second.state
        for secret in ("code_verifier", "nonce"):
            assert json.loads(first.kept)[secret] != json.loads(second.kept)[secret]

    def test_nothing_secret_shows_and_no_address_is_kept(self, microsoft: Microsoft) -> None:
        start = microsoft.start()
        assert start.state not in repr(start)
        assert json.loads(start.kept)["code_verifier"] not in repr(start)
        assert DANA not in start.kept

    def test_nothing_is_asked_of_microsoft_before_the_first_button(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md P1."""
        assert not microsoft.world.requests
        microsoft.start()
        microsoft.start()
        assert len(microsoft.world.requests) == 1

    def test_unknown_tenant_is_the_admin_s_trouble(self, microsoft: Microsoft) -> None:
        wrong = replace(microsoft.client, tenant="11111111-2222-3333-4444-555555555555")
        assert refusal(lambda: microsoft.start(wrong)) == ("client_rejected", "AADSTS90002")

    @pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
    def test_microsoft_out_of_reach_is_nobody_s_fault_and_works_later(
        self, microsoft: Microsoft, kind: str
    ) -> None:
        microsoft.world.add_fault(kind, path="openid-configuration", status=503, times=None)
        assert refusal(microsoft.start)[0] == "provider_unavailable"
        microsoft.world.clear_faults()
        assert microsoft.start().url


class TestFinishing:
    def test_a_sign_in_tells_who_and_what(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md H5: the key is oid and tid, never an address."""
        consent = microsoft.sign_in()
        assert consent.subject == f"{microsoft.person.oid}.{microsoft.person.tid}"
        assert consent.email == DANA
        assert set(consent.scopes) == set(SCOPES)
        assert consent.consented_at == NOW
        assert consent.ends_at is None
        assert consent.ends_when_idle
        assert consent.refresh_token in microsoft.world.refresh_tokens
        assert consent.access_token in microsoft.world.access_tokens
        assert consent.refresh_token not in repr(consent)
        assert consent.access_token not in repr(consent)

    @pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
    def test_over_tls_with_a_certificate_of_the_stand_in_s_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """microsoft-graph.md P3, P4: whatever the environment says of certificates."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
        with microsoft_standing_in(Certificate()) as standing:
            start = standing.start()
            assert start.url.startswith(f"{standing.world.base_url}/common/")
            assert standing.finish(start, standing.returned(start)).email == DANA

    def test_a_renamed_person_is_still_the_same(self, microsoft: Microsoft) -> None:
        before = microsoft.sign_in()
        microsoft.world.change_person(DANA, email="dana.linden@contoso.example")
        start = microsoft.start(login_hint=None)
        after = microsoft.finish(start, microsoft.returned(start))
        assert after.subject == before.subject
        assert after.email == "dana.linden@contoso.example"

    def test_personal_account_belongs_to_the_tenant_of_all_of_them(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md H4."""
        anna = microsoft.world.add_person(ANNA, kind="personal", auto_consent=True)
        start = microsoft.start(login_hint=ANNA)
        consent = microsoft.finish(start, microsoft.returned(start))
        assert consent.subject == f"{anna.oid}.{PERSONAL_TENANT}"

    def test_granted_names_in_full_are_as_good(self, microsoft: Microsoft) -> None:
        microsoft.world.set_switches(full_scope_names=True)
        assert set(microsoft.sign_in().scopes) == set(SCOPES)

    def test_without_the_calendar_nothing_is_connected(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md C4."""
        microsoft.world.change_client(microsoft.client.client_id, withheld=["Calendars.ReadWrite"])
        assert refusal(microsoft.sign_in)[0] == "partial_consent"

    def test_without_a_lasting_permission_nothing_is_connected(self, microsoft: Microsoft) -> None:
        microsoft.world.change_client(microsoft.client.client_id, withheld=["offline_access"])
        assert refusal(microsoft.sign_in)[0] == "no_refresh_token"

    def test_a_code_serves_once(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md C2; and MSAL's memory answers nobody (P12)."""
        start = microsoft.start()
        answer = microsoft.returned(start)
        microsoft.finish(start, answer)
        assert refusal(lambda: microsoft.finish(start, answer)) == ("code_used", "AADSTS54005")
        assert microsoft.asked_for_tokens() == 2

    def test_a_code_without_its_verifier_is_worthless(self, microsoft: Microsoft) -> None:
        start, other = microsoft.start(), microsoft.start()
        answer = microsoft.returned(start)
        kept = json.loads(start.kept) | {"code_verifier": json.loads(other.kept)["code_verifier"]}
        stolen = SignInStart(start.url, start.state, json.dumps(kept))
        assert refusal(lambda: microsoft.finish(stolen, answer))[0] == "code_used"

    def test_another_sign_in_s_state_is_refused_before_anybody_is_asked(self, microsoft: Microsoft) -> None:
        start, other = microsoft.start(), microsoft.start()
        answer = microsoft.returned(other)
        assert refusal(lambda: microsoft.finish(start, answer))[0] == "state_unknown"
        assert microsoft.asked_for_tokens() == 0

    def test_another_sign_in_s_nonce_is_refused(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md P7: a token that was meant for another sign-in."""
        start = microsoft.start()
        answer = microsoft.returned(start)
        microsoft.world.codes[answer.code].nonce = "another"
        assert refusal(lambda: microsoft.finish(start, answer)) == ("no_identity", "nonce")

    def test_a_corrected_secret_counts_at_once(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md P12: MSAL would repeat the old refusal for a minute."""
        wrong = replace(microsoft.client, client_secret="wrong")
        start = microsoft.start(wrong)
        answer = microsoft.returned(start)
        assert refusal(lambda: microsoft.finish(start, answer, wrong)) == (
            "client_rejected",
            "AADSTS7000215",
        )
        assert microsoft.finish(start, answer).email == DANA

    def test_a_mended_trouble_is_not_told_once_more(self, microsoft: Microsoft) -> None:
        microsoft.world.end_secrets(microsoft.client.client_id)
        start = microsoft.start()
        answer = microsoft.returned(start)
        assert refusal(lambda: microsoft.finish(start, answer)) == ("client_rejected", "AADSTS7000222")
        for secret in microsoft.world.clients[microsoft.client.client_id].secrets:
            secret.ends_ts = microsoft.world.now() + 1000
        assert microsoft.finish(start, answer).email == DANA

    def test_a_tenant_changed_meanwhile_means_to_begin_anew(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md H3."""
        start = microsoft.start()
        answer = microsoft.returned(start)
        elsewhere = replace(microsoft.client, tenant=microsoft.person.tid)
        assert refusal(lambda: microsoft.finish(start, answer, elsewhere)) == ("code_used", "AADSTS700005")

    def test_a_declined_consent_comes_back_as_a_reason(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md C6."""
        microsoft.world.change_person(DANA, declines=True)
        refused = refusal_of(microsoft.returned(microsoft.start()))
        assert (refused.code, refused.detail) == ("declined", "AADSTS65004")

    @pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
    def test_a_token_endpoint_that_stumbles_can_be_tried_again_later(
        self, microsoft: Microsoft, kind: str
    ) -> None:
        start = microsoft.start()
        answer = microsoft.returned(start)
        rule = {"status": 503, "reason": "temporarily_unavailable", "times": None}
        microsoft.world.add_fault(kind, path="/token", **rule)
        assert refusal(lambda: microsoft.finish(start, answer))[0] == "provider_unavailable"
        microsoft.world.clear_faults()
        assert microsoft.finish(start, answer).email == DANA

    def test_the_log_stays_silent(self, microsoft: Microsoft, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        start = microsoft.start()
        answer = microsoft.returned(start)
        consent = microsoft.finish(start, answer)
        refusal(lambda: microsoft.finish(start, answer))
        shown = "".join(
            record.getMessage() for record in caplog.records if record.name.split(".")[0] != "werkzeug"
        )
        for secret in (
            consent.refresh_token, consent.access_token, microsoft.client.client_secret, DANA, answer.code,
            start.state,
        ):  # fmt: skip
            assert secret not in shown


def signed(**changes: Any) -> str:
    """An id_token with these claims changed; None leaves one out."""
    claims = {
        "aud": "id",
        "iss": "http://127.0.0.1/t-1/v2.0",
        "tid": "t-1",
        "oid": "o-1",
        "preferred_username": DANA,
        "exp": 4_000_000_000,
        **changes,
    }
    shown = {name: value for name, value in claims.items() if value is not None}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(shown).encode()).decode().rstrip('=')}.sig"


def finished(answer: Answer, status: int = 200, claims: dict[str, Any] | None = None) -> Consent:
    """What becomes of a sign-in whose token endpoint says this. claims: of an id_token in it."""
    with odd_microsoft() as odd:
        endpoints = microsoft_endpoints(odd.url)
        apps = MsalApps(endpoints, lambda: NOW)
        client = OAuthClient("id", "secret", "common")
        start = begin(apps, client, redirect_uri=CALLBACK)
        nonce = parse_qs(urlsplit(start.url).query)["nonce"][0]
        if claims is not None and isinstance(answer, dict):
            answer = answer | {"id_token": signed(nonce=nonce, **claims)}
        odd.says(answer, status)
        returned = SignInReturn(start.state, "code")
        return finish(apps, endpoints, client, kept=start.kept, answer=returned, now=NOW)


class TestOddAnswers:
    def test_unknown_fields_and_scopes_do_no_harm(self) -> None:
        more = TOKEN | {"scope": "Mail.Read Calendars.ReadWrite openid", "something_new": {"a": 1}}
        assert finished(more, claims={}).scopes == (CALENDAR_SCOPE,)

    def test_an_answer_without_scopes_means_those_asked_for(self) -> None:
        assert finished({**TOKEN, "scope": None}, claims={}).scopes == SCOPES

    @pytest.mark.parametrize("refresh_token", [None, "", 5])
    def test_without_a_refresh_token_there_is_nothing_to_keep(self, refresh_token: object) -> None:
        answer = {**TOKEN, "refresh_token": refresh_token}
        assert refusal(lambda: finished(answer, claims={}))[0] == "no_refresh_token"

    @pytest.mark.parametrize("answer", ["<html></html>", "", [], [1], "null", 5, {}, {"scope": "x"}])
    def test_what_is_no_token_is_no_sign_in(self, answer: Answer) -> None:
        assert refusal(lambda: finished(answer))[0] == "provider_unavailable"

    @pytest.mark.parametrize(
        ("claims", "why"),
        [
            ({"aud": "another-app"}, "audience"),
            ({"iss": "https://sts.example/t-1/v2.0/x"}, "issuer"),
            ({"iss": "http://127.0.0.1/t-2/v2.0"}, "issuer"),
            ({"tid": None}, "issuer"),
            ({"oid": None}, "oid"),
        ],
    )
    def test_a_token_that_is_not_ours_is_refused(self, claims: dict[str, Any], why: str) -> None:
        """microsoft-graph.md P7: MSAL looks at neither."""
        assert refusal(lambda: finished(TOKEN, claims=claims)) == ("no_identity", why)

    def test_without_an_id_token_nobody_knows_who_it_is(self) -> None:
        assert refusal(lambda: finished(TOKEN)) == ("no_identity", "id_token")

    def test_account_without_an_oid_is_known_as_msal_knows_it(self) -> None:
        """microsoft-graph.md H5, P8."""
        client_info = base64.urlsafe_b64encode(b'{"uid":"u-1","utid":"t-9"}').decode().rstrip("=")
        consent = finished(TOKEN | {"client_info": client_info}, claims={"oid": None})
        assert consent.subject == "u-1.t-9"

    def test_address_may_stand_in_another_claim(self) -> None:
        consent = finished(TOKEN, claims={"preferred_username": None, "email": ANNA})
        assert consent.email == ANNA

    @pytest.mark.parametrize(
        ("number", "error", "code"),
        [
            (54005, "invalid_grant", "code_used"),
            (70008, "invalid_grant", "code_used"),
            (65001, "invalid_grant", "partial_consent"),
            (50020, "invalid_grant", "wrong_organisation"),
            (53003, "interaction_required", "blocked_by_admin"),
            (530032, "access_denied", "blocked_by_admin"),
            (90094, "access_denied", "blocked_by_admin"),
            (65004, "access_denied", "declined"),
            (50011, "invalid_request", "redirect_mismatch"),
            (500112, "invalid_client", "redirect_mismatch"),
            (50194, "invalid_request", "client_rejected"),
            (700016, "unauthorized_client", "client_rejected"),
            (7000215, "invalid_client", "client_rejected"),
            (7000218, "invalid_client", "client_rejected"),
            (7000222, "invalid_client", "client_rejected"),
            (90006, "temporarily_unavailable", "provider_unavailable"),
            (9002313, "invalid_request", "sign_in_failed"),
            (1, "something_new", "sign_in_failed"),
        ],
    )
    def test_every_refusal_has_its_page(self, number: int, error: str, code: str) -> None:
        """microsoft-graph.md §5."""
        body = {"error": error, "error_description": f"AADSTS{number}: Dana", "error_codes": [number]}
        assert refusal(lambda: finished(body, 400)) == (code, f"AADSTS{number}")

    def test_without_a_number_the_error_decides(self) -> None:
        """microsoft-graph.md §5: the numbers may change."""
        body = {"error": "invalid_client", "error_description": "Dana"}
        assert refusal(lambda: finished(body, 401)) == ("client_rejected", "invalid_client")

    def test_a_made_up_error_is_not_repeated(self) -> None:
        refused = refusal_of(SignInReturn("state", error="<script>"))
        assert (refused.code, refused.detail) == ("sign_in_failed", "")

    def test_the_secret_is_not_handed_on_to_where_an_answer_points(self) -> None:
        with odd_microsoft() as odd:
            endpoints = microsoft_endpoints(odd.url)
            apps, client = MsalApps(endpoints, lambda: NOW), OAuthClient("id", "secret", "common")
            start = begin(apps, client, redirect_uri=CALLBACK)
            odd.says("", 307, {"Location": f"{odd.url}/elsewhere"})
            answer = SignInReturn(start.state, "code")
            act = lambda: finish(apps, endpoints, client, kept=start.kept, answer=answer, now=NOW)  # noqa: E731
            assert refusal(act)[0] == "provider_unavailable"
            assert odd.asked == ["/common/oauth2/v2.0/token"]
