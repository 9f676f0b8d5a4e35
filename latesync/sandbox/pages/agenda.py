"""A sandbox calendar as a person reads it: entries by day, series expanded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from latesync.sandbox.google.exceptions import instance_of
from latesync.sandbox.google.listing import list_events
from latesync.sandbox.google.shown import show
from latesync.sandbox.google.world import GoogleWorld

Resource = dict[str, Any]
ZONE_NAME = "Europe/Berlin"  # of the demo's calendars
ZONE = ZoneInfo(ZONE_NAME)
SEED_MARK = "demo_seed"  # private property of what the demo put there itself


@dataclass(frozen=True)
class Entry:
    """One event, or one instance of a series.

    start, end: naive wall-clock times in the calendar's zone; midnights for an all-day entry, end exclusive.
    booking: number of the booking LateSync wrote it for, empty for a person's own.
    """

    id: str
    title: str
    description: str
    location: str
    start: datetime
    end: datetime
    is_all_day: bool
    is_free: bool
    is_repeated: bool
    booking: str

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day it touches; a midnight end belongs to the day before."""
        return max(self.first_day, (self.end - timedelta(microseconds=1)).date())

    @property
    def begins(self) -> str:
        return "09:00" if self.is_all_day else f"{self.start:%H:%M}"

    @property
    def ends(self) -> str:
        return "17:00" if self.is_all_day else f"{self.end:%H:%M}"

    @property
    def teaser(self) -> str:
        """The first line of the notes that says more than the title."""
        lines = (line.strip() for line in self.description.splitlines())
        return next((line[:80] for line in lines if line and line not in self.title), "")

    @property
    def when(self) -> str:
        days = _day_text(self.first_day)
        if self.is_all_day:
            until = f" to {_day_text(self.last_day)}" if self.last_day != self.first_day else ""
            return f"{days}{until}, all day"
        if self.last_day == self.first_day:
            return f"{days}, {self.begins}–{self.ends}"
        return f"{days}, {self.begins}, to {_day_text(self.end.date())}, {self.ends}"

    def touches(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def times_on(self, day: date) -> str:
        if self.is_all_day:
            return "all day"
        begins = self.begins if self.first_day == day else "…"
        return f"{begins}–{self.ends if self.last_day == day else '…'}"


@dataclass(frozen=True)
class EnteredTimes:
    """Wall-clock times as somebody typed them; of an all-day event the first and the last day."""

    start: datetime
    end: datetime
    all_day: bool


class PersonsCalendar(Protocol):
    """One person's calendar, wherever it is. product, company: as people say it."""

    product: str
    company: str

    def entries(self, first: date, last: date) -> list[Entry]:
        """What touches the days from first to last, as a page lists it."""

    def entry(self, event_id: str) -> Entry | None:
        """An event, or one of a series; None when it is not there, or not any more."""

    def add(self, title: str, times: EnteredTimes, *, free: bool) -> None: ...

    def move(self, event_id: str, times: EnteredTimes) -> None: ...

    def remove(self, event_id: str) -> None: ...

    def forget(self) -> None:
        """The person takes LateSync's access away."""


class GoogleCalendar:
    """A calendar of the sandbox Google."""

    product = "Google Calendar"
    company = "Google"

    def __init__(self, world: GoogleWorld, email: str) -> None:
        self._world = world
        self._email = email

    def entries(self, first: date, last: date) -> list[Entry]:
        return read_entries(self._world, self._email, first, last)

    def entry(self, event_id: str) -> Entry | None:
        return read_entry(self._world, self._email, event_id)

    def add(self, title: str, times: EnteredTimes, *, free: bool) -> None:
        body = times_body(times.start, times.end, all_day=times.all_day)
        shown = {"transparency": "transparent"} if free else {}
        self._world.put_event(self._email, {"summary": title, **body, **shown})

    def move(self, event_id: str, times: EnteredTimes) -> None:
        body = times_patch(times.start, times.end, all_day=times.all_day)
        self._world.patch_event(self._email, event_id, body)

    def remove(self, event_id: str) -> None:
        self._world.delete_event(self._email, event_id)

    def forget(self) -> None:
        self._world.revoke_grants(self._email)


def read_entries(world: GoogleWorld, email: str, first: date, last: date) -> list[Entry]:
    """What touches the days from first to last: all-day entries first, then by start."""
    shown = {
        "singleEvents": True,
        "timeMin": _instant(first),
        "timeMax": _instant(last + timedelta(days=1)),
        "maxResults": 2500,
    }
    with world.lock:
        answer = list_events(world, world.calendar(email), shown, "owner")
    return in_order(entry_of(resource) for resource in answer["items"])


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """All-day entries first, then by start."""
    return sorted(entries, key=lambda entry: (not entry.is_all_day, entry.start, entry.title))


def read_entry(world: GoogleWorld, email: str, event_id: str) -> Entry | None:
    """An event or one instance of a series; None when it is not there, or not any more."""
    with world.lock:
        calendar = world.calendar(email)
        found = calendar.events.get(event_id) or instance_of(calendar, event_id)
        if found is None or found.cancelled:
            return None
        return entry_of(show(world, calendar, found, role="owner"))


def entry_of(resource: Resource) -> Entry:
    start, end = _wall(resource["start"]), _wall(resource["end"])
    private = resource.get("extendedProperties", {}).get("private", {})
    return Entry(
        id=resource["id"],
        title=resource.get("summary", "(no title)"),
        description=resource.get("description", ""),
        location=resource.get("location", ""),
        start=start,
        end=end,
        is_all_day="date" in resource["start"],
        is_free=resource.get("transparency") == "transparent",
        is_repeated="recurringEventId" in resource,
        booking=private.get("latesync_booking", ""),
    )


def times_body(start: datetime, end: datetime, *, all_day: bool) -> Resource:
    """`start` and `end` of a new event from wall-clock times.

    all_day: end is then the last day itself; the resource carries the day after (google-calendar.md E1).
    """
    if all_day:
        after = end.date() + timedelta(days=1)
        return {"start": {"date": start.date().isoformat()}, "end": {"date": after.isoformat()}}
    return {"start": _timed(start), "end": _timed(end)}


def times_patch(start: datetime, end: datetime, *, all_day: bool) -> Resource:
    """The same for a PATCH: the other form's fields are cleared, so that an event may become all-day."""
    cleared = {"date": None, "dateTime": None, "timeZone": None}
    body = times_body(start, end, all_day=all_day)
    return {side: {**cleared, **body[side]} for side in ("start", "end")}


def _instant(day: date) -> float:
    return datetime.combine(day, time(), ZONE).timestamp()


def _wall(value: dict[str, str]) -> datetime:
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), time())
    return datetime.fromisoformat(value["dateTime"]).astimezone(ZONE).replace(tzinfo=None)


def _timed(wall: datetime) -> Resource:
    return {"dateTime": wall.isoformat(timespec="seconds"), "timeZone": ZONE_NAME}


def _day_text(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"
