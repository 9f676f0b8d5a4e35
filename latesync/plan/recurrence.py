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

from latesync.times import Zone

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
    """lines: what repeats. excluded: rules whose dates do not take place, each written as an RRULE."""

    lines: tuple[str, ...]
    excluded: tuple[str, ...]


def sound_recurrence(lines: Sequence[str], series: SeriesStart) -> SoundRecurrence:
    """The lines the library can be trusted with.

    Unknown parts of a rule, unknown lines, and dates and exclusions that cannot be read are left out: a
    doubt about one date ends as busy and spares the others. Raises ValueError for a rule that cannot be
    understood.
    """
    kept: list[str] = []
    excluded: list[str] = []
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
            excluded += _sound_exclusion(value, series)
        else:
            kept += [
                sound for each in value.split(",") for sound in _date_line(name, parameters, each, series)
            ]
    return SoundRecurrence(tuple(kept), tuple(excluded))


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


def _date_line(name: str, parameters: str, value: str, series: SeriesStart) -> list[str]:
    """The line for one date of a list; nothing for one that cannot be read."""
    if "/" in value:  # a period: a start with a length of its own
        return [f"RDATE;VALUE=PERIOD{_tzid(parameters, value)}:{value}"] if name == "RDATE" else []
    try:
        _moment(value)
    except ValueError:
        return []
    if series.is_all_day:
        return [f"{name};VALUE=DATE:{value[:8]}"]
    if len(value) > len("20261231"):
        return [f"{name}{_tzid(parameters, value)}:{value}"]
    if name == "EXDATE":
        return [f"EXDATE;VALUE=DATE:{value}"]
    return [_at_time_of_day(value, series)]


def _at_time_of_day(day: str, series: SeriesStart) -> str:
    """A date alone, added to a timed series, has the series' own time of day."""
    local = datetime.fromisoformat(f"{day}T{series.time_of_day}").replace(tzinfo=series.zone.tzinfo)
    return f"RDATE:{local.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _tzid(parameters: str, value: str) -> str:
    found = _TZID.search(parameters)
    return f";TZID={found.group(1)}" if found is not None and not value.endswith("Z") else ""


def _moment(text: str) -> datetime:
    """A date (at midnight) or a time as iCalendar writes it, without zone. Raises ValueError."""
    if _MOMENT.fullmatch(text) is None:
        raise ValueError("neither a date nor a time")
    return datetime.fromisoformat(text.removesuffix("Z"))
