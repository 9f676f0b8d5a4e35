"""One request to Graph, from its parts to its answer."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .checking import check_parameters
from .errors import GraphError, Json, access_denied
from .graph_call import Call, Method
from .graph_calls import METHODS
from .ids import is_well_formed
from .preferences import read_preferences
from .state import AccessToken, State
from .tokens import bearer

PREFIX = "/v1.0/"


@dataclass(frozen=True)
class Asked:
    """A request, arrived alone or inside a batch.

    path: below /v1.0/, decoded.
    headers: names in lower case.
    """

    verb: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answered:
    status: int
    body: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    name: str = "unknown"
    user: str | None = None


def answer(state: State, asked: Asked) -> Answered:
    """Do it; a refusal is an answer too. The world is locked meanwhile, except for a handshake."""
    answered = Answered(200)
    try:
        _do(state, asked, answered)
    except GraphError as error:
        answered.status, answered.headers = error.status, dict(error.headers)
        request_id = str(uuid.uuid4())
        answered.body = error.body(request_id, state.now(), asked.headers.get("client-request-id", ""))
        answered.headers |= {"request-id": request_id}
    answered.headers.setdefault("request-id", str(uuid.uuid4()))
    answered.headers["client-request-id"] = asked.headers.get(
        "client-request-id", answered.headers["request-id"]
    )
    return answered


def _do(state: State, asked: Asked, answered: Answered) -> None:
    found = _find(asked.verb, asked.path)
    token = bearer(state, asked.headers.get("authorization", ""))
    answered.user = token.oid
    if found is None:
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{asked.path[:60]}'.")
    method, values = found
    answered.name = method.name
    call = _call(state, asked, method, token, values)
    if method.prepare is not None:
        method.prepare(call)  # outside the lock: it calls somebody else
    with state.lock if asked.verb == "GET" else state.changing():
        answered.status, answered.body = method.perform(call)
    answered.headers |= call.preferences.applied()
    etag = (answered.body or {}).get("@odata.etag")
    if etag:
        answered.headers["ETag"] = etag


def _find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """Names in a path are not case-sensitive; ids are (E12)."""
    segments = [segment for segment in path.split("/") if segment]
    for method in METHODS:
        values = _match(method.segments, segments) if method.verb == verb else None
        if values is not None:
            return method, values
    return None


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    values: dict[str, str] = {}
    for part, given in zip(template, segments, strict=True):
        if part.startswith("{"):
            values[part[1:-1]] = given
        elif part.lower() != given.lower():
            return None
    return values


def _call(state: State, asked: Asked, method: Method, token: AccessToken, values: dict[str, str]) -> Call:
    """The checked request. Raises GraphError."""
    person = state.persons[token.oid]
    _check_scopes(method, token)
    if method.needs_mailbox and not person.mailbox.enabled:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise GraphError(state.switches.missing_mailbox_status, "MailboxNotEnabledForRESTAPI", message)
    _check_ids(state, values)
    return Call(
        state=state,
        person=person,
        mailbox=person.mailbox,
        client_id=token.client_id,
        values=values,
        parameters=check_parameters(asked.query, method.parameters),
        body=_read_body(asked, method),
        preferences=read_preferences(
            asked.headers.get("prefer", ""), strict=state.switches.strict_parameters
        ),
        if_match=asked.headers.get("if-match"),
    )


def _check_ids(state: State, values: dict[str, str]) -> None:
    """Raises GraphError 400 for an id that Exchange cannot have given."""
    for name in ("event", "calendar"):
        if name in values and not is_well_formed(values[name]) and state.switches.malformed_ids_are_refused:
            raise GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def _check_scopes(method: Method, token: AccessToken) -> None:
    """M6. Raises GraphError 403."""
    granted = {scope.rpartition("/")[2].lower() for scope in token.scopes}
    if method.scope.lower() not in granted:
        raise access_denied()


def _read_body(asked: Asked, method: Method) -> Any:
    if asked.verb not in ("POST", "PATCH") or not (asked.body or method.has_body):
        return {}
    kind = asked.headers.get("content-type", "")
    if not re.match(r"application/json\b", kind):
        raise GraphError(415, "RequestBodyRead", "A JSON body is wanted.")
    try:
        return json.loads(asked.body)
    except ValueError as error:
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload.") from error
