"""The control API under /sandbox/: the world's methods as JSON, for other processes on this machine.

GET    /sandbox/                                   this list
GET    /sandbox/world                              accounts, clients, tenants, switches, clock
POST   /sandbox/persons                            {email, name?, kind?, time_zone?, …}
PATCH  /sandbox/persons/WHO                        {refusal?, declines?, auto_consent?, claims_challenge?, …}
DELETE /sandbox/persons/WHO                        WHO is an address or an oid
POST   /sandbox/persons/WHO/revoke                 {reason?}: every token there is ends
POST   /sandbox/persons/WHO/withdraw-consent       {client_id?}
POST   /sandbox/clients                            {redirect_uris?, tenant?, audience?, …} → what is copied
GET    /sandbox/clients/ID                         client id, tenant, newest secret
PATCH  /sandbox/clients/ID                         {redirect_uris?, audience?, platform?, refusal?, …}
DELETE /sandbox/clients/ID
POST   /sandbox/clients/ID/secrets                 {days?, keep_old?} → with the new secret
POST   /sandbox/clients/ID/end-secrets             every secret expired yesterday
POST   /sandbox/clients/ID/admin-consent           {tenant}
POST   /sandbox/grants                             {who, client_id, scopes} → tokens
GET    /sandbox/refusals                           the names a refusal may have
PATCH  /sandbox/switches                           {name: value}
PUT    /sandbox/latency                            {seconds}
POST   /sandbox/clock                              {advance_s} or {freeze: RFC 3339 or null} or {run: true}
GET    /sandbox/faults, POST (a rule, see faults.py), DELETE (all)
GET    /sandbox/requests[?log=true], DELETE        counts by method and status
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from .errors import GraphError, Json, graph_answer
from .graph_control import LINES, calendar_routes
from .persons import Person
from .refusals import REFUSALS
from .world import MicrosoftWorld

_LOOPBACK = ("127.0.0.1", "::1")


def control_pages(world: MicrosoftWorld) -> Blueprint:
    pages = Blueprint("control", __name__, url_prefix="/sandbox")
    for register in (_people_routes, _client_routes, _weather_routes, calendar_routes):
        register(world, pages)

    @pages.get("/")
    def show_list() -> Response:
        return Response(f"{__doc__}{LINES}", mimetype="text/plain")

    @pages.before_request
    def guard() -> None:
        """This machine only; and JSON only, which no foreign web page can send unasked."""
        if request.remote_addr not in _LOOPBACK:
            abort(403)
        if request.method != "GET" and request.get_data() and not request.is_json:
            abort(415)

    @pages.errorhandler(GraphError)
    def refuse(error: GraphError) -> Response:
        return graph_answer(error, at=world.now())

    @pages.errorhandler(KeyError)
    def miss(error: KeyError) -> tuple[Json, int]:
        return {"error": f"The sandbox does not know {error}."}, 404

    @pages.errorhandler(ValueError)
    @pages.errorhandler(TypeError)
    def misread(error: Exception) -> tuple[Json, int]:
        return {"error": str(error)}, 400

    return pages


def _people_routes(world: MicrosoftWorld, pages: Blueprint) -> None:
    @pages.get("/world")
    def show_world() -> Response:
        with world.lock:
            return jsonify(
                persons=[_person(person) for person in world.persons.values()],
                clients=[
                    {"id": c.id, "tenant": c.tid, "audience": c.audience} for c in world.clients.values()
                ],
                tenants=world.tenants,
                switches=asdict(world.switches),
                now=world.now(),
            )

    @pages.post("/persons")
    def add_person() -> Response:
        return jsonify(_person(world.add_person(**_body())))

    @pages.patch("/persons/<who>")
    def change_person(who: str) -> Response:
        return jsonify(_person(world.change_person(who, **_body())))

    @pages.delete("/persons/<who>")
    def remove_person(who: str) -> Response:
        return _did(world.remove_person, who)

    @pages.post("/persons/<who>/revoke")
    def revoke_sessions(who: str) -> Response:
        return _did(world.revoke_sessions, who, **_body())

    @pages.post("/persons/<who>/withdraw-consent")
    def withdraw_consent(who: str) -> Response:
        return _did(world.withdraw_consent, who, **_body())

    @pages.post("/grants")
    def grant() -> Response:
        return jsonify(world.grant(**_body()))

    @pages.get("/refusals")
    def list_refusals() -> Response:
        return jsonify({name: f"AADSTS{row.aadsts}" for name, row in REFUSALS.items()})


def _client_routes(world: MicrosoftWorld, pages: Blueprint) -> None:
    @pages.post("/clients")
    def add_client() -> Response:
        return jsonify(world.add_client(**_body()))

    @pages.get("/clients/<client_id>")
    def show_client(client_id: str) -> Response:
        return jsonify(world.client_json(client_id))

    @pages.patch("/clients/<client_id>")
    def change_client(client_id: str) -> Response:
        world.change_client(client_id, **_body())
        return jsonify(world.client_json(client_id))

    @pages.delete("/clients/<client_id>")
    def remove_client(client_id: str) -> Response:
        return _did(world.remove_client, client_id)

    @pages.post("/clients/<client_id>/secrets")
    def add_secret(client_id: str) -> Response:
        return jsonify(world.add_secret(client_id, **_body()))

    @pages.post("/clients/<client_id>/end-secrets")
    def end_secrets(client_id: str) -> Response:
        return _did(world.end_secrets, client_id)

    @pages.post("/clients/<client_id>/admin-consent")
    def consent_as_admin(client_id: str) -> Response:
        return _did(world.consent_as_admin, client_id, **_body())


def _weather_routes(world: MicrosoftWorld, pages: Blueprint) -> None:
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


def _set_clock(world: MicrosoftWorld, body: Json) -> None:
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


def _person(person: Person) -> Json:
    return {name: value for name, value in vars(person).items() if name != "mailbox"}
