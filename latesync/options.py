"""What people may choose, as values; each with its default. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AllDay(StrEnum):
    """Which all-day events make an agent busy."""

    AS_MARKED = "as_marked"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class BlockingPolicy:
    """Which of an agent's events make them busy (design.md §5, users-ask.md U17, U18, U21).

    Declined and cancelled ones, birthdays and working locations never do, and have no switch.
    """

    tentative_blocks: bool = True
    free_blocks: bool = False
    unanswered_blocks: bool = True
    out_of_office_blocks: bool = True
    focus_time_blocks: bool = True
    from_mail_blocks: bool = True
    all_day: AllDay = AllDay.AS_MARKED


class ResetEvents(StrEnum):
    """What becomes of what stands now, when an account is reset."""

    KEEP = "keep"
    DELETE_FROM_CALENDAR = "delete-from-calendar"
    CLEAR_BUSY = "clear-busy"
    BOTH = "both"

    @property
    def deletes(self) -> bool:
        return self in (ResetEvents.DELETE_FROM_CALENDAR, ResetEvents.BOTH)

    @property
    def clears_busy(self) -> bool:
        return self in (ResetEvents.CLEAR_BUSY, ResetEvents.BOTH)


class NextSync(StrEnum):
    """Which bookings come into the calendar after a reset, or a first sign-in."""

    NEW = "new"  # made or changed from now on
    ALL = "all"
