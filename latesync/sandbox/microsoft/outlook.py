"""What a person does in Outlook: nothing is asked of OAuth.

Every function takes the world's lock; those that change something save it where saving is switched on, and
notify subscribers.
Events are given and answered as Graph's JSON: immutable ids, UTC, extended properties included.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from . import events as writing
from .errors import GraphError, Json
from .events import Write
from .graph_calendars import add_calendar, calendar_for, drop_calendar, show_calendar
from .graph_state import Item, Mailbox
from .graph_times import show_time
from .ids import new_id, new_mutable_id
from .keeping import keep
from .listing import in_window
from .series import find, occurrence_on
from .shown import OWNERS_VIEW, show

_PERSON = Write(is_person=True)


def primary_id(mailbox: Mailbox) -> str:
    return mailbox.primary.id


def put_event(mailbox: Mailbox, body: Json, calendar_id: str | None = None) -> Json:
    """A new event. calendar_id: None is the primary one."""
    with mailbox.changing():
        item = writing.create(mailbox, calendar_for(mailbox, calendar_id), body, _PERSON)
        writing.finish_meetings(mailbox)
        return _shown(mailbox, item)


def patch_event(mailbox: Mailbox, event_id: str, body: Json) -> Json:
    with mailbox.changing():
        item = writing.change(mailbox, event_id, body, _PERSON)
        writing.finish_meetings(mailbox)
        return _shown(mailbox, item)


def delete_event(mailbox: Mailbox, event_id: str) -> None:
    with mailbox.changing():
        writing.remove(mailbox, event_id, _PERSON)


def event(mailbox: Mailbox, event_id: str) -> Json:
    """Raises KeyError when it is not there."""
    with mailbox.reading():
        writing.finish_meetings(mailbox)
        try:
            return _shown(mailbox, find(mailbox, event_id))
        except GraphError as error:
            raise KeyError("There is no such event.") from error


def events(mailbox: Mailbox, calendar_id: str | None = None) -> list[Json]:
    """Singles, series and exceptions, by start. calendar_id: None is all calendars."""
    with mailbox.reading():
        writing.finish_meetings(mailbox)
        items = [item for item in mailbox.items.values() if calendar_id in (None, item.calendar_id)]
        return [_shown(mailbox, item) for item in sorted(items, key=lambda item: (item.start_ts, item.id))]


def occurrences(
    mailbox: Mailbox, after: datetime, before: datetime, calendar_id: str | None = None
) -> list[Json]:
    """What a calendar page shows: single events and every occurrence, by start."""
    with mailbox.reading():
        calendar = calendar_for(mailbox, calendar_id)
        found = in_window(mailbox, calendar, after.timestamp(), before.timestamp())
        return [_shown(mailbox, item) for item in found]


def move_event_to_calendar(mailbox: Mailbox, event_id: str, calendar_id: str) -> Json:
    """Its mutable id becomes another one (E11)."""
    with mailbox.changing():
        return _shown(mailbox, writing.move(mailbox, event_id, calendar_for(mailbox, calendar_id)))


def copy_event(mailbox: Mailbox, event_id: str, calendar_id: str | None = None) -> Json:
    """Another event like it. By a switch it carries our marks along. calendar_id: None is the event's own."""
    with mailbox.changing():
        original = find(mailbox, event_id)
        target = calendar_for(mailbox, calendar_id or original.calendar_id)
        return _shown(mailbox, _copied(mailbox, original, target.id))


def add_series(
    mailbox: Mailbox, body: Json, pattern: Json, span: Json, calendar_id: str | None = None
) -> Json:
    """pattern, span: as in Graph's patternedRecurrence."""
    return put_event(mailbox, {**body, "recurrence": {"pattern": pattern, "range": span}}, calendar_id)


def occurrence(mailbox: Mailbox, master_id: str, day: date) -> Json:
    """The occurrence or exception of a day, as the series' zone counts days. Raises KeyError."""
    with mailbox.reading():
        try:
            return _shown(mailbox, _on(mailbox, master_id, day))
        except GraphError as error:
            raise KeyError("The series has nothing on this day.") from error


