"""Check requests: a field or parameter that Graph's event does not know, a wrong type or value is refused."""

from collections.abc import Callable, Mapping
from typing import Any

from .errors import GraphError, Json, invalid_request
from .extended import read_properties
from .graph_times import read_time
from .recurrence import check_recurrence

ENUMS = {
    "showAs": ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),  # E3
    "sensitivity": ("normal", "personal", "private", "confidential"),  # E6
    "importance": ("low", "normal", "high"),
    "onlineMeetingProvider": ("unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"),
}
_BOOLEANS = (
    "isAllDay", "isReminderOn", "isOnlineMeeting", "hideAttendees", "responseRequested",
    "allowNewTimeProposals",
)  # fmt: skip
_LOCATION = {
    "displayName", "address", "coordinates", "locationEmailAddress", "locationType", "locationUri",
    "uniqueId", "uniqueIdType",
}  # fmt: skip
_MOST_ATTENDEES = 500  # E17
_MOST_TRANSACTION = 255


def check_event(body: Any) -> Json:
    """An event as sent, every field known and of its type. Raises GraphError 400."""
    if not isinstance(body, dict):
        raise invalid_request("The request body is no JSON object.", "RequestBodyRead")
    for name, value in body.items():
        check = _CHECKS.get(name)
        if check is None:
            message = (
                f"The property '{name[:60]}' does not exist on type 'microsoft.graph.event' or cannot be set."
            )
            raise GraphError(400, "RequestBodyRead", message)
        if value is not None:
            check(name, value)
        elif name in ("start", "end", "transactionId", "isAllDay"):
            raise invalid_request(f"{name} cannot be null.", "ErrorInvalidRequest")
    return body


def check_parameters(given: Mapping[str, list[str]], allowed: frozenset[str]) -> dict[str, str]:
    """Query parameters, each once. Raises GraphError 400 for any other."""
    for name, values in given.items():
        if name not in allowed:
            message = f"The query parameter '{name[:40]}' is not supported."
            raise GraphError(400, "ErrorInvalidUrlQuery", message)
        if len(values) != 1:
            raise GraphError(400, "ErrorInvalidUrlQuery", f"The query parameter '{name}' is there twice.")
    return {name: values[0] for name, values in given.items()}


def count(parameters: Mapping[str, str], name: str, default: int, most: int, least: int = 1) -> int:
    """A `$top` or `$skip`."""
    text = parameters.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise GraphError(400, "ErrorInvalidUrlQuery", f"Invalid value for {name}.")
    return int(text)


def _object(*known: str) -> Callable[[str, Any], None]:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, dict) or not set(value) <= set(known):
            raise invalid_request(
                f"{name} is not an object with {', '.join(sorted(known))}.", "RequestBodyRead"
            )

    return check


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise invalid_request(f"{name} takes a text.", "RequestBodyRead")


def _transaction(name: str, value: Any) -> None:
    _text(name, value)
    if not 0 < len(value) <= _MOST_TRANSACTION:
        raise invalid_request(f"{name} is empty or too long.")


def _boolean(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise invalid_request(f"{name} takes true or false.", "RequestBodyRead")


def _number(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid_request(f"{name} takes a number of minutes.", "RequestBodyRead")


def _one_of(name: str, value: Any) -> None:
    if value not in ENUMS[name]:
        raise invalid_request(f"{name} cannot be '{str(value)[:40]}'.", "RequestBodyRead")


def _time(name: str, value: Any) -> None:
    read_time(value, name)


def _body(name: str, value: Any) -> None:
    _object("contentType", "content")(name, value)
    if str(value.get("contentType", "text")).lower() not in ("text", "html"):
        raise invalid_request("body.contentType is text or html.", "RequestBodyRead")
    _text("body.content", value.get("content", ""))


def _location(name: str, value: Any) -> None:
    _object(*_LOCATION)(name, value)
    _text("location.displayName", value.get("displayName", ""))


def _list(name: str, value: Any) -> None:
    if not isinstance(value, list):
        raise invalid_request(f"{name} takes a list.", "RequestBodyRead")


def _categories(name: str, value: Any) -> None:
    _list(name, value)
    for one in value:
        _text(name, one)


def _attendees(name: str, value: Any) -> None:
    _list(name, value)
    if len(value) > _MOST_ATTENDEES:
        raise invalid_request("There are too many attendees.")
    for one in value:
        _object("emailAddress", "type", "status", "proposedNewTime")(name, one)
        _object("address", "name")("emailAddress", one.get("emailAddress"))
        if "@" not in str(one["emailAddress"].get("address", "")):
            raise invalid_request("At least one recipient isn't valid.", "ErrorInvalidRecipients")
        if one.get("type", "required") not in ("required", "optional", "resource"):
            raise invalid_request("An attendee is required, optional or a resource.", "RequestBodyRead")


def _locations(name: str, value: Any) -> None:
    _list(name, value)
    for one in value:
        _location(name, one)


def _properties(name: str, value: Any) -> None:
    read_properties(value)


def _recurrence(name: str, value: Any) -> None:
    check_recurrence(value)


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "subject": _text,
    "body": _body,
    "start": _time,
    "end": _time,
    "location": _location,
    "locations": _locations,
    "categories": _categories,
    "attendees": _attendees,
    "reminderMinutesBeforeStart": _number,
    "recurrence": _recurrence,
    "transactionId": _transaction,
    "singleValueExtendedProperties": _properties,
    **dict.fromkeys(_BOOLEANS, _boolean),
    **dict.fromkeys(ENUMS, _one_of),
}
