"""Who is invited and who mails customers, on the page about events."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient

from latesync.sentences import invitation_sentences
from tests.web.salon import Salon
from tests.web.test_events import kept, press


def page_of(owner: FlaskClient, service: int = 0) -> str:
    return unescape(owner.get(f"/settings/events?service={service}").text)


def test_nobody_is_invited_unless_chosen_and_the_page_says_who_mails(salon: Salon) -> None:
    """users-ask.md U29: one sentence says who writes to customers."""
    page = page_of(salon.owner())
    assert not kept(salon).invite
    assert "Customers get mail from: the site only." in page
    assert invitation_sentences.NEVER_MAILED in page


def test_what_is_chosen_is_kept_and_said(salon: Salon) -> None:
    owner = salon.owner()
    press(owner, invitations="shown", invite="on", mail_on_create="on", meeting="on")
    wishes = kept(salon)
    assert (wishes.invite, wishes.meeting) == (True, True)
    assert (wishes.mail_on_create, wishes.mail_on_change, wishes.mail_on_cancel) == (True, False, False)
    assert "Customers get mail from: the site and Google." in page_of(owner)


def test_a_switch_put_back_is_off_again(salon: Salon) -> None:
    owner = salon.owner()
    press(owner, invitations="shown", invite="on", mail_on_create="on")
    press(owner, invitations="shown", mail_on_create="on", mail_on_change="on", mail_on_cancel="on")
    assert not kept(salon).invite
    assert "Customers get mail from: the site only." in page_of(owner)


def test_a_form_that_does_not_show_the_switches_leaves_them(salon: Salon) -> None:
    owner = salon.owner()
    press(owner, invitations="shown", invite="on", mail_on_create="on")
    press(owner)
    assert kept(salon).invite


def test_guests_of_one_service_only_are_said_to_be(salon: Salon) -> None:
    owner = salon.owner()
    press(owner)
    press(owner, service="1", invitations="shown", invite="on", mail_on_create="on")
    assert "the site and, for some services, Google." in page_of(owner)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"privacy": "initials"}, invitation_sentences.NO_NAMES),
        ({"group": "together"}, invitation_sentences.NO_GROUPS),
    ],
)
def test_what_keeps_customers_from_being_invited_is_said(
    salon: Salon, changes: dict[str, str], note: str
) -> None:
    owner = salon.owner()
    press(owner, invitations="shown", invite="on", mail_on_create="on", **changes)
    page = page_of(owner)
    assert note in page
    assert "Customers get mail from: the site only." in page


def test_where_outlook_is_used_it_is_said_that_nobody_is_invited_there(salon: Salon) -> None:
    """microsoft-graph.md V1: Outlook mails every guest, and cannot be told to be silent."""
    owner = salon.owner()
    press(owner, invitations="shown", invite="on")
    assert invitation_sentences.NO_GUESTS_IN_OUTLOOK not in page_of(owner)
    salon.register()
    assert invitation_sentences.NO_GUESTS_IN_OUTLOOK in page_of(owner)
