"""How an event is recognised as ours at Microsoft: by its transaction id, and by extended properties. Pure.

Graph takes no id of ours (microsoft-graph.md E10). The transaction id is set once and shown by every listing
(E7); extended properties can be searched and are shown only where they are asked for (E9, D4). Both carry the
marker and the key that the event was created under (plan/content.py: event_key).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from latesync.model import Marker

# Names the properties as LateSync's in every mailbox; must never change.
_SET = "{7c1f4a52-9d3e-4c56-8f0b-1a6e52d0b7c9}"
_SITE = f"String {_SET} Name latesync_site"
_BOOKING = f"String {_SET} Name latesync_booking"
_GENERATION = f"String {_SET} Name latesync_generation"
_KEY = f"String {_SET} Name latesync_key"

_FORM_OF_KEY = re.compile(r"[0-9a-v]{32}")

EXPAND_MARKS = (
    "singleValueExtendedProperties($filter="
    + " or ".join(f"id eq '{name}'" for name in (_SITE, _BOOKING, _GENERATION, _KEY))
    + ")"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose event it is, and the key it was created under."""

    marker: Marker
    key: str


def is_key(name: str) -> bool:
    """Whether it is a key we derived, by its form; Graph's own ids are longer."""
    return _FORM_OF_KEY.fullmatch(name) is not None


def transaction_id(mark: Mark) -> str:
    marker = mark.marker
    return f"{marker.site_id}.{marker.booking_id}.{marker.generation}.{mark.key}"


def extended_properties(mark: Mark) -> list[dict[str, str]]:
    marker = mark.marker
    values = {
        _SITE: marker.site_id,
        _BOOKING: str(marker.booking_id),
        _GENERATION: str(marker.generation),
        _KEY: mark.key,
    }
    return [{"id": name, "value": value} for name, value in values.items()]


def with_key(key: str) -> str:
    """The filter that finds an event by its key; the value is compared without regard to case (E9)."""
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{_KEY}' and ep/value eq '{key}')"


def read_mark(raw: Mapping[str, Any]) -> Mark | None:
    """The event's mark; the extended properties win where they are shown."""
    return _from_properties(raw.get("singleValueExtendedProperties")) or _from_transaction(
        raw.get("transactionId")
    )


def transaction_key(raw: Mapping[str, Any]) -> str:
    """The key an event was created under by its transaction id alone, which a copy may lack; "": none."""
    mark = _from_transaction(raw.get("transactionId"))
    return mark.key if mark else ""


def _from_transaction(value: object) -> Mark | None:
    parts = value.rsplit(".", 3) if isinstance(value, str) else []
    return _mark(*parts) if len(parts) == 4 else None


def _from_properties(listed: object) -> Mark | None:
    values: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping) and isinstance(one.get("id"), str) and isinstance(one.get("value"), str):
            values[one["id"].lower()] = one["value"]
    found = [values.get(name.lower(), "") for name in (_SITE, _BOOKING, _GENERATION, _KEY)]
    return _mark(*found) if all(found) else None


def _mark(site_id: str, booking_id: str, generation: str, key: str) -> Mark | None:
    if not site_id or not is_key(key):
        return None
    try:
        return Mark(Marker(site_id, int(booking_id), int(generation)), key)
    except ValueError:
        return None
