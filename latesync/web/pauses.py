"""The owner's buttons “Pause” and “Go on”, for everything and for one agent."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from latesync.sentences import health_sentences
from latesync.store.leases import EVERYBODY
from latesync.store.pauses import read_resting, record_paused, record_resumed
from latesync.web.context import now, overview, services
from latesync.web.viewers import admin_only

blueprint = Blueprint("pauses", __name__)


@blueprint.post("/pause")
@admin_only
def pause_all() -> ResponseReturnValue:
    is_news = record_paused(services().database, services().site_id, EVERYBODY, now())
    flash(health_sentences.PAUSED_ALL if is_news else health_sentences.ALREADY_PAUSED, "success")
    return redirect(url_for("admin.dashboard"))


@blueprint.post("/resume")
@admin_only
def resume_all() -> ResponseReturnValue:
    is_news = record_resumed(services().database, services().site_id, EVERYBODY, now())
    flash(health_sentences.RESUMED_ALL if is_news else health_sentences.NOT_PAUSED, "success")
    found = overview()
    alone = [agent.name for agent in found.agents if agent.paused_since is not None]
    if alone:
        flash(health_sentences.still_paused_alone(alone), "warning")
    return redirect(url_for("admin.dashboard"))


@blueprint.post("/agents/<int:agent_id>/pause")
@admin_only
def pause_agent(agent_id: int) -> ResponseReturnValue:
    name = _name_or_404(agent_id)
    is_news = record_paused(services().database, services().site_id, agent_id, now())
    flash(health_sentences.paused(name) if is_news else health_sentences.ALREADY_PAUSED, "success")
    return redirect(url_for("admin.agent", agent_id=agent_id))


@blueprint.post("/agents/<int:agent_id>/resume")
@admin_only
def resume_agent(agent_id: int) -> ResponseReturnValue:
    name = _name_or_404(agent_id)
    is_news = record_resumed(services().database, services().site_id, agent_id, now())
    flash(health_sentences.resumed(name) if is_news else health_sentences.NOT_PAUSED, "success")
    if read_resting(services().database, services().site_id).everybody_since is not None:
        flash(health_sentences.still_paused_with_all(name), "warning")
    return redirect(url_for("admin.agent", agent_id=agent_id))


@blueprint.get("/pause")
@blueprint.get("/resume")
@admin_only
def back_to_dashboard() -> ResponseReturnValue:
    """For the back button and reloads: these addresses belong to buttons."""
    return redirect(url_for("admin.dashboard"))


@blueprint.get("/agents/<int:agent_id>/pause")
@blueprint.get("/agents/<int:agent_id>/resume")
@admin_only
def back_to_agent(agent_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin.agent", agent_id=agent_id))


def _name_or_404(agent_id: int) -> str:
    shown = overview(agent_id).agent(agent_id)
    if shown is None:
        abort(404)
    return shown.name
