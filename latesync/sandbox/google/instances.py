"""events.instances: the occurrences of one series (google-calendar.md X1-X6)."""

import math

from .errors import ApiError, Json, not_found
from .exceptions import as_event
from .listing import envelope
from .moments import DAY_S, parse_instant
from .series import instances
from .shown import show
from .state import Calendar, Event, State
from .tokens import PageToken, fingerprint


def list_instances(state: State, calendar: Calendar, event_id: str, parameters: Json, role: str) -> Json:
    """One page of the instances of a series, exceptions in their places."""
    master = calendar.events.get(event_id)
    if master is None or master.cancelled:
        raise not_found()
    if not master.is_series:
        raise ApiError(400, "invalid", "The event is not recurring.")
    page = PageToken.read(parameters.get("pageToken"), fingerprint(parameters))
    rows = _instances(state, calendar, master, parameters)
    rows.sort(key=lambda event: (event.start_ts, event.id))
    if page:
        rows = [event for event in rows if [event.start_ts, event.id] > page.after]
    size = min(parameters.get("maxResults", 250), 2500, state.switches.page_size_cap)
    answer = envelope(state, calendar, parameters, role)
    zone_name, most = parameters.get("timeZone"), parameters.get("maxAttendees")
    answer["items"] = [
        show(state, calendar, event, role=role, zone_name=zone_name, max_attendees=most)
        for event in rows[:size]
    ]
    if len(rows) > size:
        last = rows[size - 1]
        answer["nextPageToken"] = PageToken(
            [last.start_ts, last.id], 0, False, fingerprint(parameters)
        ).text()
    return answer


def _instances(state: State, calendar: Calendar, master: Event, parameters: Json) -> list[Event]:
    after = parameters.get("timeMin", -math.inf)
    before = parameters.get("timeMax", state.now() + state.switches.expansion_days * DAY_S)
    exceptions = calendar.exceptions.get(master.id, set())
    # timeMin is inclusive here, unlike in events.list (Y11).
    found = instances(master.resource, calendar.time_zone, after_ts=after - 1, before_ts=before)
    rows = [as_event(master, one) for one in found if one.id not in exceptions]
    for event_id in exceptions & calendar.events.keys():
        event = calendar.events[event_id]
        if event.end_ts >= after and event.start_ts < before:
            rows.append(event)
    if not parameters.get("showDeleted"):
        rows = [event for event in rows if not event.cancelled]
    wanted = parameters.get("originalStart")
    return rows if wanted is None else [event for event in rows if _starts(event) == wanted]


def _starts(event: Event) -> str | float:
    original = event.resource["originalStartTime"]
    return (
        str(original["date"]) if "date" in original else parse_instant(original["dateTime"], "originalStart")
    )
