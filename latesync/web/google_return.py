"""Where Google sends people back to."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from latesync import sign_in_sentences
from latesync.consent.flow import CLIENT_CODES, GoogleReturn, finish_sign_in
from latesync.errors import SignInRefused
from latesync.web.desk import desk
from latesync.web.problems import message_page
from latesync.web.viewers import browser_nonce

blueprint = Blueprint("google_return", __name__)

# Ours or Google's trouble and not the agent's choice: the status says so to whoever watches.
_STATUS = {
    "provider_unavailable": 503,
    "client_rejected": 502,
    "redirect_mismatch": 502,
    "calendar_api_off": 502,
}

# Trying again changes nothing before somebody else has acted, or the work is done.
_USELESS = CLIENT_CODES | {"no_client", "state_used", "blocked_by_admin"}


@blueprint.get("/oauth/google/callback")
def callback() -> ResponseReturnValue:
    answer = GoogleReturn(
        state=request.args.get("state", ""),
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
    )
    try:
        finished = finish_sign_in(desk(), answer, browser_nonce())
    except SignInRefused as refused:
        message = sign_in_sentences.sign_in_refused(refused.code)
        return message_page(message, _STATUS.get(refused.code, 400), again=refused.code not in _USELESS)
    flash("Your calendar is connected. You can close this page.", "success")
    if finished.shared_with:
        flash(sign_in_sentences.shared_account(len(finished.shared_with)), "warning")
    return redirect(url_for("connect.page"))