def move_occurrence(mailbox: Mailbox, master_id: str, day: date, start: datetime, end: datetime) -> Json:
    """Becomes an exception. Raises GraphError 400 when it would cross its neighbours' days."""
    with mailbox.changing():
        times = {"start": show_time(start.timestamp(), "UTC"), "end": show_time(end.timestamp(), "UTC")}
        return patch_event(mailbox, _on(mailbox, master_id, day).id, times)


def cancel_occurrence(mailbox: Mailbox, master_id: str, day: date) -> None:
    with mailbox.changing():
        writing.remove(mailbox, _on(mailbox, master_id, day).id, _PERSON)


def cancel_as_organizer(mailbox: Mailbox, event_id: str) -> None:
    """The meeting is off; the item stays here, cancelled (E4)."""
    with mailbox.changing():
        writing.cancel(mailbox, event_id)


def answer_invitation(mailbox: Mailbox, event_id: str, response: str) -> Json:
    """The event is somebody else's meeting, and this is the person's answer to it (E15)."""
    known = ("none", "tentativelyAccepted", "accepted", "declined", "notResponded")
    if response not in known:
        raise ValueError(f"An answer is one of {', '.join(known)}.")
    with mailbox.changing():
        item = find(mailbox, event_id)
        answer: dict[str, Any] = {
            "isOrganizer": False,
            "organizer": {"emailAddress": {"name": "Somebody", "address": "somebody@example.test"}},
            "responseStatus": {"response": response, "time": "2026-11-01T00:00:00Z"},
        }
        item.resource |= answer
        keep(mailbox, item, "updated")
        return _shown(mailbox, item)


def make_calendar(mailbox: Mailbox, name: str, *, can_edit: bool = True, owner: Json | None = None) -> Json:
    """owner: {"name", "address"} of somebody else who shares it."""
    with mailbox.changing():
        return show_calendar(add_calendar(mailbox, name, can_edit=can_edit, owner=owner))


def change_calendar(mailbox: Mailbox, calendar_id: str, **settings: Any) -> Json:
    """settings: name, can_edit, meeting_providers."""
    with mailbox.changing():
        calendar = calendar_for(mailbox, calendar_id)
        for name, value in settings.items():
            if name not in ("name", "can_edit", "meeting_providers"):
                raise ValueError(f"{name} cannot be set here.")
            setattr(calendar, name, value)
        return show_calendar(calendar)


def remove_calendar(mailbox: Mailbox, calendar_id: str) -> None:
    with mailbox.changing():
        drop_calendar(mailbox, calendar_for(mailbox, calendar_id))


def kill_delta_tokens(mailbox: Mailbox, calendar_id: str | None = None) -> None:
    """Every token of one calendar, or of all, is dead from now on (D7)."""
    with mailbox.changing():
        for calendar in mailbox.calendars.values():
            if calendar_id in (None, calendar.id):
                calendar.token_age += 1


def calendars(mailbox: Mailbox) -> list[Json]:
    with mailbox.reading():
        return [show_calendar(calendar) for calendar in mailbox.calendars.values()]


def _on(mailbox: Mailbox, master_id: str, day: date) -> Item:
    master = find(mailbox, master_id)
    exception = master.exceptions.get(day.isoformat())
    return mailbox.items[exception] if exception else occurrence_on(master, day.isoformat())


def _copied(mailbox: Mailbox, original: Item, calendar_id: str) -> Item:
    marked = mailbox.switches.copies_carry_marks
    resource = dict(original.resource)
    if not marked:
        resource.pop("transactionId", None)
    copy = replace(
        original,
        id=new_id(mailbox),
        mutable_id=new_mutable_id(),
        calendar_id=calendar_id,
        resource=resource,
        properties=dict(original.properties) if marked else {},
        kind="seriesMaster" if original.is_series else "singleInstance",
        master_id="",
        day="",
        cancelled_days=list(original.cancelled_days),
        exceptions={},
        was=[],
        created_ts=mailbox.now(),
    )
    keep(mailbox, copy, "created")
    return copy


def _shown(mailbox: Mailbox, item: Item) -> Json:
    return show(mailbox, item, OWNERS_VIEW)
