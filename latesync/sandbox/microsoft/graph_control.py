"""Calendars and events in the control API."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import outlook
from .graph_world import MailboxWorld

LINES = """\
GET    /sandbox/persons/WHO/calendars
POST   /sandbox/persons/WHO/calendars              {name, can_edit?, owner?}
PATCH  /sandbox/persons/WHO/calendars/ID           {name?, can_edit?, meeting_providers?}
DELETE /sandbox/persons/WHO/calendars/ID
POST   /sandbox/persons/WHO/kill-delta-tokens      {calendar_id?}
GET    /sandbox/persons/WHO/events[?calendar=ID]   singles, series and exceptions
POST   /sandbox/persons/WHO/events[?calendar=ID]   an event, as its owner puts it there
GET    /sandbox/persons/WHO/events/EVENT
PATCH  /sandbox/persons/WHO/events/EVENT
DELETE /sandbox/persons/WHO/events/EVENT
POST   /sandbox/persons/WHO/events/EVENT/move      {calendar_id}
POST   /sandbox/persons/WHO/events/EVENT/copy      {calendar_id?}
POST   /sandbox/persons/WHO/mailbox                {enabled}
POST   /sandbox/persons/WHO/throttle               {seconds}
POST   /sandbox/persons/WHO/lifecycle              {kind}
GET    /sandbox/mails, DELETE                      what Exchange would have sent
"""


def calendar_routes(world: MailboxWorld, pages: Blueprint) -> None:
    """Register the routes of LINES on the control API's blueprint (prefix /sandbox)."""
    for register in (_calendars, _events, _weather):
        register(world, pages)


def _calendars(world: MailboxWorld, pages: Blueprint) -> None:
    @pages.get("/persons/<who>/calendars")
    def list_calendars(who: str) -> Response:
        return jsonify(outlook.calendars(world.mailbox(who)))

    @pages.post("/persons/<who>/calendars")
    def make_calendar(who: str) -> Response:
        return jsonify(outlook.make_calendar(world.mailbox(who), **_body()))

    @pages.patch("/persons/<who>/calendars/<calendar_id>")
    def change_calendar(who: str, calendar_id: str) -> Response:
        return jsonify(outlook.change_calendar(world.mailbox(who), calendar_id, **_body()))

    @pages.delete("/persons/<who>/calendars/<calendar_id>")
    def remove_calendar(who: str, calendar_id: str) -> Response:
        return _did(outlook.remove_calendar, world.mailbox(who), calendar_id)

    @pages.post("/persons/<who>/kill-delta-tokens")
    def kill_delta_tokens(who: str) -> Response:
        return _did(outlook.kill_delta_tokens, world.mailbox(who), **_body())


def _events(world: MailboxWorld, pages: Blueprint) -> None:
    @pages.get("/persons/<who>/events")
    def list_events(who: str) -> Response:
        return jsonify(outlook.events(world.mailbox(who), request.args.get("calendar")))

    @pages.post("/persons/<who>/events")
    def put_event(who: str) -> Response:
        return jsonify(outlook.put_event(world.mailbox(who), _body(), request.args.get("calendar")))

    @pages.get("/persons/<who>/events/<event_id>")
    def show_event(who: str, event_id: str) -> Response:
        return jsonify(outlook.event(world.mailbox(who), event_id))

    @pages.patch("/persons/<who>/events/<event_id>")
    def patch_event(who: str, event_id: str) -> Response:
        return jsonify(outlook.patch_event(world.mailbox(who), event_id, _body()))

    @pages.delete("/persons/<who>/events/<event_id>")
    def delete_event(who: str, event_id: str) -> Response:
        return _did(outlook.delete_event, world.mailbox(who), event_id)

    @pages.post("/persons/<who>/events/<event_id>/move")
    def move_event(who: str, event_id: str) -> Response:
        return jsonify(outlook.move_event_to_calendar(world.mailbox(who), event_id, **_body()))

    @pages.post("/persons/<who>/events/<event_id>/copy")
    def copy_event(who: str, event_id: str) -> Response:
        return jsonify(outlook.copy_event(world.mailbox(who), event_id, **_body()))


def _weather(world: MailboxWorld, pages: Blueprint) -> None:
    @pages.post("/persons/<who>/mailbox")
    def set_mailbox(who: str) -> Response:
        return _did(world.set_mailbox_enabled, who, **_body())

    @pages.post("/persons/<who>/throttle")
    def throttle(who: str) -> Response:
        return _did(world.throttle, who, **_body())

    @pages.post("/persons/<who>/lifecycle")
    def send_lifecycle(who: str) -> Response:
        return _did(world.send_lifecycle, who, **_body())

    @pages.get("/mails")
    def list_mails() -> Response:
        return jsonify(world.mails())

    @pages.delete("/mails")
    def forget_mails() -> Response:
        return _did(world.forget_mails)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True) or {}
    if not isinstance(body, dict):
        raise ValueError("A JSON object is wanted.")
    return body


def _did(act: Callable[..., None], *values: Any, **named: Any) -> Response:
    act(*values, **named)
    return jsonify(done=True)
