"""The pages for what goes wrong: plain, kind, with the way on."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from latesync.errors import StateUnavailable
from latesync.messages import Message
from latesync.sentences.provider_words import company
from latesync.web.viewers import current_viewer, forget_viewer

_LOG = logging.getLogger(__name__)

Ways = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RefusedSignIn:
    """again: offer the button to sign in with this provider, to whom it belongs.

    explanation: of what the provider refused (troubles.py), below the message.
    """

    provider: str
    again: bool
    explanation: object


_PAGES = {
    400: Message("That could not be understood", "Go back, reload the page and try once more."),
    403: Message("This page is not yours", "Open the personal link you were sent, or sign in as the owner."),
    404: Message("There is no such page", "The address may be incomplete. Copy the whole of it once more."),
    405: Message("That address is not a page", "It belongs to a button. Go back and press it there."),
    413: Message(
        "That is too much at once",
        "A client file has about one kilobyte: choose the one named client_secret_….json. Of a page you want "
        "explained, paste the words alone.",
    ),
    429: Message("Too many attempts", "Wait a minute, then try again."),
    500: Message(
        "Something went wrong here",
        "It is not your fault, and nothing is lost. Try again in a minute; the log tells the owner more.",
    ),
    503: Message("LateSync must wait", "Its own database does not answer. Try again in a minute."),
}
_CSRF = Message(
    "This page was open for too long",
    "For safety nothing was changed. Open the page again and press the button once more.",
)


def add_problem_pages(app: Flask) -> None:
    app.register_error_handler(CSRFError, _csrf_page)
    app.register_error_handler(StateUnavailable, _state_page)
    app.register_error_handler(HTTPException, _http_page)


def message_page(
    message: Message,
    status: int,
    ways: Ways | None = None,
    *,
    refused: RefusedSignIn | None = None,
    language: str = "en",
) -> ResponseReturnValue:
    """A page that says one thing.

    ways: (label, address) of what to do next; None: where the viewer belongs.
    refused: a provider's page or answer that this page is about.
    """
    viewer = current_viewer()
    provider = refused.provider if refused else ""
    again = refused is not None and refused.again and viewer.may_sign_in is not None
    begins = f"connect.{provider}" if viewer.renewal is None else "renew.begin"
    return render_template(
        "message.html",
        message=message,
        explanation=refused.explanation if refused else None,
        page_language=language,
        ways=_home(again) if ways is None else ways,
        again=url_for(begins) if again else None,
        provider=provider,
        company=company(provider),
    ), status


def _home(again: bool) -> Ways:
    viewer = current_viewer()
    if viewer.renewal is not None and not viewer.is_admin:
        return () if again else (("Back to the sign-in", url_for("renew.page")),)
    is_agents_page = request.path.startswith(("/connect", "/oauth"))
    if viewer.agent_id is not None and (is_agents_page or not viewer.is_admin):
        return (("To your own page", url_for("connect.page")),)
    if not viewer.is_admin:
        return ()
    if request.path.startswith("/start"):
        return (("Back to the set-up", url_for("start.resume")),)
    for provider in ("google", "microsoft"):
        if request.path.startswith(f"/{provider}"):
            return ((f"Back to the page {company(provider)}", url_for(f"{provider}.page")),)
    return (("To the agents", url_for("admin.dashboard")),)


def _csrf_page(error: CSRFError) -> ResponseReturnValue:
    return message_page(_CSRF, 400)


def _http_page(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # a redirect of the router's own
        return error
    if status >= 500:
        forget_viewer()  # whatever failed may fail again
    return message_page(_PAGES.get(status, _PAGES[500 if status >= 500 else 400]), status)


def _state_page(error: StateUnavailable) -> ResponseReturnValue:
    _LOG.warning("state unavailable")
    forget_viewer()
    return message_page(_PAGES[503], 503)
