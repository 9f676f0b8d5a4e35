"""An agent's bookings as they stand in the account that is written to, seen from another one of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from latesync.model import UNANSWERED, Drift, Mapping, MappingState


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """calendar_id: where the bookings go; "": nobody knows. mappings: of that account, by booking."""

    calendar_id: str = ""
    mappings: MappingOf[int, Mapping] = field(default_factory=dict)

    @classmethod
    def of(cls, calendar_id: str, mappings: Iterable[Mapping]) -> Elsewhere:
        return cls(calendar_id, {mapping.booking_id: mapping for mapping in mappings})

    def standing(self, number: int) -> Mapping | None:
        """The mapping of a booking, or buffer, whose event certainly stands there: it was answered for, and
        nothing says that it went since. What is only meant to stand proves nothing (law L2)."""
        mapping = self.mappings.get(number)
        if mapping is None or not mapping.etag or mapping.calendar_id != self.calendar_id:
            return None
        is_there = mapping.state in (MappingState.LIVE, MappingState.RETIRED)
        is_doubtful = mapping.drift is Drift.DELETED or mapping.drift_refused == UNANSWERED
        return mapping if is_there and not is_doubtful else None
