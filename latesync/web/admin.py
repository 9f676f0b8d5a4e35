"""The owner's pages: who is connected, one agent."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from latesync.consent.flow import disconnect
from latesync.consent.links import make_link_token
from latesync.errors import SiteError, WrongInput
from latesync.mailing.sending import invite
from latesync.overview import AgentOverview
from latesync.sentences import busy_sentences, set_up_sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.sentences.mail_sentences import last_mail
from latesync.set_up import Step, read_set_up
from latesync.store.accounts import AccountRow, active_account
from latesync.store.fingerprints import pull_forward
from latesync.store.mail_stops import agent_name, is_stopped
from latesync.store.outbox import list_mails
from latesync.store.people import replace_link
from latesync.web.context import now, overview, services, zone
from latesync.web.desk import desk
from latesync.web.refusals import read_refusals
from latesync.web.viewers import admin_only

blueprint = Blueprint("admin", __name__)


@blueprint.get("/")
@admin_only
def dashboard() -> ResponseReturnValue:
    found, set_up = overview(), read_set_up(services())
    remedies = [(remedy.text, _where(remedy.agent_id)) for remedy in found.remedies()]
    return render_template(
        "dashboard.html",
        overview=found,
        set_up=set_up,
        set_up_words=set_up_sentences.progress(len(set_up.done), len(Step)),
        remedies=remedies,
        notes=found.notes(),
        differences=[(text, _where(agent_id)) for agent_id, text in found.differences()],
        differences_intro=found.differences_intro(),
        busy_line=busy_sentences.form_line(found.busy_way, is_shown=found.shows_busy_time),
        zone_name=str(found.zone),
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
        problem=found.problem_of(shown),
        link=_fresh_link(agent_id),
        can_mail=services().mailer is not None and not shown.is_connected,
        refusals=read_refusals(agent_id, zone()),
        last_mail=_last_mail(agent_id),
        mails_stopped=is_stopped(services().database, services().site_id, agent_name(agent_id)),
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
    count = pull_forward(
        services().database, services().site_id, [agent_id], now(), outbound=True, inbound=True
    )
    if count:
        flash("LateSync looks now. Reload this page in a few seconds.", "success")
    else:
        flash("Nothing is connected, so there is nothing to sync.", "warning")
    return redirect(url_for("admin.agent", agent_id=agent_id))


@blueprint.get("/agents/<int:agent_id>/disconnect")
@admin_only
def disconnect_agent(agent_id: int) -> ResponseReturnValue:
    shown = _agent_or_404(agent_id)
    _account_or_404(agent_id)
    back = url_for("admin.agent", agent_id=agent_id)
    return render_template("disconnect.html", agent=shown, whose=shown.name, back=back)


@blueprint.post("/agents/<int:agent_id>/disconnect")
@admin_only
def disconnect_agent_now(agent_id: int) -> ResponseReturnValue:
    disconnect(desk(), _account_or_404(agent_id))
    flash("The calendar is disconnected.", "success")
    return redirect(url_for("admin.agent", agent_id=agent_id))


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
    account = active_account(services().database, services().site_id, agent_id)
    if account is None:
        abort(404)
    return account
