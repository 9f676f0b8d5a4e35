"""The owner presses "Send a link by e-mail" on an agent's page."""

from __future__ import annotations

from tests.mail.office import ADDRESSES, BEN, Office
from tests.web.salon import post

BUTTON = "Send a link by e-mail"


def test_the_owner_mails_an_agent_their_link_from_the_agents_page(office: Office) -> None:
    office.salon.upload()
    owner = office.salon.owner()
    assert BUTTON in owner.get(f"/agents/{BEN}").text
    answer = post(owner, f"/agents/{BEN}/invite", page=f"/agents/{BEN}")
    assert answer.location == f"/agents/{BEN}#link"
    assert "On its way to Ben" in owner.get(f"/agents/{BEN}").text
    assert office.look() == 1
    (mail,) = office.postbox.to(ADDRESSES[BEN])
    assert "/connect/" in mail.text
    assert "Last mail to this person" in owner.get(f"/agents/{BEN}").text
    assert owner.get(f"/agents/{BEN}/invite").location == f"/agents/{BEN}", "a reload mails nobody again"


def test_without_a_mail_server_there_is_no_such_button(mailless: Office) -> None:
    mailless.salon.upload()
    assert BUTTON not in mailless.salon.owner().get(f"/agents/{BEN}").text


def test_who_is_connected_is_sent_no_link(office: Office) -> None:
    office.salon.upload()
    office.salon.connect(BEN)
    owner = office.salon.owner()
    assert BUTTON not in owner.get(f"/agents/{BEN}").text
    post(owner, f"/agents/{BEN}/invite", page=f"/agents/{BEN}")
    assert office.look() == 0
