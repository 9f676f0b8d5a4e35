"""An agent's own pages: the personal link, the state, signing in with Google, calendars, disconnecting."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync import drift_sentences, messages, sign_in_sentences
from latesync.consent.flow import begin_sign_in, disconnect
from latesync.consent.links import read_link_token
from latesync.errors import SignInRefused, WrongInput
from latesync.messages import Message
from latesync.read_overview import read_current_client
from latesync.store.accounts import AccountRow, active_account, choose_calendars
from latesync.store.people import link_serial
from latesync.web.choosing import CalendarChoice, chosen, read_choices
from latesync.web.context import now, overview, services
from latesync.web.desk import desk
from latesync.web.problems import message_page
from latesync.web.refusals import read_refusals
from latesync.web.viewers import browser_nonce, current_viewer, let_in_agent

blueprint = Blueprint("connect", __name__, url_prefix="/connect")

AgentView = Callable[[int], ResponseReturnValue]

_ENDED = Message(
    "Please open your personal link",
    "This page belongs to one person. Open the link you were sent; if it no longer works, ask the site’s "
    "owner for a new one.",
)
_REPLACED = Message(
    "This link was replaced by a newer one",
    "Open the newest link you were sent. If you cannot find it, ask the site’s owner for a new one.",
)
_GONE = Message(
    "You are no longer among the site’s agents",
    "The site’s owner removed this agent. Ask them if that was not meant.",
)
_UNREADABLE = Message(
    "Your page cannot be shown now",
    "The booking site cannot be read at the moment. Nothing is lost. Try again in a few minutes; if it stays "
    "like this, tell the site’s owner.",
)


def agent_only(view: AgentView) -> Callable[[], ResponseReturnValue]:
    """Calls the view with the id of the agent whose session this is."""

    @wraps(view)
    def guarded() -> ResponseReturnValue:
        agent_id = current_viewer().agent_id
        return message_page(_ENDED, 403) if agent_id is None else view(agent_id)

    return guarded


@blueprint.get("/<token>")
def personal_link(token: str) -> ResponseReturnValue:
    """Exchanges the link for a session at once; opening it changes nothing here (mail scanners do)."""
    try:
        claim = read_link_token(services().secret_key, token, now=now())
    except WrongInput as exc:
        return message_page(Message("This link does not work", str(exc)), 410, ())
    is_ours = claim.site_id == services().site_id
    if not is_ours or claim.serial != link_serial(services().database, claim.site_id, claim.agent_id):
        return message_page(_REPLACED, 410, ())
    let_in_agent(services(), claim.agent_id, claim.serial)
    return redirect(url_for("connect.page"))


@blueprint.get("")
@agent_only
def page(agent_id: int) -> ResponseReturnValue:
    seen = overview(agent_id)
    shown = seen.agent(agent_id)
    if shown is None:
        return message_page(_UNREADABLE, 503) if seen.site_problem else message_page(_GONE, 404)
    account = active_account(services().database, services().site_id, agent_id)
    choices = read_choices(desk(), account) if account is not None and shown.is_connected else None
    return render_template(
        "connect.html",
        agent=shown,
        problem=messages.own_problem(shown.problem) if shown.problem else None,
        ending_soon=messages.is_ending_soon(shown.consent_ends_at, now()),
        has_client=read_current_client(services()) is not None,
        no_client=sign_in_sentences.sign_in_refused("no_client"),
        choices=choices.calendars if choices else (),
        list_is_fresh=choices.is_fresh if choices else True,
        held=drift_sentences.own_held_wishes(shown.held_wishes) if shown.held_wishes else None,
        refusals=read_refusals(agent_id, seen.zone),
    )


@blueprint.post("/google")
@agent_only
def google(agent_id: int) -> ResponseReturnValue:
    try:
        return redirect(begin_sign_in(desk(), agent_id, browser_nonce()))
    except SignInRefused as refused:
        return message_page(sign_in_sentences.sign_in_refused(refused.code), 409)


@blueprint.get("/google")
@blueprint.get("/calendars")
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(url_for("connect.page"))


@blueprint.post("/calendars")
@agent_only
def calendars(agent_id: int) -> ResponseReturnValue:
    account = active_account(services().database, services().site_id, agent_id)
    if account is None:
        return redirect(url_for("connect.page"))
    try:
        _choose(account)
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        flash("Saved. LateSync brings everything in line within a minute.", "success")
    return redirect(url_for("connect.page"))


@blueprint.get("/disconnect")
@agent_only
def ask_disconnect(agent_id: int) -> ResponseReturnValue:
    shown = overview(agent_id).agent(agent_id)
    if shown is None or active_account(services().database, services().site_id, agent_id) is None:
        return redirect(url_for("connect.page"))
    return render_template("disconnect.html", agent=shown, whose=None, back=url_for("connect.page"))


@blueprint.post("/disconnect")
@agent_only
def disconnect_now(agent_id: int) -> ResponseReturnValue:
    account = active_account(services().database, services().site_id, agent_id)
    if account is not None:
        disconnect(desk(), account)
        flash("Your calendar is disconnected. You can connect it again at any time.", "success")
    return redirect(url_for("connect.page"))


def _choose(account: AccountRow) -> None:
    choices: tuple[CalendarChoice, ...] = read_choices(desk(), account).calendars
    write_to, read_from = chosen(choices, request.form.get("write", ""), request.form.getlist("busy"))
    choose_calendars(
        services().database, account.id, write_to, read_from, request.form.get("tentative") == "yes", now()
    )
