"""The agent's way from the personal link to a connected calendar, and every way it can end otherwise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from latesync.model import AccountState
from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.store.accounts import list_accounts, record_needs_sign_in
from latesync.store.clients import current_client
from tests.web.salon import BEN, DANA, NOW, Salon, post

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"


def refused_with(salon: Salon, code: str, client: FlaskClient, address: str) -> None:
    """Google's return to this address is answered by the code's own page, and connects nothing."""
    answer = client.get(address)
    assert sign_in_refused(code, provider="google").title in answer.text
    assert 400 <= answer.status_code < 600
    assert salon.account(DANA) is None


def living_consents(salon: Salon) -> list[str]:
    tokens = salon.google.refresh_tokens.values()
    return [token.email for token in tokens if token.ends_ts is None]


def test_after_googles_return_nothing_more_must_be_chosen(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()

    answer = salon.sign_in(client)

    assert (answer.status_code, answer.location) == (302, "/connect/done")
    assert "Your calendar is connected" in client.get("/connect/done").text
    page = client.get("/connect").text
    assert "Your calendar is connected" in page
    assert "dana@example.com" in page
    account = salon.account(DANA)
    assert account is not None
    assert account.write_calendar_id == "dana@example.com"
    assert account.outbound_due_at == NOW


def test_page_tells_when_google_signs_the_agent_out(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    client = salon.connect()
    assert "signs out on Fri 27 Nov, 14:0" in client.get("/connect").text


def test_consent_about_to_end_offers_the_button_first(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=["dana@example.com"])
    client = salon.connect()
    salon.clock.advance(timedelta(days=6))
    page = client.get("/connect").text
    assert "Google will sign you out soon" in page
    assert page.count('action="/connect/google"') == 1


def test_cancelling_at_google_is_explained(salon: Salon) -> None:
    salon.upload()
    salon.google.change_user("dana@example.com", declines=True)
    client = salon.agent()
    refused_with(salon, "declined", client, salon.google_return(client))


def test_unticked_calendar_permission_is_explained(salon: Salon) -> None:
    salon.upload()
    salon.google.change_user("dana@example.com", unticks=[CALENDAR_SCOPE])
    client = salon.agent()
    refused_with(salon, "partial_consent", client, salon.google_return(client))


def test_refusal_page_offers_the_button_again(salon: Salon) -> None:
    salon.upload()
    salon.google.change_user("dana@example.com", declines=True)
    client = salon.agent()
    page = client.get(salon.google_return(client)).text
    assert 'action="/connect/google"' in page


def test_back_button_after_a_finished_sign_in_changes_nothing(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    assert client.get(address).status_code == 302
    before = salon.account(DANA)

    again = client.get(address)

    assert sign_in_refused("state_used", provider="google").title in again.text
    assert 'href="/connect"' in again.text
    assert salon.account(DANA) == before


def test_state_from_another_browser_is_refused_and_not_used_up(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    refused_with(salon, "other_browser", salon.agent(), address)
    assert client.get(address).status_code == 302


def test_unknown_state_is_refused(salon: Salon) -> None:
    salon.upload()
    refused_with(salon, "state_unknown", salon.agent(), "/oauth/google/callback?code=x&state=made-up")


def test_return_without_any_parameter_is_refused(salon: Salon) -> None:
    refused_with(salon, "state_unknown", salon.visitor(), "/oauth/google/callback")


def test_sign_in_left_open_for_hours_is_refused(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    salon.clock.advance(timedelta(hours=2))
    refused_with(salon, "state_expired", client, address)


def test_code_that_google_gave_to_another_sign_in_is_refused(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    spent = salon.google_return(client)
    started = post(client, "/connect/google", page="/connect").location
    state = started.partition("&state=")[2].partition("&")[0]
    code = spent.partition("code=")[2].partition("&")[0]
    refused_with(salon, "code_used", client, f"/oauth/google/callback?code={code}&state={state}")


def test_second_tab_of_the_same_agent_does_not_spoil_the_first(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    client.get(salon.personal_link(DANA))
    assert client.get(address).status_code == 302


def test_another_google_account_is_explained_and_nothing_changes(salon: Salon) -> None:
    salon.upload()
    client = salon.connect(DANA, "dana@example.com")
    before = salon.account(DANA)

    answer = salon.sign_in(client, "ben@example.com")

    assert sign_in_refused("other_identity", provider="google").title in answer.text
    assert salon.account(DANA) == before


def test_two_first_sign_ins_at_once_with_different_google_accounts_connect_one(salon: Salon) -> None:
    """Two accounts would write every booking twice (design.md §9, L2)."""
    salon.upload()
    browsers = [salon.visitor(), salon.visitor()]
    addresses = []
    for browser, email in zip(browsers, ("dana@example.com", "ben@example.com"), strict=True):
        browser.get(salon.personal_link(DANA))
        addresses.append(salon.google_return(browser, email))
    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(lambda browser, address: browser.get(address), browsers, addresses))
    rows = list_accounts(salon.services.database, salon.services.site_id)
    assert [row.state for row in rows] == [AccountState.CONNECTED]
    assert [
        sign_in_refused("other_identity", provider="google").title in answer.text for answer in answers
    ].count(True) == 1


def test_same_google_account_keeps_the_chosen_calendars(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    family = salon.google.add_calendar("dana@example.com", "Family").id
    form = {"write": f"google:{family}", "busy": [f"google:{family}"]}
    post(client, "/connect/calendars", form, page="/connect")
    post(client, "/connect/busy", {"all_day": "as_marked"}, page="/connect")
    account = salon.account()
    assert account is not None
    record_needs_sign_in(salon.services.database, account.id, "sign_in_again", salon.clock())
    assert "Please sign in again" in client.get("/connect").text

    salon.sign_in(client)

    renewed = salon.account()
    assert renewed is not None
    assert (renewed.id, renewed.write_calendar_id) == (account.id, family)
    assert renewed.state is AccountState.CONNECTED
    assert not renewed.tentative_blocks


def test_after_disconnecting_another_google_account_is_welcome(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    post(client, "/connect/disconnect")
    assert salon.sign_in(client, "ben@example.com").status_code == 302
    account = salon.account()
    assert account is not None
    assert account.email == "ben@example.com"


def test_disconnecting_one_of_two_agents_leaves_the_others_consent_alive(salon: Salon) -> None:
    salon.upload()
    client = salon.connect(DANA, "dana@example.com")
    salon.connect(BEN, "dana@example.com")
    post(client, "/connect/disconnect")
    assert salon.account(DANA) is None
    assert len(living_consents(salon)) == 2


def test_disconnecting_gives_the_permission_back_to_google(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    answer = post(client, "/connect/disconnect")
    assert answer.location == "/connect"
    assert not living_consents(salon)
    assert salon.account() is None
    assert "Connect your calendar" in client.get("/connect").text


def test_disconnecting_works_while_google_is_down(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.google.add_fault("status", status=503, reason="backendError")
    post(client, "/connect/disconnect")
    assert salon.account() is None


def test_google_being_down_is_said_and_can_be_retried(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    salon.google.add_fault("garbage", path="/token", status=502)
    refused_with(salon, "provider_unavailable", client, address)


def test_rotated_secret_is_the_owners_trouble_and_shows_on_the_dashboard(salon: Salon) -> None:
    client_id = salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    salon.google.rotate_secret(client_id)
    refused_with(salon, "client_rejected", client, address)
    kept = current_client(salon.services.database, salon.services.box, salon.services.site_id, "google")
    assert kept is not None
    assert kept.problem == "client_rejected"
    assert "Google does not accept the client file" in salon.owner().get("/").text


def test_switched_off_calendar_api_is_said_as_such(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    address = salon.google_return(client)
    salon.google.set_switches(api_enabled=False)
    refused_with(salon, "calendar_api_off", client, address)


def test_without_a_client_file_the_page_says_whom_to_ask(salon: Salon) -> None:
    client = salon.agent()
    page = client.get("/connect").text
    assert "has set up neither Google nor Microsoft" in page
    assert 'action="/connect/google"' not in page


@pytest.mark.parametrize("address", ["/connect/google", "/connect/calendars"])
def test_reloading_a_buttons_address_leads_back_to_the_page(salon: Salon, address: str) -> None:
    answer = salon.agent().get(address)
    assert (answer.status_code, answer.location) == (302, "/connect")
