"""freeBusy.query (google-calendar.md §15)."""

from .checking import need
from .errors import ApiError, Json
from .listing import expanded
from .moments import DAY_S, in_zone, parse_instant, zone
from .state import Calendar, Event, State

_CALENDARS = 50  # F1


def query_freebusy(state: State, email: str, body: Json) -> Json:
    """Busy spans per calendar; one that cannot be seen gets an error of its own (F2, K5)."""
    need(body, "timeMin", "timeMax", "items")
    after, before = parse_instant(body["timeMin"], "timeMin"), parse_instant(body["timeMax"], "timeMax")
    longest = state.switches.freebusy_max_days
    if before <= after:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    if longest is not None and before - after > longest * DAY_S:
        message = "The requested time range is too long."
        raise ApiError(400, "timeRangeTooLong", message, domain="calendar")
    zone_name = body.get("timeZone") or "UTC"
    zone(zone_name)
    return {
        "kind": "calendar#freeBusy",
        "timeMin": in_zone(after, "UTC"),
        "timeMax": in_zone(before, "UTC"),
        "calendars": {
            item["id"]: _answer(state, email, item["id"], (after, before), zone_name, number)
            for number, item in enumerate(body["items"])
        },
    }


def _answer(
    state: State, email: str, calendar_id: str, span: tuple[float, float], zone_name: str, number: int
) -> Json:
    calendar = state.calendars.get(email if calendar_id == "primary" else calendar_id)
    if number >= _CALENDARS:
        return {"errors": [{"domain": "global", "reason": "tooManyCalendarsRequested"}], "busy": []}
    if calendar is None or calendar.role_of(email) == "none":
        return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    spans = sorted(busy_spans(state, calendar, *span))
    if state.switches.freebusy_merges:
        spans = _merged(spans)
    return {
        "busy": [{"start": in_zone(start, zone_name), "end": in_zone(end, zone_name)} for start, end in spans]
    }


def busy_spans(state: State, calendar: Calendar, after: float, before: float) -> list[tuple[float, float]]:
    """What blocks between two instants, cut to them (F4)."""
    found = expanded(state, calendar, after, before)
    return [(max(e.start_ts, after), min(e.end_ts, before)) for e in found if _blocks(e)]


def _blocks(event: Event) -> bool:
    declined = any(
        attendee.get("self") and attendee.get("responseStatus") == "declined"
        for attendee in event.resource.get("attendees", ())
    )
    return event.resource.get("transparency", "opaque") == "opaque" and not declined


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
