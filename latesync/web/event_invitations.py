"""The part of the page about events that asks who is invited: what was posted, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from latesync.plan.event_settings import EventChoices, EventSettings, Grouping, Privacy
from latesync.plan.invitations import mails_customers
from latesync.sentences import invitation_sentences
from latesync.store.clients import providers_set_up
from latesync.store.guests import count_guests_left_out
from latesync.web.context import now, services

SHOWN = "invitations"  # a hidden field: a switch that is off posts nothing
SWITCHES = ("invite", "mail_on_create", "mail_on_change", "mail_on_cancel", "meeting")


@dataclass(frozen=True)
class InvitationsShown:
    """who_mails: one sentence. notes: what else follows from the choices. left_out: "" where nobody was."""

    who_mails: str
    notes: list[str]
    left_out: str


def posted_invitations(form: MultiDict[str, str]) -> dict[str, object]:
    """The switches by name; none where the form did not show them."""
    return {name: name in form for name in SWITCHES} if SHOWN in form else {}


def show_invitations(settings: EventSettings, choices: EventChoices) -> InvitationsShown:
    """settings: as they stand in the form. choices: as they are kept."""
    notes = []
    if settings.invite and settings.privacy is not Privacy.FULL:
        notes.append(invitation_sentences.NO_NAMES)
    if settings.invite and settings.group is Grouping.TOGETHER:
        notes.append(invitation_sentences.NO_GROUPS)
    if settings.invite and "microsoft" in providers_set_up(services().database, services().site_id):
        notes.append(invitation_sentences.NO_GUESTS_IN_OUTLOOK)
    mailing = [mails_customers(wishes) for wishes in choices.by_service.values()]
    return InvitationsShown(
        invitation_sentences.customers_get_mail_from(google=any(mailing), only_some=not all(mailing)),
        notes,
        invitation_sentences.left_out(count_guests_left_out(services().database, services().site_id, now())),
    )
