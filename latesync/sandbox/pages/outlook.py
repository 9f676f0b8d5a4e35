"""A calendar of the sandbox Microsoft as the demo's pages use it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.bodies import as_text
from latesync.sandbox.microsoft.world import MicrosoftWorld

from .agenda import ZONE, ZONE_NAME, EnteredTimes, Entry, Resource, in_order

_BOOKING = " Name latesync_booking"  # the end of the extended property's id


class OutlookCalendar:
    """One person's primary calendar."""

    product = "Outlook"
    company = "Microsoft"

    def __init__(self, world: MicrosoftWorld, email: str) -> None:
        self._world = world
        self._email = email
        self._mailbox = world.mailbox(email)

    def entries(self, first: date, last: date) -> list[Entry]:
        begin = datetime.combine(first, time(), ZONE)
        end = datetime.combine(last + timedelta(days=1), time(), ZONE)
        # A day more on each side: what is kept for whole days in another zone begins elsewhere.
        around = outlook.occurrences(self._mailbox, begin - timedelta(days=1), end + timedelta(days=1))
        found = [outlook_entry(resource) for resource in around if not resource["isCancelled"]]
        return in_order(entry for entry in found if entry.first_day <= last and entry.last_day >= first)

    def entry(self, event_id: str) -> Entry | None:
        try:
            return outlook_entry(outlook.event(self._mailbox, event_id))
        except KeyError:
            return None

    def add(self, title: str, times: EnteredTimes, *, free: bool) -> None:
        body = {"subject": title, "showAs": "free" if free else "busy", **_times_body(times)}
        outlook.put_event(self._mailbox, body)

    def move(self, event_id: str, times: EnteredTimes) -> None:
        outlook.patch_event(self._mailbox, event_id, _times_body(times))

    def remove(self, event_id: str) -> None:
        outlook.delete_event(self._mailbox, event_id)

    def forget(self) -> None:
        self._world.withdraw_consent(self._email)


def outlook_entry(resource: Resource) -> Entry:
    zone = ZONE
    if resource["isAllDay"] and resource["originalStartTimeZone"] == "UTC":
        zone = ZoneInfo("UTC")  # written by LateSync: its midnights are those of UTC
    properties = resource.get("singleValueExtendedProperties", [])
    bookings = [one["value"] for one in properties if one["id"].endswith(_BOOKING)]
    return Entry(
        id=resource["id"],
        title=resource["subject"] or "(no title)",
        description=as_text(resource["body"]["content"]),
        location=resource["location"].get("displayName", ""),
        start=_wall(resource["start"], zone),
        end=_wall(resource["end"], zone),
        is_all_day=resource["isAllDay"],
        is_free=resource["showAs"] == "free",
        is_repeated=bool(resource["seriesMasterId"]),
        booking=bookings[0] if bookings else "",
    )


def _wall(value: dict[str, str], zone: ZoneInfo) -> datetime:
    """Graph answers in UTC, with seven digits of a second (microsoft-graph.md E1)."""
    instant = datetime.fromisoformat(value["dateTime"][:19]).replace(tzinfo=UTC)
    return instant.astimezone(zone).replace(tzinfo=None)


def _times_body(times: EnteredTimes) -> Resource:
    """All-day ends are exclusive midnights (microsoft-graph.md E2)."""
    end = times.end + timedelta(days=1) if times.all_day else times.end
    return {
        "isAllDay": times.all_day,
        "start": {"dateTime": times.start.isoformat(), "timeZone": ZONE_NAME},
        "end": {"dateTime": end.isoformat(), "timeZone": ZONE_NAME},
    }
