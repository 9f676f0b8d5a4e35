"""What an event's fields may be, and how they are stored (google-calendar.md §10)."""

import re
import secrets

from .checking import event_defaults
from .errors import ApiError, Json, forbidden, invalid, required
from .moments import read_time
from .series import check_recurrence
from .state import Calendar, Event, State

_ID = re.compile(r"[a-v0-9]{5,1024}")  # E3
_KEY_LENGTH, _VALUE_LENGTH, _PROPERTIES, _PROPERTY_BYTES = 44, 1024, 300, 32_768  # E5
_REMINDERS, _REMINDER_MINUTES = 5, 40_320  # E13
_IMMUTABLE = ("id", "iCalUID", "eventType", "recurringEventId", "originalStartTime", "privateCopy")
# What a guest may not change on their copy (E17).
SHARED_FIELDS = frozenset(
    {
        "summary",
        "description",
        "location",
        "start",
        "end",
        "recurrence",
        "guestsCanInviteOthers",
        "guestsCanModify",
        "guestsCanSeeOtherGuests",
        "conferenceData",
        "attachments",
    }
)


def new_id(body: Json) -> str:
    """The id a new event gets. Raises ApiError 400 for one that Google does not take (E3, E4)."""
    given = body.get("id")
    if given is None:
        return secrets.token_hex(13)
    if body.get("iCalUID") is not None:
        raise invalid("Only one of id and iCalUID may be given.")
    if not _ID.fullmatch(given):
        raise invalid("Invalid resource id value.")
    return str(given)


def check_unchanged(before: Event, body: Json) -> None:
    """Refuse another value for what can never change (E3, E21, X1)."""
    for name in _IMMUTABLE:
        if body.get(name) is not None and body[name] != before.resource.get(name):
            if name == "originalStartTime":
                continue  # comes back in another zone's words; the stored one is kept
            raise invalid(f"The field {name} cannot be changed.")


def check_sequence(before: Event, body: Json) -> None:
    """A sequence below the stored one is refused (E10)."""
    given = body.get("sequence")
    if given is not None and given < before.resource["sequence"]:
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of"
            " the resource. Re-fetch the resource and use its sequence number on the following request."
        )


def settle(state: State, calendar: Calendar, resource: Json) -> tuple[Json, float, float]:
    """The resource as stored, and its bounds. Raises ApiError 400.

    resource: all fields of the event after the change, nulls included.
    """
    resource = {name: value for name, value in resource.items() if value is not None and value != ""}
    start_ts, end_ts = _settle_times(state, calendar, resource)
    _settle_recurrence(resource)
    _settle_properties(resource)
    _check_reminders(resource.get("reminders", {}))
    _check_look(resource)
    _settle_attendees(calendar, resource)
    _check_source(resource.get("source", {}))
    for name, default in event_defaults().items():
        if resource.get(name) == default:
            del resource[name]
    return resource, start_ts, end_ts


def _settle_times(state: State, calendar: Calendar, resource: Json) -> tuple[float, float]:
    for side in ("start", "end"):
        if not resource.get(side):
            raise required(f"Missing {side} time.")
    start, end = (_without_nulls(resource[side]) for side in ("start", "end"))
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    resource["start"], start_ts = read_time(start, "start", calendar.time_zone)
    resource["end"], end_ts = read_time(end, "end", calendar.time_zone)
    empty = end_ts == start_ts and ("date" in start or not state.switches.zero_length_events)
    if end_ts < start_ts or empty:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    return start_ts, end_ts


def _without_nulls(value: Json) -> Json:
    return {name: inner for name, inner in value.items() if inner is not None}


def _settle_recurrence(resource: Json) -> None:
    recurrence = resource.get("recurrence")
    if recurrence is None:
        return
    if not recurrence:
        del resource["recurrence"]
        return
    if resource.get("recurringEventId"):
        raise invalid("An instance cannot recur itself.")
    check_recurrence(recurrence, resource["start"])


