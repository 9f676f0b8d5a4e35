"""An agent who signs in at Google and at Microsoft: one calendar for the bookings, busy time from both."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from latesync.sandbox.microsoft import outlook
from latesync.store.accounts import choose_calendars
from latesync.store.calendars import read_calendars
from latesync.store.resets import open_reset
from tests.web.salon import DANA, Salon, post


@pytest.fixture
def both(salon: Salon) -> FlaskClient:
    """Dana's browser; her bookings go to Google, and Outlook brings busy time."""
    salon.upload()
    salon.register()
    client = salon.connect()
    assert salon.sign_in_to_outlook(client).status_code == 302
    return client


def written(salon: Salon) -> list[str]:
    """The providers whose calendar takes Dana's bookings."""
    accounts = [salon.account(DANA, provider) for provider in ("google", "microsoft")]
    return [account.provider for account in accounts if account and account.is_written]


def keys(page: str, name: str) -> list[str]:
    return [html.unescape(value) for value in re.findall(rf'name="{name}" value="([^"]+)"', page)]


def test_both_buttons_are_offered_alike_before_the_first_sign_in(salon: Salon) -> None:
    salon.upload()
    salon.register()
    page = salon.agent().get("/connect").text
    assert re.findall(r'<button class="(\w+)" formaction="([^"]+)"', page) == [
        ("google", "/connect/google"),
        ("microsoft", "/connect/microsoft"),
    ]


def test_second_calendar_is_offered_with_what_it_brings_and_brings_busy_time_alone(salon: Salon) -> None:
    salon.upload()
    salon.register()
    client = salon.connect()
    page = client.get("/connect").text
    assert "Do you also use Outlook?" in page
    assert "no longer offered either" in page
    salon.sign_in_to_outlook(client)
    assert written(salon) == ["google"]
    page = client.get("/connect").text
    assert "Brings busy time only" in page
    assert "Bookings are written here" in page
    assert "Do you also use" not in page


def test_ticked_box_moves_the_bookings_to_the_new_calendar(salon: Salon) -> None:
    salon.upload()
    salon.register()
    client = salon.connect()
    assert salon.sign_in_to_outlook(client, writes="yes").status_code == 302
    assert written(salon) == ["microsoft"]


def test_one_form_chooses_over_the_calendars_of_both(salon: Salon, both: FlaskClient) -> None:
    page = both.get("/connect").text
    google, microsoft = keys(page, "write")
    assert (google.split(":")[0], microsoft.split(":")[0]) == ("google", "microsoft")

    post(both, "/connect/calendars", {"write": microsoft, "busy": [google]}, page="/connect")

    assert written(salon) == ["microsoft"]
    reads = {}
    for provider in ("google", "microsoft"):
        account = salon.account(DANA, provider)
        assert account is not None
        rows = read_calendars(salon.services.database, account.id)
        reads[provider] = [f"{provider}:{row.calendar_id}" for row in rows if row.reads_busy]
    assert reads == {"google": [google], "microsoft": []}


def test_calendar_of_somebody_else_is_refused_and_nothing_changes(salon: Salon, both: FlaskClient) -> None:
    post(both, "/connect/calendars", {"write": "microsoft:not-hers"}, page="/connect")
    assert "Bookings cannot go into that calendar" in both.get("/connect").text
    assert written(salon) == ["google"]


def test_leaving_the_written_calendar_says_beforehand_where_bookings_go_then(
    salon: Salon, both: FlaskClient
) -> None:
    page = both.get("/connect/disconnect?provider=google").text
    assert "New bookings go into Outlook instead" in page
    assert "gives its permission back to Google" in page
    post(both, "/connect/disconnect", {"provider": "google"}, page="/connect/disconnect?provider=google")
    assert salon.account(DANA, "google") is None
    assert written(salon) == ["microsoft"]


def test_bookings_then_go_to_the_other_s_main_calendar_whichever_is_read(
    salon: Salon, both: FlaskClient
) -> None:
    mailbox = salon.microsoft.mailbox("dana@outlook.example")
    private = str(outlook.make_calendar(mailbox, "Private")["id"])
    services, account = salon.services, salon.account(DANA, "microsoft")
    assert account is not None
    choose_calendars(services.database, account.id, "", [private], None, salon.clock())
    post(both, "/connect/disconnect", {"provider": "google"}, page="/connect/disconnect?provider=google")
    heir = salon.account(DANA, "microsoft")
    assert heir is not None
    assert heir.write_calendar_id == outlook.primary_id(mailbox)


