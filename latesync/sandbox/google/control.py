"""The control API under /sandbox/: the world's methods as JSON, for other processes on this machine.

GET    /sandbox/                                   this list
GET    /sandbox/world                              accounts, clients, calendars, switches, clock
POST   /sandbox/users                              {email, name?, time_zone?, …}
PATCH  /sandbox/users/EMAIL                        {unticks?, declines?, auto_consent?, …}
DELETE /sandbox/users/EMAIL
POST   /sandbox/users/EMAIL/revoke
POST   /sandbox/clients                            {redirect_uris?, mode?, test_users?, …} → the client JSON
GET    /sandbox/clients/ID                         the client JSON
PATCH  /sandbox/clients/ID                         {mode?, test_users?, redirect_uris?, deleted?, …}
DELETE /sandbox/clients/ID                         for good, as thirty days after it was deleted
POST   /sandbox/clients/ID/rotate-secret           {keep_old?} → the client JSON
POST   /sandbox/grants                             {email, client_id, scopes} → tokens
POST   /sandbox/calendars                          {owner, summary, time_zone?}
DELETE /sandbox/calendars/ID
POST   /sandbox/calendars/ID/share                 {email, role}
POST   /sandbox/calendars/ID/kill-sync-tokens
GET    /sandbox/calendars/ID/events[?deleted=true]
POST   /sandbox/calendars/ID/events                an event, as its owner puts it there
PATCH  /sandbox/calendars/ID/events/EVENT
DELETE /sandbox/calendars/ID/events/EVENT
PATCH  /sandbox/switches                           {name: value}
PUT    /sandbox/latency                            {seconds}
POST   /sandbox/clock                              {advance_s} or {freeze: RFC 3339 or null} or {run: true}
GET    /sandbox/faults, POST (a rule, see faults.py), DELETE (all)
GET    /sandbox/requests[?log=true], DELETE        counts by method and status
GET    /sandbox/mails, DELETE
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from .calendars import show_calendar
from .errors import ApiError, Json
from .state import User
from .world import GoogleWorld

_LOOPBACK = ("127.0.0.1", "::1")


def control_pages(world: GoogleWorld) -> Blueprint:
    pages = Blueprint("control", __name__, url_prefix="/sandbox")
    for register in (_people_routes, _calendar_routes, _weather_routes):
        register(world, pages)

    @pages.get("/")
    def show_list() -> Response:
        return Response(__doc__, mimetype="text/plain")

    @pages.before_request
    def guard() -> None:
        """This machine only; and JSON only, which no foreign web page can send unasked."""
        if request.remote_addr not in _LOOPBACK:
            abort(403)
        if request.method != "GET" and request.get_data() and not request.is_json:
            abort(415)

    @pages.errorhandler(ApiError)
    def refuse(error: ApiError) -> tuple[Json, int]:
        return error.body(), error.status

    @pages.errorhandler(KeyError)
    def miss(error: KeyError) -> tuple[Json, int]:
        return {"error": f"The sandbox does not know {error}."}, 404

    @pages.errorhandler(ValueError)
    @pages.errorhandler(TypeError)
    def misread(error: Exception) -> tuple[Json, int]:
        return {"error": str(error)}, 400

    return pages


def _people_routes(world: GoogleWorld, pages: Blueprint) -> None:
    @pages.get("/world")
    def show_world() -> Response:
        with world.lock:
            return jsonify(
                users=[_user(user) for user in world.users.values()],
                clients=[{"id": c.id, "mode": c.mode, "project": c.project} for c in world.clients.values()],
                calendars=[show_calendar(calendar) for calendar in world.calendars.values()],
                switches=asdict(world.switches),
                now=world.now(),
            )

    @pages.post("/users")
    def add_user() -> Response:
        return jsonify(_user(world.add_user(**_body())))

    @pages.patch("/users/<email>")
    def change_user(email: str) -> Response:
        return jsonify(_user(world.change_user(email, **_body())))

    @pages.delete("/users/<email>")
    def remove_user(email: str) -> Response:
        return _did(world.remove_user, email)

    @pages.post("/users/<email>/revoke")
    def revoke_grants(email: str) -> Response:
        return _did(world.revoke_grants, email)

    @pages.post("/clients")
    def add_client() -> Response:
        return jsonify(world.add_client(**_body()))

    @pages.get("/clients/<client_id>")
    def download_client(client_id: str) -> Response:
        return jsonify(world.client_json(client_id))

    @pages.patch("/clients/<client_id>")
    def change_client(client_id: str) -> Response:
        world.change_client(client_id, **_body())
        return jsonify(world.client_json(client_id))

    @pages.delete("/clients/<client_id>")
    def remove_client(client_id: str) -> Response:
        return _did(world.remove_client, client_id)

    @pages.post("/clients/<client_id>/rotate-secret")
    def rotate_secret(client_id: str) -> Response:
        return jsonify(world.rotate_secret(client_id, **_body()))

    @pages.post("/grants")
    def grant() -> Response:
        return jsonify(world.grant(**_body()))


def _calendar_routes(world: GoogleWorld, pages: Blueprint) -> None:
    @pages.post("/calendars")
    def add_calendar() -> Response:
        return jsonify(show_calendar(world.add_calendar(**_body())))

    @pages.delete("/calendars/<calendar_id>")
    def remove_calendar(calendar_id: str) -> Response:
        return _did(world.remove_calendar, calendar_id)

    @pages.post("/calendars/<calendar_id>/share")
    def share_calendar(calendar_id: str) -> Response:
        return _did(world.share_calendar, calendar_id, **_body())

    @pages.post("/calendars/<calendar_id>/kill-sync-tokens")
    def kill_sync_tokens(calendar_id: str) -> Response:
        return _did(world.kill_sync_tokens, calendar_id)

    @pages.get("/calendars/<calendar_id>/events")
    def list_events(calendar_id: str) -> Response:
        return jsonify(world.events(calendar_id, include_deleted=request.args.get("deleted") == "true"))

    @pages.post("/calendars/<calendar_id>/events")
    def put_event(calendar_id: str) -> Response:
        return jsonify(world.put_event(calendar_id, _body()))

    @pages.patch("/calendars/<calendar_id>/events/<event_id>")
    def patch_event(calendar_id: str, event_id: str) -> Response:
        return jsonify(world.patch_event(calendar_id, event_id, _body()))

    @pages.delete("/calendars/<calendar_id>/events/<event_id>")
    def delete_event(calendar_id: str, event_id: str) -> Response:
        return _did(world.delete_event, calendar_id, event_id)


def _weather_routes(world: GoogleWorld, pages: Blueprint) -> None:
    @pages.patch("/switches")
    def set_switches() -> Response:
        world.set_switches(**_body())
        return jsonify(asdict(world.switches))

    @pages.put("/latency")
    def set_latency() -> Response:
        world.latency_s = float(_body()["seconds"])
        return jsonify(seconds=world.latency_s)

    @pages.post("/clock")
    def set_clock() -> Response:
        _set_clock(world, _body())
        return jsonify(now=world.now())

    @pages.get("/faults")
    def list_faults() -> Response:
        return jsonify([fault.shown() for fault in world.faults.rules])

    @pages.post("/faults")
    def add_fault() -> Response:
        return jsonify(world.add_fault(**_body()).shown())

    @pages.delete("/faults")
    def clear_faults() -> Response:
        return _did(world.clear_faults)

    @pages.get("/requests")
    def show_requests() -> Response:
        with world.lock:
            counts, log = dict(world.request_counts), [entry._asdict() for entry in world.requests]
        return jsonify(counts=counts, **({"log": log} if request.args.get("log") == "true" else {}))

    @pages.delete("/requests")
    def forget_requests() -> Response:
        return _did(world.forget_requests)

    @pages.get("/mails")
    def list_mails() -> Response:
        with world.lock:
            return jsonify(list(world.mails))

    @pages.delete("/mails")
    def forget_mails() -> Response:
        return _did(world.mails.clear)


def _set_clock(world: GoogleWorld, body: Json) -> None:
    if "advance_s" in body:
        world.advance(timedelta(seconds=body["advance_s"]))
    if "freeze" in body:
        world.freeze(datetime.fromisoformat(body["freeze"]) if body["freeze"] else None)
    if body.get("run"):
        world.clock.run()


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True) or {}
    if not isinstance(body, dict):
        raise ValueError("A JSON object is wanted.")
    return body


def _did(act: Callable[..., None], *values: Any, **named: Any) -> Response:
    act(*values, **named)
    return jsonify(done=True)


def _user(user: User) -> Json:
    hidden = ("listed", "list_changes")
    return {name: value for name, value in vars(user).items() if name not in hidden}
