"""Series expanded twice: by our expansion, and by dateutil on wall-clock times that get their zone last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from dateutil.rrule import rruleset, rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from latesync.model import CalendarItem
from latesync.plan.occurrences import occurrences
from latesync.times import TimeRange, Zone, midnight, wall_to_utc, zone_named

ZONES = [
    zone_named(name)
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Havana",
        "Asia/Kolkata",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "UTC",
    )
]
NIGHT = st.integers(0, 12)  # quarters of an hour: when clocks change
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHLY_AND_YEARLY = {
    "MONTHLY": [
        [],
        ["BYMONTHDAY=31"],
        ["BYMONTHDAY=-1"],
        ["BYMONTHDAY=1,15"],
        ["BYDAY=2TU"],
        ["BYDAY=-1FR"],
        ["BYDAY=MO,TU,WE,TH,FR", "BYSETPOS=-1"],
    ],
    "YEARLY": [[], ["BYMONTH=3,10"], ["BYMONTH=2", "BYMONTHDAY=29"], ["BYMONTH=3", "BYDAY=-1SU"]],
}


@dataclass(frozen=True)
class Series:
    """A series as people write it: a wall-clock start, a length, rules and dates in its own zone."""

    zone: Zone
    first: datetime  # naive
    minutes: int
    rule: str
    until: datetime | None  # naive
    added: tuple[datetime, ...]
    excluded: tuple[datetime, ...]


def _rule_text(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.sampled_from([1, 1, 2, 5]))}"]
    if frequency == "WEEKLY" and draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(sorted(draw(st.sets(st.sampled_from(DAYS), min_size=1)))))
        parts.append(f"WKST={draw(st.sampled_from(['MO', 'SU']))}")
    if frequency in MONTHLY_AND_YEARLY:
        parts += draw(st.sampled_from(MONTHLY_AND_YEARLY[frequency]))
    return ";".join(parts)


@st.composite
def series(draw: st.DrawFn) -> Series:
    first = datetime(draw(st.integers(2018, 2027)), 1, 1) + timedelta(
        days=draw(st.integers(0, 364)), minutes=15 * draw(st.one_of(st.integers(0, 95), NIGHT))
    )
    rule, until = _rule_text(draw), None
    match draw(st.sampled_from(["endless", "count", "until"])):
        case "count":
            rule += f";COUNT={draw(st.integers(1, 40))}"
        case "until":
            until = first + timedelta(days=draw(st.one_of(st.integers(0, 30), st.integers(0, 1500))))
    bare = Series(
        zone=draw(st.sampled_from(ZONES)),
        first=first,
        minutes=draw(st.sampled_from([15, 15, 60, 90, 480, 1440, 3000])),
        rule=rule,
        until=until,
        added=(),
        excluded=(),
    )
    # Dates of the rule's own, and some beside it: people exclude, or add a second time, both.
    dates = sorted(second_opinion(bare, first, first + timedelta(days=500)))
    near = st.integers(1, 400).map(lambda days: first + timedelta(days=days))
    some = st.one_of(st.sampled_from(dates), st.sampled_from(dates), near)
    return replace(
        bare,
        added=tuple(draw(st.lists(some, max_size=3))),
        excluded=tuple(draw(st.lists(some, max_size=6))),
    )


def second_opinion(one: Series, after: datetime, before: datetime) -> set[datetime]:
    """Naive wall-clock starts."""
    rules = rruleset()
    until = f";UNTIL={one.until:%Y%m%dT%H%M%S}" if one.until is not None else ""
    rules.rrule(rrulestr(f"RRULE:{one.rule}{until}", dtstart=one.first))  # type: ignore[arg-type]
    rules.rdate(one.first)
    for moment in one.added:
        rules.rdate(moment)
    for moment in one.excluded:
        rules.exdate(moment)
    return set(rules.between(after, before, inc=True))


def around(one: Series, window: TimeRange) -> set[datetime]:
    start, end = window.start.replace(tzinfo=None), window.end.replace(tzinfo=None)
    return second_opinion(one, start - timedelta(days=30), end + timedelta(days=2))


@st.composite
def series_and_windows(draw: st.DrawFn) -> tuple[Series, TimeRange]:
    one = draw(series())
    start = one.first.replace(tzinfo=UTC) + timedelta(days=draw(st.integers(-10, 500)))
    return one, TimeRange(start, start + timedelta(days=draw(st.sampled_from([1, 30, 400]))))


def in_zone(naive: datetime, zone: Zone) -> datetime:
    return wall_to_utc(naive.date(), naive.hour * 60 + naive.minute, zone)


def lines_of(one: Series) -> tuple[str, ...]:
    tzid = f"TZID={one.zone.name}"
    until = f";UNTIL={in_zone(one.until, one.zone):%Y%m%dT%H%M%SZ}" if one.until is not None else ""
    lines = [f"RRULE:{one.rule}{until}"]
    if one.added:
        lines.append(f"RDATE;{tzid}:" + ",".join(f"{moment:%Y%m%dT%H%M%S}" for moment in one.added))
    lines += [f"EXDATE;{tzid}:{moment:%Y%m%dT%H%M%S}" for moment in one.excluded[:2]]
    if one.excluded[2:]:
        instants = (in_zone(moment, one.zone) for moment in one.excluded[2:])
        lines.append("EXDATE:" + ",".join(f"{instant:%Y%m%dT%H%M%SZ}" for instant in instants))
    return tuple(lines)


def wall_clock_of(instant: datetime, zone: Zone) -> datetime:
    return instant.astimezone(zone.tzinfo).replace(tzinfo=None)


@given(series_and_windows())
def test_timed_series_agrees_with_a_second_expander(case: tuple[Series, TimeRange]) -> None:
    one, window = case
    length = timedelta(minutes=one.minutes)
    first = TimeRange(in_zone(one.first, one.zone), in_zone(one.first, one.zone) + length)
    # A series whose own first time is skipped or doubled has another wall clock than was written here.
    assume(wall_clock_of(first.start, one.zone) == one.first)
    assume(wall_clock_of(first.end, one.zone) == one.first + length)
    item = CalendarItem("series", first.start, first.end, one.zone.name, recurrence=lines_of(one))

    found = {span for _, _, span in occurrences(item, (), calendar_zone=ZONES[0], window=window)}

    assert found == {
        span
        for naive in around(one, window)
        if (span := span_in_zone(naive, length, one.zone)).overlaps(window)
    }


def span_in_zone(naive: datetime, length: timedelta, zone: Zone) -> TimeRange:
    """From wall clock to wall clock; where the clocks leave nothing between them, of the length planned."""
    begin, finish = in_zone(naive, zone), in_zone(naive + length, zone)
    return TimeRange(begin, finish if begin < finish else begin + length)


@given(series_and_windows(), st.sampled_from(ZONES), st.integers(1, 20))
def test_all_day_series_agrees_with_a_second_expander(
    case: tuple[Series, TimeRange], zone: Zone, days: int
) -> None:
    one, window = case
    first = one.first.date()
    lines = [f"RRULE:{one.rule}" + (f";UNTIL={one.until:%Y%m%d}" if one.until is not None else "")]
    for name, moments in (("RDATE", one.added), ("EXDATE", one.excluded)):
        if moments:
            lines.append(f"{name};VALUE=DATE:" + ",".join(f"{moment:%Y%m%d}" for moment in moments))
    item = CalendarItem("days", first, first + timedelta(days=days), recurrence=tuple(lines))

    found = {span for _, _, span in occurrences(item, (), calendar_zone=zone, window=window)}

    expected = set()
    for day in around(_as_days(one), window):
        span = TimeRange(midnight(day.date(), zone), midnight(day.date() + timedelta(days=days), zone))
        if span.overlaps(window):
            expected.add(span)
    assert found == expected


def _as_days(one: Series) -> Series:
    def at_midnight(moment: datetime) -> datetime:
        return datetime.combine(moment.date(), time())

    return replace(
        one,
        first=at_midnight(one.first),
        until=at_midnight(one.until) if one.until is not None else None,
        added=tuple(at_midnight(moment) for moment in one.added),
        excluded=tuple(at_midnight(moment) for moment in one.excluded),
    )
