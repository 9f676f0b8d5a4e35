"""Where Google sends an agent back to. The code in the address is a secret: nothing here is logged."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import CLIENT_CODES, GoogleReturn, finish_sign_in
from latesync.consent.renewal import Returning
from latesync.errors import SignInRefused, WrongInput
from latesync.notify.texts import match_language
from latesync.sentences import sign_in_sentences
from latesync.store.accounts import active_account
from latesync.store.people import link_serial
from latesync.sync.reset import newest_booking_id
from latesync.web.context import services
from latesync.web.desk import desk
from latesync.web.problems import message_page
from latesync.web.troubles import explain
from latesync.web.viewers import browser_nonce, current_viewer, let_in_agent

blueprint = Blueprint("google_return", __name__)

# Ours or Google's trouble and not the agent's choice: the status says so to whoever watches.
_STATUS = {
    "provider_unavailable": 503,
    "client_rejected": 502,
    "redirect_mismatch": 502,
    "calendar_api_off": 502,
    "done_already": 200,  # nothing is wrong
}

# Trying again changes nothing before somebody else has acted, or the work is done.
_USED_UP = frozenset({"done_already", "link_used_up"})
_USELESS = CLIENT_CODES | _USED_UP | {"no_client", "state_used", "blocked_by_admin", "session_ended"}


@blueprint.get("/oauth/google/callback")
def callback() -> ResponseReturnValue:
    answer = GoogleReturn(
        state=request.args.get("state", ""),
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
    )
    viewer = current_viewer()
    returning = Returning(
        browser_nonce(),
        viewer.may_sign_in,
        viewer.renewal,
        match_language(request.headers.get("Accept-Language")),
        _newest_booking(),
    )
    try:
        finished = finish_sign_in(desk(), answer, returning)
    except SignInRefused as refused:
        return _refusal_page(refused)
    if viewer.renewal is not None:  # who has proved to be the agent is let in as the agent
        serial = link_serial(services().database, services().site_id, finished.agent_id)
        let_in_agent(services(), finished.agent_id, serial)
    return redirect(url_for("done.page"))


def _newest_booking() -> int | None:
    """What is booked after this moment is new, whenever the worker begins."""
    try:
        return newest_booking_id(services().sync_parts())
    except WrongInput:  # no booking site is connected yet
        return None


def _refusal_page(refused: SignInRefused) -> ResponseReturnValue:
    message = sign_in_sentences.sign_in_refused(refused.code, _account_in_words())
    is_over = refused.code in _USED_UP and current_viewer().renewal is not None
    return message_page(
        message,
        _STATUS.get(refused.code, 400),
        () if is_over else None,
        again=refused.code not in _USELESS,
        explanation=explain(refused),
    )


def _account_in_words() -> str:
    """The Google account this browser's agent is known by here, masked; "" when there is none."""
    agent_id = current_viewer().may_sign_in
    if agent_id is None:
        return ""
    account = active_account(services().database, services().site_id, agent_id)
    return sign_in_sentences.masked(account.email) if account else ""
