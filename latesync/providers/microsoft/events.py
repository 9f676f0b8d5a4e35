"""Graph's event JSON to our events, and our content to Graph's fields. Pure.

Unknown fields and values are expected. What cannot be read as a time reads as no time: one strange event must
not hold up a listing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from latesync.model import CalendarItem, Event, EventContent, EventKind, InitialLook, Marker
from latesync.providers.microsoft.bodies import read_body, write_body
from latesync.providers.microsoft.marks import Mark, extended_properties, read_mark, transaction_id
from latesync.providers.microsoft.moments import day_of, read_instant, read_moments, write_instant
from latesync.times import TimeRange

OCCURRENCES = frozenset({"occurrence", "exception"})
MASTER = "seriesMaster"

_KINDS = {"oof": EventKind.OUT_OF_OFFICE, "workingElsewhere": EventKind.WORKING_ELSEWHERE}  # E3
_SENSITIVITIES = {"private": "private", "public": "normal"}  # E6
# Enough to see that an event repeats; nothing is ever worked out from it (E5).
_FREQUENCIES = {
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "absoluteMonthly": "MONTHLY",
    "relativeMonthly": "MONTHLY",
    "absoluteYearly": "YEARLY",
    "relativeYearly": "YEARLY",
}


def read_event(raw: object, written: Mark | None = None) -> Event | None:
    """The event, or None for something without an id, which nobody could ever name again.

    written: the mark of what was just written; a write's answer shows no extended properties (E9).
    """
    if not isinstance(raw, Mapping) or not text_of(raw, "id"):
        return None
    # Dates of a series are ours through their series alone: each of them carries its mark.
    mark = None if is_occurrence(raw) else _read_mark(raw, written)
    content, agent_notes = _read_content(raw, mark.marker) if mark else (None, "")
    return Event(
        item=_read_item(raw),
        etag=_read_etag(raw),
        marker=mark.marker if mark else None,
        content=content,
        agent_notes=agent_notes,
        updated_at=read_instant(raw.get("lastModifiedDateTime")),
        key=mark.key if mark else "",
    )


def removed_event(event_id: str) -> Event:
    """What is left of an event that is not in the listed span, or not there any more (D5)."""
    return Event(CalendarItem(event_id, None, None, is_cancelled=True), etag="")


def new_event(key: str, content: EventContent) -> dict[str, Any]:
    """The body of a create: our fields, nobody invited (V4), and a repeated create is the same create (E7).

    Of the initial look a colour has no counterpart: Outlook's categories are the person's own. Of several
    reminders the first is set, since an event has one.
    """
    mark = Mark(content.marker, key)
    return {
        **_own_fields(mark, content, ""),
        "transactionId": transaction_id(mark),
        **_initial_look(content.initial),
    }


def changed_event(key: str, content: EventContent, agent_notes: str) -> dict[str, Any]:
    """The body of a PATCH: only our fields, so that everything else survives.

    key: "" where it is not known; then the one that stands in the event stays.
    """
    return _own_fields(Mark(content.marker, key), content, agent_notes)


def is_removed(raw: Mapping[str, Any]) -> bool:
    return "@removed" in raw


def is_occurrence(raw: Mapping[str, Any]) -> bool:
    return raw.get("type") in OCCURRENCES


def is_master(raw: Mapping[str, Any]) -> bool:
    return raw.get("type") == MASTER


def text_of(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def _own_fields(mark: Mark, content: EventContent, agent_notes: str) -> dict[str, Any]:
    properties = extended_properties(mark)
    return {
        "subject": content.summary,
        "body": write_body(content.description, agent_notes),
        "location": {"displayName": content.location},
        "start": write_instant(content.span.start),
        "end": write_instant(content.span.end),
        "isAllDay": False,  # somebody may have made it one
        "showAs": "free" if content.is_free else "busy",
        "singleValueExtendedProperties": [one for one in properties if one["value"]],
    }


def _initial_look(look: InitialLook | None) -> dict[str, Any]:
    """Written once: afterwards it is the agent's."""
    if look is None:
        return {}
    fields: dict[str, Any] = {}
    if look.visibility in _SENSITIVITIES:
        fields["sensitivity"] = _SENSITIVITIES[look.visibility]
    if look.reminders is not None:
        fields["isReminderOn"] = bool(look.reminders)
        if look.reminders:
            fields["reminderMinutesBeforeStart"] = look.reminders[0]
    return fields


