"""What the plugin tells us: a note of ids, and in a greeting also what it is.

Read strictly where a number decides what we do, kindly where a word is only shown. A rightly signed note may
still come from a plugin of another version: keys nobody knows are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from latesync.errors import MessageRefused

PROTOCOL = 1
LARGEST_NOTE = 64 * 1024  # bytes
MOST_IDS = 500

_LARGEST_ID = 2**31 - 1  # what our columns hold; LatePoint's own are smaller
_VERSION_LENGTH = 32
_URL_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Hello:
    """What a plugin says of itself; "" where it said nothing usable. protocol: 0 when it did not say.

    home: the site's address as WordPress gives it. rest: the address of the plugin's own routes.
    """

    plugin: str = ""
    protocol: int = 0
    wordpress: str = ""
    latepoint: str = ""
    home: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """bookings: ids of those that changed, 0 for the whole site. looking_at: agents' ids."""

    bookings: frozenset[int] = frozenset()
    looking_at: frozenset[int] = frozenset()
    hello: Hello | None = None


def read_note(body: bytes) -> Note:
    """The note in a request's body. Raises MessageRefused ("malformed")."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as exc:  # also what is no UTF-8, and 60,000 brackets
        raise MessageRefused("malformed") from exc
    if not isinstance(content, dict) or not _is_id(content.get("v")) or content["v"] != PROTOCOL:
        raise MessageRefused("malformed")
    return Note(_ids(content, "bookings"), _ids(content, "looking_at"), _hello(content))


def _ids(content: Mapping[str, Any], name: str) -> frozenset[int]:
    ids = content.get(name, [])
    if not isinstance(ids, list) or len(ids) > MOST_IDS or not all(_is_id(value) for value in ids):
        raise MessageRefused("malformed")
    return frozenset(ids)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_ID  # to Python, True is an int too


def _hello(content: Mapping[str, Any]) -> Hello | None:
    told = content.get("hello")
    if told is None:
        return None
    if not isinstance(told, dict):
        raise MessageRefused("malformed")
    protocol = told.get("protocol")
    return Hello(
        plugin=_words(told, "plugin", _VERSION_LENGTH),
        protocol=protocol if type(protocol) is int and 0 <= protocol <= _LARGEST_ID else 0,
        wordpress=_words(told, "wordpress", _VERSION_LENGTH),
        latepoint=_words(told, "latepoint", _VERSION_LENGTH),
        home=_address(told, "home"),
        rest=_address(told, "rest"),
    )


def _words(told: Mapping[str, Any], name: str, length: int) -> str:
    """On one line, free of what no database takes (NUL, half a surrogate pair)."""
    value = told.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value if sign.isprintable())[:length].strip()


def _address(told: Mapping[str, Any], name: str) -> str:
    """A http(s) address without a slash at the end; "" when it is none, or too long to be one."""
    address = _words(told, name, _URL_LENGTH + 1)
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return address.rstrip("/") if is_one and len(address) <= _URL_LENGTH else ""
