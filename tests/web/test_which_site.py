"""“Is this a move or a copy?”: what is shown, what rests until somebody answers, and what an answer does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from latesync.checks.doctor import examine
from latesync.cli.report import status_report
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.busy import publish_busy, read_busy
from latesync.model import Stop
from latesync.read_overview import read_overview
from latesync.store import identity
from latesync.store.accounts import list_accounts
from latesync.store.bridges import read_bridge
from latesync.store.choices import read_waking_hours
from latesync.store.hints import read_hints
from latesync.store.people import list_admins
from latesync.store.sites import write_setting
from latesync.sync.identity import look_at_home
from latesync.times import TimeRange
from tests.web.mail_links import mail_link
from tests.web.salon import DANA, OWNER, PASSWORD, Salon, post
from tests.web.signing import HELLO, note_body, send

HOME, STAGING = "https://salon-linden.example", "https://staging.salon-linden.example"
ASKED = "Is this a move or a copy?"
PAGE = "/which-site"


def change_home(salon: Salon, home_url: str) -> None:
    """As when the site is copied or moved, and LateSync has looked at it since."""
    look_at_home(salon.services.sync_parts())
    with salon.services.site_engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE wp_options SET option_value = ? WHERE option_name = 'home'", (home_url,)
        )
    look_at_home(salon.services.sync_parts(), anew=True)


@pytest.fixture
def copied(salon: Salon) -> Salon:
    """Dana is connected; then the site has another address."""
    salon.upload()
    salon.connect()
    change_home(salon, STAGING)
    return salon


def answer(client: FlaskClient, how: str, **fields: Any) -> str:
    response = post(client, f"{PAGE}/{how}", {"seen": STAGING, **fields}, page=PAGE)
    return client.get(response.location).text if response.status_code == 302 else response.text


# What is shown


def test_every_page_of_the_owner_leads_to_the_question(copied: Salon) -> None:
    """users-ask.md U9, U10: never silently, and with the one next step."""
    owner = copied.owner()
    for address in ("/", "/wordpress", "/settings", f"/agents/{DANA}"):
        page = owner.get(address).text
        assert f'href="{PAGE}">{ASKED}' in page, address
    assert f"the booking site is now {STAGING}, and LateSync works for {HOME}" in owner.get("/").text
    assert owner.get("/").text.count(ASKED) == 1, "said once, where it is said in full"


def test_the_page_names_both_addresses_and_what_each_answer_means(copied: Salon) -> None:
    page = copied.owner().get(PAGE).text
    assert ASKED in page
    assert HOME in page
    assert STAGING in page
    assert "Every sign-in, every booking’s event and all settings stay" in page
    assert "nobody is signed out at Google" in page
    assert "Type <strong>copy</strong>" in page


def test_without_a_question_the_page_says_for_whom_it_works(salon: Salon) -> None:
    look_at_home(salon.services.sync_parts())
    page = salon.owner().get(PAGE).text
    assert f"LateSync works for {HOME}." in page
    assert "Type <strong>" not in page


def test_status_and_doctor_say_why_and_need_a_person(copied: Salon) -> None:
    overview = read_overview(copied.services, copied.clock())
    assert overview.needs_person
    report = status_report(overview)
    assert report["site_stopped"] == "other_home"
    assert STAGING in report["remedies"][0]["text"]
    findings = [found for found in examine(copied.services) if found.subject == "which site"]
    assert [(found.verdict, STAGING in found.sentence) for found in findings] == [("wrong", True)]


def test_work_that_waits_for_the_answer_is_no_silent_worker(copied: Salon) -> None:
    """users-ask.md U14."""
    copied.clock.advance(timedelta(hours=2))
    overview = read_overview(copied.services, copied.clock())
    assert overview.work_late_since is None
    workers = [found for found in examine(copied.services) if found.subject == "worker"]
    assert [found.verdict for found in workers] == ["note"]


def test_another_latesync_is_asked_about_in_its_own_words(salon: Salon) -> None:
    identity.stop_site(salon.services.database, salon.services.site_id, Stop.OTHER_STATE, None, salon.clock())
    page = salon.owner().get(PAGE).text
    assert "Another LateSync with the same data works for this booking site" in page
    assert "Stop it there first." in page


# What rests


def test_an_agent_reads_that_nothing_is_lost_and_can_change_nothing(copied: Salon) -> None:
    """odoo-calendar-sync.md PR 127729: disconnecting at a copy would sign the agent out at the original's."""
    before, revoked = copied.account(), len(copied.google.refresh_tokens)
    client = copied.agent()
    assert "LateSync rests at the moment" in client.get("/connect").text
    token = _csrf(client)
    for address in ("/connect/google", "/connect/disconnect", "/connect/calendars"):
        response = client.post(address, data={"csrf_token": token})
        assert response.status_code == 503, address
        assert "Nothing is lost" in response.text
    assert copied.account() == before
    assert len(copied.google.refresh_tokens) == revoked


def test_a_return_from_google_makes_no_account(salon: Salon) -> None:
    salon.upload()
    client = salon.agent()
    back = salon.google_return(client)
    change_home(salon, STAGING)
    assert client.get(back).status_code == 503
    assert salon.account() is None


