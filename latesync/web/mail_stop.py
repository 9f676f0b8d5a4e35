"""“No more of these mails”: the page a mail leads to, and the one click of a mail program (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from latesync.consent.links import read_stop_token
from latesync.errors import SiteError, WrongInput
from latesync.messages import Message
from latesync.notify.texts import language_of, match_language, site_language
from latesync.sentences import sign_in_sentences
from latesync.store.accounts import active_account
from latesync.store.mail_stops import is_stopped, resume_mail, stop_mail
from latesync.web.context import now, services
from latesync.web.problems import message_page

blueprint = Blueprint("mail_stop", __name__, url_prefix="/mail/stop")

_OURSELVES = "LateSync"  # where the site's name cannot be read


@dataclass(frozen=True, slots=True)
class Shown:
    """button: the words on it, to stop or to go on by where it stands now."""

    message: Message
    button: str
    language: str


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    """Says what would stop; opening it stops nothing (mail scanners open links)."""
    who = _who(token)
    return _wrong() if who is None else _answer(who)


@blueprint.post("/<token>")
def act(token: str) -> ResponseReturnValue:
    """The page's buttons, and what a mail program posts by itself: `List-Unsubscribe=One-Click`.

    Without a CSRF token, which a mail program could not have: nobody but the mail's reader knows the address.
    """
    who = _who(token)
    if who is None:
        return _wrong()
    database, site_id = services().database, services().site_id
    if request.form.get("List-Unsubscribe") == "One-Click" or request.form.get("wish") == "stop":
        stop_mail(database, site_id, who, now())
        return _answer(who)
    if request.form.get("wish") == "resume":
        resume_mail(database, site_id, who)
        return _answer(who, is_resumed=True)
    abort(400)


def _who(token: str) -> str | None:
    try:
        site_id, who = read_stop_token(services().secret_key, token)
    except WrongInput:
        return None
    return who if site_id == services().site_id else None


def _wrong() -> ResponseReturnValue:
    return message_page(sign_in_sentences.WRONG_STOP, 410, ())


def _answer(who: str, *, is_resumed: bool = False) -> str:
    stopped = is_stopped(services().database, services().site_id, who)
    kind, _, number = who.partition(":")
    shown = _for_agent(int(number), stopped, is_resumed) if kind == "agent" else _for_admin(stopped)
    return render_template(
        "mail_stop.html",
        message=shown.message,
        button=shown.button,
        is_stopped=stopped,
        page_language=shown.language,
    )


def _for_admin(is_stopped: bool) -> Shown:
    button = "Send it to me again" if is_stopped else "Stop the summary"
    return Shown(sign_in_sentences.summary_to_stop(is_stopped), button, "en")


def _for_agent(agent_id: int, is_stopped: bool, is_resumed: bool) -> Shown:
    site_name, site_code = _site()
    account = active_account(services().database, services().site_id, agent_id)
    asked = match_language(request.headers.get("Accept-Language"))
    language = language_of((account.language if account else None) or asked or site_code)
    words = language.stop_page
    if is_stopped:
        return Shown(Message(words.stopped_title, words.stopped_text), words.resume, language.code)
    if is_resumed:
        return Shown(Message(words.resumed_title, words.resumed_text), words.button, language.code)
    return Shown(Message(words.title, words.text.format(site=site_name)), words.button, language.code)


def _site() -> tuple[str, str | None]:
    """(its name, its language)."""
    try:
        settings = services().site.facts().settings
    except (SiteError, WrongInput):
        return _OURSELVES, None
    return settings.site_name or _OURSELVES, site_language(settings.language)
