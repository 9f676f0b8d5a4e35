"""Where a listing ended, and of which span: that is frozen in Graph's link (microsoft-graph.md D3). Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class SyncToken:
    """link: Graph's whole deltaLink (D2); "": the calendar has none, and is listed anew each time (D8)."""

    link: str
    window: TimeRange


def write_token(token: SyncToken) -> str:
    """What is kept; opaque to everybody else."""
    window = token.window
    kept = {"link": token.link, "start": window.start.isoformat(), "end": window.end.isoformat()}
    return json.dumps(kept, separators=(",", ":"))


def read_token(text: str) -> SyncToken | None:
    """None for what is no token of ours."""
    try:
        kept = json.loads(text)
        starts, ends = (datetime.fromisoformat(kept[name]).astimezone(UTC) for name in ("start", "end"))
        window = TimeRange(starts, ends)
        link = kept["link"]
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
    return SyncToken(link, window) if isinstance(link, str) else None
