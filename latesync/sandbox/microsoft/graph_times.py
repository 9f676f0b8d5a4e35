"""Times as Graph writes them (microsoft-graph.md E1, E2); inside, seconds since the epoch (`…_ts`)."""

import re
from datetime import UTC, date, datetime
from typing import Any

from .errors import GraphError, Json
from .zones import zone

DAY_S = 86_400.0
_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d)?)?(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)


def stamp(ts: float) -> str:
    """How createdDateTime and the like are written: seven digits of a second."""
    return f"{datetime.fromtimestamp(ts, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def wall(ts: float, zone_name: str) -> datetime:
    return datetime.fromtimestamp(ts, zone(zone_name)).replace(tzinfo=None)


def instant(moment: datetime, zone_name: str) -> float:
    return moment.replace(tzinfo=zone(zone_name)).timestamp()


def show_time(ts: float, zone_name: str) -> Json:
    return {"dateTime": f"{wall(ts, zone_name):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone_name}


def read_time(value: Any, field: str) -> tuple[float, str]:
    """The instant and the zone's name of a dateTimeTimeZone. Raises GraphError 400."""
    if not isinstance(value, dict) or set(value) != {"dateTime", "timeZone"}:
        raise invalid(f"{field} takes dateTime and timeZone.")
    text, name = value["dateTime"], value["timeZone"]
    if not isinstance(text, str) or not isinstance(name, str) or not _WALL.fullmatch(text):
        # E1: an offset has no place here.
        raise invalid(f"The value of {field}.dateTime is not a date and time without an offset.")
    try:
        moment = datetime.fromisoformat(text.partition(".")[0])
    except ValueError as error:
        raise invalid(f"The value of {field}.dateTime is no date.") from error
    return instant(moment, name), name


def read_instant(text: str, field: str) -> float:
    """A point of time in a URL or a subscription; without an offset it is UTC (D1). Raises GraphError 400."""
    found = _INSTANT.fullmatch(text)
    try:
        if found:
            at = found[2] or "T00:00:00"
            return datetime.fromisoformat(found[1] + at + (found[4] or "Z").upper()).timestamp()
    except ValueError:
        pass  # no such day or hour: refused below
    raise GraphError(400, "ErrorInvalidParameter", f"The value '{text[:40]}' of {field} is not valid.")


def read_day(text: Any, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise invalid(f"The value of {field} is no date.") from error


def invalid(message: str) -> GraphError:
    return GraphError(400, "ErrorPropertyValidationFailure", message)


def check_span(start_ts: float, end_ts: float, start_zone: str, end_zone: str, *, all_day: bool) -> None:
    """Raises GraphError 400: an end before the start, or an all-day event that is none (E2)."""
    if end_ts < start_ts:
        raise invalid("At least one property failed validation. The end is before the start.")
    if not all_day:
        return
    start, end = wall(start_ts, start_zone), wall(end_ts, end_zone)
    at_midnight = (start.hour, start.minute, start.second, end.hour, end.minute, end.second) == (0,) * 6
    if zone(start_zone) != zone(end_zone) or not at_midnight or end.date() <= start.date():
        raise invalid(
            "The Event.Start and Event.End of an all-day event are midnights of one time zone,"
            " a day apart or more."
        )
