"""A calendar's recurrence lines, made safe for the library that expands them.

They come from many programs. Left as they are, some make the library loop for ever (INTERVAL=0), some
lose the last date (UNTIL without a zone), and one unreadable exception date loses the whole series.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from latesync.times import Zone, day_in, zone_named

# Every minute is nobody's calendar entry, and a year of it would hold up everybody else's.
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_MOST_IN_AN_HOUR = 4
_WITH_HOURLY = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYDAY", "BYHOUR"}
_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(\S+)", re.IGNORECASE)
_PART = re.compile(
    r"(FREQ|INTERVAL|COUNT|UNTIL|WKST|BY(?:MONTH|MONTHDAY|DAY|HOUR|MINUTE|SECOND|SETPOS|WEEKNO|YEARDAY))=(.+)"
)
_MOMENT = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
_TZID = re.compile(r";TZID=\"?([^;:\"]+)\"?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SeriesStart:
    """What the lines of a series refer to."""

    starts: datetime | date
    zone: Zone

    @property
    def is_all_day(self) -> bool:
        return not isinstance(self.starts, datetime)

    @property
    def time_of_day(self) -> str:
        if not isinstance(self.starts, datetime):
            return ""
        return f"{self.starts.astimezone(self.zone.tzinfo):%H%M%S}"


@dataclass(frozen=True, slots=True)
class SoundRecurrence:
    """What repeats (lines), and what does not take place: by rule, each written as an RRULE, and by date.

    excluded_dates: UTC starts; a date excludes everything that starts on that day in the series' zone.
      Kept from the library, which compares wall clocks with UTC and so may exclude a neighbour.
    """

    lines: tuple[str, ...]
    excluded_rules: tuple[str, ...]
    excluded_dates: frozenset[datetime | date]

    def excludes(self, start: datetime | date, zone: Zone) -> bool:
        if start in self.excluded_dates:
            return True
        return isinstance(start, datetime) and day_in(start, zone) in self.excluded_dates


def sound_recurrence(lines: Sequence[str], series: SeriesStart) -> SoundRecurrence:
    """The lines the library can be trusted with.

    Unknown parts of a rule, unknown lines, and dates and exclusions that cannot be read are left out: a
    doubt about one date ends as busy and spares the others. Raises ValueError for a rule that cannot be
    understood.
    """
    kept: list[str] = []
    excluded_rules: list[str] = []
    excluded_dates: set[datetime | date] = set()
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            if line.strip().upper().startswith("RRULE"):
                raise ValueError("a rule without parts")
            continue
        name, parameters, value = found.group(1).upper(), found.group(2), found.group(3)
        if name == "RRULE":
            kept.append(_sound_rule(value, series))
        elif name == "EXRULE":
            excluded_rules += _sound_exclusion(value, series)
        elif name == "RDATE":
            kept += [sound for each in value.split(",") for sound in _added(parameters, each, series)]
        else:
            excluded_dates |= {
                day for each in value.split(",") for day in _named_by(parameters, each, series)
            }
    return SoundRecurrence(tuple(kept), tuple(excluded_rules), frozenset(excluded_dates))


def _sound_rule(value: str, series: SeriesStart) -> str:
    known = (_PART.fullmatch(part) for part in value.upper().split(";"))
    parts = {found.group(1): found.group(2) for found in known if found is not None}
    in_an_hour = [len(parts.get(name, "").split(",")) for name in ("BYMINUTE", "BYSECOND")]
    if parts.get("FREQ") == "HOURLY" and not parts.keys() <= _WITH_HOURLY:
        raise ValueError("a rule whose next date may be sought for ever")
    if parts.get("FREQ") not in _FREQUENCIES or math.prod(in_an_hour) > _MOST_IN_AN_HOUR:
        raise ValueError("a rule that repeats in no way a person plans")
    if int(parts.get("INTERVAL", "1")) < 1 or int(parts.get("COUNT", "1")) == 0:
        raise ValueError("a rule that never moves on")
    if int(parts.get("COUNT", "1")) < 0:
        del parts["COUNT"]  # how some programs write "without end"
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], series)
    return "RRULE:" + ";".join(f"{name}={text}" for name, text in parts.items())


def _until(text: str, series: SeriesStart) -> str:
    """The last moment as the library needs it: a date for an all-day series, else UTC.

    A date alone includes its whole day, and a time without a zone is the series' own wall clock.
    """
    last = _moment(text)
    if series.is_all_day:
        return f"{last:%Y%m%d}"
    if len(text) == len("20261231"):
        last = datetime.combine(last, time(23, 59, 59))
    zone = UTC if text.endswith("Z") else series.zone.tzinfo
    return f"{last.replace(tzinfo=zone, fold=1).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _sound_exclusion(value: str, series: SeriesStart) -> list[str]:
    try:
        return [_sound_rule(value, series)]
    except ValueError:
        return []


def _added(parameters: str, value: str, series: SeriesStart) -> list[str]:
    """The line for one added date; nothing for one that cannot be read."""
    if "/" in value:  # a period: a start with a length of its own
        zone = _zone_of(parameters, series.zone).name
        tzid = f";TZID={zone}" if zone is not None and not value.partition("/")[0].endswith("Z") else ""
        return [f"RDATE;VALUE=PERIOD{tzid}:{value}"]
    if series.is_all_day:
        return [f"RDATE;VALUE=DATE:{day:%Y%m%d}" for day in _named_by(parameters, value, series)]
    if len(value) == len("20261231"):  # a day added to a timed series has the series' time of day
        value += f"T{series.time_of_day}"
    return [f"RDATE:{start:%Y%m%dT%H%M%SZ}" for start in _named_by(parameters, value, series)]


def _named_by(parameters: str, value: str, series: SeriesStart) -> list[datetime | date]:
    """The UTC start, or the day, that one value of a list names; nothing where it cannot be read."""
    try:
        moment = _moment(value)
        if series.is_all_day or len(value) == len("20261231"):
            return [moment.date()]
        zone = UTC if value.endswith("Z") else _zone_of(parameters, series.zone).tzinfo
        return [moment.replace(tzinfo=zone).astimezone(UTC)]
    except (ValueError, OverflowError):
        return []


def _zone_of(parameters: str, fallback: Zone) -> Zone:
    found = _TZID.search(parameters)
    try:
        return zone_named(found.group(1)) if found is not None else fallback
    except ValueError:  # a zone this machine's database does not know
        return fallback


def _moment(text: str) -> datetime:
    """A date (at midnight) or a time as iCalendar writes it, without zone. Raises ValueError."""
    if _MOMENT.fullmatch(text) is None:
        raise ValueError("neither a date nor a time")
    return datetime.fromisoformat(text.removesuffix("Z"))
