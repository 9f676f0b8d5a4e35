"""Google's event JSON to our events, and our content to Google's fields. Pure.

Unknown fields and values are expected (google-calendar.md E21). What cannot be read as a time reads as
no time: one strange event must not hold up a listing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from latesync.descriptions import compose_description, split_description
from latesync.model import CalendarItem, Event, EventContent, EventKind, InitialLook, Marker
from latesync.options import COLOURS
from latesync.times import TimeRange

# Everything we look at, and nothing else: titles and descriptions are used only where our marker is.
EVENT_FIELDS = (
    "id,etag,status,updated,eventType,transparency,start,end,recurrence,recurringEventId,originalStartTime,"
    "attendees(self,responseStatus),extendedProperties/private,summary,description,location"
)

_KINDS = {
    "outOfOffice": EventKind.OUT_OF_OFFICE,
    "focusTime": EventKind.FOCUS_TIME,
    "fromGmail": EventKind.FROM_MAIL,
    "workingLocation": EventKind.WORKING_LOCATION,
    "birthday": EventKind.BIRTHDAY,
}

_SITE = "latesync_site"
_BOOKING = "latesync_booking"
_GENERATION = "latesync_generation"


def read_event(raw: object) -> Event | None:
    """The event, or None for something without an id, which nobody could ever name again."""
    if not isinstance(raw, Mapping) or not _text(raw, "id"):
        return None
    marker = _read_marker(raw)
    content, agent_notes = _read_content(raw, marker) if marker else (None, "")
    return Event(
        item=_read_item(raw),
        etag=_text(raw, "etag"),
        marker=marker,
        content=content,
        agent_notes=agent_notes,
        updated_at=_read_instant(raw.get("updated")),
    )


def insert_body(event_id: str, content: EventContent) -> dict[str, Any]:
    """The body of events.insert: our fields under our own id, nobody invited."""
    return {
        "id": event_id,
        **_own_fields(content, compose_description(content.description)),
        "start": _timed(content.span.start, content.zone),
        "end": _timed(content.span.end, content.zone),
        **_initial_look(content.initial),
    }


def patch_body(content: EventContent, agent_notes: str) -> dict[str, Any]:
    """The body of events.patch: only our fields, so that everything else survives (I6).

    PATCH merges objects, and null deletes a key (E7): an event somebody turned into an all-day one
    keeps its `date` otherwise, and date and dateTime together are invalid (E1).
    """
    absent = {"date": None, "timeZone": None}
    return {
        **_own_fields(content, compose_description(content.description, agent_notes)),
        "start": {**absent, **_timed(content.span.start, content.zone)},
        "end": {**absent, **_timed(content.span.end, content.zone)},
    }


def rfc3339(instant: datetime) -> str:
    """An aware UTC instant as Google writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _own_fields(content: EventContent, description: str) -> dict[str, Any]:
    return {
        "summary": content.summary,
        "description": description,
        "location": content.location,
        "transparency": "transparent" if content.is_free else "opaque",
        "extendedProperties": {
            "private": {
                _SITE: content.marker.site_id,
                _BOOKING: str(content.marker.booking_id),
                _GENERATION: str(content.marker.generation),
            }
        },
    }


# Google's numbers for the eleven colours of events, in the order in which its calendar shows their names.
_COLOUR_IDS = {colour: str(number) for number, colour in enumerate(COLOURS, 1)}


def _initial_look(look: InitialLook | None) -> dict[str, Any]:
    """Written once: afterwards colour, visibility and reminders are the agent's (E12, E13)."""
    if look is None:
        return {}
    fields: dict[str, Any] = {}
    if look.colour:
        fields["colorId"] = _COLOUR_IDS[look.colour]
    if look.visibility:
        fields["visibility"] = look.visibility
    if look.reminders is not None:
        popups = [{"method": "popup", "minutes": minutes} for minutes in look.reminders]
        fields["reminders"] = {"useDefault": False, "overrides": popups}
    return fields


