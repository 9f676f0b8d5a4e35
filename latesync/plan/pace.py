"""How often to look: as often as the budgets allow, never more."""

from __future__ import annotations

from datetime import datetime, timedelta

from latesync.options import HAS_DAILY_QUOTA
from latesync.times import TimeRange

SHORTEST_POLL = timedelta(seconds=30)
SPREAD = 0.5  # 30 s becomes 30 to 45 s: no two sites, and no two accounts, stay in step
# Of the 1,000,000 requests a day a project has (google-calendar.md Q1), polling may use this many;
# the rest is for writing and for repeats.
POLLS_A_DAY = 700_000
_DAY = timedelta(days=1)


def poll_interval(calendars_read: int, spread: float, provider: str) -> timedelta:
    """The pause until a calendar is looked at again. spread: 0 to 1, drawn by the caller.

    calendars_read: how many share a daily quota; where there is none, the provider's number does not matter.

    Google advises against polling every calendar every minute (Q2); a small site stays far below any
    quota and owes its visitors fresh times, so the interval follows the daily budget instead.
    """
    sharing = calendars_read if provider in HAS_DAILY_QUOTA else 1
    mean = max(SHORTEST_POLL * (1 + SPREAD / 2), _DAY * sharing / POLLS_A_DAY)
    shortest = mean / (1 + SPREAD / 2)
    return shortest * (1 + SPREAD * spread)


# An occurrence of next week that was moved into the past hides its original time, and a listing
# from the window's start on would not show it (google-calendar.md Y11: timeMin bounds the end).
MARGIN_BEFORE = timedelta(days=35)
# Where a listing has an end (microsoft-graph.md D3), it reaches this much further than the window: the window
# slides on by a day each day, and a month goes by until the calendar must be listed anew.
MARGIN_AFTER = timedelta(days=31)
_LEAST_LEFT = timedelta(days=1)
_SPREAD_DAYS = 7  # calendars that were listed on one day are not all renewed on one day


def listed_span(window: TimeRange) -> TimeRange:
    """What a full listing asks for."""
    return TimeRange(window.start - MARGIN_BEFORE, window.end + MARGIN_AFTER)


def runs_short(listed_until: datetime | None, window: TimeRange, calendar_ref: int) -> bool:
    """Whether a calendar's last full listing soon no longer reaches the window's end.

    listed_until: None for a listing that has no end. calendar_ref: any number of the calendar's own.
    """
    if listed_until is None:
        return False
    return listed_until - window.end < _LEAST_LEFT + timedelta(days=calendar_ref % _SPREAD_DAYS)


SHARE_OF_A_CORE = 0.01


def probe_interval(cost: timedelta, *, shortest: timedelta) -> timedelta:
    """The pause after a look at the site's database that took `cost`: at most 1 % of a core."""
    return max(shortest, cost / SHARE_OF_A_CORE)
