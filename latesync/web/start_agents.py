"""Fifth step of the set-up: let each agent in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from latesync import messages
from latesync.consent.links import make_link_token
from latesync.errors import SiteError, WrongInput
from latesync.mailing.sending import invite
from latesync.overview import AgentOverview
from latesync.sentences import set_up_sentences as sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.set_up import Step
from latesync.store.people import link_serial
from latesync.store.set_up import LINKS_MADE, add_mark, first_event
from latesync.web.context import now, overview, services, zone
from latesync.web.start import step_address, step_page
from latesync.web.viewers import admin_only

blueprint = Blueprint("start_agents", __name__, url_prefix="/start/agents")


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    return _page(overview().agents)


@blueprint.post("/invite")
@admin_only
def send_links() -> ResponseReturnValue:
    """Mail a link to each agent who was ticked."""
    agents = _ticked(overview().agents)
    try:
        told = [agent for agent in agents if invite(services(), agent.agent_id, now())]
    except (SiteError, WrongInput) as exc:
        flash(sentence_for(exc), "error")
        return redirect(step_address(Step.AGENTS))
    left = [agent.name for agent in agents if agent not in told]
    if told:
        add_mark(services().database, services().site_id, LINKS_MADE)
        flash(sentences.links_sent([agent.name for agent in told]), "success")
    if left:
        flash(sentences.not_invited(left), "warning")
    if not agents:
        flash(sentences.NOBODY_TICKED, "warning")
    return redirect(step_address(Step.AGENTS))  # a reload mails nobody a second time


@blueprint.get("/invite")
@blueprint.get("/links")
@admin_only
def back_to_page() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(step_address(Step.AGENTS))


@blueprint.post("/links")
@admin_only
def show_links() -> ResponseReturnValue:
    """Links to copy, on this answer only. Links that were given out before go on working."""
    agents = _ticked(overview().agents)
    if agents:
        add_mark(services().database, services().site_id, LINKS_MADE)
    else:
        flash(sentences.NOBODY_TICKED, "warning")
    return _page(overview().agents, {agent.agent_id: _link(agent.agent_id) for agent in agents})


def _ticked(agents: Collection[AgentOverview]) -> list[AgentOverview]:
    chosen = set(request.form.getlist("agent"))
    return [agent for agent in agents if str(agent.agent_id) in chosen and not agent.is_connected]


def _page(agents: Collection[AgentOverview], links: Mapping[int, str] | None = None) -> ResponseReturnValue:
    active = [agent for agent in agents if agent.is_active or agent.is_active_account]
    return step_page(
        Step.AGENTS,
        agents=active,
        waiting=[agent for agent in active if not agent.is_connected],
        links=links or {},
        has_mail=services().has_mail_server(),
        first_booking=_first_booking(active),
    )


def _first_booking(agents: Collection[AgentOverview]) -> str:
    """A sentence, "" before there is one."""
    first = first_event(services().database, services().site_id)
    if first is None:
        return ""
    name = next((agent.name for agent in agents if agent.agent_id == first.agent_id), "")
    return sentences.first_booking(name, first.booking_id, messages.moment(first.starts_at, zone()))


def _link(agent_id: int) -> str:
    site_id = services().site_id
    serial = link_serial(services().database, site_id, agent_id)
    token = make_link_token(services().secret_key, site_id, agent_id, serial, now=now())
    return f"{services().config.base_url}/connect/{token}"
