"""Latency and faults: what befalls a request before and after it is answered."""

import json
import time

from flask import Response, g, request

from ..serving import DROP_HEADER
from .errors import graph_answer
from .faults import Fault
from .identity_errors import Refused
from .state import Request, State

GRAPH = "/v1.0/"
_GARBAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def before(state: State) -> Response | None:
    """Latency, then a fault if one is due. Never under the lock."""
    if _is_apart(request.path):
        return None
    g.user = user_of(state, request.headers.get("Authorization", ""))
    if state.latency_s and not request.path.endswith("/authorize"):
        time.sleep(state.latency_s)
    fault = struck(state, request.method, request.path, g.user)
    if fault is None:
        return None
    g.loses_answer = fault.kind == "lost_answer"
    return failed(state, fault, in_graph=request.path.startswith(GRAPH))


def struck(state: State, verb: str, path: str, user: str | None) -> Fault | None:
    """The fault that strikes this request; it has waited already where it is a delay."""
    if not state.faults.rules:
        return None
    with state.lock:
        fault = state.faults.take(verb, path, user)
    if fault and fault.kind == "delay":
        time.sleep(fault.seconds)
    return fault


def failed(state: State, fault: Fault, *, in_graph: bool) -> Response | None:
    """The answer of a fault that answers by itself."""
    if fault.kind == "drop":
        return Response(headers={DROP_HEADER: "1"})
    if fault.kind == "garbage":
        return Response(_GARBAGE, fault.status, content_type="text/html")
    if fault.kind != "status":
        return None
    if in_graph:
        return graph_answer(fault.graph_error(), at=state.now())
    refused = Refused(fault.aadsts, fault.reason, fault.message, suberror=fault.suberror)
    body = json.dumps(refused.body(state.now()))
    return Response(body, fault.status, fault.headers, content_type="application/json; charset=utf-8")


def after(state: State, response: Response) -> Response:
    """Note the request; close the connection instead of answering where the answer is to be lost."""
    if _is_apart(request.path):
        return response
    name = g.get("name") or f"{request.method} {_kind(request.path)}"
    noted = Request(state.now(), request.method, request.path, response.status_code, g.get("user"))
    state.note_request(noted, name)
    if g.get("loses_answer"):
        return Response(headers={DROP_HEADER: "1"})
    return response


def user_of(state: State, authorization: str) -> str | None:
    """The oid behind a bearer token, good or not."""
    token = state.access_tokens.get(authorization.partition(" ")[2].strip())
    return token.oid if token else None


def _kind(path: str) -> str:
    return path if path.startswith(GRAPH) else path.rpartition("/")[2]


def _is_apart(path: str) -> bool:
    return path.startswith("/sandbox/") or path == "/"
