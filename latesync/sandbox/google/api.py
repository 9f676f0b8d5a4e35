"""One Calendar API request, from its parts to its answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from .checking import Method, api, check_body, read_parameters
from .errors import ApiError, Json
from .grants import bearer
from .methods import METHODS, Call
from .partial import partial
from .quotas import charge, units_of
from .state import AccessToken, State

PREFIX = "/calendar/v3/"
_ENABLING = "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview"
_INSUFFICIENT = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
_SCOPE_PREFIX = "https://www.googleapis.com/auth/"


@dataclass(frozen=True)
class Asked:
    """A request, arrived alone or inside a batch.

    path: below /calendar/v3/, decoded.
    headers: names in lower case.
    """

    verb: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    in_batch: bool = False


@dataclass
class Answered:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    name: str = "unknown"
    user: str | None = None
    units: int = 1


def overridden(asked: Asked) -> Asked:
    """A long GET that came as a POST with its query in the body (Q7)."""
    if asked.headers.get("x-http-method-override") != "GET":
        return asked
    query = parse_qs(asked.body.decode(), keep_blank_values=True)
    return Asked("GET", asked.path, query, asked.headers, b"", asked.in_batch)


def answer(state: State, asked: Asked) -> Answered:
    """Do it, under the world's lock; a refusal is an answer too."""
    asked = overridden(asked)
    answered = Answered(200, b"", units=units_of(asked.verb))
    try:
        with state.lock if asked.verb == "GET" else state.changing():
            status, body, headers = _done(state, asked, answered)
    except ApiError as error:
        status, body, headers = error.status, error.body(), error.headers
    answered.status = status
    answered.headers = dict(headers)
    if body is not None:
        answered.body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        answered.headers["Content-Type"] = "application/json; charset=UTF-8"
    return answered


def _done(state: State, asked: Asked, answered: Answered) -> tuple[int, Json | None, Mapping[str, str]]:
    found = api().find(asked.verb, asked.path.split("/"))
    if found is None:
        raise ApiError(404, "notFound", "Not Found")
    method, values = found
    answered.name = method.id
    token = bearer(state, asked.headers.get("authorization", ""))
    answered.user = token.email
    _check_access(state, method, token)
    charge(state, method.id, asked.verb, token.email, token.project, values.get("calendarId"))
    parameters = read_parameters(method, asked.query, strict=state.switches.strict_parameters)
    call = Call(
        token=token,
        values=values,
        parameters=parameters,
        body=_read_body(method, asked),
        if_match=asked.headers.get("if-match"),
        if_none_match=asked.headers.get("if-none-match"),
        in_batch=asked.in_batch,
    )
    perform: Callable[..., tuple[int, Json | None]] | None = METHODS.get(method.id)
    if perform is None:
        raise ApiError(501, "notImplemented", f"The sandbox does not offer {method.id}.")
    status, body = perform(state, call)
    headers = {"ETag": body["etag"]} if body and "etag" in body else {}
    if body and "fields" in parameters:
        body = partial(body, parameters["fields"])
    return status, body, headers


def _check_access(state: State, method: Method, token: AccessToken) -> None:
    """Raises ApiError 403: the API is off for the project (C4), or the scopes do not allow it (S5)."""
    if not state.switches.api_enabled:
        raise ApiError(
            403,
            "accessNotConfigured",
            "Google Calendar API has not been used in this project before or it is disabled. Enable it by"
            f" visiting {_ENABLING}?project={token.project} then retry.",
            domain="usageLimits",
            extra=_details(state, "SERVICE_DISABLED"),
        )
    if not {scope.removeprefix(_SCOPE_PREFIX) for scope in token.scopes} & method.scopes:
        raise ApiError(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
            headers={"WWW-Authenticate": _INSUFFICIENT},
            extra=_details(state, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        )


def _details(state: State, reason: str) -> Json:
    """What newer answers carry beside `errors[]`; Google's client then reads its reason from here (§18)."""
    if not state.switches.newer_error_bodies:
        return {}
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"status": "PERMISSION_DENIED", "details": [{"@type": kind, "reason": reason}]}


def _read_body(method: Method, asked: Asked) -> Json:
    if method.body is None or method.id not in METHODS:
        return {}
    try:
        body = json.loads(asked.body or b"{}")
    except ValueError as error:
        raise ApiError(400, "parseError", "Parse Error") from error
    return check_body(method.body, body)
