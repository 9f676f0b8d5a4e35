"""What people read about how quickly changes arrive, and about pauses. Pure."""

from __future__ import annotations

from datetime import datetime

from latesync.messages import moment
from latesync.times import Zone

_FEWEST_FOR_A_SHARE = 20  # "95 of 100" of fewer than that is all of them


# --- the promise of the last 24 hours ---------------------------------------------------------


def bookings_arrived(milliseconds: int, measured: int) -> str:
    """How quickly 95 of 100 arrived; that nothing changed, where nothing did."""
    return _line("Bookings reached calendars", "booking", milliseconds, measured)


def calendars_arrived(milliseconds: int, measured: int) -> str:
    return _line("Calendars reached the booking form", "calendar", milliseconds, measured)


def _line(arrived: str, what: str, milliseconds: int, measured: int) -> str:
    if not measured:
        return f"In the last 24 hours no {what} changed while LateSync watched, so nothing was measured."
    return f"{arrived} in {duration(milliseconds)} ({_share(measured)} in the last 24 hours)."


def _share(measured: int) -> str:
    if measured == 1:
        return "the only one"
    return f"all {measured}" if measured < _FEWEST_FOR_A_SHARE else f"95 of 100, {measured:,} measured"


def duration(milliseconds: int) -> str:
    """ "0.4 s", "34 s", "5 min", "2.5 h"."""
    seconds = milliseconds / 1000
    if seconds < 9.95:
        return f"{max(seconds, 0.1):.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 119.5 else f"{minutes / 60:.1f} h"


# --- pauses -----------------------------------------------------------------------------------

PAUSED_ALL = "Everything is paused. What happens meanwhile is caught up once you go on."
RESUMED_ALL = "LateSync goes on, and catches up on what happened meanwhile."
NOT_PAUSED = "Nothing was paused, so there is nothing to go on with."
ALREADY_PAUSED = "It was paused already."


def everything_paused(since: datetime, zone: Zone) -> str:
    return (
        f"Everything is paused since {moment(since, zone)}: nothing is written or read. What happens "
        "meanwhile is caught up once you go on."
    )


def agent_paused(name: str, since: datetime, zone: Zone) -> str:
    return (
        f"{name} is paused since {moment(since, zone)}: nothing is written or read. What happens meanwhile "
        "is caught up afterwards."
    )


def own_pause(since: datetime, zone: Zone) -> str:
    """For the agent."""
    return (
        f"The site’s owner has paused your calendar since {moment(since, zone)}. What happens meanwhile is "
        "caught up afterwards; nothing is lost."
    )


def paused(name: str) -> str:
    return f"{name} is paused. What happens meanwhile is caught up once you go on."


def resumed(name: str) -> str:
    return f"{name} is not paused any more. LateSync catches up on what happened meanwhile."


def still_paused_alone(names: list[str]) -> str:
    """After everybody's pause ended."""
    them = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{them} {'stays' if len(names) == 1 else 'stay'} paused: that was asked for separately."


def still_paused_with_all(name: str) -> str:
    """After an agent's own pause ended."""
    return f"{name} rests as long as everything is paused."
