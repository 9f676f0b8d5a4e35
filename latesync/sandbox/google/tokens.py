"""Page and sync tokens: opaque to clients, readable to us."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, Json


@dataclass(frozen=True)
class SyncToken:
    """Where a listing ended."""

    calendar_id: str
    number: int
    made_ts: float
    age: int
    fixed: str
    window: list[float | None]

    def text(self) -> str:
        return _pack([self.calendar_id, self.number, self.made_ts, self.age, self.fixed, self.window])

    @staticmethod
    def read(text: str) -> "SyncToken | None":
        values = _unpack(text)
        return SyncToken(*values) if isinstance(values, list) and len(values) == 6 else None


@dataclass(frozen=True)
class PageToken:
    """The key of the last row shown, and the change number the first page saw."""

    after: list[Any]
    upto: int
    was_empty: bool
    query: str

    def text(self) -> str:
        return _pack([self.after, self.upto, self.was_empty, self.query])

    @staticmethod
    def read(text: str | None, query: str) -> "PageToken | None":
        """Raises ApiError 400 for a token of another query (Y8)."""
        if text is None:
            return None
        values = _unpack(text)
        if not isinstance(values, list) or len(values) != 4 or values[3] != query:
            raise ApiError(400, "invalid", "Invalid page token value.", location="pageToken")
        return PageToken(*values)


def fingerprint(parameters: Json) -> str:
    """The same for the same query, whatever page of it is asked for."""
    loose = {"pageToken", "maxResults", "fields", "alt", "prettyPrint", "quotaUser", "key"}
    kept = {name: value for name, value in parameters.items() if name not in loose}
    return hashlib.blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=8).hexdigest()


def _pack(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def _unpack(text: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, binascii.Error):
        return None
