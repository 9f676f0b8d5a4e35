"""Events as an answer shows them: in the right zone, no more than the reader may see."""

from .errors import Json
from .moments import in_zone, read_time
from .state import Calendar, Event, State, has_role

_TOMBSTONE = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
_BUSY_ONLY = (
    "kind", "etag", "id", "status", "start", "end", "transparency", "eventType", "recurringEventId",
    "originalStartTime", "recurrence", "iCalUID", "sequence", "created", "updated", "visibility",
)  # fmt: skip


def show(
    state: State,
    calendar: Calendar,
    event: Event,
    *,
    role: str,
    zone_name: str | None = None,
    max_attendees: int | None = None,
) -> Json:
    """The event for a reader with this role.

    zone_name: the `timeZone` parameter; the calendar's own zone otherwise (K6).
    """
    resource = event.resource
    if event.cancelled and state.switches.bare_tombstones:
        resource = {name: resource[name] for name in _TOMBSTONE if name in resource}
    elif not _sees_details(role, resource):
        resource = {name: resource[name] for name in _BUSY_ONLY if name in resource}
    else:
        resource = dict(resource)
    for side in ("start", "end", "originalStartTime"):
        if side in resource:
            resource[side] = _time(resource[side], calendar, zone_name)
    if max_attendees is not None and len(resource.get("attendees", ())) > max_attendees:
        resource["attendees"] = [a for a in resource["attendees"] if a.get("self")]
        resource["attendeesOmitted"] = True
    return resource


def _sees_details(role: str, resource: Json) -> bool:
    if has_role(role, "writer"):
        return True
    private = resource.get("visibility") in ("private", "confidential")
    return has_role(role, "reader") and not private


def _time(value: Json, calendar: Calendar, zone_name: str | None) -> Json:
    """`dateTime` in the zone asked for; `timeZone` stays the event's own (K6)."""
    if "date" in value:
        return value
    _, ts = read_time(value, "start", calendar.time_zone)
    return {
        "dateTime": in_zone(ts, zone_name or calendar.time_zone),
        "timeZone": value.get("timeZone", calendar.time_zone),
    }
