"""The link in a mail: what opening it does and does not do, what it is good for, and when it is used up."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from flask import Flask

from latesync.consent.links import make_mail_token
from latesync.model import AccountState
from latesync.sentences.sign_in_sentences import sign_in_refused
from latesync.store.people import replace_link
from latesync.store.schema import accounts
from tests.web.mail_links import (
    RENEW,
    everything_stored,
    google_return,
    mail_link,
    reader,
    sign_out,
    signed_out,
    stop_link,
)
from tests.web.salon import BEN, DANA, Salon, post

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
DANAS = "dana@example.com"


# --- opening it -------------------------------------------------------------------------------


def test_link_leads_to_a_page_with_one_button(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    page = client.get(RENEW).text
    assert "Dana Reyes" in page
    assert "Salon Linden" in page
    assert "Google has ended your sign-in." in page
    assert "Please choose the account" in page
    assert "d…@example.com" in page
    assert DANAS not in page
    assert page.count("<button") == 1
    assert 'type="password"' not in page


def test_opening_the_link_changes_nothing_not_even_for_scanners(salon: Salon) -> None:
    link = signed_out(salon)
    before = everything_stored(salon)
    for _ in range(3):
        assert salon.visitor().get(link).status_code == 302
        assert salon.visitor().head(link).status_code == 302
        scanner = salon.visitor()
        assert scanner.get(link, follow_redirects=True).status_code == 200
        assert scanner.head(RENEW).status_code == 200
    assert everything_stored(salon) == before
    client = reader(salon, link)
    assert client.get(google_return(salon, client)).location == "/connect/done"


def test_button_leads_to_google_with_the_account_named(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    answer = post(client, RENEW)
    assert answer.status_code == 302
    assert answer.location.startswith(salon.services.google.authorize)
    assert "login_hint=dana%40example.com" in answer.location


def test_markup_in_names_and_addresses_stays_text(salon: Salon) -> None:
    link = signed_out(salon)
    with salon.services.database.write() as connection:
        connection.execute(accounts.update().values(email="d@<i>x</i>"))
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("UPDATE wp_latepoint_agents SET first_name = '<i>Dana'")
    page = reader(salon, link).get(RENEW).text
    assert "d…@&lt;i&gt;x" in page
    assert "&lt;i&gt;Dana" in page
    assert "<i>" not in page


def test_before_the_end_the_page_says_when_it_is(salon: Salon) -> None:
    salon.upload(mode="testing", test_users=[DANAS])
    salon.connect()
    salon.clock.advance(timedelta(days=5))
    page = reader(salon).get(RENEW).text
    assert "Google ends your sign-in on Friday 27 November, 14:0" in page


def test_replaced_client_is_the_reason_where_nothing_else_is(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    salon.upload()
    page = reader(salon).get(RENEW).text
    assert "Salon Linden has renewed its connection to Google." in page


def test_page_speaks_the_browsers_language_until_the_agents_is_known(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    german = {"Accept-Language": "de-CH, en;q=0.5"}
    page = client.get(RENEW, headers=german).text
    assert '<html lang="de">' in page
    assert "Neu anmelden" in page
    client.get(google_return(salon, client), headers=german)
    account = salon.account()
    assert account is not None
    assert account.language == "de"
    sign_out(salon)
    assert "Neu anmelden" in reader(salon).get(RENEW, headers={"Accept-Language": "fr"}).text


def test_page_is_there_while_the_booking_site_is_not(salon: Salon) -> None:
    link = signed_out(salon)
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_latepoint_agents RENAME TO hidden")
    salon.services.site.doubt()
    client = reader(salon, link)
    assert "d…@example.com" in client.get(RENEW).text
    assert client.get(google_return(salon, client)).location == "/connect/done"


# --- what it is good for ----------------------------------------------------------------------


def test_completed_sign_in_opens_the_agents_own_pages(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    assert client.get(google_return(salon, client)).location == "/connect/done"
    account = salon.account()
    assert account is not None
    assert account.state is AccountState.CONNECTED
    assert DANAS in client.get("/connect").text


def test_invitation_is_the_first_sign_in_of_an_agent(salon: Salon) -> None:
    salon.upload()
    link = mail_link(salon)
    client = reader(salon, link)
    assert "Connect your calendar" in client.get(RENEW).text
    assert client.get(google_return(salon, client)).location == "/connect/done"
    account = salon.account()
    assert account is not None
    assert account.email == DANAS
    assert "You have signed in already" in salon.visitor().get(link, follow_redirects=True).text


def addresses(app: Flask, method: str) -> list[str]:
    """Every address without a variable part that takes this method, and some with one."""
    plain = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.arguments
    ]
    return sorted({*plain, "/agents/3", "/agents/3/disconnect", "/agents/3/link", "/agents/3/sync"})


def test_session_of_the_link_shows_nothing_else(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    salon.google.add_calendar(DANAS, "Family")
    client = reader(salon)
    for address in addresses(salon.app, "GET"):
        answer = client.get(address)
        for secret in (DANAS, "Family", "Mara", "Disconnect", "Bookings written"):
            assert secret not in answer.text, address


@pytest.mark.parametrize("address", ["/connect", "/connect/done", "/connect/disconnect", "/"])
def test_pages_of_the_agent_lead_back_to_the_button(salon: Salon, address: str) -> None:
    answer = reader(salon, signed_out(salon)).get(address)
    assert (answer.status_code, answer.location) == (302, RENEW)


def test_session_of_the_link_can_press_no_other_button(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    client = reader(salon)
    own = [
        address for address in addresses(salon.app, "POST") if address.startswith(("/connect/", "/agents/"))
    ]
    assert {"/connect/disconnect", "/connect/calendars", "/connect/google", "/connect/mails"} <= set(own)
    before = everything_stored(salon)
    for address in own:
        if address != RENEW:
            form = {"write": "other", "busy": "other"}
            assert post(client, address, form, page=RENEW).status_code in (403, 405), address
    assert everything_stored(salon) == before


def test_stranger_with_another_google_account_connects_nothing(salon: Salon) -> None:
    link = signed_out(salon)
    stranger = reader(salon, link)
    before = salon.account()
    answer = stranger.get(google_return(salon, stranger, "ben@example.com"))
    assert sign_in_refused("other_identity", provider="google").title in answer.text
    assert "d…@example.com" in answer.text
    assert salon.account() == before
    assert stranger.get("/connect").location == RENEW
    assert f'action="{RENEW}"' in answer.text  # the way on: once more, with the right account
    assert stranger.get(google_return(salon, stranger)).location == "/connect/done"


def test_stranger_cannot_wait_at_google_until_the_agent_disconnects(salon: Salon) -> None:
    link = signed_out(salon)
    stranger = reader(salon, link)
    address = google_return(salon, stranger, "ben@example.com")
    post(salon.agent(), "/connect/disconnect")
    answer = stranger.get(address)
    assert sign_in_refused("link_used_up", provider="google").title in answer.text
    assert salon.account() is None


def test_invitation_cannot_be_kept_at_google_until_the_agent_has_signed_in(salon: Salon) -> None:
    salon.upload()
    stranger = reader(salon)
    address = google_return(salon, stranger, "ben@example.com")
    salon.connect()
    answer = stranger.get(address)
    assert sign_in_refused("done_already", provider="google").title in answer.text
    assert stranger.get("/connect").location == RENEW
    account = salon.account()
    assert account is not None
    assert account.email == DANAS


def test_cancelling_at_google_leaves_the_link_as_good_as_before(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    salon.google.change_user(DANAS, declines=True)
    answer = client.get(google_return(salon, client))
    assert sign_in_refused("declined", provider="google").title in answer.text
    assert f'action="{RENEW}"' in answer.text
    salon.google.change_user(DANAS, declines=False)
    assert client.get(google_return(salon, client)).location == "/connect/done"


def test_unticked_permission_is_explained_and_can_be_mended(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    salon.google.change_user(DANAS, unticks=[CALENDAR_SCOPE])
    answer = client.get(google_return(salon, client))
    assert sign_in_refused("partial_consent", provider="google").title in answer.text
    assert f'action="{RENEW}"' in answer.text
    salon.google.change_user(DANAS, unticks=[])
    assert client.get(google_return(salon, client)).location == "/connect/done"


# --- when it is used up -----------------------------------------------------------------------


def check_done_already(salon: Salon, link: str) -> None:
    answer = salon.visitor().get(link, follow_redirects=True)
    assert answer.status_code == 200
    assert "You have signed in already" in answer.text
    assert "<button" not in answer.text


def test_sign_in_uses_its_link_up(salon: Salon) -> None:
    link = signed_out(salon)
    salon.clock.advance(timedelta(minutes=1))
    client = reader(salon, link)
    client.get(google_return(salon, client))
    check_done_already(salon, link)


def test_sign_in_by_the_personal_link_uses_a_mails_link_up(salon: Salon) -> None:
    link = signed_out(salon)
    salon.clock.advance(timedelta(minutes=1))
    salon.connect()
    check_done_already(salon, link)


def test_page_left_open_says_that_it_is_done(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    form = {"csrf_token": csrf_token(client.get(RENEW).text)}
    salon.clock.advance(timedelta(minutes=1))
    salon.connect()  # on another device
    for answer in (client.get(RENEW), client.post(RENEW, data=form)):
        assert (answer.status_code, "You have signed in already" in answer.text) == (200, True)


def test_link_of_an_earlier_sign_in_is_no_longer_needed(salon: Salon) -> None:
    link = signed_out(salon)
    salon.clock.advance(timedelta(minutes=1))
    salon.connect()
    sign_out(salon)
    answer = salon.visitor().get(link, follow_redirects=True)
    assert answer.status_code == 410
    assert "This link is no longer needed" in answer.text
    assert "ask Salon Linden for a new link" in answer.text


def test_link_of_a_disconnected_calendar_is_no_longer_needed(salon: Salon) -> None:
    link = signed_out(salon)
    post(salon.agent(), "/connect/disconnect")
    assert salon.visitor().get(link, follow_redirects=True).status_code == 410


def test_link_expires_after_thirty_days(salon: Salon) -> None:
    link = signed_out(salon)
    salon.clock.advance(timedelta(days=30, seconds=1))
    answer = salon.visitor().get(link)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    assert "newer message" in answer.text


def test_new_personal_link_ends_the_mails_link_and_its_sessions(salon: Salon) -> None:
    link = signed_out(salon)
    client = reader(salon, link)
    address = google_return(salon, client)
    replace_link(salon.services.database, salon.services.site_id, DANA)
    answer = salon.visitor().get(link)
    assert (answer.status_code, "replaced by a newer one" in answer.text) == (410, True)
    assert client.get(RENEW).status_code == 403
    assert sign_in_refused("session_ended", provider="google").title in client.get(address).text
    account = salon.account()
    assert account is not None
    assert account.state is AccountState.NEEDS_SIGN_IN


def test_link_of_another_site_is_said_to_be_one(salon: Salon) -> None:
    token = make_mail_token(
        salon.services.secret_key, "0" * 12, DANA, 1, account_id=0, consent=0, now=salon.clock()
    )
    answer = salon.visitor().get(f"/connect/{token}")
    assert (answer.status_code, "belongs to another site" in answer.text) == (410, True)


def test_agent_who_is_gone_is_told(salon: Salon) -> None:
    client = reader(salon, signed_out(salon))
    client.get(RENEW)
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql(f"DELETE FROM wp_latepoint_agents WHERE id = {DANA}")
        connection.commit()
    answer = client.get(RENEW)
    assert (answer.status_code, "no longer among" in answer.text) == (404, True)


def test_link_session_ends_after_a_day_and_the_link_opens_another(salon: Salon) -> None:
    link = signed_out(salon)
    client = reader(salon, link)
    salon.clock.advance(timedelta(days=1))
    answer = client.get(RENEW)
    assert (answer.status_code, "open the link in your message again" in answer.text) == (403, True)
    assert client.get(link).location == RENEW
    assert client.get(RENEW).status_code == 200


def test_nobody_without_the_link_gets_to_the_button(salon: Salon) -> None:
    assert salon.visitor().get(RENEW).status_code == 403


# --- beside other sessions --------------------------------------------------------------------


def test_own_session_stays_when_the_agent_opens_a_mails_link(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    salon.clock.advance(timedelta(days=5))
    assert client.get(mail_link(salon)).location == RENEW
    assert "d…@example.com" in client.get(RENEW).text
    assert client.get("/connect").status_code == 200


def test_used_link_in_the_agents_own_browser_leads_to_their_page(salon: Salon) -> None:
    link = signed_out(salon)
    salon.clock.advance(timedelta(minutes=1))
    client = salon.connect()
    salon.clock.advance(timedelta(days=2))
    assert client.get(link).location == "/connect"


def test_link_in_another_agents_browser_ends_their_session(salon: Salon) -> None:
    link = signed_out(salon)
    client = salon.agent(BEN)
    client.get(link)
    assert client.get("/connect").location == RENEW


def test_owner_who_opens_a_mails_link_stays_the_owner(salon: Salon) -> None:
    link = signed_out(salon)
    client = salon.owner()
    client.get(link)
    assert client.get("/").status_code == 200
    assert client.get("/connect/disconnect").location == RENEW


def test_link_opened_in_two_tabs_leaves_both_buttons_working(salon: Salon) -> None:
    link = signed_out(salon)
    client = reader(salon, link)
    first = client.get(RENEW).text
    client.get(link)
    token = first.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post(RENEW, data={"csrf_token": token}).status_code == 302


def test_without_a_client_file_the_button_says_whom_to_ask(salon: Salon) -> None:
    answer = post(reader(salon), RENEW)
    assert answer.status_code == 409
    assert "has not uploaded the client file" in answer.text


def test_whole_way_leaves_no_secret_in_the_log(salon: Salon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link, stop = signed_out(salon), stop_link(salon)
    client = reader(salon, link)
    address = google_return(salon, client)
    caplog.clear()  # the stand-in's own client was asked above
    client.get(link)
    client.get(address)
    client.post(stop, data={"wish": "stop"})
    ours = "\n".join(record.getMessage() for record in caplog.records)
    assert "account connected" in ours
    for secret in (link.rpartition("/")[2], stop.rpartition("/")[2], DANAS, *salon.google.refresh_tokens):
        assert secret not in ours


def csrf_token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
