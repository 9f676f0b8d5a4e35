"""Times as the sandbox keeps them: seconds since the epoch (`…_ts`), zones by IANA name."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import ApiError, Json, invalid, required

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
DAY_S = 86_400.0


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise invalid(f"Invalid time zone: {name[:60]}") from error


def parse_instant(text: str, parameter: str) -> float:
    """An RFC 3339 instant with its offset (google-calendar.md Y11); the sub-second part is ignored."""
    moment = _parsed(text)
    if moment is None or moment.tzinfo is None:
        raise ApiError(400, "badRequest", f"Invalid value for {parameter}", location=parameter)
    return float(int(moment.timestamp()))


def stamp(ts: float) -> str:
    """How `created`, `updated` and the like are written."""
    return datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(ts * 1000) % 1000:03d}Z"


def in_zone(ts: float, name: str) -> str:
    text = datetime.fromtimestamp(ts, zone(name)).isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def midnight(day: date, zone_name: str) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).timestamp()


def read_time(value: Json, side: str, calendar_zone: str) -> tuple[Json, float]:
    """A start or end as stored, and its instant (google-calendar.md E1, E2).

    side: "start" or "end", for the message. Raises ApiError 400.
    """
    if "date" in value and "dateTime" in value:
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if "date" in value:
        day = read_day(value["date"], side)
        return {"date": day.isoformat()}, midnight(day, calendar_zone)
    if "dateTime" not in value:
        raise required(f"Missing {side} time.")
    return _read_date_time(value, side)


def read_day(text: str, side: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"Invalid {side} date.") from error
    raise invalid(f"Invalid {side} date.")


def _read_date_time(value: Json, side: str) -> tuple[Json, float]:
    moment = _parsed(value["dateTime"])
    if moment is None:
        raise invalid(f"Invalid value for: {side}.dateTime")
    zone_name = value.get("timeZone")
    if moment.tzinfo is None:
        if not zone_name:
            raise required(f"Missing time zone definition for {side} time.")
        moment = moment.replace(tzinfo=zone(zone_name))
    elif zone_name:
        zone(zone_name)
    ts = float(int(moment.timestamp()))
    stored: Json = {"dateTime": in_zone(ts, "UTC")}
    if zone_name:
        stored["timeZone"] = zone_name
    return stored, ts


def _parsed(text: str) -> datetime | None:
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None
