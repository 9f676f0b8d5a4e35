"""From WordPress into LateSync: signed, short-lived links that open one session each."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from latesync.bridge.signature import read_seal, verify
from latesync.errors import MessageRefused, SiteError, WrongInput
from latesync.latepoint.bookings import agents_exist
from latesync.messages import Message
from latesync.store.accounts import list_accounts
from latesync.store.nonces import is_new_nonce
from latesync.store.people import link_serial
from latesync.web.context import now, services
from latesync.web.problems import message_page
from latesync.web.viewers import let_in_admin, let_in_agent

blueprint = Blueprint("enter", __name__, url_prefix="/enter")

_EXPIRED = Message(
    "This link has expired",
    "It opens LateSync once, within five minutes. Go back to WordPress and press the button again.",
)
_UNKNOWN = Message(
    "This link does not work",
    "Go back to WordPress and press the button again. If that does not help, the site’s owner should connect "
    "the plugin to LateSync anew: the connection string is on LateSync’s page WordPress.",
)
_NO_AGENT = Message(
    "You are not among the site’s agents",
    "LateSync finds no such agent on the booking site. Ask the site’s owner.",
)
_UNREADABLE = Message(
    "Your page cannot be shown now",
    "The booking site cannot be read at the moment. Nothing is lost. Go back to WordPress in a few minutes "
    "and press the button again.",
)


@blueprint.get("/agent/<int:agent_id>")
def agent(agent_id: int) -> ResponseReturnValue:
    refusal = _check(f"/enter/agent/{agent_id}") or _agent_refusal(agent_id) or _use_up()
    if refusal is not None:
        return refusal
    let_in_agent(services(), agent_id, link_serial(services().database, services().site_id, agent_id))
    return redirect(url_for("connect.page"))


@blueprint.get("/owner")
def owner() -> ResponseReturnValue:
    refusal = _check("/enter/owner") or _use_up()
    if refusal is not None:
        return refusal
    let_in_admin(services(), None)
    return redirect(url_for("admin.dashboard"))


def _check(path: str) -> ResponseReturnValue | None:
    """A page that says why not; None when the link is rightly signed, for this site, and fresh."""
    if request.method != "GET":  # HEAD, by somebody who looks where a link leads
        abort(405)
    parts = [request.args.get(name, "") for name in ("site", "timestamp", "nonce", "signature")]
    try:
        seal = read_seal(*parts)
        verify(services().bridge_secret, "GET", path, seal, b"", now_s=now().timestamp())
    except MessageRefused as refused:
        return _expired() if refused.code == "clock" else message_page(_UNKNOWN, 403, ())
    return None if seal.site == services().site_id else message_page(_UNKNOWN, 403, ())


def _agent_refusal(agent_id: int) -> ResponseReturnValue | None:
    """None for an agent of the site's, or of ours while the site does not answer."""
    if any(row.agent_id == agent_id for row in list_accounts(services().database, services().site_id)):
        return None
    try:
        schema = services().site.facts().schema
        is_there = agents_exist(services().site_engine, schema, [agent_id])[agent_id]
    except (SiteError, WrongInput):
        return message_page(_UNREADABLE, 503, ())
    return None if is_there else message_page(_NO_AGENT, 404, ())


def _use_up() -> ResponseReturnValue | None:
    """The last check, so that a link that was refused for anything else can be opened again."""
    is_new = is_new_nonce(services().database, services().site_id, request.args["nonce"], now())
    return None if is_new else _expired()


def _expired() -> ResponseReturnValue:
    return message_page(_EXPIRED, 410, ())
