"""What people read about mails: what one said, how it ended, why it waits. Pure."""

from __future__ import annotations

from datetime import datetime

from latesync.errors import MailError
from latesync.messages import moment
from latesync.sentences.error_sentences import sentence_for
from latesync.times import Zone

_SUBJECTS = {
    "two_days": "the sign-in ends in two days",
    "one_day": "the sign-in ends within a day",
    "ended": "the sign-in has ended",
    "still_waiting": "bookings still wait",
    "new_client": "please sign in once more",
    "invitation": "invitation to sign in",
    "digest": "digest for the owner",
    "alarm": "something was wrong",
    "all_clear": "it was over",
}
_ENDS = {
    "sent": "sent",
    "renewed": "not needed: signed in meanwhile",
    "superseded": "not needed: a newer mail says it all",
    "disconnected": "not needed: disconnected meanwhile",
    "needless": "not needed any more",
    "expired": "not sent: it could not be sent in time",
    "stopped": "not sent: this person asked for no more mail",
    "no_mail": "not sent: no mail server is configured",
    "no_address": "not sent: no e-mail address is known",
    "address_refused": "not sent: the mail server does not take mail for this address",
}
_PROBLEMS = {
    "site_unavailable": "The booking site does not answer. LateSync tries again by itself.",
    "mail_server_unreadable": "What LateSync kept about the mail server cannot be read. Give it anew on "
    "the page Set-up, step E-mail.",
    "internal_error": "LateSync stumbled over an error of its own. Please report what the log says.",
}

MAY_BE_MEANT_SO = "If that is meant so, there is nothing to do."


def subject_of(kind: str, step: str) -> str:
    """What a mail is about, in a few words."""
    return _SUBJECTS.get(step or kind, step or kind)


def end_of(ended_as: str | None) -> str:
    """How a mail ended."""
    return "waits to be sent" if ended_as is None else _ENDS.get(ended_as, ended_as)


def mail_problem(code: str) -> str:
    """Why the last attempt to send failed."""
    return _PROBLEMS.get(code) or sentence_for(MailError(code))


def mail_server_origin(*, is_from_environment: bool) -> str:
    """Who may change the mail server, and where."""
    if is_from_environment:
        return "Whoever installed LateSync set the mail server (LATESYNC_SMTP_URL)."
    return "The mail server is set on the page Set-up, step E-mail."


def last_mail(kind: str, step: str, ended_as: str | None, at: datetime, zone: Zone) -> str:
    """For the owner, beside what concerns an agent."""
    return f"Last mail to this person, {moment(at, zone)}: {subject_of(kind, step)} ({end_of(ended_as)})."
