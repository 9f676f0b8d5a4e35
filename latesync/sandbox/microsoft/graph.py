"""Graph over HTTP, under /v1.0/."""

import json

from flask import Blueprint, Response, g, request

from .errors import GraphError, graph_answer
from .faults import Fault
from .graph_api import PREFIX, Answered, Asked, answer
from .graph_batch import answer_batch
from .graph_world import MailboxWorld
from .state import Request
from .tokens import bearer
from .weather import failed, struck, user_of

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_BATCH = f"{PREFIX}$batch"
_JSON = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"


def graph_pages(world: MailboxWorld) -> Blueprint:
    """Everything under /v1.0/. A request holds a place of its mailbox from its arrival, latency included."""
    pages = Blueprint("graph", __name__)

    @pages.before_app_request
    def take_place() -> Response | None:
        if not request.path.startswith(PREFIX) or request.path == _BATCH:
            return None
        return _take_place(world)

    @pages.teardown_app_request
    def leave_place(error: BaseException | None) -> None:
        key = g.pop("place", None)
        if key is not None:
            with world.lock:
                world.limits.leave(key)

    @pages.route(f"{PREFIX}<path:rest>", methods=_VERBS)
    def call_graph(rest: str) -> Response:
        answered = answer(world, _asked(rest))
        g.name = answered.name
        return _response(answered)

    @pages.post(_BATCH)
    def call_batch() -> Response:
        return _batch(world)

    return pages


def _asked(rest: str) -> Asked:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.method, rest, request.args.to_dict(flat=False), headers, request.get_data())


def _take_place(world: MailboxWorld) -> Response | None:
    """L1: the fifth at once is refused."""
    authorization = request.headers.get("Authorization", "")
    g.user = user_of(world, authorization)
    try:
        g.place = _entered(world, authorization)
    except GraphError as error:
        return graph_answer(error, at=world.now())
    return None


def _entered(world: MailboxWorld, authorization: str) -> str | None:
    """The place's key; None for who is nobody, and refused anyway. Raises GraphError 429."""
    with world.lock:
        token = world.access_tokens.get(authorization.partition(" ")[2].strip())
        if token is None:
            return None
        return world.limits.enter(world.switches, token.client_id, token.oid, world.now())


def _response(answered: Answered) -> Response:
    if answered.body is None:
        return Response(b"", answered.status, answered.headers)
    text = json.dumps(answered.body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answered.status, answered.headers, content_type=_JSON)


def _batch(world: MailboxWorld) -> Response:
    authorization = request.headers.get("Authorization", "")
    lost: list[Fault] = []

    def call(asked: Asked, path: str) -> Answered:
        return _inner(world, asked, path, lost)

    try:
        bearer(world, authorization)
        body = answer_batch(world, request.get_data(), authorization, call)
    except GraphError as error:
        return graph_answer(error, at=world.now())
    if lost:
        g.loses_answer = True  # the calls share one answer
    g.name = "batch"
    return _response(Answered(200, body))


def _inner(world: MailboxWorld, asked: Asked, path: str, lost: list[Fault]) -> Answered:
    """One call of a batch: it takes a place, meets faults and is noted like any other."""
    authorization = asked.headers["authorization"]
    user = user_of(world, authorization)
    place = None
    try:
        place = _entered(world, authorization)
        fault = struck(world, asked.verb, path, user)
        if fault is not None and fault.kind in ("drop", "lost_answer"):
            lost.append(fault)
        refused = None if fault is None else failed(world, fault, in_graph=True)
        answered = answer(world, asked) if refused is None else _refused(refused)
    except GraphError as error:
        answered = _refused(graph_answer(error, at=world.now()))
    finally:
        if place is not None:
            with world.lock:
                world.limits.leave(place)
    world.note_request(Request(world.now(), asked.verb, path, answered.status, user), answered.name)
    return answered


def _refused(response: Response) -> Answered:
    body = response.get_json(silent=True)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("Content-Type", "Content-Length")
    }
    return Answered(response.status_code, body, headers, name="refused")
