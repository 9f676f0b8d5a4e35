"""Partial answers: the `fields` parameter (google-calendar.md Q6)."""

import re
from functools import lru_cache
from typing import Any

from .errors import invalid

Mask = dict[str, "Mask | None"]  # None: the whole of it
_TOKEN = re.compile(r"[^,()/]+|[,()/]")


def partial(body: Any, fields: str) -> Any:
    """Only the fields asked for, as in `items(id,etag),nextSyncToken`. Raises ApiError 400."""
    return _cut(body, _mask(fields))


def _cut(value: Any, mask: Mask | None) -> Any:
    if mask is None:
        return value
    if isinstance(value, list):
        return [_cut(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _cut(inner, mask.get(name, mask.get("*")))
        for name, inner in value.items()
        if name in mask or "*" in mask
    }


@lru_cache(maxsize=256)
def _mask(fields: str) -> Mask:
    tokens = _TOKEN.findall(fields)
    mask = _group(tokens)
    if tokens:
        raise invalid("Invalid field selection", "fields")
    return mask


def _group(tokens: list[str]) -> Mask:
    """Read `a,b(c),d/e` off the front of the list, up to a closing bracket."""
    mask: Mask = {}
    while tokens and tokens[0] != ")":
        name = tokens.pop(0)
        if name in ",(/":
            raise invalid("Invalid field selection", "fields")
        mask[name] = _inner(tokens)
        if tokens and tokens[0] == ",":
            tokens.pop(0)
    return mask


def _inner(tokens: list[str]) -> Mask | None:
    if tokens[:1] == ["/"]:
        tokens.pop(0)
        name = tokens.pop(0) if tokens else ""
        return {name: _inner(tokens)}
    if tokens[:1] == ["("]:
        tokens.pop(0)
        mask = _group(tokens)
        if tokens[:1] != [")"]:
            raise invalid("Invalid field selection", "fields")
        tokens.pop(0)
        return mask
    return None
