"""How long a change took to arrive, and what that comes to: the measured promise. Pure.

Only what was noticed live is measured. A first sync, a backfill, what is caught up after a pause or a
sign-in, what a setting or a slid window brings: none of these was waited for by anybody, and with them the
number would say nothing (users-ask.md U9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from latesync.times import Zone

PROMISED = 0.95
WINDOW = timedelta(hours=24)
# LatePoint's stamp says when a row was saved, in UTC or, before 5.1.0, by the site's clock, and nobody says
# which (latepoint.md §2.8). No zone lies within half an hour of UTC, so only one reading is plausible.
UNSEEN_AT_MOST = timedelta(minutes=30)
# Between the end of a listing and the record of its run.
LISTED_BEFORE = timedelta(minutes=1)
LONGEST = timedelta(hours=24)  # a longer one tells of a wrong clock, or of something that has its own alarm


@dataclass(frozen=True, slots=True)
class Promise:
    """Of the last 24 hours. milliseconds: within which `kept` of the `measured` changes arrived."""

    milliseconds: int = 0
    kept: int = 0
    measured: int = 0


UNMEASURED = Promise()


def promise_of(samples: Sequence[int]) -> Promise:
    """samples: milliseconds, in any order. 95 of 100; of fewer than 20, all of them."""
    if not samples:
        return Promise()
    kept = ceil(PROMISED * len(samples))
    return Promise(sorted(samples)[kept - 1], kept, len(samples))


def quantile(samples: Sequence[int], share: float) -> int:
    """The nearest rank, in milliseconds. There is at least one sample."""
    return sorted(samples)[max(1, ceil(share * len(samples))) - 1]


def outbound_delay(
    known_at: datetime, written_at: datetime, stamp: datetime | None, has_stamp: bool, zone: Zone
) -> int | None:
    """From a booking's change to its event, in milliseconds; None where that cannot be told.

    known_at: when LateSync learnt of it. stamp: what the row says of its last change, without a zone, to the
      second: so the answer is rather too long than too short.
    has_stamp: False where rows have none; then what passed before LateSync knew is not in it.

    A stamp that names no time shortly before is another change's: of another table, of a statement that sets
    no stamp, of a window that slid. Then nobody can say how long it took.
    """
    if not has_stamp:
        return _milliseconds(known_at, written_at)
    if stamp is None:
        return None
    plausible = {
        moment
        for moment in (stamp.replace(tzinfo=UTC), _by_site_clock(stamp, zone))
        if known_at - UNSEEN_AT_MOST <= moment <= written_at
    }
    return _milliseconds(plausible.pop(), written_at) if len(plausible) == 1 else None


def inbound_delay(updated_at: datetime, last_look_at: datetime, published_at: datetime) -> int | None:
    """From a change in the calendar to the booking form, in milliseconds; None where that cannot be told.

    updated_at: as the provider says (google-calendar.md E9). What is older than the last good look, at which
    it was not there, came to us in another way: shared, moved, or by a wrong clock.
    """
    if updated_at < last_look_at - LISTED_BEFORE:
        return None
    return _milliseconds(updated_at, published_at)


def _by_site_clock(stamp: datetime, zone: Zone) -> datetime:
    return stamp.replace(tzinfo=zone.tzinfo).astimezone(UTC)


def _milliseconds(since: datetime, until: datetime) -> int | None:
    """None for what two clocks that do not agree make of it."""
    passed = until - since
    return round(passed / timedelta(milliseconds=1)) if timedelta(0) <= passed <= LONGEST else None
