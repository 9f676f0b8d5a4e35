"""An event stands under the id we meant to create: ours from an unanswered try, or not?"""

from __future__ import annotations

from enum import Enum

from latesync.model import Event, EventContent


class Taken(Enum):
    OURS = "ours"  # take it over
    NOT_OURS = "not ours"  # somebody else's, or deleted with its id still taken: use the next generation


def judge_taken(existing: Event | None, wanted: EventContent) -> Taken:
    """existing: what stands there now, None when it is deleted (google-calendar.md I2-I4)."""
    if existing is None or existing.marker is None:
        return Taken.NOT_OURS
    same_booking = (existing.marker.site_id, existing.marker.booking_id) == (
        wanted.marker.site_id,
        wanted.marker.booking_id,
    )
    return Taken.OURS if same_booking else Taken.NOT_OURS
