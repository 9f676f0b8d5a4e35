"""What waits for the owner, being unusually many changes at once: shown, released, rejected."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.held_overview import read_held
from latesync.options import Decision
from latesync.sentences import held_sentences
from latesync.store.held import Choice, decide
from latesync.web.context import now, services
from latesync.web.viewers import admin_only

blueprint = Blueprint("held", __name__, url_prefix="/held")

ROWS_SHOWN = 100  # of one agent and cause; the buttons above them are about all


@blueprint.get("")
@admin_only
def page() -> ResponseReturnValue:
    agent_id = request.args.get("agent", type=int)
    return render_template(
        "held.html",
        held=read_held(services(), agent_id=agent_id),
        agent_id=agent_id,
        rows_shown=ROWS_SHOWN,
    )


@blueprint.post("/release")
@admin_only
def release() -> ResponseReturnValue:
    return _decide(Decision.RELEASED)


@blueprint.post("/reject")
@admin_only
def reject() -> ResponseReturnValue:
    return _decide(Decision.REJECTED)


def _decide(decision: Decision) -> ResponseReturnValue:
    choice = _choice()
    if choice is None:
        flash("Nothing was decided: the page was too old. Look again, then press the button.", "error")
    else:
        done = decide(services().database, services().site_id, decision, choice, now())
        is_released = decision is Decision.RELEASED
        text = held_sentences.decided(is_released=is_released, operations=[row.operation for row in done])
        flash(text, "success" if done else "warning")
    return redirect(url_for("held.page", agent=request.form.get("shown_agent", type=int)))


def _choice() -> Choice | None:
    """What the button was about; None where it does not say what its page had shown."""
    form = request.form
    try:
        shown_until = datetime.fromisoformat(form.get("until", ""))
    except ValueError:
        return None
    if shown_until.tzinfo is None:
        return None
    return Choice(
        agent_id=form.get("agent", type=int),
        booking_id=form.get("booking", type=int),
        operation=form.get("operation") or None,
        reason=form.get("reason") or None,
        held_until=shown_until,
    )
