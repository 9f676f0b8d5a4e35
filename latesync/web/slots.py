""" "Why is this time blocked?": for the owner about any agent, for an agent about themselves."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from latesync.explaining import slot_answers
from latesync.explaining.answers import name_of, read_names
from latesync.explaining.finding import read_number
from latesync.explaining.slot_answers import SlotAnswer
from latesync.explaining.slots import explain_slot
from latesync.store.accounts import active_account, active_accounts
from latesync.times import MomentAsked, parse_moment
from latesync.web.choosing import read_choices
from latesync.web.connect import agent_only
from latesync.web.context import look_at_site_zone, now, services, zone
from latesync.web.desk import desk
from latesync.web.viewers import admin_only

blueprint = Blueprint("slots", __name__)

NO_TIME = "Choose a day and a time."


@blueprint.get("/agents/<int:agent_id>/slots")
@admin_only
def of_agent(agent_id: int) -> ResponseReturnValue:
    if read_number(str(agent_id)) is None:
        abort(404)  # no table has such a row, and databases refuse the number itself
    names = read_names(services())
    if agent_id not in names and active_account(services().database, services().site_id, agent_id) is None:
        abort(404)
    return _page(agent_id, name_of(names, agent_id), is_own=False)


@blueprint.get("/connect/slots")
@agent_only
def own(agent_id: int) -> ResponseReturnValue:
    return _page(agent_id, name_of(read_names(services()), agent_id), is_own=True)


def _page(agent_id: int, name: str, *, is_own: bool) -> ResponseReturnValue:
    look_at_site_zone()
    typed = request.args.get("at", "")
    asked = _asked(typed)
    answer = _answer(agent_id, name, asked, is_own=is_own) if asked is not None else None
    back = url_for("connect.page") if is_own else url_for("admin.agent", agent_id=agent_id)
    return render_template(
        "slots.html",
        name=name,
        is_own=is_own,
        back=back,
        at=asked.wall.isoformat(timespec="minutes") if asked else "",
        answer=answer,
        problem=NO_TIME if typed and asked is None else "",
        zone_name=str(zone()),
    )


def _answer(agent_id: int, name: str, asked: MomentAsked, *, is_own: bool) -> SlotAnswer:
    facts = explain_slot(services(), agent_id, asked, now())
    return slot_answers.answer(facts, name, _own_calendars(agent_id) if is_own else None)


def _own_calendars(agent_id: int) -> Mapping[str, str]:
    """What the person calls their calendars; theirs to read, and nobody else's (users-ask.md U40)."""
    accounts = active_accounts(services().database, services().site_id, agent_id)
    lists = [read_choices(desk(), account) for account in accounts]
    return {choice.id: choice.name for choices in lists for choice in choices.calendars}


def _asked(typed: str) -> MomentAsked | None:
    try:
        return parse_moment(typed, zone())
    except ValueError:
        return None
