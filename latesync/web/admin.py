"""The owner's pages: who is connected, one agent."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from latesync.account_overview import AccountOverview
from latesync.booking_parts import booking_of
from latesync.consent.links import make_link_token
from latesync.errors import SiteError, WrongInput
from latesync.mailing.sending import invite
from latesync.model import AccountState
from latesync.overview import AgentOverview, Overview, Remedy
from latesync.plan.alarms import Kind
from latesync.sentences import (
    busy_sentences,
    consent_sentences,
    health_sentences,
    identity_sentences,
    reset_sentences,
    set_up_sentences,
)
from latesync.sentences.error_sentences import sentence_for
from latesync.sentences.mail_sentences import last_mail
from latesync.sentences.provider_words import PROVIDERS
from latesync.set_up import read_set_up
from latesync.store.accounts import AccountRow, active_account, active_accounts
from latesync.store.fingerprints import pull_forward
from latesync.store.history import Who
from latesync.store.mail_stops import agent_name, is_stopped
from latesync.store.outbox import list_mails
from latesync.store.pauses import read_resting
from latesync.store.people import replace_link
from latesync.sync.reset import count_upcoming
from latesync.web.context import now, overview, services, zone
from latesync.web.history import recent_lines
from latesync.web.leaving import leave, leaving_choices, reset_notes, what_follows_leaving
from latesync.web.providers import known_providers
from latesync.web.refusals import read_refusals
from latesync.web.viewers import admin_only

blueprint = Blueprint("admin", __name__)


@blueprint.get("/")
@admin_only
def dashboard() -> ResponseReturnValue:
    found, set_up = overview(), read_set_up(services())
    remedies = [(remedy.text, *_remedy_page(remedy)) for remedy in found.remedies()]
    return render_template(
        "dashboard.html",
        overview=found,
        set_up=set_up,
        set_up_words=set_up_sentences.progress(len(set_up.done_steps), len(set_up.steps)),
        remedies=remedies,
        notes=found.notes(),
        differences=[(text, _where(agent_id)) for agent_id, text in found.differences()],
        differences_intro=found.differences_intro(),
        calendar_lines=[*found.secret_notes(), *found.calendars.lines(found.zone)],
        busy_line=busy_sentences.form_line(found.busy_way, is_shown=found.shows_busy_time),
        zone_name=str(found.zone),
        pause=_pause(found),
    )


@blueprint.get("/agents/<int:agent_id>")
@admin_only
def agent(agent_id: int) -> ResponseReturnValue:
    found = overview(agent_id)
    shown = found.agent(agent_id)
    if shown is None:
        abort(404)
    return render_template(
        "agent.html",
        agent=shown,
        is_paused_alone=agent_id in found.health.resting.agents,
        problems=[text for account in shown.accounts if (text := _trouble(found, account))],
        link=_fresh_link(agent_id),
        can_mail=services().mailer is not None and not shown.is_connected,
        refusals=read_refusals(agent_id, zone()),
        history=recent_lines(agent_id, shown.name),
        troubled=_troubled(shown),
        not_read=found.calendars.not_read(agent_id, found.zone),
        sharing=found.calendars.sharing_lines(agent_id),
        what_blocks=found.calendars.what_blocks(agent_id),
        last_mail=_last_mail(agent_id),
        mails_stopped=is_stopped(services().database, services().site_id, agent_name(agent_id)),
        reset_notes=[note for account in _accounts(agent_id) for note in reset_notes(account)],
        providers=known_providers(),
        first=_first_bookings(shown),
    )


@blueprint.post("/agents/<int:agent_id>/link")
@admin_only
def new_link(agent_id: int) -> ResponseReturnValue:
    _agent_or_404(agent_id)
    site_id, key = services().site_id, services().secret_key
    serial = replace_link(services().database, site_id, agent_id)
    session["fresh_link"] = [agent_id, make_link_token(key, site_id, agent_id, serial, now=now())]
    return redirect(url_for("admin.agent", agent_id=agent_id, _anchor="link"))


@blueprint.post("/agents/<int:agent_id>/invite")
@admin_only
def mail_link(agent_id: int) -> ResponseReturnValue:
    """Mail the agent a link that leads to signing in; links they have go on working."""
    shown = _agent_or_404(agent_id)
    if not shown.is_connected:
        _mail_link(shown)
    return redirect(url_for("admin.agent", agent_id=agent_id, _anchor="link"))


@blueprint.get("/agents/<int:agent_id>/invite")
@admin_only
def back_to_agent(agent_id: int) -> ResponseReturnValue:
    """For the back button and reloads: the address belongs to a button."""
    return redirect(url_for("admin.agent", agent_id=agent_id))


@blueprint.post("/agents/<int:agent_id>/sync")
@admin_only
def sync_now(agent_id: int) -> ResponseReturnValue:
    since = read_resting(services().database, services().site_id).since(agent_id)
    count = pull_forward(
        services().database, services().site_id, [agent_id], now(), outbound=True, inbound=True
    )
    if since is not None:
        flash(health_sentences.agent_paused("This agent", since, zone()), "warning")
    elif count:
        flash("LateSync looks now. Reload this page in a few seconds.", "success")
    else:
        flash("Nothing is connected, so there is nothing to sync.", "warning")
    return redirect(url_for("admin.agent", agent_id=agent_id))


@blueprint.get("/agents/<int:agent_id>/disconnect")
@admin_only
def disconnect_agent(agent_id: int) -> ResponseReturnValue:
    shown = _agent_or_404(agent_id)
    account = _account_or_404(agent_id)
    back = url_for("admin.agent", agent_id=agent_id)
    follows = what_follows_leaving(account, is_own=False)
    choices = leaving_choices(account)
    return render_template(
        "disconnect.html", account=account, whose=shown.name, back=back, follows=follows, **choices
    )


@blueprint.post("/agents/<int:agent_id>/disconnect")
@admin_only
def disconnect_agent_now(agent_id: int) -> ResponseReturnValue:
    account = _account_or_404(agent_id)
    try:
        is_over = leave(account, Who.OWNER)
    except WrongInput as exc:
        flash(str(exc), "error")
        return redirect(url_for("admin.disconnect_agent", agent_id=agent_id, provider=account.provider))
    if not is_over:
        return redirect(url_for("reset.owners", agent_id=agent_id, provider=account.provider))
    flash("The calendar is disconnected.", "success")
    return redirect(url_for("admin.agent", agent_id=agent_id))


def _trouble(found: Overview, account: AccountOverview) -> str:
    """What is wrong with an account, else why a new sign-in is asked for; "" where all is well."""
    if account.is_connected and account.has_new_client and not account.problem:
        return consent_sentences.new_client(account.name, account.provider)
    return found.problem_of(account)


def _first_bookings(shown: AgentOverview) -> str:
    """What a first sign-in brings; "" for an agent who is, or was, connected."""
    if shown.is_active_account or shown.state == AccountState.DISCONNECTED:
        return ""
    number = (
        count_upcoming(services().sync_parts(), shown.agent_id) if services().has_site_address() else None
    )
    return reset_sentences.will_be_written(number) if number else ""


def _troubled(shown: AgentOverview) -> list[int]:
    """The bookings about which something is said to be wrong; each has a page that says why."""
    ids: set[int] = set()
    for account in shown.accounts:
        ids |= {mapping.booking_id for mapping in (*account.set_aside, *account.drifted)}
        ids |= {row.booking_id for row in account.held} | {row.booking_id for row in account.unreadable}
    return sorted({booking_of(number) for number in ids})


def _remedy_page(remedy: Remedy) -> tuple[str | None, str]:
    """Where to go on, None for nowhere, and what the way there is called."""
    if remedy.is_held:
        return url_for("held.page", agent=remedy.agent_id), "Decide"
    if remedy.about is Kind.SITE_STOPPED:
        return url_for("which_site.page"), identity_sentences.QUESTION
    return _where(remedy.agent_id), "See details"


def _pause(found: Overview) -> str:
    """Since when everything rests; "" where it does not."""
    since = found.health.paused_since
    return health_sentences.everything_paused(since, found.zone) if since else ""


def _where(agent_id: int | None) -> str | None:
    return None if agent_id is None else url_for("admin.agent", agent_id=agent_id)


def _last_mail(agent_id: int) -> str:
    """A sentence; "" where nothing was mailed yet."""
    mails = list_mails(services().database, services().site_id, agent_id=agent_id, limit=1)
    if not mails:
        return ""
    mail = mails[0]
    return last_mail(mail.kind, mail.step, mail.ended_as, mail.ended_at or mail.created_at, zone())


def _mail_link(shown: AgentOverview) -> None:
    try:
        is_told = invite(services(), shown.agent_id, now())
    except (SiteError, WrongInput) as exc:
        flash(sentence_for(exc), "error")
        return
    if is_told:
        flash(set_up_sentences.links_sent([shown.name]), "success")
    else:
        flash(set_up_sentences.not_invited([shown.name]), "warning")


def _fresh_link(agent_id: int) -> str | None:
    """The link that was just made, shown once."""
    match session.pop("fresh_link", None):
        case [int(whose), str(token)] if whose == agent_id:
            return f"{services().config.base_url}/connect/{token}"
    return None


def _agent_or_404(agent_id: int) -> AgentOverview:
    shown = overview(agent_id).agent(agent_id)
    if shown is None:
        abort(404)
    return shown


def _account_or_404(agent_id: int) -> AccountRow:
    """The one the page or its form names, else the one that takes the bookings."""
    named = request.values.get("provider")
    provider = named if named in PROVIDERS else None
    account = active_account(services().database, services().site_id, agent_id, provider)
    if account is None:
        abort(404)
    return account


def _accounts(agent_id: int) -> list[AccountRow]:
    return active_accounts(services().database, services().site_id, agent_id)
