"""“No more of these mails”: by the page, by a mail program's one click, and back again."""

from __future__ import annotations

import pytest

from latesync.consent.links import make_stop_token
from latesync.store.mail_stops import is_stopped
from tests.web.mail_links import everything_stored, mail_link, reader, stop_link
from tests.web.salon import DANA, Salon, post

ADMIN = "admin:1"
DANAS_MAILS = f"agent:{DANA}"


def has_stopped(salon: Salon, who: str = DANAS_MAILS) -> bool:
    return is_stopped(salon.services.database, salon.services.site_id, who)


def test_opening_the_page_stops_nothing(salon: Salon) -> None:
    assert salon.services.site_id
    before = everything_stored(salon)
    for _ in range(2):
        page = salon.visitor().get(stop_link(salon))
        assert salon.visitor().head(stop_link(salon)).status_code == 200
    assert "No more of these mails?" in page.text
    assert "Salon Linden would no longer remind you" in page.text
    assert everything_stored(salon) == before


def test_button_stops_the_mails_and_another_brings_them_back(salon: Salon) -> None:
    client = salon.visitor()
    stopped = client.post(stop_link(salon), data={"wish": "stop"})
    assert "You get no more of these mails" in stopped.text
    assert 'value="resume"' in stopped.text
    assert has_stopped(salon)
    assert "You get no more of these mails" in client.get(stop_link(salon)).text
    resumed = client.post(stop_link(salon), data={"wish": "resume"})
    assert "You get these mails again" in resumed.text
    assert not has_stopped(salon)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_of_a_mail_program_stops_the_mails(salon: Salon, kind: str) -> None:
    form = {"List-Unsubscribe": "One-Click"}
    answer = salon.visitor().post(stop_link(salon), data=form, content_type=kind)
    assert answer.status_code == 200
    assert has_stopped(salon)
    assert not has_stopped(salon, "agent:2")


def test_any_other_post_changes_nothing(salon: Salon) -> None:
    assert salon.visitor().post(stop_link(salon), data={"wish": "x"}).status_code == 400
    assert salon.visitor().post(stop_link(salon)).status_code == 400
    assert not has_stopped(salon)


@pytest.mark.parametrize("method", ["get", "post"])
def test_broken_or_foreign_links_stop_nothing(salon: Salon, method: str) -> None:
    key, site_id = salon.services.secret_key, salon.services.site_id
    strangers = [
        "nonsense",
        make_stop_token("k" * 40, site_id, DANAS_MAILS),
        make_stop_token(key, "0" * 12, DANAS_MAILS),
        mail_link(salon).rpartition("/")[2],
    ]
    for token in strangers:
        answer = salon.visitor().open(f"/mail/stop/{token}", method=method.upper(), data={"wish": "stop"})
        assert answer.status_code == 410
        assert "This address does not work" in answer.text
    assert not has_stopped(salon)


def test_stop_link_opens_no_session(salon: Salon) -> None:
    client = salon.visitor()
    client.post(stop_link(salon), data={"wish": "stop"})
    assert client.get("/connect").status_code == 403
    token = stop_link(salon).rpartition("/")[2]
    assert client.get(f"/connect/{token}").status_code == 410


def test_admin_stops_the_daily_summary(salon: Salon) -> None:
    client = salon.visitor()
    assert "Stop the daily summary?" in client.get(stop_link(salon, ADMIN)).text
    assert "no more daily summaries" in client.post(stop_link(salon, ADMIN), data={"wish": "stop"}).text
    assert has_stopped(salon, ADMIN)
    client.post(stop_link(salon, ADMIN), data={"wish": "resume"})
    assert not has_stopped(salon, ADMIN)


def test_page_speaks_the_readers_language(salon: Salon) -> None:
    page = salon.visitor().get(stop_link(salon), headers={"Accept-Language": "nl"}).text
    assert '<html lang="nl">' in page
    assert "Deze berichten niet meer ontvangen?" in page


def test_own_page_says_that_mails_are_stopped_and_takes_it_back(salon: Salon) -> None:
    salon.upload()
    client = salon.connect()
    assert "Mail me again" not in client.get("/connect").text
    salon.visitor().post(stop_link(salon), data={"List-Unsubscribe": "One-Click"})
    assert "You have stopped LateSync’s mails" in client.get("/connect").text
    answer = post(client, "/connect/mails", page="/connect")
    assert answer.location == "/connect"
    assert "Mail me again" not in client.get("/connect").text
    assert not has_stopped(salon)
    assert client.get("/connect/mails").location == "/connect"


def test_owner_sees_who_has_stopped_the_mails(salon: Salon) -> None:
    salon.upload()
    salon.connect()
    owner = salon.owner()
    assert "has stopped LateSync’s mails" not in owner.get(f"/agents/{DANA}").text
    salon.visitor().post(stop_link(salon), data={"wish": "stop"})
    assert "Dana Reyes has stopped LateSync’s mails" in owner.get(f"/agents/{DANA}").text


def test_who_came_by_a_mails_link_cannot_take_it_back(salon: Salon) -> None:
    client = reader(salon)
    salon.visitor().post(stop_link(salon), data={"wish": "stop"})
    assert post(client, "/connect/mails", page="/connect/renew").status_code == 403
    assert has_stopped(salon)
