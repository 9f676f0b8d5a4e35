"""How often to look: as often as the budgets allow, never more."""

from __future__ import annotations

from datetime import timedelta

SHORTEST_POLL = timedelta(seconds=30)
SPREAD = 0.5  # 30 s becomes 30 to 45 s: no two sites, and no two accounts, stay in step
# Of the 1,000,000 requests a day a project has (google-calendar.md Q1), polling may use this many;
# the rest is for writing and for repeats.
POLLS_A_DAY = 700_000
_DAY = timedelta(days=1)


def poll_interval(calendars_read: int, spread: float) -> timedelta:
    """The pause until a calendar is looked at again. spread: 0 to 1, drawn by the caller.

    Google advises against polling every calendar every minute (Q2); a small site stays far below any
    quota and owes its visitors fresh times, so the interval follows the daily budget instead.
    """
    mean = max(SHORTEST_POLL * (1 + SPREAD / 2), _DAY * calendars_read / POLLS_A_DAY)
    shortest = mean / (1 + SPREAD / 2)
    return shortest * (1 + SPREAD * spread)


SHARE_OF_A_CORE = 0.01


def probe_interval(cost: timedelta, *, shortest: timedelta) -> timedelta:
    """The pause after a look at the site's database that took `cost`: at most 1 % of a core."""
    return max(shortest, cost / SHARE_OF_A_CORE)
