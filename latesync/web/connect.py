"""An agent's own pages: the links to them, the state, signing in, calendars, mails, disconnecting."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync import messages
from latesync.consent.flow import begin_sign_in
from latesync.consent.links import LinkClaim, read_agent_token
from latesync.consent.renewal import Renewal, Standing, standing_of
from latesync.errors import LinkExpired, SignInRefused, WrongInput
from latesync.messages import Message
from latesync.options import BlockingPolicy, NextSync
from latesync.overview import Overview
from latesync.read_overview import read_current_client
from latesync.sentences import blocking_sentences, drift_sentences, reset_sentences, sign_in_sentences
from latesync.sentences.problem_sentences import own_problem
from latesync.store.accounts import AccountRow, active_account, choose_calendars, list_accounts
from latesync.store.blocking import choose_blocking
from latesync.store.history import Who
from latesync.store.mail_stops import agent_name, is_stopped, resume_mail
from latesync.store.people import link_serial
from latesync.sync.reset import count_upcoming
from latesync.web.blocking import blocking_table, chosen_blocking
from latesync.web.choosing import CalendarChoice, chosen, read_choices
from latesync.web.context import now, overview, services
from latesync.web.desk import desk
from latesync.web.leaving import leave, leaving_choices, reset_notes
from latesync.web.problems import message_page
from latesync.web.refusals import read_refusals
from latesync.web.viewers import browser_nonce, current_viewer, let_in_agent, let_in_to_renew

blueprint = Blueprint("connect", __name__, url_prefix="/connect")

AgentView = Callable[[int], ResponseReturnValue]

_ENDED = Message(
    "Please open your personal link",
    "This page belongs to one person. Open the link you were sent; if it no longer works, ask the site’s "
    "owner for a new one.",
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
        viewer = current_viewer()
        if viewer.renewal is not None and request.method == "GET":
            return redirect(url_for("renew.page"))  # all that a mail's link opens
        return message_page(_ENDED, 403) if viewer.agent_id is None else view(viewer.agent_id)

    return guarded


@blueprint.get("/<token>")
def personal_link(token: str) -> ResponseReturnValue:
    """Exchanges the link for a session at once; opening it changes nothing here (mail scanners do)."""
    try:
        claim = read_agent_token(services().secret_key, token, now=now())
    except LinkExpired as exc:
        return message_page(Message("This link has expired", str(exc)), 410, ())
    except WrongInput as exc:
        return message_page(Message("This link does not work", str(exc)), 410, ())
    if claim.site_id != services().site_id:
        return message_page(sign_in_sentences.LINK_OF_ANOTHER_SITE, 410, ())
    if claim.serial != link_serial(services().database, claim.site_id, claim.agent_id):
        return message_page(sign_in_sentences.LINK_REPLACED, 410, ())
    if isinstance(claim, LinkClaim):
        let_in_agent(services(), claim.agent_id, claim.serial)
        return redirect(url_for("connect.page"))
    renewal = Renewal(claim.agent_id, claim.account_id, claim.consent)
    let_in_to_renew(services(), renewal, claim.serial)
    account = active_account(services().database, services().site_id, claim.agent_id)
    if current_viewer().renewal is None and standing_of(renewal, account) is not Standing.OPEN:
        return redirect(url_for("connect.page"))  # their own session: that page says how it stands
    return redirect(url_for("renew.page"))


@blueprint.get("")
@agent_only
def page(agent_id: int) -> ResponseReturnValue:
    seen = overview(agent_id)
    shown = seen.agent(agent_id)
    if shown is None:
        if seen.site_problem:
            return message_page(_UNREADABLE, 503)
        return message_page(sign_in_sentences.AGENT_GONE, 404)
    account = active_account(services().database, services().site_id, agent_id)
    choices = read_choices(desk(), account) if account is not None and shown.is_connected else None
    return render_template(
        "connect.html",
        agent=shown,
        problem=own_problem(shown.problem, shown.provider) if shown.problem else None,
        ending_soon=messages.is_ending_soon(shown.consent_ends_at, now()),
        has_client=read_current_client(services()) is not None,
        no_client=sign_in_sentences.sign_in_refused("no_client"),
        choices=choices.calendars if choices else (),
        list_is_fresh=choices.is_fresh if choices else True,
        calendar_lines=_calendar_lines(seen, agent_id),
        blocking=blocking_table(seen.calendars.blocking.get(agent_id, BlockingPolicy())),
        held=drift_sentences.own_held_wishes(shown.held_wishes) if shown.held_wishes else None,
        refusals=read_refusals(agent_id, seen.zone),
        mails_stopped=is_stopped(services().database, services().site_id, agent_name(agent_id)),
        reset_notes=reset_notes(account),
        first=first_bookings(agent_id) if account is None else None,
    )


@blueprint.post("/google")
@agent_only
def google(agent_id: int) -> ResponseReturnValue:
    next_sync = NextSync.NEW if request.form.get("next") == NextSync.NEW.value else NextSync.ALL
    try:
        return redirect(begin_sign_in(desk(), agent_id, browser_nonce(), next_sync))
    except SignInRefused as refused:
        return message_page(sign_in_sentences.sign_in_refused(refused.code), 409)


@blueprint.post("/mails")
@agent_only
def mail_me_again(agent_id: int) -> ResponseReturnValue:
    resume_mail(services().database, services().site_id, agent_name(agent_id))
    flash("LateSync writes to you again when you must sign in.", "success")
    return redirect(url_for("connect.page"))


@blueprint.get("/google")
@blueprint.get("/busy")
@blueprint.get("/calendars")
@blueprint.get("/mails")
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


@blueprint.post("/busy")
@agent_only
def what_makes_busy(agent_id: int) -> ResponseReturnValue:
    account = active_account(services().database, services().site_id, agent_id)
    if account is None:
        return redirect(url_for("connect.page"))
    try:
        policy = chosen_blocking(request.form)
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        choose_blocking(services().database, account.id, policy, now())
        flash(blocking_sentences.SAVED, "success")
    return redirect(url_for("connect.page", _anchor="busy"))


@blueprint.get("/disconnect")
@agent_only
def ask_disconnect(agent_id: int) -> ResponseReturnValue:
    shown = overview(agent_id).agent(agent_id)
    account = active_account(services().database, services().site_id, agent_id)
    if shown is None or account is None:
        return redirect(url_for("connect.page"))
    back = url_for("connect.page")
    return render_template("disconnect.html", agent=shown, whose=None, back=back, **leaving_choices(account))


@blueprint.post("/disconnect")
@agent_only
def disconnect_now(agent_id: int) -> ResponseReturnValue:
    account = active_account(services().database, services().site_id, agent_id)
    if account is None:
        return redirect(url_for("connect.page"))
    try:
        is_over = leave(account, Who.AGENT)
    except WrongInput as exc:
        flash(str(exc), "error")
        return redirect(url_for("connect.ask_disconnect"))
    if not is_over:
        return redirect(url_for("reset.agents"))
    flash("Your calendar is disconnected. You can connect it again at any time.", "success")
    return redirect(url_for("connect.page"))


def first_bookings(agent_id: int) -> Message | None:
    """What to ask before an agent's very first sign-in; None: nothing. Who returns keeps what was chosen."""
    accounts = list_accounts(services().database, services().site_id)
    if any(account.agent_id == agent_id for account in accounts):
        return None
    number = count_upcoming(services().sync_parts(), agent_id)
    return reset_sentences.first_bookings(number) if number else None


def _choose(account: AccountRow) -> None:
    choices: tuple[CalendarChoice, ...] = read_choices(desk(), account).calendars
    write_to, read_from = chosen(choices, request.form.get("write", ""), request.form.getlist("busy"))
    choose_calendars(services().database, account.id, write_to, read_from, None, now())


def _calendar_lines(seen: Overview, agent_id: int) -> list[str]:
    """What an agent should know of their calendars."""
    found = seen.calendars
    lines = (found.own_not_read(agent_id, seen.zone), found.own_sharing(agent_id))
    return [line for line in lines if line]
