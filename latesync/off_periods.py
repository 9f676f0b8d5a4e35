"""Our own rows among LatePoint's off periods, as values. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from latesync.times import DayMinutes


@dataclass(frozen=True, slots=True)
class OffPeriod:
    """A row of our own among LatePoint's off periods, as we remember it.

    id: 32 hex, derived from agent and minutes. row_id: the row's number on the site; None: its insert was
    begun and the answer is not known.
    """

    id: str
    agent_id: int
    minutes: DayMinutes
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class OffPeriodSeen:
    """A row on the site that reads as we write them. is_untouched: nobody saved it since."""

    row_id: int
    minutes: DayMinutes
    is_untouched: bool = True