def test_leaving_microsoft_says_who_removes_the_consent_there(salon: Salon, both: FlaskClient) -> None:
    """microsoft-graph.md §5: there is no way to revoke it."""
    page = both.get("/connect/disconnect?provider=microsoft").text
    assert "myapps.microsoft.com" in page
    assert "account.live.com/consent" in page
    assert "New bookings" not in page
    post(
        both, "/connect/disconnect", {"provider": "microsoft"}, page="/connect/disconnect?provider=microsoft"
    )
    assert salon.account(DANA, "microsoft") is None
    assert written(salon) == ["google"]


def test_owner_leaves_the_account_that_was_named(salon: Salon, both: FlaskClient) -> None:
    owner, address = salon.owner(), f"/agents/{DANA}/disconnect"
    assert f"{address}?provider=microsoft" in owner.get(f"/agents/{DANA}").text
    post(owner, address, {"provider": "microsoft"}, page=f"{address}?provider=microsoft")
    assert salon.account(DANA, "microsoft") is None
    assert salon.account(DANA, "google") is not None


def test_owner_sees_each_account_with_its_provider(salon: Salon, both: FlaskClient) -> None:
    owner = salon.owner()
    for address in ("/", f"/agents/{DANA}"):
        page = owner.get(address).text
        assert "dana@example.com" in page
        assert "dana@outlook.example" in page
        assert "busy time only" in page
    assert "Google Calendar: dana@example.com" in owner.get("/").text
    assert "Outlook: dana@outlook.example" in owner.get("/").text


@pytest.mark.parametrize(("provider", "begun"), [("", 2), ("microsoft", 1)])
def test_reset_is_about_all_accounts_or_the_one_that_was_chosen(
    salon: Salon, both: FlaskClient, provider: str, begun: int
) -> None:
    form = {"provider": provider, "events": "keep", "next": "all", "word": ""}
    post(both, "/connect/reset", form, page="/connect")
    jobs = []
    for name in ("google", "microsoft"):
        account = salon.account(DANA, name)
        assert account is not None
        jobs.append(open_reset(salon.services.database, account.id))
    assert len([job for job in jobs if job]) == begun
    assert both.get("/connect/reset").text.count("Under way: ") == begun


def test_page_after_the_second_sign_in_is_about_that_one(salon: Salon, both: FlaskClient) -> None:
    assert both.get("/connect/done").status_code == 200
    assert "Your calendar is connected" in both.get("/connect/done").text


def test_what_makes_busy_is_chosen_for_both(salon: Salon, both: FlaskClient) -> None:
    post(both, "/connect/busy", {"all_day": "never"}, page="/connect")
    chosen = {account.blocking for p in ("google", "microsoft") if (account := salon.account(DANA, p))}
    assert len(chosen) == 1
    assert None not in chosen


def test_forms_may_lead_to_both_providers_pages_and_nowhere_else(salon: Salon) -> None:
    policy = salon.visitor().get("/sign-in").headers["Content-Security-Policy"]
    actions = re.search(r"form-action ([^;]+)", policy)
    assert actions
    google = salon.services.google.authorize.split("/o/")[0]
    loopback = {f"{s}://{h}:*" for s in ("http", "https") for h in ("localhost", "127.0.0.1")}
    assert set(actions[1].split()) == {"'self'", google} | loopback


def test_the_page_with_the_button_lets_an_organisation_s_own_sign_in_page_through(
    salon: Salon,
) -> None:
    """Microsoft may send the browser straight on to it, and a browser counts that as the form's address."""
    at_the_button = salon.agent(DANA).get("/connect").headers["Content-Security-Policy"]
    elsewhere = salon.visitor().get("/sign-in").headers["Content-Security-Policy"]
    refused = salon.agent(DANA).get("/oauth/microsoft/callback?error=access_denied&state=unknown")
    assert re.search(r"form-action [^;]* https:(;| )", refused.headers["Content-Security-Policy"])
    assert re.search(r"form-action [^;]* https:(;| )", at_the_button)
    assert not re.search(r"form-action [^;]* https:(;| )", elsewhere)
