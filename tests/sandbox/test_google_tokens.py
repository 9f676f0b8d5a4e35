"""Refreshing, dying and revoked tokens: google-calendar.md §5, §6, §8."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request

from .conftest import ANNA, BEN, CALENDAR, Google, refused


def signed_in(google: Google, email: str = ANNA, scopes: list[str] | None = None) -> dict[str, Any]:
    return google.world.grant(email, google.client["client_id"], scopes or [CALENDAR])


def refreshed(google: Google, tokens: dict[str, Any], **form: str) -> requests.Response:
    return google.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **form)


def error(response: requests.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body.get("error_description", "")


def test_the_real_library_refreshes_and_no_new_refresh_token_comes(google: Google) -> None:
    credentials = google.credentials(signed_in(google))
    old = credentials.token
    credentials.refresh(Request())
    assert credentials.token != old
    assert "refresh_token" not in refreshed(google, signed_in(google)).json()


def test_an_access_token_ends_and_the_library_refreshes_it_on_401(google: Google) -> None:
    google.world.advance(timedelta(hours=2))
    assert google.listed()["items"] == []
    assert google.world.request_counts["events.list 401"] == 1


def test_a_permanently_refused_token_surfaces_as_refresh_error(google: Google) -> None:
    google.world.revoke_grants(ANNA)
    with pytest.raises(RefreshError, match="expired or revoked"):
        google.listed()


@pytest.mark.parametrize("used", [True, False])
def test_testing_ends_after_seven_days_whatever_the_use(google: Google, used: bool) -> None:
    google.world.change_client(google.client["client_id"], mode="testing", test_users=[ANNA])
    tokens = signed_in(google)
    google.world.advance(timedelta(days=6, hours=23))
    if used:
        assert refreshed(google, tokens).ok
    google.world.change_client(google.client["client_id"], mode="production")  # does not heal it (L5)
    google.world.advance(timedelta(hours=1))
    assert error(refreshed(google, tokens)) == (400, "invalid_grant", "Token has been expired or revoked.")


def test_a_refresh_answer_may_repeat_the_expiry(google: Google) -> None:
    google.world.change_client(google.client["client_id"], mode="testing", test_users=[ANNA])
    tokens = signed_in(google)
    assert "refresh_token_expires_in" not in refreshed(google, tokens).json()
    google.world.set_switches(refresh_repeats_expiry=True)
    google.world.advance(timedelta(days=1))
    assert refreshed(google, tokens).json()["refresh_token_expires_in"] == 6 * 86_400


def test_half_a_year_unused_ends_a_token_and_a_client(google: Google) -> None:
    tokens = signed_in(google)
    google.world.advance(timedelta(days=184))
    assert error(refreshed(google, tokens)) == (401, "deleted_client", "The OAuth client was deleted.")
    google.world.set_switches(idle_clients_are_deleted=False)
    google.world.change_client(google.client["client_id"], deleted=False)
    assert error(refreshed(google, tokens))[1] == "invalid_grant"


def test_the_hundred_and_first_token_kills_the_oldest(google: Google) -> None:
    tokens = [signed_in(google, BEN) for _ in range(101)]
    assert error(refreshed(google, tokens[0]))[1] == "invalid_grant"
    assert refreshed(google, tokens[1]).ok


def test_asking_for_a_scope_not_granted_is_refused(google: Google) -> None:
    assert error(refreshed(google, signed_in(google), scope=f"{CALENDAR} openid")) == (
        400,
        "invalid_scope",
        "Bad Request",
    )


def test_a_rotated_secret_keeps_refresh_tokens_alive(google: Google) -> None:
    tokens = signed_in(google)
    new = google.world.rotate_secret(google.client["client_id"])["web"]
    assert error(refreshed(google, tokens)) == (
        401,
        "invalid_client",
        "The provided client secret is invalid.",
    )
    google.client = new
    assert refreshed(google, tokens).ok


def test_basic_client_authentication_works_too(google: Google) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": signed_in(google)["refresh_token"]}
    login = (google.client["client_id"], google.client["client_secret"])
    assert requests.post(f"{google.server.url}/token", data=form, auth=login, timeout=10).ok


def test_another_clients_token_an_unknown_client_and_a_wrong_grant_are_told_apart(google: Google) -> None:
    tokens = signed_in(google)
    google.client = google.world.add_client([])["web"]
    assert error(refreshed(google, tokens))[:2] == (401, "unauthorized_client")
    assert error(google.token(grant_type="password"))[1] == "unsupported_grant_type"
    google.client = {"client_id": "unknown", "client_secret": "x"}
    assert error(refreshed(google, tokens)) == (401, "invalid_client", "The OAuth client was not found.")


def test_session_control_and_administrators_end_a_connection(google: Google) -> None:
    tokens = signed_in(google)
    google.world.change_user(ANNA, needs_reauthentication=True)
    assert refreshed(google, tokens).json()["error_subtype"] == "invalid_rapt"
    google.world.change_user(ANNA, needs_reauthentication=False, admin_blocks=True)
    assert error(refreshed(google, tokens))[1] == "admin_policy_enforced"


def test_revoking_ends_every_client_of_the_project_for_that_person(google: Google) -> None:
    first, other = signed_in(google), signed_in(google, BEN)
    google.world.add_client([])
    address = f"{google.server.url}/revoke"
    assert requests.post(address, data={"token": first["access_token"]}, timeout=10).status_code == 200
    assert error(refreshed(google, first))[1] == "invalid_grant"
    assert refreshed(google, other).ok
    again = requests.post(address, data={"token": first["refresh_token"]}, timeout=10)
    assert error(again) == (400, "invalid_token", "Token expired or revoked")


def test_revocation_may_take_a_while_to_bite(google: Google) -> None:
    google.world.set_switches(revocation_bites_after_s=60)
    google.world.revoke_grants(ANNA)
    assert google.listed()["items"] == []
    google.world.advance(timedelta(minutes=2))
    with pytest.raises(RefreshError):
        google.listed()


def test_the_quota_is_per_user_and_counts_a_patch_three_times(google: Google) -> None:
    google.insert(id="booking1")
    google.world.set_switches(quotas=True, quota_per_user_minute=4, quota_retry_after_s=7)
    patch = google.events.patch(calendarId="primary", eventId="booking1", body={"summary": "New"})
    google.run(patch)
    google.listed()
    assert refused(google.listed) == (403, "userRateLimitExceeded")
    google.world.set_switches(quota_status=429)
    assert refused(google.listed) == (429, "rateLimitExceeded")
    ben = google.signed_in(BEN)
    assert google.events.list(calendarId="primary").execute(http=ben)["items"] == []
    google.world.advance(timedelta(minutes=1))
    assert len(google.listed()["items"]) == 1


def test_outside_guests_and_rapid_writes_meet_their_own_limits(google: Google) -> None:
    google.world.set_switches(outside_guests_per_day=1)
    outsider = [{"email": "carl@elsewhere.test"}]
    google.insert(attendees=outsider)
    assert refused(lambda: google.insert(attendees=outsider)) == (403, "quotaExceeded")
    google.world.set_switches(writes_per_calendar_minute=0)
    assert refused(google.insert) == (403, "rateLimitExceeded")
