"""Busy time as off periods of LatePoint's: which rows of our own should stand there, and what that takes.

One row per local day, because LatePoint looks at a row's start date only (latepoint.md §3.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from latesync.off_periods import OffPeriod, OffPeriodSeen
from latesync.times import DayMinutes, TimeRange, Zone, day_in, merged_minutes, minutes_by_day


@dataclass(frozen=True, slots=True)
class OffPeriodPlan:
    """To be done in this order; new rows come before old ones go, so that no time is open in between.

    forget: ids of those whose row is gone, or is an admin's now, who changed it: it is left alone.
    adopt: answers that were lost; row_id is the row that was found.
    insert: to be written, row_id is None. delete: ours and not wanted any more.
    """

    forget: tuple[str, ...] = ()
    adopt: tuple[OffPeriod, ...] = ()
    insert: tuple[OffPeriod, ...] = ()
    delete: tuple[OffPeriod, ...] = ()


def wanted_off_periods(
    agent_id: int, busy: Iterable[TimeRange], zone: Zone, window: TimeRange
) -> list[OffPeriod]:
    """What should stand on the site: the busy time of the window's days, joined where it touches."""
    first, end = day_in(window.start, zone), day_in(window.end, zone)
    pieces = (piece for span in busy if span.overlaps(window) for piece in minutes_by_day(span, zone))
    inside = [piece for piece in pieces if first <= piece.day < end]
    return [OffPeriod(_id(agent_id, minutes), agent_id, minutes) for minutes in merged_minutes(inside)]


def plan_off_periods(
    wanted: Collection[OffPeriod], kept: Collection[OffPeriod], seen: Collection[OffPeriodSeen]
) -> OffPeriodPlan:
    """What brings the site's rows of one agent in step.

    wanted: of `wanted_off_periods`. kept: what we remember. seen: every row of the agent's that reads as
    we write them; one that we remember and that is not among them was deleted or changed by an admin.
    """
    resolved = _resolved(kept, seen)
    standing = {row.row_id: row.minutes for row in seen}
    ours = {
        period.id: period
        for period in resolved
        if period.row_id is not None and standing.get(period.row_id) == period.minutes
    }
    ids = {period.id for period in wanted}
    begun = {period.id for period in kept if period.row_id is None and period.id in ids}
    return OffPeriodPlan(
        forget=tuple(period.id for period in kept if period.id not in ours and period.id not in begun),
        adopt=tuple(period for period in ours.values() if period.id in begun),
        insert=tuple(period for period in wanted if period.id not in ours),
        delete=tuple(period for period in ours.values() if period.id not in ids),
    )


def _resolved(kept: Collection[OffPeriod], seen: Collection[OffPeriodSeen]) -> list[OffPeriod]:
    """The remembered ones; an insert without an answer gets the row that must be its own, if one is there.

    A row that somebody saved since is not taken: it may be one of ours that an admin moved there.
    """
    claimed = {period.row_id for period in kept}
    free = sorted(
        (row for row in seen if row.row_id not in claimed and row.is_untouched),
        key=lambda row: row.row_id,
        reverse=True,
    )
    by_minutes = {row.minutes: row.row_id for row in free}  # of several the lowest number
    return [
        period
        if period.row_id is not None
        else OffPeriod(period.id, period.agent_id, period.minutes, by_minutes.get(period.minutes))
        for period in kept
    ]


def _id(agent_id: int, minutes: DayMinutes) -> str:
    text = f"{agent_id} {minutes.day} {minutes.start} {minutes.end}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
