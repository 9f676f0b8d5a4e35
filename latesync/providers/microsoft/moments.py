"""Graph's times to instants and days. Pure.

Whatever zone a time comes in is read; we ask for UTC, and write UTC (microsoft-graph.md E1). What cannot be
read is no time: one strange event must not hold up a listing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from latesync.providers.microsoft.zones import zone_by_any_name
from latesync.times import Zone

_MIDNIGHT = time()
_TOO_FINE = re.compile(r"(\.\d{6})\d+")  # seven digits of a second come (E1), six are read


def read_moments(raw: Mapping[str, Any]) -> tuple[datetime | date | None, datetime | date | None]:
    """An event's start and end: both instants, or both days where it is an all-day one; None for no times."""
    starts, ends = read_instant(raw.get("start")), read_instant(raw.get("end"))
    if starts is None or ends is None:
        return None, None
    if raw.get("isAllDay") is not True:
        return starts, ends
    first, last = _as_days(raw, starts, ends)
    return (starts, ends) if first is None or last is None else (first, last)


def read_instant(raw: object) -> datetime | None:
    """An aware UTC instant from a dateTimeTimeZone, or from the text of a moment."""
    if isinstance(raw, str):
        moment = _parsed(raw)
        return _in_utc(moment) if moment is not None and moment.tzinfo is not None else None
    if not isinstance(raw, Mapping) or not isinstance(raw.get("dateTime"), str):
        return None
    moment = _parsed(raw["dateTime"])
    if moment is None:
        return None
    zone = zone_by_any_name(raw.get("timeZone") or "UTC")
    if moment.tzinfo is None and zone is None:
        return None
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone.tzinfo if zone else UTC))


def write_instant(instant: datetime) -> dict[str, str]:
    """Always in UTC (E1)."""
    return {"dateTime": instant.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def as_query(instant: datetime) -> str:
    """As the parameters of a listing want it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(raw: Mapping[str, Any], instant: datetime) -> date | None:
    """The day an all-day event means by an instant at which it begins or ends; None if it means no day.

    Reading it in UTC shifts it, unless its own zone is UTC, and some are not shifted (E2): so it is looked at
    in the zone it was made in first, and then as it stands.
    """
    own = zone_by_any_name(raw.get("originalStartTimeZone")) or Zone("UTC")
    for zone in (own, Zone("UTC")):
        local = instant.astimezone(zone.tzinfo)
        if local.time() == _MIDNIGHT:
            return local.date()
    return None


def _as_days(
    raw: Mapping[str, Any], starts: datetime, ends: datetime
) -> tuple[date, date] | tuple[None, None]:
    first, last = day_of(raw, starts), day_of(raw, ends)
    if first is None or last is None or last <= first:
        return None, None
    return first, last


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_TOO_FINE.sub(r"\1", text))
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):  # the first or last day there is
        return None
