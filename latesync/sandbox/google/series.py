"""Recurring events: which instances a series has (google-calendar.md §11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr

from .errors import Json, invalid, required
from .moments import read_day, read_time, zone

_KINDS = ("RRULE", "EXRULE", "RDATE", "EXDATE")


@dataclass(frozen=True)
class Instance:
    """One occurrence by the rule, whether or not an exception replaces it."""

    master_id: str
    wall: datetime  # naive, in the series' own zone
    all_day: bool
    zone_name: str
    length: timedelta  # in wall-clock time: a night shift ends at the same hour whatever the clocks do

    @property
    def id(self) -> str:
        """`<master>_<stamp>` (X3)."""
        if self.all_day:
            return f"{self.master_id}_{self.wall:%Y%m%d}"
        return f"{self.master_id}_{datetime.fromtimestamp(self.start_ts, UTC):%Y%m%dT%H%M%SZ}"

    @property
    def start_ts(self) -> float:
        return self.wall.replace(tzinfo=zone(self.zone_name)).timestamp()

    @property
    def end_ts(self) -> float:
        return (self.wall + self.length).replace(tzinfo=zone(self.zone_name)).timestamp()

    def original_start(self) -> Json:
        return self._time(self.start_ts, self.wall)

    def times(self) -> Json:
        end = self.wall + self.length
        return {"start": self._time(self.start_ts, self.wall), "end": self._time(self.end_ts, end)}

    def _time(self, ts: float, wall: datetime) -> Json:
        if self.all_day:
            return {"date": wall.date().isoformat()}
        moment = datetime.fromtimestamp(ts, UTC)
        return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "timeZone": self.zone_name}


def instances(master: Json, calendar_zone: str, *, after_ts: float, before_ts: float) -> Iterator[Instance]:
    """Instances that end after `after_ts` and start before `before_ts`, in order."""
    series = _series(master, calendar_zone)
    floor = datetime.fromtimestamp(max(after_ts, 0), zone(series.zone_name)).replace(tzinfo=None)
    # A day of slack on the naive side; the exact comparison is made on instants below.
    for wall in series.rule.xafter(floor - series.length - timedelta(days=1), inc=True):
        instance = series.instance(wall)
        if instance.start_ts >= before_ts:
            return
        if instance.end_ts > after_ts:
            yield instance


def instance_by_id(master: Json, calendar_zone: str, event_id: str) -> Instance | None:
    """The instance an id names, if the rule has it."""
    series = _series(master, calendar_zone)
    _, _, text = event_id.rpartition("_")
    try:
        if series.all_day:
            wall = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - naive by nature: a day
        else:
            moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            wall = moment.astimezone(zone(series.zone_name)).replace(tzinfo=None)
    except ValueError:
        return None
    found = series.instance(wall)
    return found if found.id == event_id and series.rule.after(wall, inc=True) == wall else None


def check_recurrence(recurrence: list[str], start: Json) -> None:
    """Refuse what Google refuses in a series (X1). Raises ApiError 400."""
    if "dateTime" in start and not start.get("timeZone"):
        raise required("Missing time zone definition for start time.")
    for line in recurrence:
        if line.partition(":")[0].partition(";")[0].upper() not in _KINDS:
            raise invalid("Invalid recurrence rule.")
    if recurrence:
        _ = _rule(tuple(recurrence), _wall(start, "UTC"), start.get("timeZone", "UTC"))


@dataclass(frozen=True)
class _Series:
    master_id: str
    rule: rruleset
    all_day: bool
    zone_name: str
    length: timedelta

    def instance(self, wall: datetime) -> Instance:
        return Instance(self.master_id, wall, self.all_day, self.zone_name, self.length)


def _series(master: Json, calendar_zone: str) -> _Series:
    all_day = "date" in master["start"]
    zone_name = calendar_zone if all_day else master["start"].get("timeZone", calendar_zone)
    start, end = _wall(master["start"], zone_name), _wall(master["end"], zone_name)
    rule = _rule(tuple(master["recurrence"]), start, zone_name)
    return _Series(str(master["id"]), rule, all_day, zone_name, end - start)


def _wall(value: Json, zone_name: str) -> datetime:
    if "date" in value:
        day = read_day(value["date"], "start")
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - naive by nature: a wall-clock day
    _, ts = read_time(value, "start", zone_name)
    return datetime.fromtimestamp(ts, zone(zone_name)).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def _rule(recurrence: tuple[str, ...], start: datetime, zone_name: str) -> rruleset:
    """The rule in the series' wall-clock time. Its own start is always its first instance (X1)."""
    rules = rruleset(cache=True)
    rules.rdate(start)
    for line in recurrence:
        head, _, value = line.partition(":")
        kind, *options = head.upper().split(";")
        try:
            if kind == "RRULE":
                rules.rrule(_one_rule(value, start, zone_name))
            elif kind == "EXRULE":
                rules.exrule(_one_rule(value, start, zone_name))
            else:
                add = rules.rdate if kind == "RDATE" else rules.exdate
                for wall in _dates(value, head, options, start, zone_name):
                    add(wall)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise invalid("Invalid recurrence rule.") from error
    return rules


def _one_rule(value: str, start: datetime, zone_name: str) -> rrule:
    parts = []
    for part in value.upper().split(";"):
        name, _, text = part.partition("=")
        if name == "UNTIL":
            text = f"{_until(text, start, zone_name):%Y%m%dT%H%M%S}"
        parts.append(f"{name}={text}")
    return cast(rrule, rrulestr(";".join(parts), dtstart=start))


def _until(text: str, start: datetime, zone_name: str) -> datetime:
    if "T" in text:
        return _point(text, zone_name)
    # A bare day still includes that day's instance.
    day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - naive by nature: a day
    return day.replace(hour=start.hour, minute=start.minute, second=start.second)


def _dates(value: str, head: str, options: list[str], start: datetime, zone_name: str) -> Iterator[datetime]:
    own_zone = next(
        (o.partition("=")[2] for o in head.split(";")[1:] if o.upper().startswith("TZID=")), zone_name
    )
    for text in value.upper().split(","):
        text = text.partition("/")[0]  # an RDATE period: its start
        if "T" not in text or "VALUE=DATE" in options:
            day = datetime.strptime(text[:8], "%Y%m%d")  # noqa: DTZ007 - naive by nature: a day
            yield day.replace(hour=start.hour, minute=start.minute, second=start.second)
        else:
            moment = _point(text, own_zone).replace(tzinfo=zone(own_zone))
            yield moment.astimezone(zone(zone_name)).replace(tzinfo=None)


def _point(text: str, zone_name: str) -> datetime:
    """`…Z` converted to the zone's wall clock; anything else is wall clock already."""
    if text.endswith("Z"):
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return moment.astimezone(zone(zone_name)).replace(tzinfo=None)
    return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall clock of a named zone
