"""An agent's own pages: the links to them, the state, signing in, calendars, mails, disconnecting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.account_overview import AccountOverview
from latesync.consent.flow import begin_sign_in
from latesync.consent.links import LinkClaim, read_agent_token
from latesync.consent.renewal import Renewal, Standing, standing_of
from latesync.errors import LinkExpired, SignInRefused, WrongInput
from latesync.messages import Message
from latesync.model import AccountState
from latesync.options import BlockingPolicy, NextSync
from latesync.overview import Overview
from latesync.sentences import (
    blocking_sentences,
    connect_sentences,
    drift_sentences,
    reset_sentences,
    sign_in_sentences,
)
from latesync.sentences.provider_words import PROVIDERS, calendar_product
from latesync.store.accounts import (
    AccountRow,
    active_account,
    active_accounts,
    choose_calendars,
    list_accounts,
)
from latesync.store.blocking import choose_blocking
from latesync.store.history import Who
from latesync.store.mail_stops import agent_name, is_stopped, resume_mail
from latesync.store.people import link_serial
from latesync.sync.reset import count_upcoming
from latesync.web.account_cards import cards_of
from latesync.web.blocking import blocking_table, chosen_blocking
from latesync.web.choosing import Choices, chosen, read_choices
from latesync.web.context import now, overview, services
from latesync.web.desk import desk
from latesync.web.leaving import leave, leaving_choices, reset_notes, what_follows_leaving
from latesync.web.problems import message_page
from latesync.web.providers import usable_providers
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
    accounts = _accounts(agent_id)
    lists = _choices(accounts)
    usable = usable_providers()
    return render_template(
        "connect.html",
        agent=shown,
        cards=cards_of(shown),
        lists=lists,
        usable=usable,
        benefits=connect_sentences.benefits([calendar_product(provider) for provider in usable]),
        others=[provider for provider in usable if not _is_at(provider, accounts)] if accounts else (),
        words=connect_sentences,
        no_client=sign_in_sentences.no_client,
        calendar_lines=_calendar_lines(seen, agent_id),
        blocking=blocking_table(seen.calendars.blocking.get(agent_id, BlockingPolicy())),
        held=_held_words(shown.accounts),
        refusals=read_refusals(agent_id, seen.zone),
        mails_stopped=is_stopped(services().database, services().site_id, agent_name(agent_id)),
        reset_notes=[note for account in accounts for note in reset_notes(account)],
        first=None if accounts else first_bookings(agent_id),
    )


@blueprint.post("/google")
@agent_only
def google(agent_id: int) -> ResponseReturnValue:
    return _begin(agent_id, "google")


@blueprint.post("/microsoft")
@agent_only
def microsoft(agent_id: int) -> ResponseReturnValue:
    return _begin(agent_id, "microsoft")


def _begin(agent_id: int, provider: str) -> ResponseReturnValue:
    next_sync = NextSync.NEW if request.form.get("next") == NextSync.NEW.value else NextSync.ALL
    writes = request.form.get("writes") == "yes"
    try:
        return redirect(begin_sign_in(desk(), agent_id, browser_nonce(), provider, next_sync, writes=writes))
    except SignInRefused as refused:
        return message_page(sign_in_sentences.sign_in_refused(refused.code, provider=provider), 409)


@blueprint.post("/mails")
@agent_only
def mail_me_again(agent_id: int) -> ResponseReturnValue:
    resume_mail(services().database, services().site_id, agent_name(agent_id))
    flash("LateSync writes to you again when you must sign in.", "success")
    return redirect(url_for("connect.page"))


@blueprint.get("/google")
@blueprint.get("/microsoft")
@blueprint.get("/busy")
@blueprint.get("/calendars")
@blueprint.get("/mails")
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(url_for("connect.page"))


@blueprint.post("/calendars")
@agent_only
def calendars(agent_id: int) -> ResponseReturnValue:
    lists = _choices(_accounts(agent_id))
    if not lists:
        return redirect(url_for("connect.page"))
    try:
        # The one that takes the bookings comes first: with it the others no longer do.
        for wish in chosen(lists, request.form.get("write", ""), request.form.getlist("busy")):
            account_id, busy = wish.account.id, wish.read_from
            choose_calendars(services().database, account_id, wish.write_to, busy, None, now())
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        flash("Saved. LateSync brings everything in line within a minute.", "success")
    return redirect(url_for("connect.page"))


@blueprint.post("/busy")
@agent_only
def what_makes_busy(agent_id: int) -> ResponseReturnValue:
    """One choice for the person, whichever of their calendars an entry stands in."""
    accounts = _accounts(agent_id)
    if not accounts:
        return redirect(url_for("connect.page"))
    try:
        policy = chosen_blocking(request.form)
    except WrongInput as exc:
        flash(str(exc), "error")
    else:
        for account in accounts:
            choose_blocking(services().database, account.id, policy, now())
        flash(blocking_sentences.SAVED, "success")
    return redirect(url_for("connect.page", _anchor="busy"))


@blueprint.get("/disconnect")
@agent_only
def ask_disconnect(agent_id: int) -> ResponseReturnValue:
    account = _leaving(agent_id, request.args.get("provider"))
    if account is None:
        return redirect(url_for("connect.page"))
    back = url_for("connect.page")
    follows = what_follows_leaving(account, is_own=True)
    return render_template(
        "disconnect.html", account=account, whose=None, back=back, follows=follows, **leaving_choices(account)
    )


@blueprint.post("/disconnect")
@agent_only
def disconnect_now(agent_id: int) -> ResponseReturnValue:
    account = _leaving(agent_id, request.form.get("provider"))
    if account is None:
        return redirect(url_for("connect.page"))
    try:
        is_over = leave(account, Who.AGENT)
    except WrongInput as exc:
        flash(str(exc), "error")
        return redirect(url_for("connect.ask_disconnect", provider=account.provider))
    if not is_over:
        return redirect(url_for("reset.agents", provider=account.provider))
    flash(connect_sentences.disconnected(account.provider), "success")
    return redirect(url_for("connect.page"))


def first_bookings(agent_id: int) -> Message | None:
    """What to ask before an agent's very first sign-in; None: nothing. Who returns keeps what was chosen."""
    accounts = list_accounts(services().database, services().site_id)
    if any(account.agent_id == agent_id for account in accounts):
        return None
    number = count_upcoming(services().sync_parts(), agent_id)
    return reset_sentences.first_bookings(number) if number else None


def _accounts(agent_id: int) -> list[AccountRow]:
    return active_accounts(services().database, services().site_id, agent_id)


def _leaving(agent_id: int, provider: str | None) -> AccountRow | None:
    """The account a page about leaving means: the one named, or the only one there is to name."""
    wanted = provider if provider in PROVIDERS else None
    return active_account(services().database, services().site_id, agent_id, wanted)


def _choices(accounts: list[AccountRow]) -> list[Choices]:
    """Nothing while somebody is signed out of everything: there is nothing to choose from."""
    if not any(account.state is AccountState.CONNECTED for account in accounts):
        return []
    return [read_choices(desk(), account) for account in accounts]


def _is_at(provider: str, accounts: list[AccountRow]) -> bool:
    return any(account.provider == provider for account in accounts)


def _held_words(accounts: Iterable[AccountOverview]) -> str:
    number = sum(account.held_wishes for account in accounts)
    return drift_sentences.own_held_wishes(number) if number else ""


def _calendar_lines(seen: Overview, agent_id: int) -> list[str]:
    """What an agent should know of their calendars."""
    found = seen.calendars
    lines = (found.own_not_read(agent_id, seen.zone), found.own_sharing(agent_id))
    return [line for line in lines if line]
