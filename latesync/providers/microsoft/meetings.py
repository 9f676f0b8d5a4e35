"""Teams meetings in Graph's words (microsoft-graph.md E16). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latesync.model import Meeting, MeetingState

TEAMS = "teamsForBusiness"
# What a calendar says of the meetings it makes.
CALENDAR_FIELDS = "id,allowedOnlineMeetingProviders"


def meeting_request() -> dict[str, Any]:
    """The part of a body that asks for a Teams meeting; asked once more, the meeting stays the same."""
    return {"isOnlineMeeting": True, "onlineMeetingProvider": TEAMS}


def allows_teams(calendar: Mapping[str, Any]) -> bool:
    """calendar: with CALENDAR_FIELDS. Personal accounts and licences without Teams allow none."""
    allowed = calendar.get("allowedOnlineMeetingProviders")
    return isinstance(allowed, list) and TEAMS in allowed


def read_meeting_of(raw: Mapping[str, Any]) -> Meeting:
    """raw: the event. A link that stands there is ready, whoever asked for it."""
    online = raw.get("onlineMeeting")
    link = online.get("joinUrl") if isinstance(online, Mapping) else None
    if isinstance(link, str) and link.startswith("https://"):
        return Meeting(MeetingState.READY, link)
    return Meeting(MeetingState.PENDING if raw.get("isOnlineMeeting") is True else MeetingState.NONE)
