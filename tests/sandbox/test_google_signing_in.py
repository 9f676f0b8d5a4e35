"""The sign-in pages and the code exchange, driven by google_auth_oauthlib: google-calendar.md §3, §4, §7."""

import base64
import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from .conftest import ANNA, BEN, CALENDAR, CALLBACK, Google

EMAIL = "https://www.googleapis.com/auth/userinfo.email"
SCOPES = [CALENDAR, "openid", EMAIL]


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")


def a_flow(google: Google, scopes: list[str] | None = None) -> Any:
    config = google.world.client_json(google.client["client_id"])
    return Flow.from_client_config(config, scopes=scopes or SCOPES, redirect_uri=CALLBACK)


def asked(flow: Any, **parameters: str) -> str:
    return str(flow.authorization_url(**{"prompt": "consent", **parameters})[0])


def answered(url: str, **fields: Any) -> dict[str, str]:
    """Post the consent page; the callback's parameters."""
    response = requests.post(url, data=fields, allow_redirects=False, timeout=10)
    assert response.status_code == 302, response.text
    assert response.headers["Location"].startswith(CALLBACK)
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


def allowed(flow: Any, email: str = ANNA, scope: str | None = CALENDAR, **parameters: str) -> dict[str, Any]:
    """Sign in and exchange the code."""
    fields = {"account": email, "decision": "allow", **({"scope": scope} if scope else {})}
    return dict(flow.fetch_token(code=answered(asked(flow, **parameters), **fields)["code"]))


def page(url: str) -> requests.Response:
    return requests.get(url, allow_redirects=False, timeout=10)


class Inputs(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "button"):
            self.found.append(dict(attrs))


def test_a_person_chooses_an_account_sees_what_is_asked_and_continues(google: Google) -> None:
    flow = a_flow(google)
    chooser = page(asked(flow))
    accounts = [field["value"] for field in Inputs(chooser.text).found if field.get("name") == "account"]
    assert accounts == [ANNA, BEN]
    consent = requests.post(asked(flow), data={"account": BEN}, timeout=10)
    boxes = [field for field in Inputs(consent.text).found if field.get("type") == "checkbox"]
    assert [(box["value"], "checked" in box) for box in boxes] == [(CALENDAR, True)]
    tokens = allowed(flow, BEN)
    assert set(tokens["scope"]) == set(SCOPES)
    assert tokens["token_type"] == "Bearer"
    who = requests.get(
        f"{google.server.url}/userinfo",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=10,
    )
    assert who.json() == {"sub": google.world.user(BEN).sub, "email": BEN, "email_verified": True}


def test_a_login_hint_opens_the_consent_page_at_once(google: Google) -> None:
    assert "ben@example.test" in page(asked(a_flow(google), login_hint=BEN)).text


def test_cancelling_comes_back_as_access_denied(google: Google) -> None:
    callback = answered(asked(a_flow(google), state="s1"), account=ANNA, decision="cancel")
    assert callback == {"error": "access_denied", "state": "s1"}


def test_an_unticked_permission_is_missing_from_the_scope(google: Google) -> None:
    tokens = allowed(a_flow(google), scope=None)
    assert set(tokens["scope"]) == {"openid", EMAIL}


def test_a_single_permission_has_no_box(google: Google) -> None:
    flow = a_flow(google, [CALENDAR])
    consent = page(asked(flow, login_hint=ANNA))
    assert not [field for field in Inputs(consent.text).found if field.get("type") == "checkbox"]
    assert allowed(flow, scope=None)["scope"] == [CALENDAR]


def test_automatic_consent_redirects_straight_back(google: Google) -> None:
    google.world.set_switches(auto_consent=True)
    google.world.change_user(BEN, declines=True)
    assert "code=" in page(asked(a_flow(google), login_hint=ANNA)).headers["Location"]
    assert "error=access_denied" in page(asked(a_flow(google), login_hint=BEN)).headers["Location"]


