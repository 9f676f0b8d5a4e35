"""What people may choose, as values; each with its default. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AllDay(StrEnum):
    """Which all-day events make an agent busy."""

    AS_MARKED = "as_marked"
    ALWAYS = "always"
    NEVER = "never"


class EntryKind(StrEnum):
    """What an entry of a calendar may be, as far as it matters to being busy; one entry may be several."""

    FREE = "free"
    TENTATIVE = "tentative"
    UNANSWERED = "unanswered"
    ALL_DAY = "all_day"
    OUT_OF_OFFICE = "out_of_office"
    FOCUS_TIME = "focus_time"
    FROM_MAIL = "from_mail"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    WORKING_LOCATION = "working_location"
    WORKING_ELSEWHERE = "working_elsewhere"
    BIRTHDAY = "birthday"


@dataclass(frozen=True, slots=True)
class BlockingPolicy:
    """Which of an agent's events make them busy (design.md §5, users-ask.md U17, U18, U21).

    The table of plan/blocking.py says what each switch is about. Declined and cancelled events, birthdays
    and working locations never make anybody busy, and have no switch.
    """

    tentative_blocks: bool = True
    free_blocks: bool = False
    unanswered_blocks: bool = True
    out_of_office_blocks: bool = True
    focus_time_blocks: bool = True
    from_mail_blocks: bool = True
    working_elsewhere_blocks: bool = True
    all_day: AllDay = AllDay.AS_MARKED


class WhenUnreadable(StrEnum):
    """What the booking form does about an agent whose calendar cannot be read for long (users-ask.md U11)."""

    WARN = "warn"  # the busy time last known stays, and the owner is told
    CLOSE = "close"  # none of the agent's times are offered
    STAY_OPEN = "stay_open"  # the busy time last known stays, and that is that


@dataclass(frozen=True, slots=True)
class UnreadablePolicy:
    """hours: for how long the busy time last known is good enough, whatever comes then."""

    hours: int = 24
    then: WhenUnreadable = WhenUnreadable.WARN


class ResetEvents(StrEnum):
    """What becomes of what stands now, when an account is reset."""

    KEEP = "keep"
    DELETE_FROM_CALENDAR = "delete-from-calendar"
    CLEAR_BUSY = "clear-busy"
    BOTH = "both"
    DOUBLES = "doubles"  # only what nothing stands for is deleted; which bookings come stays as it is

    @property
    def deletes(self) -> bool:
        """Whether every event of ours goes."""
        return self in (ResetEvents.DELETE_FROM_CALENDAR, ResetEvents.BOTH)

    @property
    def clears_busy(self) -> bool:
        return self in (ResetEvents.CLEAR_BUSY, ResetEvents.BOTH)


class NextSync(StrEnum):
    """Which bookings come into the calendar after a reset, or a first sign-in."""

    NEW = "new"  # made or changed from now on
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """From where on a plan is unusual, and waits: more than `share` of what is mapped and more than `count`.

    share: from 0 to 1; with 1 no number of events is unusual.
    """

    share: float = 0.20
    count: int = 5

    def are_exceeded_by(self, at_stake: int, mapped: int) -> bool:
        return at_stake > self.count and at_stake > self.share * mapped


class Decision(StrEnum):
    """What a person says of an operation that waits for them."""

    RELEASED = "released"
    REJECTED = "rejected"
    PASSED_OVER = "passed_over"  # they decided about others of the same account, and this one waits on


@dataclass(frozen=True, slots=True)
class EventStatuses:
    """Which bookings stand in the calendars besides those that take up time on the site.

    keeps_cancelled: a cancelled booking's event stays, marked and shown as free (users-ask.md U27).
    """

    also_wanted: frozenset[str] = frozenset()
    keeps_cancelled: bool = False


# Colours of an event, by names that are nobody's numbers; each provider knows its own for them.
COLOURS = (
    *("lavender", "sage", "grape", "flamingo", "banana", "tangerine"),
    *("peacock", "graphite", "blueberry", "basil", "tomato"),
)


class BusyWay(StrEnum):
    """How busy time reaches the booking form; the owner chooses, per site."""

    PLUGIN = "plugin"  # the WordPress plugin reads LateSync's own table
    OFF_PERIODS = "off_periods"  # rows of our own among LatePoint's off periods, which Pro Features reads


class DriftPolicy(StrEnum):
    """What follows when somebody changed or deleted an event of ours (design.md §4); the owner chooses."""

    RESTORE = "restore"
    LEAVE = "leave"
    APPLY = "apply"


class Publishing(StrEnum):
    """How an OAuth client's project is published at Google (google-calendar.md A1–A4)."""

    TESTING = "testing"
    PRODUCTION = "production"
    INTERNAL = "internal"


# Providers whose calendars share a daily quota (google-calendar.md Q1). Microsoft counts by mailbox: 10,000
# in ten minutes, far more than any pace of ours takes (microsoft-graph.md L1).
HAS_DAILY_QUOTA = frozenset({"google"})


class AccountType(StrEnum):
    """Whose accounts an app registration at Microsoft lets in (microsoft-graph.md M4)."""

    SINGLE = "single"  # AzureADMyOrg: one organisation's
    ANY = "any"  # AzureADMultipleOrgs: any organisation's
    ANY_AND_PERSONAL = "any_and_personal"  # AzureADandPersonalMicrosoftAccount
    PERSONAL = "personal"  # PersonalMicrosoftAccount
