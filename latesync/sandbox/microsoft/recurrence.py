"""Recurrence as Graph writes it: a pattern and a range, turned into a rule of dates."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from .errors import GraphError, Json
from .graph_times import invalid, read_day
from .zones import zone

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
# What each type of pattern needs; further fields are not for it, except those Graph sends along in answers.
_NEEDS = {
    "daily": (),
    "weekly": ("daysOfWeek",),
    "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek",),
    "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "month"),
}
_FREQUENCIES: dict[str, Literal[0, 1, 2, 3, 4, 5, 6]] = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "absoluteMonthly": MONTHLY,
    "relativeMonthly": MONTHLY,
    "absoluteYearly": YEARLY,
    "relativeYearly": YEARLY,
}
_PATTERN = {"type", "interval", "month", "dayOfMonth", "daysOfWeek", "firstDayOfWeek", "index"}
_RANGE = {"type", "startDate", "endDate", "recurrenceTimeZone", "numberOfOccurrences"}
_SHORTEST_MONTH = 28


def check_recurrence(value: Any) -> None:
    """Raises GraphError 400."""
    if not isinstance(value, dict) or set(value) != {"pattern", "range"}:
        raise invalid("A recurrence has a pattern and a range.")
    pattern, span = value["pattern"], value["range"]
    if not isinstance(pattern, dict) or not set(pattern) <= _PATTERN or pattern.get("type") not in _NEEDS:
        raise invalid("The recurrence pattern is not valid.")
    if not isinstance(span, dict) or not set(span) <= _RANGE:
        raise invalid("The recurrence range is not valid.")
    for name in ("interval", *_NEEDS[pattern["type"]]):
        if not pattern.get(name):
            raise invalid(f"The recurrence pattern needs {name}.")
    _check_values(pattern)
    _check_range(span)


def _check_values(pattern: Json) -> None:
    days = pattern.get("daysOfWeek") or []
    if not isinstance(days, list) or not set(days) <= set(_DAYS):
        raise invalid("daysOfWeek takes days of the week.")
    if pattern.get("firstDayOfWeek", "sunday") not in _DAYS or pattern.get("index", "first") not in _INDEXES:
        raise invalid("The recurrence pattern is not valid.")
    for name, most in (("interval", 999), ("dayOfMonth", 31), ("month", 12)):
        number = pattern.get(name, 0)
        if not isinstance(number, int) or not 0 <= number <= most:
            raise invalid(f"{name} of the recurrence pattern is out of its range.")


def _check_range(span: Json) -> None:
    first = read_day(span.get("startDate"), "range.startDate")
    kind = span.get("type")
    if kind == "endDate":
        if read_day(span.get("endDate"), "range.endDate") < first:
            raise invalid("The recurrence ends before it begins.")
    elif kind == "numbered":
        number = span.get("numberOfOccurrences")
        if not isinstance(number, int) or number < 1:
            raise invalid("The recurrence range needs numberOfOccurrences.")
    elif kind != "noEnd":
        raise invalid("The recurrence range is endDate, noEnd or numbered.")
    if "recurrenceTimeZone" in span:
        zone(span["recurrenceTimeZone"])


def rule(recurrence: Json, at: time) -> rrule:
    """The wall-clock starts of a series, in its own zone."""
    return _rule(_frozen(recurrence["pattern"]), _frozen(recurrence["range"]), at)


@lru_cache(maxsize=4096)
def _rule(
    pattern_items: tuple[tuple[str, Any], ...], span_items: tuple[tuple[str, Any], ...], at: time
) -> rrule:
    pattern, span = dict(pattern_items), dict(span_items)
    first = date.fromisoformat(span["startDate"])
    options: Json = {"dtstart": datetime.combine(first, at), "interval": pattern["interval"], "cache": True}
    if span["type"] == "endDate":
        options["until"] = datetime.combine(date.fromisoformat(span["endDate"]), time(23, 59, 59))
    elif span["type"] == "numbered":
        options["count"] = span["numberOfOccurrences"]
    kind = pattern["type"]
    frequency = _FREQUENCIES[kind]
    if kind != "daily" and not kind.startswith("absolute"):
        options["byweekday"] = [weekday(_DAYS.index(day)) for day in pattern["daysOfWeek"]]
    if kind == "weekly":
        options["wkst"] = _DAYS.index(pattern.get("firstDayOfWeek", "sunday"))
    if kind.startswith("relative"):
        options["bysetpos"] = _INDEXES[pattern.get("index", "first")]
    if kind.startswith("absolute"):
        options |= _day_of_month(pattern["dayOfMonth"])
    if kind.endswith("Yearly"):
        options["bymonth"] = pattern["month"]
    return rrule(frequency, **options)


def _day_of_month(day: int) -> Json:
    """The 31st is the last day of shorter months, as in Outlook."""
    if day <= _SHORTEST_MONTH:
        return {"bymonthday": day}
    return {"bymonthday": list(range(_SHORTEST_MONTH, day + 1)), "bysetpos": -1}


def _frozen(value: Json) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((key, tuple(one) if isinstance(one, list) else one) for key, one in value.items()))


def crossing() -> GraphError:
    message = "Cannot move the occurrence to, or past, the day of the one before or after it."
    return GraphError(400, "ErrorOccurrenceCrossingBoundary", message)