def test_a_refresh_token_comes_with_a_shown_consent_page_only(google: Google) -> None:
    assert "refresh_token" not in allowed(a_flow(google), access_type="online")
    assert "refresh_token" in allowed(a_flow(google))
    silent = page(asked(a_flow(google), prompt="none", login_hint=ANNA)).headers["Location"]
    assert "code=" in silent
    google.world.set_switches(auto_consent=True)
    flow = a_flow(google)
    code = parse_qs(
        urlsplit(page(asked(flow, prompt="select_account", login_hint=ANNA)).headers["Location"]).query
    )
    assert "refresh_token" not in flow.fetch_token(code=code["code"][0])


def test_granted_scopes_are_included_on_request(google: Google) -> None:
    allowed(a_flow(google))
    tokens = allowed(a_flow(google, ["openid", EMAIL]), include_granted_scopes="true")
    assert set(tokens["scope"]) == set(SCOPES)


def test_a_code_works_once_soon_and_with_its_verifier(google: Google) -> None:
    flow = a_flow(google)
    fields = {"account": ANNA, "decision": "allow", "scope": CALENDAR}
    code = answered(asked(flow), **fields)["code"]
    with pytest.raises(InvalidGrantError, match="Missing code verifier"):
        a_flow(google).fetch_token(code=code)
    flow.fetch_token(code=code)
    with pytest.raises(InvalidGrantError, match="Bad Request"):
        flow.fetch_token(code=code)
    late = a_flow(google)
    code = answered(asked(late), **fields)["code"]
    with pytest.raises(InvalidGrantError, match="Malformed auth code"):
        late.fetch_token(code="4/invented")
    google.world.clock.advance(timedelta(hours=1))
    with pytest.raises(InvalidGrantError, match="Bad Request"):
        late.fetch_token(code=code)


@pytest.mark.parametrize(
    ("settings", "change", "error"),
    [
        ({}, {"redirect_uri": "http://localhost:8080/other"}, "Error 400: redirect_uri_mismatch"),
        ({}, {"client_id": "unknown"}, "Error 401: invalid_client"),
        ({}, {"scope": "https://www.googleapis.com/auth/nonsense"}, "Error 400: invalid_scope"),
        ({}, {"response_type": ""}, "Error 400: invalid_request"),
        ({"deleted": True}, {}, "Error 401: deleted_client"),
        ({"mode": "testing"}, {}, "Error 403: access_denied"),
        ({"mode": "internal", "organisation": "example.org"}, {}, "Error 403: org_internal"),
    ],
)
def test_errors_are_shown_on_googles_page(
    google: Google, settings: dict[str, Any], change: dict[str, str], error: str
) -> None:
    google.world.change_client(google.client["client_id"], **settings)
    address = urlsplit(asked(a_flow(google), login_hint=ANNA))
    query = {name: values[0] for name, values in parse_qs(address.query).items()} | change
    response = requests.get(
        f"{google.server.url}{address.path}", params=query, allow_redirects=False, timeout=10
    )
    assert error in response.text
    assert response.status_code == int(error.split()[1].rstrip(":"))


def test_an_administrator_can_block_the_app(google: Google) -> None:
    google.world.change_user(ANNA, admin_blocks=True)
    assert "admin_policy_enforced" in page(asked(a_flow(google), login_hint=ANNA)).text


def test_a_listed_tester_gets_in_for_seven_days(google: Google) -> None:
    google.world.change_client(google.client["client_id"], mode="testing", test_users=[ANNA])
    tokens = allowed(a_flow(google))
    assert tokens["refresh_token_expires_in"] == 604_799
    assert "hasn't verified this app" in page(asked(a_flow(google), login_hint=ANNA)).text.replace(
        "&#39;", "'"
    )


def test_production_and_internal_apps_have_no_such_field(google: Google) -> None:
    assert "refresh_token_expires_in" not in allowed(a_flow(google))


def test_an_id_token_is_signed_and_names_the_account(google: Google) -> None:
    token = allowed(a_flow(google))["id_token"]
    signed, _, signature = token.rpartition(".")
    [key] = requests.get(f"{google.server.url}/oauth2/v3/certs", timeout=10).json()["keys"]
    public = RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    public.verify(decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    claims = json.loads(decoded(signed.split(".")[1]))
    assert (claims["sub"], claims["email"], claims["aud"]) == (
        google.world.user(ANNA).sub,
        ANNA,
        google.client["client_id"],
    )


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text: str) -> int:
    return int.from_bytes(decoded(text), "big")
