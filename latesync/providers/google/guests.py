"""Guests and meeting links in Google's words (google-calendar.md E14-E18). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from latesync.model import EventContent, Meeting, MeetingState

# What a change of guests starts from. `attendees` whole: a PATCH overwrites the list (E14).
GUEST_FIELDS = "id,etag,status,attendees,attendeesOmitted"
MEETING_FIELDS = (
    "id,etag,status,hangoutLink,"
    "conferenceData(createRequest(status(statusCode)),entryPoints(entryPointType,uri))"
)
_MEET = "hangoutsMeet"
_STATES = {"success": MeetingState.READY, "failure": MeetingState.FAILED}


def new_guests(content: EventContent) -> dict[str, Any]:
    """The part of a new event's body that invites; nothing where nobody is invited."""
    guests = [{"email": address} for address in content.guests]
    return {"attendees": guests} if guests else {}


def changed_guests(
    current: Mapping[str, Any], content: EventContent, takes_off: Callable[[str], bool] | None
) -> dict[str, Any]:
    """The part of a change's body that invites and takes off; nothing where the list stays as it is.

    current: the event with GUEST_FIELDS. The agent's own guests stay as they are, answers included.
    Of a list that Google cut short nothing is written: the rest would be taken off.
    """
    listed = current.get("attendees")
    present = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    if current.get("attendeesOmitted") is True:
        return {}
    kept = [dict(each) for each in present if not (takes_off and takes_off(_address(each)))]
    there = {_address(each) for each in kept}
    added = [{"email": guest} for guest in content.guests if guest.casefold() not in there]
    return {"attendees": kept + added} if added or len(kept) < len(present) else {}


def meeting_request(event_id: str, content: EventContent) -> dict[str, Any]:
    """The part of a body that asks for a Meet link. The same request twice makes one meeting (E18)."""
    if not content.wants_meeting:
        return {}
    request_id = f"{event_id}{content.marker.generation}"
    request = {"requestId": request_id, "conferenceSolutionKey": {"type": _MEET}}
    return {"conferenceData": {"createRequest": request}}


def write_options(content: EventContent, *, notify: bool) -> dict[str, Any]:
    """The query of a write: who is mailed (E15), and that conference data counts (E18)."""
    options: dict[str, Any] = {"sendUpdates": "all" if notify else "none"}
    return {**options, "conferenceDataVersion": 1} if content.wants_meeting else options


def read_meeting_of(raw: Mapping[str, Any]) -> Meeting:
    """raw: the event with MEETING_FIELDS. A link that stands there is ready, whoever asked for it."""
    link = raw.get("hangoutLink") or _video_link(raw.get("conferenceData"))
    if isinstance(link, str) and link.startswith("https://"):
        return Meeting(MeetingState.READY, link)
    code = _status(raw.get("conferenceData"))
    if code is None:
        return Meeting(MeetingState.NONE)
    state = _STATES.get(code, MeetingState.PENDING)
    return Meeting(MeetingState.PENDING if state is MeetingState.READY else state)


def _address(attendee: Mapping[str, Any]) -> str:
    address = attendee.get("email")
    return address.casefold() if isinstance(address, str) else ""


def _video_link(conference: object) -> object:
    entries = conference.get("entryPoints") if isinstance(conference, Mapping) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("entryPointType") == "video":
            return entry.get("uri")
    return None


def _status(conference: object) -> str | None:
    """What Google says of the request; None where there is none."""
    request = conference.get("createRequest") if isinstance(conference, Mapping) else None
    if not isinstance(request, Mapping):
        return None
    status = request.get("status")
    code = status.get("statusCode") if isinstance(status, Mapping) else None
    return code if isinstance(code, str) else ""
