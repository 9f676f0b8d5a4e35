"""Extended properties: what they are called, how they are asked for (microsoft-graph.md E9)."""

import re
from collections.abc import Iterable
from typing import Any

from .errors import GraphError, Json, invalid_request
from .graph_state import Item

_TYPES = {"string", "integer", "boolean", "double", "systemtime", "clsid", "binary", "short", "long"}
_GUID = r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
_ID = re.compile(rf"(\w+) ({_GUID}) (?i:(name)) (\S.*)|(\w+) ({_GUID}) (?i:(id)) (0x[0-9a-fA-F]+)")
_TEXT = r"'((?:[^']|'')*)'"
_EXPAND = re.compile(r"singleValueExtendedProperties\(\s*\$filter\s*=\s*(.+)\)")
_ONE_ID = re.compile(rf"id eq {_TEXT}")
_ANY = re.compile(
    r"singleValueExtendedProperties/[aA]ny\(\s*(\w+)\s*:\s*"
    rf"(\w+)/id eq {_TEXT} and (\w+)/value eq {_TEXT}\s*\)"
)


def canonical(name: Any) -> str:
    """The id as it is kept. Only the name's part is case-sensitive. Raises GraphError 400."""
    found = _ID.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise GraphError(
            400,
            "ErrorInvalidProperty",
            "The extended property id is not of the form 'String {GUID} Name …'.",
        )
    kind, guid, word, text = [part for part in found.groups() if part is not None]
    if kind.lower() not in _TYPES:
        raise GraphError(400, "ErrorInvalidProperty", f"{kind[:20]} is no type of an extended property.")
    return f"{kind.capitalize()} {guid.lower()} {word.capitalize()} {text}"


def read_properties(value: Any) -> dict[str, str]:
    """What a body says under singleValueExtendedProperties. Raises GraphError 400."""
    if not isinstance(value, list):
        raise invalid_request("singleValueExtendedProperties takes a list.", "RequestBodyRead")
    read: dict[str, str] = {}
    for one in value:
        if not isinstance(one, dict) or set(one) != {"id", "value"} or not isinstance(one["value"], str):
            raise invalid_request(
                "An extended property has an id and a value, both texts.", "RequestBodyRead"
            )
        read[canonical(one["id"])] = one["value"]
    return read


def read_expand(text: str) -> frozenset[str]:
    """The ids that `$expand=singleValueExtendedProperties($filter=id eq '…' or …)` names."""
    found = _EXPAND.fullmatch(text.strip())
    if found is None:
        raise invalid_request(f"$expand of '{text[:40]}' is not supported.", "ErrorInvalidUrlQueryFilter")
    ids = [_ONE_ID.fullmatch(part.strip()) for part in re.split(r" or (?=id eq )", found[1].strip())]
    if not all(ids):
        raise invalid_request("The filter inside $expand is not valid.", "ErrorInvalidUrlQueryFilter")
    return frozenset(canonical(_unquoted(one[1])) for one in ids if one)


def read_filter(text: str) -> dict[str, str]:
    """Wanted values, in lower case, of `…/Any(ep: ep/id eq '…' and ep/value eq '…')`, joined by `and`."""
    wanted: dict[str, str] = {}
    rest = text.strip()
    while rest:
        found = _ANY.match(rest)
        if found is None or found[1] != found[2] or found[1] != found[4]:
            message = f"Invalid filter clause: '{text[:60]}'."
            raise GraphError(400, "ErrorInvalidUrlQueryFilter", message)
        wanted[canonical(_unquoted(found[3]))] = _unquoted(found[5]).lower()
        rest = rest[found.end() :]
        if rest and not rest.startswith(" and "):
            raise GraphError(400, "ErrorInvalidUrlQueryFilter", f"Invalid filter clause: '{text[:60]}'.")
        rest = rest.removeprefix(" and ")
    return wanted


def fits(item: Item, wanted: dict[str, str]) -> bool:
    """E9: values are compared without regard to case."""
    return all(item.properties.get(name, "\0").lower() == value for name, value in wanted.items())


def shown_properties(item: Item, names: Iterable[str] | None) -> list[Json]:
    """names: None for all."""
    chosen = item.properties.keys() if names is None else item.properties.keys() & set(names)
    return [{"id": name, "value": item.properties[name]} for name in sorted(chosen)]


def _unquoted(text: str) -> str:
    return text.replace("''", "'")
