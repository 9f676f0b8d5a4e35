"""Check requests against Google's own description of the API.

The discovery document comes with googleapiclient: a parameter or field that it does not know, a wrong type
and an unknown enum value are refused.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

from .errors import ApiError, Json, invalid, required
from .moments import parse_instant

_SCOPE_PREFIX = "https://www.googleapis.com/auth/"
# Sent by clients that echo a resource; Google keeps its own values.
_READ_ONLY = {
    "Event": {
        "kind",
        "etag",
        "created",
        "creator",
        "hangoutLink",
        "htmlLink",
        "updated",
        "organizer",
        "locked",
    },
    "Calendar": {"kind", "etag", "id", "dataOwner"},
    "FreeBusyRequest": set[str](),
}
_POSSIBLE = re.compile(r'^\s*- "([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    type: str
    repeated: bool
    enum: frozenset[str]
    minimum: int | None
    date_time: bool


@dataclass(frozen=True)
class Method:
    id: str
    verb: str
    segments: tuple[str, ...]  # "{calendarId}" stands for a value
    parameters: Mapping[str, Parameter]
    scopes: frozenset[str]  # without the prefix
    body: str | None  # name of the schema


@dataclass(frozen=True)
class Api:
    methods: Mapping[str, Method]
    schemas: Mapping[str, Json]
    shared: Mapping[str, Parameter]
    by_shape: Mapping[tuple[str, int], tuple[Method, ...]]

    def find(self, verb: str, segments: list[str]) -> tuple[Method, dict[str, str]] | None:
        """The method a path stands for, and the values in it."""
        for method in self.by_shape.get((verb, len(segments)), ()):
            values = _match(method.segments, segments)
            if values is not None:
                return method, values
        return None


@lru_cache(maxsize=1)
def api() -> Api:
    source = files("googleapiclient") / "discovery_cache/documents/calendar.v3.json"
    document = json.loads(source.read_text(encoding="utf-8"))
    methods: dict[str, Method] = {}
    for resource, entry in document["resources"].items():
        for name, method in entry["methods"].items():
            methods[f"{resource}.{name}"] = _method(f"{resource}.{name}", method)
    by_shape: dict[tuple[str, int], tuple[Method, ...]] = {}
    # Literal segments first: `events/import` must not be read as an event's id.
    for found in sorted(methods.values(), key=lambda m: sum(part.startswith("{") for part in m.segments)):
        shape = (found.verb, len(found.segments))
        by_shape[shape] = (*by_shape.get(shape, ()), found)
    shared = {name: _parameter(raw) for name, raw in document["parameters"].items()}
    shared["alt"] = Parameter("string", False, frozenset({"json"}), None, False)
    return Api(methods, document["schemas"], shared, by_shape)


def _method(name: str, raw: Json) -> Method:
    parameters = {
        key: _parameter(value)
        for key, value in raw.get("parameters", {}).items()
        if value["location"] == "query"
    }
    return Method(
        id=name,
        verb=raw["httpMethod"],
        segments=tuple(raw["path"].split("/")),
        parameters=parameters,
        scopes=frozenset(scope.removeprefix(_SCOPE_PREFIX) for scope in raw.get("scopes", ())),
        body=raw.get("request", {}).get("$ref"),
    )


def _parameter(raw: Json) -> Parameter:
    return Parameter(
        type=raw["type"],
        repeated=raw.get("repeated", False),
        enum=frozenset(raw.get("enum", ())),
        minimum=int(raw["minimum"]) if "minimum" in raw else None,
        date_time=raw.get("format") == "date-time",
    )


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for part, given in zip(template, segments, strict=True):
        if part.startswith("{"):
            values[part[1:-1]] = given
        elif part != given:
            return None
    return values


def read_parameters(method: Method, given: Mapping[str, list[str]], *, strict: bool = True) -> Json:
    """Query parameters with their types; instants as seconds since the epoch. Raises ApiError 400."""
    values: Json = {}
    for name, texts in given.items():
        parameter = method.parameters.get(name) or api().shared.get(name)
        if parameter is None:
            if strict:
                raise _unknown(name, "query parameter")
            continue
        read = [_value(name, parameter, text) for text in texts]
        if len(read) > 1 and not parameter.repeated:
            raise ApiError(400, "invalidParameter", f"{name} may be given once only", location=name)
        values[name] = read if parameter.repeated else read[0]
    return values


def _value(name: str, parameter: Parameter, text: str) -> Any:
    if parameter.enum and text not in parameter.enum:
        raise ApiError(400, "invalidParameter", f"Invalid value for {name}", location=name)
    if parameter.type == "boolean":
        if text not in ("true", "false"):
            raise ApiError(400, "invalidParameter", f"Invalid boolean value for {name}", location=name)
        return text == "true"
    if parameter.type == "integer":
        if not re.fullmatch(r"-?\d{1,10}", text) or int(text) < (parameter.minimum or 0):
            raise ApiError(400, "invalidParameter", f"Invalid integer value for {name}", location=name)
        return int(text)
    return parse_instant(text, name) if parameter.date_time else text


def check_body(schema: str, body: Any) -> Json:
    """The body without read-only fields, every other field known and of its type. Raises ApiError 400."""
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "This API does not support parsing form-encoded input.")
    _check(api().schemas[schema], body, schema)
    dropped = _READ_ONLY.get(schema, set())
    return {name: value for name, value in body.items() if name not in dropped}


def _check(schema: Json, value: Any, path: str) -> None:
    """null is accepted everywhere: a PATCH clears fields with it (E7)."""
    if "$ref" in schema:
        schema = api().schemas[schema["$ref"]]
    if value is None:
        return
    _check_type(schema["type"], value, path)
    if schema["type"] == "array":
        for item in value:
            _check(schema["items"], item, f"{path}[]")
    elif schema["type"] == "object":
        _check_object(schema, value, path)
    elif isinstance(value, str):
        allowed = _enum(schema.get("description", ""))
        if allowed and value not in allowed:
            raise invalid(f"Invalid value for {path}: {value[:60]}")


def _check_object(schema: Json, value: Json, path: str) -> None:
    known = schema.get("properties", {})
    rest = schema.get("additionalProperties")
    for name, inner in value.items():
        if name in known:
            _check(known[name], inner, f"{path}.{name}")
        elif rest is not None:
            _check(rest, inner, f"{path}.{name}")
        else:
            raise _unknown(name, f"field of {path}")


def _check_type(kind: str, value: Any, path: str) -> None:
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }.get(kind, True)
    if not fits:
        raise invalid(f"Invalid value for {path}: a {kind} is wanted")


@lru_cache(maxsize=512)
def _enum(description: str) -> frozenset[str]:
    """Body enums are written in the descriptions only, as a list of quoted values."""
    _, found, after = description.partition("ossible values are:")
    return frozenset(_POSSIBLE.findall(after)) if found else frozenset()


@lru_cache(maxsize=1)
def event_defaults() -> Json:
    """Top-level event fields with a default, which Google leaves out of its answers (E11)."""
    properties = cast(Json, api().schemas["Event"]["properties"])
    read = {"true": True, "false": False}
    return {
        name: read.get(raw["default"], raw["default"])
        for name, raw in properties.items()
        if "default" in raw and name not in ("kind", "eventType")
    }


def need(body: Json, *names: str) -> None:
    for name in names:
        if body.get(name) is None:
            raise required(f"Missing required field: {name}")


def _unknown(name: str, what: str) -> ApiError:
    message = f'Invalid request received. Unknown name "{name[:80]}": no such {what}.'
    return ApiError(400, "badRequest", message, location=name[:80])
