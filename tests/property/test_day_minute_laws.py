"""Spans as wall-clock minutes of days, compared with a clock that is looked at every minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from latesync.times import DayMinutes, TimeRange, Zone, merged_minutes, minutes_by_day, zone_named
from tests.builders.plan import utc

MINUTE = timedelta(minutes=1)
# Clock changes at two in the morning, at midnight both ways, of half an hour, at the end of a day; and none.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Beirut",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Scoresbysund",
    "Asia/Kolkata",
)
# Around the changes of 2026 in those zones, and some quiet days.
MOMENTS = [
    utc(text)
    for text in (
        "2026-03-08 06:00",
        "2026-03-08 05:00",
        "2026-03-28 22:00",
        "2026-03-29 01:00",
        "2026-04-04 15:00",
        "2026-04-23 22:00",
        "2026-07-01 12:00",
        "2026-10-03 15:30",
        "2026-10-24 21:00",
        "2026-10-25 01:00",
        "2026-10-29 21:00",
        "2026-11-01 05:00",
        "2026-11-01 06:00",
    )
]


def looked_at_every_minute(span: TimeRange, zone: Zone) -> dict[date, set[int]]:
    """By day, each minute that a clock shows within the span."""
    shown: dict[date, set[int]] = defaultdict(set)
    instant = span.start.replace(second=0, microsecond=0)
    while instant < span.end:
        wall = instant.astimezone(zone.tzinfo)
        shown[wall.date()].add(wall.hour * 60 + wall.minute)
        instant += MINUTE
    return shown


@cache
def existing_minutes(day: date, zone: Zone) -> set[int]:
    """Every minute of a day that a clock of the zone ever shows."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    around = TimeRange(noon - timedelta(days=1.25), noon + timedelta(days=1.25))
    return looked_at_every_minute(around, zone)[day]


def minutes_of(pieces: Iterable[DayMinutes]) -> dict[date, set[int]]:
    found: dict[date, set[int]] = defaultdict(set)
    for piece in pieces:
        found[piece.day].update(range(piece.start, piece.end))
    return found


spans = st.builds(
    lambda moment, before, seconds: TimeRange(
        moment - timedelta(seconds=before), moment - timedelta(seconds=before) + timedelta(seconds=seconds)
    ),
    st.sampled_from(MOMENTS),
    st.integers(-7200, 3 * 86_400),
    st.integers(1, 4 * 86_400),
)


@given(span=spans, zone=st.sampled_from(ZONES).map(zone_named))
def test_a_clock_looked_at_every_minute_shows_the_hull_of_the_same_minutes(
    span: TimeRange, zone: Zone
) -> None:
    pieces = list(minutes_by_day(span, zone))
    found, shown = minutes_of(pieces), looked_at_every_minute(span, zone)
    assert found.keys() == shown.keys()
    assert [piece.day for piece in pieces] == sorted(shown)
    for day, minutes in shown.items():
        exist = existing_minutes(day, zone)
        hull = {minute for minute in exist if min(minutes) <= minute <= max(minutes)}
        assert found[day] & exist == hull


@given(span=spans, offset=st.sampled_from([-570, -30, 0, 330, 765]))
def test_a_fixed_offset_has_plain_days(span: TimeRange, offset: int) -> None:
    zone = Zone(None, offset)
    assert minutes_of(minutes_by_day(span, zone)) == looked_at_every_minute(span, zone)


pieces_of_two_days = st.builds(
    lambda day, start, length: DayMinutes(date(2026, 12, day), start, min(1440, start + length)),
    st.integers(1, 2),
    st.integers(0, 1439),
    st.integers(1, 400),
)


@given(pieces=st.lists(pieces_of_two_days, max_size=12))
def test_merging_keeps_the_minutes_and_leaves_gaps_between_the_pieces(pieces: list[DayMinutes]) -> None:
    merged = merged_minutes(pieces)
    assert minutes_of(merged) == minutes_of(pieces)
    for before, after in pairwise(merged):
        assert before.day < after.day or before.end < after.start