def _settle_properties(resource: Json) -> None:
    """Long keys are dropped, long values cut, both silently (E5)."""
    given = resource.pop("extendedProperties", None) or {}
    kept: Json = {}
    for kind, properties in given.items():
        short = {
            key: value[:_VALUE_LENGTH]
            for key, value in (properties or {}).items()
            if value is not None and len(key) <= _KEY_LENGTH
        }
        if short:
            kept[kind] = short
    pairs = [pair for properties in kept.values() for pair in properties.items()]
    if len(pairs) > _PROPERTIES or sum(len((k + v).encode()) for k, v in pairs) > _PROPERTY_BYTES:
        raise invalid("The event has too many extended properties.")
    if kept:
        resource["extendedProperties"] = kept


def _check_look(resource: Json) -> None:
    """Colours have the numbers 1 to 11; visibility is one of four words (E12)."""
    if resource.get("colorId", "1") not in {str(number) for number in range(1, 12)}:
        raise invalid("Invalid colorId.")
    if resource.get("visibility", "default") not in ("default", "public", "private", "confidential"):
        raise invalid("Invalid value for: visibility")


def _check_reminders(reminders: Json) -> None:
    overrides = reminders.get("overrides") or []
    if len(overrides) > _REMINDERS:
        raise invalid("An event may have five reminders at most.")
    if overrides and reminders.get("useDefault"):
        raise ApiError(
            400, "cannotUseDefaultRemindersAndSpecifyOverride", "Cannot specify both.", domain="calendar"
        )
    for override in overrides:
        if "method" not in override or "minutes" not in override:
            raise required("A reminder needs method and minutes.")
        if not 0 <= override["minutes"] <= _REMINDER_MINUTES:
            raise invalid("Invalid reminder minutes.")


def _settle_attendees(calendar: Calendar, resource: Json) -> None:
    """Google itself says which entry is the calendar's own and which the organizer's (E14)."""
    attendees = resource.pop("attendees", [])
    organizer = resource.get("organizer", {}).get("email")
    settled: list[Json] = []
    for given in attendees:
        if "@" not in (given.get("email") or ""):
            raise required("Missing attendee email.")
        attendee = {"responseStatus": "needsAction", **_without_nulls(given)}
        for flag, email in (
            ("self", calendar.owner if calendar.primary else calendar.id),
            ("organizer", organizer),
        ):
            attendee.pop(flag, None)
            if attendee["email"] == email:
                attendee[flag] = True
        settled.append(attendee)
    if settled:
        resource["attendees"] = settled


def _check_source(source: Json) -> None:
    if source and not re.match(r"https?://", source.get("url") or ""):
        raise invalid("The source's url must be http or https.")  # E19


def check_type(state: State, calendar: Calendar, body: Json, *, in_batch: bool) -> None:
    """Which event types a program may create, and where (§10, table of event types)."""
    kind = body.get("eventType") or "default"
    if kind == "default":
        return
    if kind == "fromGmail":
        raise invalid("Events from Gmail cannot be created.")
    if kind == "birthday":
        if "date" not in (body.get("start") or {}):
            raise invalid("A birthday is an all-day event.")
        return
    if not state.switches.status_events_allowed:
        raise forbidden("This account cannot have events of this type.")
    if not calendar.primary:
        raise invalid("Events of this type live in the primary calendar only.")
    if kind == "workingLocation":
        _check_working_location(body, in_batch)
    elif f"{kind}Properties" not in body or "dateTime" not in (body.get("start") or {}):
        raise invalid(f"A {kind} event is timed and has {kind}Properties.")
    elif body.get("transparency", "opaque") != "opaque":
        raise invalid(f"A {kind} event blocks time.")


def _check_working_location(body: Json, in_batch: bool) -> None:
    if in_batch:
        raise invalid("Working locations cannot be written in a batch.")
    if body.get("visibility") != "public" or body.get("transparency") != "transparent":
        raise invalid("A working location is public and transparent.")


def merged(stored: Json, patch: Json) -> Json:
    """PATCH: nested objects merge, null deletes, arrays overwrite (E7, E14)."""
    result = dict(stored)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result
