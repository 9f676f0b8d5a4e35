"""What the laws have to know of what people decided, besides what the site, Google and the store tell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Rows = dict[int, dict[str, Any]]


@dataclass
class Notes:
    """kept: ids of events that stand as they are because the owner rejected what was planned for them.

    only_new: agents who asked for new bookings only since they last asked for all. has_invited: whether the
      owner ever invited customers. was_together: whether groups ever shared an event.
    changes: when each booking was made, changed or removed on the site.
    """

    kept: set[str] = field(default_factory=set)
    only_new: set[int] = field(default_factory=set)
    has_invited: bool = False
    was_together: bool = False
    changes: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _rows: Rows = field(default_factory=dict)

    def note_changes(self, rows: Rows, now: datetime) -> None:
        for booking_id in rows.keys() | self._rows.keys():
            if _said(rows.get(booking_id)) != _said(self._rows.get(booking_id)):
                self.changes[booking_id].append(now)
        self._rows = rows


def _said(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a row says; that it was written anew is no change."""
    return None if row is None else {name: value for name, value in row.items() if name != "updated_at"}
