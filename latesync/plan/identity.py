"""Whether this LateSync may work for the site it sees, or has to ask a person first. Pure.

Two things give a copy away. A copied WordPress has another home address than the one that is remembered.
And of two LateSyncs with the same state, each takes turns in one row of the site: what it writes there it
has written into its own state before, so whoever finds a turn that is not in its state is not alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

TURN_EVERY = timedelta(seconds=20)
# Two turns of somebody else's, and what a slow machine adds to them.
WATCH_FOR = 2 * TURN_EVERY + timedelta(seconds=5)


class HomeVerdict(Enum):
    SAME = "same"
    NEW = "new"  # the first one seen: to be remembered
    OTHER = "other"
    UNKNOWN = "unknown"  # the site names none: no reason to stop, and nothing to remember


def judge_home(remembered: str | None, seen: str, is_same: Callable[[str, str], bool]) -> HomeVerdict:
    """is_same: what does not tell two sites apart (scheme, www.) is no difference."""
    if not seen:
        return HomeVerdict.UNKNOWN
    if not remembered:
        return HomeVerdict.NEW
    return HomeVerdict.SAME if is_same(remembered, seen) else HomeVerdict.OTHER


class TurnStep(Enum):
    """What to do about the turn that stands on the site."""

    TAKE = "take"  # it is ours, or there is none: the next one is due
    FINISH = "finish"  # ours too, but what our state says came next has not arrived there
    WATCH = "watch"  # not ours: whoever wrote it may be alive
    ADOPT = "adopt"  # not ours, and nobody has gone on with it: we do
    STOP = "stop"  # not ours, and somebody goes on with it


@dataclass(frozen=True, slots=True)
class Watch:
    """A turn that is not ours, and since when it has been looked at."""

    turn: str
    since: datetime


def judge_turn(
    seen: str | None, last: str | None, coming: str | None, watch: Watch | None, now: datetime
) -> tuple[TurnStep, Watch | None]:
    """The step, and what is watched from now on.

    last, coming: what our state says. A turn is written into the state first and to the site then, so either
    may stand there: a process died in between, or another of the same state is in the middle of it.
    A state restored from a backup, or one that lost its last writes, finds a turn that does not move.
    """
    if seen is None or seen == coming:
        return TurnStep.TAKE, None
    if seen == last:
        return TurnStep.FINISH, None
    if watch is None or now < watch.since:  # the clock was set back: it counts from now
        return TurnStep.WATCH, Watch(seen, now)
    if watch.turn != seen:
        return TurnStep.STOP, None
    return (TurnStep.ADOPT, None) if now - watch.since >= WATCH_FOR else (TurnStep.WATCH, watch)
