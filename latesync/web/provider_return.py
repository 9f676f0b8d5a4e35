"""Where providers send an agent back to. The code in the address is a secret: nothing here is logged."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import CLIENT_CODES, finish_sign_in
from latesync.consent.providers import SignInReturn
from latesync.consent.renewal import Returning
from latesync.errors import SignInRefused, WrongInput
from latesync.notify.texts import match_language
from latesync.sentences import sign_in_sentences
from latesync.store.accounts import active_account
from latesync.store.people import link_serial
from latesync.sync.reset import newest_booking_id
from latesync.web.context import services
from latesync.web.desk import desk
from latesync.web.problems import RefusedSignIn, message_page
from latesync.web.troubles import explain
from latesync.web.viewers import browser_nonce, current_viewer, let_in_agent

blueprint = Blueprint("provider_return", __name__)

_ADDRESS = "/oauth/<any(google, microsoft):provider>/callback"
# What a provider may send, and we read; anything else stays out of the address we redirect to.
_PARAMETERS = ("state", "code", "error", "error_description", "error_subcode")

# Ours or the provider's trouble and not the agent's choice: the status says so to whoever watches.
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


@blueprint.get(_ADDRESS)
def callback(provider: str) -> ResponseReturnValue:
    given = {name: request.args[name] for name in _PARAMETERS if name in request.args}
    answer = SignInReturn(given.get("state", ""), given.get("code", ""), given.get("error", ""), given)
    viewer = current_viewer()
    returning = Returning(
        browser_nonce(),
        viewer.may_sign_in,
        viewer.renewal,
        match_language(request.headers.get("Accept-Language")),
        _newest_booking(),
    )
    try:
        finished = finish_sign_in(desk(), provider, answer, returning)
    except SignInRefused as refused:
        return _refusal_page(refused, provider)
    if viewer.renewal is not None:  # who has proved to be the agent is let in as the agent
        serial = link_serial(services().database, services().site_id, finished.agent_id)
        let_in_agent(services(), finished.agent_id, serial)
    return redirect(url_for("done.page"))


@blueprint.post(_ADDRESS)
def posted_callback(provider: str) -> ResponseReturnValue:
    """A return as a posted form, which comes without our session's cookie; the same as an address has it
    (microsoft-graph.md P6). Changes nothing: it counts for who began the sign-in in this browser alone."""
    given = {name: request.form[name] for name in _PARAMETERS if name in request.form}
    address = url_for("provider_return.callback", provider=provider)
    return redirect(f"{address}?{urlencode(given)}", 303)


def _newest_booking() -> int | None:
    """What is booked after this moment is new, whenever the worker begins."""
    try:
        return newest_booking_id(services().sync_parts())
    except WrongInput:  # no booking site is connected yet
        return None


def _refusal_page(refused: SignInRefused, provider: str) -> ResponseReturnValue:
    expected = _account_in_words(provider)
    message = sign_in_sentences.sign_in_refused(refused.code, account=expected, provider=provider)
    is_over = refused.code in _USED_UP and current_viewer().renewal is not None
    return message_page(
        message,
        _STATUS.get(refused.code, 400),
        () if is_over else None,
        refused=RefusedSignIn(provider, refused.code not in _USELESS, explain(refused, provider)),
    )


def _account_in_words(provider: str) -> str:
    """The provider's account this browser's agent is known by here, masked; "" when there is none."""
    agent_id = current_viewer().may_sign_in
    if agent_id is None:
        return ""
    account = active_account(services().database, services().site_id, agent_id, provider)
    return sign_in_sentences.masked(account.email) if account else ""
