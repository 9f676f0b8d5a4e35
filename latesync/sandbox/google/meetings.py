"""Meet links, asked for and made later (google-calendar.md E18). Callers hold the world's lock."""

import hashlib
import string

from .errors import Json, invalid
from .keeping import keep
from .state import Calendar, Event, State

_LETTERS = string.ascii_lowercase


def with_meeting(state: State, resource: Json, before: Event | None, *, version: int) -> Json:
    """The resource after a write that may ask for a meeting.

    version: the caller's conferenceDataVersion; with 0 what the body says of it is ignored. The same request
    id once more is ignored too. Raises ApiError 400 where meetings are not allowed.
    """
    had = before.resource.get("conferenceData") if before else None
    if version < 1:
        return {**resource, "conferenceData": had}
    wanted = resource.get("conferenceData") or {}
    request = wanted.get("createRequest")
    if not request or (had and had.get("createRequest", {}).get("requestId") == request.get("requestId")):
        return {**resource, "conferenceData": had if request else wanted or None}
    if not state.switches.meetings_allowed:
        raise invalid("Invalid conference type value.")
    return {**resource, "conferenceData": {"createRequest": _with_status(request, "pending")}}


def finish_meetings(state: State, calendar: Calendar) -> None:
    """Make what was asked for long enough ago; each changes its event, as Google's own completion does."""
    for event_id in list(calendar.pending_meetings):
        event = calendar.events.get(event_id)
        if event is None or event.cancelled or not is_pending(event):
            calendar.pending_meetings.remove(event_id)
        elif state.now() >= event.updated_ts + state.switches.meetings_take_s:
            calendar.pending_meetings.remove(event_id)
            _finish(state, event)
            keep(state, calendar, event)


def is_pending(event: Event) -> bool:
    conference = event.resource.get("conferenceData") or {}
    status = conference.get("createRequest", {}).get("status", {})
    return bool(status.get("statusCode") == "pending")


def _finish(state: State, event: Event) -> None:
    request = event.resource["conferenceData"]["createRequest"]
    if state.switches.meetings_fail:
        event.resource["conferenceData"] = {"createRequest": _with_status(request, "failure")}
        return
    code = _code(request.get("requestId", ""))
    link = f"https://meet.google.com/{code}"
    entry = {"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}
    event.resource["conferenceData"] = {
        "createRequest": _with_status(request, "success"),
        "entryPoints": [entry],
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "conferenceId": code,
    }
    event.resource["hangoutLink"] = link
    event.updated_ts = state.now()


def _with_status(request: Json, code: str) -> Json:
    return {**request, "status": {"statusCode": code}}


def _code(request_id: str) -> str:
    """Ten letters, as Meet writes its codes: "abc-defg-hij"."""
    digest = hashlib.sha256(request_id.encode()).digest()
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:10])
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