def _read_mark(raw: Mapping[str, Any], written: Mark | None) -> Mark | None:
    found = read_mark(raw)
    if written is None:
        return found
    return Mark(written.marker, written.key or (found.key if found else ""))


def _read_item(raw: Mapping[str, Any]) -> CalendarItem:
    starts, ends = read_moments(raw)
    answer = _own_answer(raw)
    shown_as = text_of(raw, "showAs")
    return CalendarItem(
        event_id=raw["id"],
        starts=starts,
        ends=ends,
        recurrence=_recurrence(raw),
        series_id=(text_of(raw, "seriesMasterId") or None) if is_occurrence(raw) else None,
        original_start=_original_start(raw, starts),
        kind=_KINDS.get(shown_as, EventKind.NORMAL),
        is_cancelled=raw.get("isCancelled") is True or is_removed(raw),
        is_free=shown_as == "free",
        is_tentative=shown_as == "tentative" or answer == "tentativelyAccepted",
        is_declined=answer == "declined",
        is_unanswered=answer == "notResponded",
    )


def _original_start(raw: Mapping[str, Any], starts: datetime | date | None) -> datetime | date | None:
    """Where in its series a date belongs; a date nobody moved says so by its own start."""
    if not is_occurrence(raw):
        return None
    planned = read_instant(raw.get("originalStart"))
    if planned is None:
        return starts if raw.get("type") == "occurrence" else None
    return (day_of(raw, planned) or planned) if raw.get("isAllDay") is True else planned


def _recurrence(raw: Mapping[str, Any]) -> tuple[str, ...]:
    repeated = raw.get("recurrence")
    pattern = repeated.get("pattern") if isinstance(repeated, Mapping) else None
    if not isinstance(pattern, Mapping):
        return ()
    return (f"RRULE:FREQ={_FREQUENCIES.get(text_of(pattern, 'type'), 'YEARLY')}",)


def _read_etag(raw: Mapping[str, Any]) -> str:
    change_key = text_of(raw, "changeKey")
    return text_of(raw, "@odata.etag") or (f'W/"{change_key}"' if change_key else "")  # E13


def _own_answer(raw: Mapping[str, Any]) -> str:
    """What this mailbox's person replied to the invitation (E15)."""
    status = raw.get("responseStatus")
    return text_of(status, "response") if isinstance(status, Mapping) else ""


def _read_content(raw: Mapping[str, Any], marker: Marker) -> tuple[EventContent | None, str]:
    """Our fields and the agent's notes; no content where the times make no span.

    The zone is no field of ours: times are written in UTC, and Outlook shows them in its person's zone.
    """
    description, agent_notes = read_body(raw.get("body"))
    span = _read_span(raw)
    if span is None:
        return None, agent_notes
    location = raw.get("location")
    content = EventContent(
        summary=text_of(raw, "subject"),
        description=description,
        location=text_of(location, "displayName") if isinstance(location, Mapping) else "",
        span=span,
        zone=None,
        marker=marker,
    )
    return content, agent_notes


def _read_span(raw: Mapping[str, Any]) -> TimeRange | None:
    """The event's span; days count as UTC, enough to see that somebody made our event an all-day one."""
    start, end = read_moments(raw)
    if start is None or end is None:
        return None
    try:
        return TimeRange(_as_instant(start), _as_instant(end))
    except ValueError:
        return None


def _as_instant(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)
