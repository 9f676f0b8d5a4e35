"""Whom Google's sign-in pages turn away (google-calendar.md §7, R8, R9).

The rest stands in test_google_signing_in.py.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import requests

from .conftest import ANNA, CALENDAR, CALLBACK, Google

ANDROID_VIEW = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
)
IPHONE_VIEW = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
IPHONE_SAFARI = f"{IPHONE_VIEW} Version/19.0 Safari/604.1"


def page(google: Google, user_agent: str = "", **changes: str) -> requests.Response:
    """The authorization request's page for Anna."""
    query = {
        "client_id": google.client["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": CALENDAR,
        "prompt": "consent",
        "login_hint": ANNA,
    }
    return requests.get(
        f"{google.server.url}/o/oauth2/v2/auth?{urlencode(query | changes)}",
        headers={"User-Agent": user_agent},
        timeout=10,
    )


@pytest.mark.parametrize("user_agent", [ANDROID_VIEW, IPHONE_VIEW])
def test_a_window_inside_an_app_is_turned_away(google: Google, user_agent: str) -> None:
    shown = page(google, user_agent)
    assert (shown.status_code, "Error 403: disallowed_useragent" in shown.text) == (403, True)
    assert page(google, IPHONE_SAFARI).status_code == 200


def test_an_account_under_advanced_protection_gets_into_verified_apps_only(google: Google) -> None:
    google.world.change_user(ANNA, advanced_protection=True)
    assert page(google).status_code == 200
    google.world.change_client(google.client["client_id"], verified=False)
    assert "Error 400: policy_enforced" in page(google).text


def test_the_hundred_and_first_newcomer_of_an_unverified_app_is_turned_away(google: Google) -> None:
    client = google.world.change_client(google.client["client_id"], verified=False)
    client.newcomers = [f"{number}@example.test" for number in range(99)]
    assert page(google).status_code == 200
    client.newcomers = [f"{number}@example.test" for number in range(100)]
    shown = page(google)
    assert shown.status_code == 403
    assert "temporarily disabled for this app" in shown.text
    assert "Error 403" not in shown.text


def test_a_browser_flow_needs_its_origin(google: Google) -> None:
    assert "Error 400: origin_mismatch" in page(google, response_type="token").text
    google.world.change_client(google.client["client_id"], javascript_origins=["http://localhost:8080"])
    assert "origin_mismatch" not in page(google, response_type="token").text


def test_a_new_redirect_uri_is_in_effect_after_a_while(google: Google) -> None:
    google.world.set_switches(settings_take_s=300)
    moved = "http://localhost:8080/moved"
    google.world.change_client(google.client["client_id"], redirect_uris=[moved])
    assert "redirect_uri_mismatch" in page(google, redirect_uri=moved).text
    assert page(google).status_code == 200
    google.world.advance(timedelta(minutes=5))
    assert page(google, redirect_uri=moved).status_code == 200
    assert "redirect_uri_mismatch" in page(google).text


def test_a_new_client_is_in_effect_after_a_while(google: Google) -> None:
    google.world.set_switches(settings_take_s=300)
    made = google.world.add_client([CALLBACK])["web"]["client_id"]
    assert "Error 401: invalid_client" in page(google, client_id=made).text
    google.world.advance(timedelta(minutes=5))
    assert page(google, client_id=made).status_code == 200


def test_a_client_removed_for_good_is_unknown(google: Google) -> None:
    answer = requests.delete(f"{google.server.url}/sandbox/clients/{google.client['client_id']}", timeout=10)
    assert answer.status_code == 200
    assert "Error 401: invalid_client" in page(google).text


@pytest.mark.parametrize(
    ("settings", "way_on"),
    [
        ({"verified": False}, "Go to LateSync (unsafe)"),
        ({"mode": "testing", "test_users": [ANNA]}, "Continue"),
    ],
)
def test_an_unverified_app_can_have_its_warning_page(
    google: Google, settings: dict[str, object], way_on: str
) -> None:
    google.world.set_switches(warns_of_unverified_apps=True)
    google.world.change_client(google.client["client_id"], **settings)
    warning = page(google)
    assert "hasn&#39;t verified this app" in warning.text or "hasn't verified this app" in warning.text
    assert way_on in warning.text
    assert "See, edit, share" not in warning.text
    passed = requests.post(warning.url, data={"account": ANNA, "warned": "yes"}, timeout=10)
    assert "wants access to your Google Account" in passed.text


def test_the_javascript_origins_stand_in_the_downloaded_file(google: Google) -> None:
    google.world.change_client(google.client["client_id"], javascript_origins=["https://sync.example.com"])
    web = google.world.client_json(google.client["client_id"])["web"]
    assert web["javascript_origins"] == ["https://sync.example.com"]
