"""When people are awake: mails about sign-ins go out by day, in the site's zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count

from latesync.errors import WrongInput
from latesync.sentences.consent_sentences import WAKING_HOURS_TOO_SHORT, WAKING_HOURS_UNREADABLE
from latesync.times import TimeRange, Zone, day_in, wall_span

SHORTEST = timedelta(hours=1)  # a night of 23 hours still leaves a waking moment in every 24
_UTC = Zone("UTC")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_HOURS = re.compile(r"(\d{1,2}):(\d{2}) ?[-–] ?(\d{1,2}):(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class WakingHours:
    """From start until end of each of the site's days, half-open, on the wall clock."""

    start: time = time(8)
    end: time = time(20)
    zone: Zone = _UTC

    def __post_init__(self) -> None:
        if _minute(self.start) >= _minute(self.end):
            raise ValueError("waking hours end after they start")


def is_awake(at: datetime, hours: WakingHours) -> bool:
    """Whether the site's clock shows a waking hour.

    Of a start in an hour that comes twice the second counts, of an end the first; a start or end in an hour
    that is skipped counts on the side of the night (times.wall_span).
    """
    span = _waking_span(at, 0, hours)
    return span is not None and span.start <= at < span.end


def next_waking(at: datetime, hours: WakingHours) -> datetime:
    """The first waking moment from `at` on: `at` itself when awake."""
    return next(max(at, span.start) for span in _spans(at, 1, hours) if at < span.end)


def last_waking_before(at: datetime, hours: WakingHours) -> datetime:
    """The last waking moment up to `at`: `at` itself when awake, else the minute before the evening's end."""
    if is_awake(at, hours):
        return at
    span = next(span for span in _spans(at, -1, hours) if span.end <= at)
    return max(span.start, span.end - _MINUTE)


def parse_waking_hours(text: str) -> tuple[time, time]:
    """ "08:00-20:00" as two times. Raises WrongInput, which says how to write them."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise WrongInput(WAKING_HOURS_UNREADABLE)
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    try:
        start, end = time(first_hour, first_minute), time(last_hour, last_minute)
    except ValueError as exc:
        raise WrongInput(WAKING_HOURS_UNREADABLE) from exc
    if _minute(end) - _minute(start) < SHORTEST // _MINUTE:
        raise WrongInput(WAKING_HOURS_TOO_SHORT)
    return start, end


def waking_hours_text(start: time, end: time) -> str:
    """ "08:00-20:00", as parse_waking_hours reads it."""
    return f"{start:%H:%M}-{end:%H:%M}"


def _spans(at: datetime, step: int, hours: WakingHours) -> Iterator[TimeRange]:
    """The waking spans from the day of `at` on, day by day; a clock change may leave a day without one."""
    for number in count():
        span = _waking_span(at, step * number, hours)
        if span is not None:
            yield span


def _waking_span(at: datetime, days: int, hours: WakingHours) -> TimeRange | None:
    """Of the day that many days after the one of `at`."""
    day = day_in(at, hours.zone) + days * _DAY
    return wall_span(day, _minute(hours.start), _minute(hours.end), hours.zone)


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute
