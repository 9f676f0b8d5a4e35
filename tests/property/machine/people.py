"""What people do in their calendars, and what they may rely on afterwards."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from latesync.descriptions import NOTES_LINE
from latesync.sandbox.google.state import Event
from latesync.times import day_in
from tests.property.machine.outlook import OutlookEvent
from tests.property.machine.outlook_people import OutlookPeople
from tests.property.machine.town import BERLIN, Town

Json = dict[str, Any]
Standing = Event | OutlookEvent
_OF_MEETINGS = ("conferenceData", "hangoutLink")

# (in so many days, at this hour, for so many hours): today, across midnight, at the window's edges
SPANS = [
    (0, 9, 1),
    (0, 15, 2),
    (1, 0, 1),
    (0, 23, 3),
    (-1, 10, 1),
    (-2, 22, 3),
    (3, 8, 9),
    (364, 20, 6),
    (367, 8, 1),
]
RULES = [
    "RRULE:FREQ=DAILY",
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH",
    "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=10",
    "RRULE:FREQ=MONTHLY",
]


@dataclass
class People:
    """Acts as the calendars' owners; keeps how they left what is theirs (L3).

    wishes: what is the agents' own on events of ours. brought_back: past events of ours that an agent has
      moved; history belongs to the agent. touched: events of ours that somebody changed, deleted or brought
      back. acts: how often somebody deleted ("cancel") or moved ("reschedule") an event of a booking.
    """

    town: Town
    left: dict[tuple[str, str], Json] = field(default_factory=dict)
    wishes: dict[tuple[str, str], Json] = field(default_factory=dict)
    brought_back: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    acts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        outlook = self.town.outlook
        self._outlook = None if outlook is None else OutlookPeople(self, outlook)

    # Whose is it

    def is_ours(self, calendar_id: str, key: str) -> bool:
        stored = self.town.world.calendars[calendar_id].events[key]
        return self.town.made_for(stored) is not None

    def events(self, calendar_id: str, *, ours: bool, alive: bool = True) -> list[Any]:
        """Google's or Outlook's, in an order that does not depend on their ids."""
        outlook = self.town.outlook
        if outlook is not None and outlook.has(calendar_id):
            placed = outlook.events(calendar_id) if alive else outlook.deleted(calendar_id)
            of_them = [event for event in placed if (outlook.made_for(event) is not None) == ours]
            return sorted(of_them, key=lambda event: (event.start_ts, event.title, event.number))
        stored = self.town.world.calendars[calendar_id].events
        found = [
            stored[key]
            for key in stored
            if self.is_ours(calendar_id, key) == ours and stored[key].cancelled != alive
        ]
        return sorted(found, key=lambda event: (event.start_ts, event.resource.get("summary", ""), event.id))

    # Their own events

    def changing(self, act: Callable[[], object]) -> None:
        """Law L3: until now everything is as they left it; and this is how they leave it now."""
        self.check_untouched()
        act()
        self.left = self.theirs()

    def check_untouched(self) -> None:
        assert self.theirs() == self.left, "an event that is not ours was touched"

    def add(self, calendar_id: str, span: int, kind: str, rule: int) -> None:
        if self._outlook is not None and self.town.is_outlook(calendar_id):
            self._outlook.add(calendar_id, self._wall(span), kind, rule)
            return
        body: Json = {"id": f"user{next(self._numbers):05d}", "summary": "Dentist", **self._times(span)}
        if kind == "series":
            body["recurrence"] = [RULES[rule % len(RULES)]]
        elif kind == "all-day":
            body |= self._days(span)
        elif kind == "all-day series":
            body |= self._days(span) | {"recurrence": [RULES[rule % len(RULES)]]}
        elif kind == "free":
            body["transparency"] = "transparent"
        elif kind == "declined":
            body["attendees"] = [{"email": calendar_id, "responseStatus": "declined"}]
        elif kind == "unanswered":
            body["attendees"] = [{"email": calendar_id, "responseStatus": "needsAction"}]
        elif kind == "tentative":
            body["status"] = "tentative"
        self.changing(lambda: self.town.world.put_event(calendar_id, body))

    def change(self, calendar_id: str, event: Standing, what: str, span: int) -> None:
        world = self.town.world
        if isinstance(event, OutlookEvent):
            assert self._outlook is not None
            self._outlook.change(event, what, self._wall(span))
            return
        if what == "delete":
            self.changing(lambda: world.delete_event(calendar_id, event.id))
        elif what == "move":
            self.changing(lambda: world.patch_event(calendar_id, event.id, self._instead(event, span)))
        elif what == "make free":
            self.changing(lambda: world.patch_event(calendar_id, event.id, {"transparency": "transparent"}))
        elif what == "block":
            self.changing(lambda: world.patch_event(calendar_id, event.id, {"transparency": "opaque"}))
        elif what == "end series" and event.is_series:
            until = datetime.fromtimestamp(event.start_ts, UTC).date() + timedelta(days=5)
            rule = f"RRULE:FREQ=DAILY;UNTIL={until:%Y%m%d}"
            self.changing(lambda: world.patch_event(calendar_id, event.id, {"recurrence": [rule]}))
        elif what == "make single" and event.is_series:
            self.changing(lambda: world.patch_event(calendar_id, event.id, {"recurrence": []}))

    def change_occurrence(
        self, calendar_id: str, series: Standing, number: int, what: str, span: int
    ) -> None:
        """One date of a series: cancelled, moved, made free, or moved back."""
        from latesync.sandbox.google.series import instances

        if isinstance(series, OutlookEvent):
            assert self._outlook is not None
            self._outlook.change_occurrence(series, number, what, self._wall(span))
            return
        world, zone = self.town.world, self.town.world.calendars[calendar_id].time_zone
        since = self.town.window.start.timestamp() - 86_400
        found = instances(series.resource, zone, after_ts=since, before_ts=since + 60 * 86_400)
        wanted = next(itertools.islice(found, number, None), None)
        if wanted is None:
            return
        if what == "cancel":
            stored = world.calendars[calendar_id].events.get(wanted.id)
            if stored is None or not stored.cancelled:
                self.changing(lambda: world.delete_event(calendar_id, wanted.id))
        elif what == "move":
            times = self._days(span) if wanted.all_day else self._times(span)
            self.changing(lambda: world.patch_event(calendar_id, wanted.id, times | {"status": "confirmed"}))
        elif what == "make free":
            free = {"transparency": "transparent", "status": "confirmed"}
            self.changing(lambda: world.patch_event(calendar_id, wanted.id, free))
        else:
            times = {"start": wanted.original_start(), "end": wanted.times()["end"], "status": "confirmed"}
            self.changing(lambda: world.patch_event(calendar_id, wanted.id, times))

    # Our events

    def touch_ours(self, calendar_id: str, event: Standing, what: str, span: int) -> None:
        world = self.town.world
        key = (calendar_id, event.id)
        self._note_act(event, what)
        if event.end_ts <= self.town.window.start.timestamp():
            self.brought_back.add(event.id)
        if isinstance(event, OutlookEvent):
            assert self._outlook is not None
            self._outlook.touch_ours(event, what, self._wall(span))
        elif what == "delete":
            world.delete_event(calendar_id, event.id)
        elif what == "move":
            world.patch_event(calendar_id, event.id, self._times(span))
        elif what == "make all-day":
            days = self._days(span)
            nothing = {"dateTime": None, "timeZone": None}
            times = {side: {**nothing, **days[side]} for side in ("start", "end")}
            world.patch_event(calendar_id, event.id, times)
        elif what == "rename":
            world.patch_event(calendar_id, event.id, {"summary": "something else"})
        elif what == "wipe":
            self.wishes.pop(key, None)
            world.patch_event(calendar_id, event.id, {"description": "gone", "location": ""})
        elif what == "free":
            world.patch_event(calendar_id, event.id, {"transparency": "transparent"})
        elif what == "colour":
            self._wish(key, {"colorId": "11"})
        elif what == "reminders":
            overrides = [{"method": "popup", "minutes": 45}]
            self._wish(key, {"reminders": {"useDefault": False, "overrides": overrides}})
        elif what == "guest":
            self._wish(key, {"attendees": [{"email": "guest@elsewhere.test", "responseStatus": "accepted"}]})
        elif what == "notes":
            self._write_notes(key, event)
        elif what == "copy":
            # A link to a meeting would still be made, and change what is theirs by itself.
            fields = {key: event.resource[key] for key in event.resource if key not in _OF_MEETINGS}
            body = {**fields, "id": f"user{next(self._numbers):05d}", "iCalUID": None}
            self.changing(lambda: world.put_event(calendar_id, body))

    def _note_act(self, event: Standing, what: str) -> None:
        """Only what people did themselves may ever change a booking."""
        self.touched.add(event.id)
        verb = {"delete": "cancel", "drag": "cancel", "move": "reschedule"}.get(what)
        made_for = self.town.made_for(event)
        if verb is not None and made_for is not None:
            self.acts[verb, made_for[0]] += 1

    def restore(self, calendar_id: str, event: Standing, *, ours: bool) -> None:
        """Take an event out of the bin."""
        world = self.town.world
        if isinstance(event, OutlookEvent):
            assert self._outlook is not None
            self.touched |= {event.id} if ours else set()
            self._outlook.restore(event, ours=ours)
            return

        def act() -> None:
            world.patch_event(calendar_id, event.id, {"status": "confirmed"})

        if ours:
            self.touched.add(event.id)
            act()
        else:
            self.changing(act)

    def check_wishes(self) -> None:
        """Law L3 on our own events: what is the agent's on them survives."""
        for (calendar_id, key), wished in self.wishes.items():
            stored = self.town.find(calendar_id, key)
            if stored is None or stored.cancelled:
                continue
            for name, value in wished.items():
                if isinstance(stored, OutlookEvent):
                    assert self._outlook is not None
                    self._outlook.check_wish(stored, name, value)
                    continue
                held = stored.resource.get(name)
                if name == "description":
                    held = str(held).partition(NOTES_LINE)[2].strip()
                if name == "attendees":  # beside whom the owner may invite
                    value, held = value[0]["email"], " ".join(each["email"] for each in held or [])
                    assert value in held, "the agent's guest is lost"
                    continue
                assert held == value, f"the agent's {name} is lost"

    def _wish(self, key: tuple[str, str], fields: Json) -> None:
        self.town.world.patch_event(*key, fields)
        self.wishes.setdefault(key, {}).update(fields)

    def _write_notes(self, key: tuple[str, str], event: Event) -> None:
        description = str(event.resource.get("description", ""))
        if NOTES_LINE not in description:
            return
        notes = f"bring the blue file {next(self._numbers)}"
        whole = f"{description.partition(NOTES_LINE)[0]}{NOTES_LINE}\n{notes}"
        self.town.world.patch_event(*key, {"description": whole})
        self.wishes.setdefault(key, {})["description"] = notes

    def theirs(self) -> dict[tuple[str, str], Json]:
        world, outlook = self.town.world, self.town.outlook
        at_microsoft = outlook.theirs(lambda each: outlook.made_for(each) is not None) if outlook else {}
        return at_microsoft | {
            (calendar_id, key): dict(calendar.events[key].resource)
            for calendar_id, calendar in world.calendars.items()
            for key in calendar.events
            if not self.is_ours(calendar_id, key)
        }

    # Times

    def day(self, number: int) -> date:
        """The site's day so many days from today."""
        return day_in(self.town.clock(), BERLIN) + timedelta(days=number)

    def _at(self, day: int, hour: int) -> datetime:
        return datetime.combine(self.day(day), time(hour))

    def _wall(self, span: int) -> tuple[datetime, datetime]:
        day, hour, hours = SPANS[span % len(SPANS)]
        start = self._at(day, hour)
        return start, start + timedelta(hours=hours)

    def _times(self, span: int) -> Json:
        start, end = self._wall(span)
        return {
            side: {"dateTime": moment.isoformat(), "timeZone": "Europe/Berlin", "date": None}
            for side, moment in (("start", start), ("end", end))
        }

    def _days(self, span: int) -> Json:
        day, _, hours = SPANS[span % len(SPANS)]
        start = self._at(day, 0).date()
        end = start + timedelta(days=1 + hours // 3)
        return {
            side: {"date": moment.isoformat(), "dateTime": None, "timeZone": None}
            for side, moment in (("start", start), ("end", end))
        }

    def _instead(self, event: Event, span: int) -> Json:
        """Other times of the event's own kind."""
        return self._days(span) if "date" in event.resource["start"] else self._times(span)
