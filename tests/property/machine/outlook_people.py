"""What people do in Outlook (microsoft-graph.md §7): as machine/people.py has it for Google's calendars."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from latesync.descriptions import NOTES_LINE, plain_text
from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.errors import GraphError
from latesync.sandbox.microsoft.series import days
from latesync.sandbox.microsoft.series import rhythm as rhythm_of
from tests.property.machine.outlook import OutlookEvent, OutlookTown

if TYPE_CHECKING:
    from tests.property.machine.people import People

Json = dict[str, Any]
Span = tuple[datetime, datetime]  # by the clock on the wall in Berlin

GUEST = "guest@elsewhere.test"
_ZONE = "W. Europe Standard Time"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHOWN_AS = {"free": "free", "tentative": "tentative", "away": "oof", "elsewhere": "workingElsewhere"}
_ANSWERS = {"declined": "declined", "unanswered": "notResponded"}


@dataclass
class OutlookPeople:
    people: People
    town: OutlookTown

    def __post_init__(self) -> None:
        self._numbers = count(1)

    # Their own events

    def add(self, calendar_id: str, span: Span, kind: str, rule: int) -> None:
        body: Json = {"subject": f"Dentist {next(self._numbers)}", **_times(span)}
        if kind.startswith("all-day"):
            body |= _whole_days(span)
        if kind.endswith("series"):
            body["recurrence"] = _recurrence(span[0].date(), rule)
        body |= {"showAs": _SHOWN_AS[kind]} if kind in _SHOWN_AS else {}

        def act() -> None:
            mailbox = self.town.mailbox(calendar_id)
            made = outlook.put_event(mailbox, body, calendar_id)
            if kind in _ANSWERS:
                outlook.answer_invitation(mailbox, made["id"], _ANSWERS[kind])

        self._do(act)

    def change(self, event: OutlookEvent, what: str, span: Span) -> None:
        calendar_id, mailbox = event.item.calendar_id, self.town.mailbox(event.item.calendar_id)
        recurrence = event.item.resource.get("recurrence")
        changes: dict[str, Json] = {
            "move": _whole_days(span) if event.item.resource.get("isAllDay") else _times(span),
            "make free": {"showAs": "free"},
            "block": {"showAs": "busy"},
        }
        if what == "delete":
            self.town.throw_away(event)
            self._do(lambda: outlook.delete_event(mailbox, event.id))
        elif what == "drag":
            self._do(lambda: outlook.move_event_to_calendar(mailbox, event.id, self._another(calendar_id)))
        elif what in changes:
            self._patch(event, changes[what])
        elif what == "end series" and recurrence:
            until = datetime.fromtimestamp(event.start_ts, UTC).date() + timedelta(days=5)
            first = recurrence["range"]["startDate"]
            ends = {"type": "endDate", "startDate": first, "endDate": max(first, str(until))}
            self._patch(event, {"recurrence": {"pattern": recurrence["pattern"], "range": ends}})
        elif what == "make single" and recurrence:
            self._patch(event, {"recurrence": None})

    def change_occurrence(self, series: OutlookEvent, number: int, what: str, span: Span) -> None:
        """One date of a series: cancelled, moved, made free, or moved back."""
        mailbox = self.town.mailbox(series.item.calendar_id)
        since = self.people.town.window.start.timestamp() - 86_400
        planned = days(rhythm_of(series.item), since, since + 60 * 86_400)
        found = next(islice(planned, number, None), None)
        if found is None:
            return
        day, start_ts, end_ts = found
        start, end = datetime.fromtimestamp(start_ts, UTC), datetime.fromtimestamp(end_ts, UTC)

        def act() -> None:
            on = date.fromisoformat(day)
            if what == "cancel":
                outlook.cancel_occurrence(mailbox, series.id, on)
            elif what == "back":
                outlook.move_occurrence(mailbox, series.id, on, start, end)
            elif what == "make free":
                free = {"showAs": "free"}
                outlook.patch_event(mailbox, outlook.occurrence(mailbox, series.id, on)["id"], free)
            elif not series.item.resource.get("isAllDay"):
                hour = timedelta(hours=1 + span[0].hour % 3)
                outlook.move_occurrence(mailbox, series.id, on, start + hour, end + hour)

        self._do(act)

    # Our events

    def touch_ours(self, event: OutlookEvent, what: str, span: Span) -> None:
        mailbox, key = self.town.mailbox(event.item.calendar_id), (event.item.calendar_id, event.id)
        changes: dict[str, Json] = {
            "move": {"isAllDay": False, **_times(span)},
            "make all-day": _whole_days(span),
            "rename": {"subject": "something else"},
            "wipe": {"body": _html("gone"), "location": {"displayName": ""}},
            "free": {"showAs": "free"},
        }
        guests: Json = {"attendees": [{"emailAddress": {"address": GUEST}}]}
        wishes: dict[str, Json] = {
            "colour": {"categories": ["Red category"]},
            "reminders": {"reminderMinutesBeforeStart": 45},
            "guest": guests,
        }
        if what == "wipe":
            self.people.wishes.get(key, {}).pop("body", None)
        if what == "delete":
            self.town.throw_away(event)
            outlook.delete_event(mailbox, event.id)
        elif what == "drag":
            outlook.move_event_to_calendar(mailbox, event.id, self._another(key[0]))
        elif what == "copy" and self.town.is_shared(event):
            # Another agent's mapping, which may be gone, cannot tell a copy from the event.
            return
        elif what == "copy":
            self._do(lambda: self.town.copies.add(outlook.copy_event(mailbox, event.id)["id"]))
        elif what == "notes":
            self._write_notes(event)
        elif what in changes:
            outlook.patch_event(mailbox, event.id, changes[what])
        else:
            outlook.patch_event(mailbox, event.id, wishes[what])
            self.people.wishes.setdefault(key, {}).update(wishes[what])

    def restore(self, event: OutlookEvent, *, ours: bool) -> None:
        def act() -> None:
            self.town.take_out_of_bin(event)

        act() if ours else self._do(act)

    def check_wish(self, event: OutlookEvent, name: str, value: Any) -> None:
        held = event.item.resource.get(name)
        if name == "attendees":
            addresses = [one["emailAddress"]["address"] for one in held or []]
            assert addresses == [GUEST], "the agent's guest is lost"
        elif name == "body":
            below = plain_text(str(held).partition(NOTES_LINE)[2])
            assert below == value, "the agent's lines are lost"
        else:
            assert held == value, f"the agent's {name} is lost"

    def _write_notes(self, event: OutlookEvent) -> None:
        content = str(event.item.resource.get("body", ""))
        if NOTES_LINE not in content:
            return
        notes = f"bring the blue file {next(self._numbers)}"
        whole = f"{content.partition(NOTES_LINE)[0]}{NOTES_LINE}<p>bring the <b>blue</b> file"
        mailbox = self.town.mailbox(event.item.calendar_id)
        number = notes.rpartition(" ")[2]
        outlook.patch_event(mailbox, event.id, {"body": _html(f"{whole} {number}</p>")})
        self.people.wishes.setdefault((event.item.calendar_id, event.id), {})["body"] = notes

    def _patch(self, event: OutlookEvent, body: Json) -> None:
        mailbox = self.town.mailbox(event.item.calendar_id)
        self._do(lambda: outlook.patch_event(mailbox, event.id, body))

    def _do(self, act: Callable[[], object]) -> None:
        """What Outlook itself does not let them do does not happen."""

        def tried() -> None:
            with suppress(GraphError):
                act()

        self.people.changing(tried)

    def _another(self, calendar_id: str) -> str:
        """The mailbox's other calendar; where there is none, the same one."""
        found = [name for name in self.town.mailbox(calendar_id).calendars if name != calendar_id]
        return next(iter(found), calendar_id)


def _times(span: Span) -> Json:
    return {
        side: {"dateTime": moment.isoformat(), "timeZone": _ZONE}
        for side, moment in zip(("start", "end"), span, strict=True)
    }


def _whole_days(span: Span) -> Json:
    first = datetime.combine(span[0].date(), time())
    hours = int((span[1] - span[0]).total_seconds()) // 3600
    return {"isAllDay": True, **_times((first, first + timedelta(days=1 + hours // 3)))}


def _recurrence(first: date, rule: int) -> Json:
    weekday = _DAYS[first.weekday()]
    rules: list[tuple[Json, int | None]] = [
        ({"type": "daily", "interval": 1}, None),
        ({"type": "weekly", "interval": 1, "daysOfWeek": [weekday]}, 4),
        ({"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "thursday"]}, None),
        ({"type": "daily", "interval": 2}, 10),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": first.day}, None),
    ]
    pattern, times = rules[rule % len(rules)]
    span: Json = {"type": "noEnd", "startDate": str(first), "recurrenceTimeZone": _ZONE}
    if times is not None:
        span |= {"type": "numbered", "numberOfOccurrences": times}
    return {"pattern": pattern, "range": span}


def _html(content: str) -> Json:
    return {"contentType": "html", "content": content}
