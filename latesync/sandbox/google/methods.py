"""The Calendar methods this stand-in offers, by their names in the discovery document."""

from collections.abc import Callable
from dataclasses import dataclass

from .calendars import insert_calendar, list_calendars, remove_calendar, show_calendar, show_entry
from .errors import ApiError, Json, forbidden, not_found
from .events import Write, delete, insert, move, patch, update
from .exceptions import instance_of
from .freebusy import query_freebusy
from .instances import list_instances
from .keeping import sweep
from .listing import list_events
from .meetings import finish_meetings
from .moments import zone
from .shown import show
from .state import AccessToken, Calendar, Event, State

_PREFIX = "https://www.googleapis.com/auth/"


@dataclass(frozen=True)
class Call:
    """A checked request."""

    token: AccessToken
    values: dict[str, str]
    parameters: Json
    body: Json
    if_match: str | None
    if_none_match: str | None
    in_batch: bool

    def write(self) -> Write:
        deprecated = "all" if self.parameters.get("sendNotifications") else "none"
        return Write(
            email=self.token.email,
            if_match=self.if_match,
            send_updates=self.parameters.get("sendUpdates", deprecated),
            conference_version=self.parameters.get("conferenceDataVersion", 0),
            in_batch=self.in_batch,
        )


Reply = tuple[int, Json | None]


def _calendar(state: State, call: Call, calendar_id: str | None = None) -> Calendar:
    """The calendar of the path, within what the granted scopes reach (§9). Raises ApiError 404 or 403."""
    calendar = state.calendar_for(call.token.email, calendar_id or call.values["calendarId"])
    sweep(state, calendar)
    finish_meetings(state, calendar)
    granted = {scope.removeprefix(_PREFIX) for scope in call.token.scopes}
    reaching = granted - {"calendar.app.created", "calendar.events.owned", "calendar.events.owned.readonly"}
    if any(scope.startswith("calendar") for scope in reaching):
        return calendar
    owned = any(scope.startswith("calendar.events.owned") for scope in granted)
    if owned and calendar.role_of(call.token.email) == "owner":
        return calendar
    if "calendar.app.created" in granted and calendar.made_by_project == call.token.project:
        return calendar
    raise forbidden("Insufficient permission for this calendar.")


def _role(call: Call, calendar: Calendar) -> str:
    """What the reader may see: their role, or free/busy only where the scope says so."""
    scopes = {scope.removeprefix(_PREFIX) for scope in call.token.scopes if scope.startswith(_PREFIX)}
    calendar_scopes = {scope for scope in scopes if scope.startswith("calendar")}
    only_busy = calendar_scopes <= {
        "calendar.events.freebusy",
        "calendar.freebusy",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
    }
    return "freeBusyReader" if only_busy else calendar.role_of(call.token.email)


def _shown(state: State, call: Call, calendar: Calendar, event: Event) -> Json:
    zone_name = call.parameters.get("timeZone")
    if zone_name:
        zone(zone_name)
    most = call.parameters.get("maxAttendees")
    return show(state, calendar, event, role=_role(call, calendar), zone_name=zone_name, max_attendees=most)


def _get_event(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    event_id = call.values["eventId"]
    event = calendar.events.get(event_id) or instance_of(calendar, event_id)
    if event is None:
        raise not_found()
    if call.if_none_match == event.resource["etag"]:
        return 304, None
    return 200, _shown(state, call, calendar, event)


def _insert_event(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    _maybe_conflict(state, call)
    return 200, _shown(state, call, calendar, insert(state, calendar, call.body, call.write()))


def _patch_event(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    _maybe_conflict(state, call)
    event = patch(state, calendar, call.values["eventId"], call.body, call.write())
    return 200, _shown(state, call, calendar, event)


def _update_event(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    _maybe_conflict(state, call)
    event = update(state, calendar, call.values["eventId"], call.body, call.write())
    return 200, _shown(state, call, calendar, event)


def _delete_event(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    _maybe_conflict(state, call)
    delete(state, calendar, call.values["eventId"], call.write())
    return 204, None


def _move_event(state: State, call: Call) -> Reply:
    source = _calendar(state, call)
    destination = call.parameters.get("destination")
    if not destination:
        raise ApiError(400, "required", "Required parameter: destination", location="destination")
    target = _calendar(state, call, destination)
    return 200, _shown(state, call, target, move(state, source, call.values["eventId"], target, call.write()))


def _maybe_conflict(state: State, call: Call) -> None:
    if call.in_batch and state.switches.batch_conflicts > 0:
        state.switches.batch_conflicts -= 1
        raise ApiError(409, "conflict", "Conflict")


def _list_events(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    return 200, list_events(state, calendar, call.parameters, _role(call, calendar))


def _list_instances(state: State, call: Call) -> Reply:
    calendar = _calendar(state, call)
    role = _role(call, calendar)
    return 200, list_instances(state, calendar, call.values["eventId"], call.parameters, role)


def _query_freebusy(state: State, call: Call) -> Reply:
    return 200, query_freebusy(state, call.token.email, call.body)


def _list_calendars(state: State, call: Call) -> Reply:
    return 200, list_calendars(state, state.user(call.token.email), call.parameters)


def _get_entry(state: State, call: Call) -> Reply:
    calendar = state.calendar_for(call.token.email, call.values["calendarId"])
    entry = show_entry(state, state.user(call.token.email), calendar.id)
    if entry is None:
        raise not_found()
    return 200, entry


def _get_calendar(state: State, call: Call) -> Reply:
    return 200, show_calendar(state.calendar_for(call.token.email, call.values["calendarId"]))


def _insert_calendar(state: State, call: Call) -> Reply:
    return 200, insert_calendar(state, call.token.email, call.token.project, call.body)


def _delete_calendar(state: State, call: Call) -> Reply:
    calendar = state.calendar_for(call.token.email, call.values["calendarId"])
    if calendar.role_of(call.token.email) != "owner":
        raise forbidden()
    remove_calendar(state, calendar)
    return 204, None


METHODS: dict[str, Callable[[State, Call], Reply]] = {
    "calendarList.list": _list_calendars,
    "calendarList.get": _get_entry,
    "calendars.get": _get_calendar,
    "calendars.insert": _insert_calendar,
    "calendars.delete": _delete_calendar,
    "events.get": _get_event,
    "events.insert": _insert_event,
    "events.patch": _patch_event,
    "events.update": _update_event,
    "events.delete": _delete_event,
    "events.move": _move_event,
    "events.list": _list_events,
    "events.instances": _list_instances,
    "freebusy.query": _query_freebusy,
}
