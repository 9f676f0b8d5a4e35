"""The stand-in for Google as one Flask application."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, g, request

from ..serving import DROP_HEADER, Served
from .api import PREFIX, Answered, Asked, answer
from .batch import answer_batch
from .control import control_pages
from .errors import ApiError
from .faults import Fault
from .oauth import oauth_pages
from .pages import front_page
from .state import Request, State
from .world import GoogleWorld

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_GARBAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def create_google_app(world: GoogleWorld) -> Flask:
    """Google's sign-in, Calendar API and batch endpoint, and the control API under /sandbox/."""
    app = Flask(__name__)
    app.register_blueprint(oauth_pages(world))
    app.register_blueprint(control_pages(world))

    @app.before_request
    def interfere() -> Response | None:
        return _before(world)

    @app.after_request
    def note(response: Response) -> Response:
        return _after(world, response)

    @app.route(f"{PREFIX}<path:rest>", methods=_VERBS)
    def call_calendar(rest: str) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, rest, request.args.to_dict(flat=False), headers, request.get_data())
        return _response(answer(world, asked))

    @app.post("/batch/calendar/v3")
    def call_batch() -> Response:
        return _batch(world)

    @app.get("/")
    def front() -> str:
        return front_page(world)

    return app


@contextmanager
def served_google(world: GoogleWorld, port: int = 0) -> Iterator[Served]:
    """Serve the world on loopback; its client JSONs then name this server."""
    with Served(create_google_app(world), port=port) as server:
        world.base_url = server.url
        yield server


def _before(state: State) -> Response | None:
    """Latency, then a fault if one is due. Never under the lock."""
    if request.path.startswith("/sandbox/") or request.path == "/":
        return None
    g.user = _user(state, request.headers.get("Authorization", ""))
    if state.latency_s and not request.path.startswith("/o/"):
        time.sleep(state.latency_s)
    fault = _struck(state, request.method, request.path, g.user)
    if fault is None:
        return None
    g.loses_answer = fault.kind == "lost_answer"
    return _failed(fault, in_oauth=not request.path.startswith((PREFIX, "/batch")))


def _struck(state: State, verb: str, path: str, user: str | None) -> Fault | None:
    if not state.faults.rules:
        return None
    with state.lock:
        fault = state.faults.take(verb, path, user)
    if fault and fault.kind == "delay":
        time.sleep(fault.seconds)
    return fault


def _failed(fault: Fault, *, in_oauth: bool) -> Response | None:
    if fault.kind == "drop":
        return Response(headers={DROP_HEADER: "1"})
    if fault.kind == "garbage":
        return Response(_GARBAGE, fault.status, content_type="text/html")
    if fault.kind != "status":
        return None
    error = fault.api_error()
    body: dict[str, Any] = (
        {"error": fault.reason, "error_description": fault.message} if in_oauth else error.body()
    )
    response: Response = _json(body, fault.status)
    response.headers.extend(error.headers)
    return response


def _after(state: State, response: Response) -> Response:
    if request.path.startswith("/sandbox/") or request.path == "/":
        return response
    if not request.path.startswith("/batch"):
        name = g.get("name") or f"{request.method} {request.path.split('/')[1]}"
        state.note_request(
            Request(
                state.now(),
                request.method,
                request.path,
                response.status_code,
                g.get("user"),
                g.get("units", 1),
            ),
            name,
        )
    if g.get("loses_answer"):
        return Response(headers={DROP_HEADER: "1"})
    return response


def _user(state: State, authorization: str) -> str | None:
    token = state.access_tokens.get(authorization.removeprefix("Bearer "))
    return token.email if token else None


def _response(answered: Answered) -> Response:
    g.name, g.units = answered.name, answered.units
    return Response(answered.body, answered.status, answered.headers)


def _batch(state: State) -> Response:
    authorization = request.headers.get("Authorization", "")
    content_type = request.headers.get("Content-Type", "")
    try:
        kind, body = answer_batch(
            state,
            content_type,
            request.get_data(),
            authorization,
            lambda asked, path: _inner(state, asked, path),
        )
    except ApiError as error:
        return _json(error.body(), error.status)
    return Response(body, 200, content_type=kind)


def _inner(state: State, asked: Asked, path: str) -> Answered:
    """One call of a batch: it meets faults and is counted like any other."""
    user = _user(state, asked.headers.get("authorization", ""))
    fault = _struck(state, asked.verb, path, user)
    answered = (
        answer(state, asked) if fault is None or fault.kind in ("delay", "lost_answer") else _refused(fault)
    )
    if fault and fault.kind in ("drop", "lost_answer"):
        g.loses_answer = True  # the parts share one connection
    state.note_request(
        Request(state.now(), asked.verb, path, answered.status, answered.user, answered.units), answered.name
    )
    return answered


def _refused(fault: Fault) -> Answered:
    response = _failed(fault, in_oauth=False) or Response()
    return Answered(response.status_code, response.get_data(), {"Content-Type": response.content_type or ""})


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=UTF-8")