def test_a_mails_link_begins_no_sign_in(copied: Salon) -> None:
    client = copied.visitor()
    client.get(mail_link(copied))
    response = client.post("/connect/renew", data={"csrf_token": _csrf(client)})
    assert response.status_code == 503


def test_the_owners_buttons_lead_to_the_question(copied: Salon) -> None:
    owner = copied.owner()
    response = post(owner, f"/agents/{DANA}/sync", page=f"/agents/{DANA}")
    assert response.status_code == 409
    assert f'href="{PAGE}"' in response.text


def test_the_owner_can_sign_in_and_connect_the_right_database(copied: Salon) -> None:
    copied.make_owner()
    client = copied.visitor()
    assert post(client, "/sign-in", {"email": OWNER, "password": PASSWORD}).status_code == 302
    assert post(client, "/start/site", page="/start/site").status_code not in (409, 503)


def test_notes_of_the_plugin_are_answered_and_have_no_effect(copied: Salon) -> None:
    response = send(copied, note_body(bookings=[12], looking_at=[DANA], hello=HELLO))
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["worker_late"] is False
    assert read_hints(copied.services.database, copied.services.site_id) == []
    assert read_bridge(copied.services.database, copied.services.site_id) is None


def test_a_copied_plugin_does_not_take_the_place_of_our_own(salon: Salon) -> None:
    """A staging copy of WordPress greets with the address, the secret and the site id of the original."""
    look_at_home(salon.services.sync_parts())
    send(salon, note_body(hello=HELLO))
    response = send(salon, note_body(hello={**HELLO, "home": STAGING, "rest": f"{STAGING}/wp-json"}))
    assert response.json is not None
    assert response.json["home"] == HOME
    heard = read_bridge(salon.services.database, salon.services.site_id)
    assert heard is not None
    assert heard.home_url == HOME


# The answers


def test_a_move_goes_on_with_everything(copied: Salon) -> None:
    """users-ask.md U4, U38: nothing is lost, nothing is doubled."""
    before = copied.account()
    assert before is not None
    page = answer(copied.owner(), "moved")
    assert "It goes on." in page
    account = copied.account()
    assert account is not None
    assert (account.id, account.consented_at) == (before.id, before.consented_at)
    assert account.outbound_due_at == copied.clock()
    known = identity.read_identity(copied.services.database, copied.services.site_id)
    assert known is not None
    assert (known.home_url, known.stopped_for) == (STAGING, None)


def test_a_copy_needs_the_typed_word(copied: Salon) -> None:
    page = answer(copied.owner(), "copy", word="yes")
    assert "type the word copy" in page
    assert copied.account() is not None


def test_a_copy_begins_anew_and_touches_nothing_at_google(copied: Salon) -> None:
    """odoo-calendar-sync.md PR 127729: a copy keeps no token, and the original's stay valid."""
    create_bridge_tables(copied.services.site_engine, "wp_")
    span = TimeRange(copied.clock(), copied.clock() + timedelta(hours=1))
    publish_busy(copied.services.site_engine, "wp_", DANA, {"a" * 32: span})
    write_setting(copied.services.database, copied.services.site_id, "waking_hours", "09:00-18:00")
    old_id, tokens = copied.services.site_id, dict(copied.google.refresh_tokens)
    link = copied.personal_link()
    owner = copied.owner()
    page = answer(owner, "copy", word=" Copy ")
    assert "This is a site of its own now, and nobody is connected." in page
    assert "One busy time copied from the other site no longer closes times on the booking form." in page
    new_id = copied.services.site_id
    assert new_id != old_id
    assert list_accounts(copied.services.database, new_id) == []
    assert copied.services.site.site_id == new_id
    assert copied.google.refresh_tokens == tokens
    assert read_busy(copied.services.site_engine, "wp_", DANA) == {}
    assert read_waking_hours(copied.services.database, new_id)[0].hour == 9
    assert [admin.email for admin in list_admins(copied.services.database)] == [OWNER]
    assert copied.visitor().get(link).status_code == 410


def test_another_process_follows_at_its_next_request(copied: Salon) -> None:
    """Gunicorn has several: none needs a restart."""
    other = copied.owner()
    assert other.get("/").status_code == 200
    known = copied.services.site_id
    new_id = identity.become_copy(copied.services.database, known, STAGING, copied.clock())
    for address in ("/", "/settings", "/wordpress", "/start/client", f"/agents/{DANA}"):
        assert other.get(address).status_code == 200, address
    assert copied.services.site_id == new_id
    assert copied.services.write_back.site_id == new_id
    copied.upload()
    copied.connect()
    assert copied.account() is not None


def test_an_answer_to_yesterdays_question_is_asked_again(copied: Salon) -> None:
    owner = copied.owner()
    change_home(copied, "https://third.example")
    assert "The question is another one by now" in answer(owner, "moved")
    assert "The question is another one by now" in answer(owner, "copy", word="copy")
    assert copied.account() is not None


def test_a_healthy_installation_is_made_no_copy(copied: Salon) -> None:
    owner = copied.owner()
    database, site_id = copied.services.database, copied.services.site_id
    assert identity.confirm_move(database, site_id, STAGING, copied.clock())
    assert "There is nothing to answer" in answer(owner, "copy", word="copy", seen="")
    assert copied.account() is not None


def _csrf(client: FlaskClient) -> str:
    page = client.get("/sign-in-help").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]