def _timed(instant: datetime, zone: str | None) -> dict[str, Any]:
    """UTC on the wire; the zone only tells Google how to show and repeat it (latepoint.md §2.2)."""
    moment = {"dateTime": rfc3339(instant)}
    return {**moment, "timeZone": zone} if zone else moment


def _read_item(raw: Mapping[str, Any]) -> CalendarItem:
    starts, ends = _read_moment(raw.get("start")), _read_moment(raw.get("end"))
    if starts is None or ends is None or isinstance(starts, datetime) != isinstance(ends, datetime):
        starts = ends = None
    answer = _own_answer(raw)
    return CalendarItem(
        event_id=raw["id"],
        starts=starts,
        ends=ends,
        zone=_read_zone(raw.get("start")),
        recurrence=_lines(raw.get("recurrence")),
        series_id=_text(raw, "recurringEventId") or None,
        original_start=_read_moment(raw.get("originalStartTime")),
        kind=_KINDS.get(_text(raw, "eventType"), EventKind.NORMAL),
        is_cancelled=raw.get("status") == "cancelled",
        is_free=raw.get("transparency") == "transparent",
        is_tentative=raw.get("status") == "tentative" or answer == "tentative",
        is_declined=answer == "declined",
        is_unanswered=answer == "needsAction",
    )


def _read_moment(raw: object) -> datetime | date | None:
    """An aware UTC datetime, a date for an all-day event, None for what is neither."""
    if not isinstance(raw, Mapping):
        return None
    try:
        if isinstance(raw.get("dateTime"), str):
            moment = datetime.fromisoformat(raw["dateTime"])
            return moment.astimezone(UTC) if moment.tzinfo else None
        if isinstance(raw.get("date"), str):
            return date.fromisoformat(raw["date"])
    except (ValueError, OverflowError):
        return None
    return None


def _read_instant(raw: object) -> datetime | None:
    """An aware UTC instant; None where a tombstone says none, or it cannot be read."""
    moment = _read_moment({"dateTime": raw})
    return moment if isinstance(moment, datetime) else None


def _read_zone(raw: object) -> str | None:
    return (_text(raw, "timeZone") or None) if isinstance(raw, Mapping) else None


def _own_answer(raw: Mapping[str, Any]) -> str:
    """What this calendar's person replied to the invitation (E14)."""
    attendees = raw.get("attendees")
    for attendee in attendees if isinstance(attendees, list) else []:
        if isinstance(attendee, Mapping) and attendee.get("self") is True:
            return _text(attendee, "responseStatus")
    return ""


def _read_marker(raw: Mapping[str, Any]) -> Marker | None:
    properties = raw.get("extendedProperties")
    private = properties.get("private") if isinstance(properties, Mapping) else None
    if not isinstance(private, Mapping) or not _text(private, _SITE):
        return None
    try:
        return Marker(private[_SITE], int(_text(private, _BOOKING)), int(_text(private, _GENERATION)))
    except ValueError:
        return None


def _read_content(raw: Mapping[str, Any], marker: Marker) -> tuple[EventContent | None, str]:
    """Our fields and the agent's notes; no content where the times make no span."""
    description, agent_notes = split_description(_text(raw, "description"))
    span = _read_span(raw)
    if span is None:
        return None, agent_notes
    content = EventContent(
        summary=_text(raw, "summary"),
        description=description,
        location=_text(raw, "location"),
        span=span,
        zone=_read_zone(raw.get("start")),
        marker=marker,
    )
    return content, agent_notes


def _read_span(raw: Mapping[str, Any]) -> TimeRange | None:
    """The event's span; days count as UTC, enough to see that somebody made our event an all-day one."""
    start, end = _read_moment(raw.get("start")), _read_moment(raw.get("end"))
    if start is None or end is None:
        return None
    try:
        return TimeRange(_as_instant(start), _as_instant(end))
    except ValueError:
        return None


def _as_instant(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def _lines(raw: object) -> tuple[str, ...]:
    return tuple(line for line in raw if isinstance(line, str)) if isinstance(raw, list) else ()


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""
