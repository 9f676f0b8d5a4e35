"""Short words for what happens in small towns. It is 20 November 2026; bookings begin at ten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from latesync.latepoint.busy import read_busy
from tests.property.machine import laws
from tests.property.machine.people import People
from tests.property.machine.stand import PREFIX
from tests.property.machine.town import ANNA, EMAILS, Town

CALENDAR = EMAILS[ANNA]
A_LITTLE_LATER = timedelta(seconds=50)


def work(town: Town, after: timedelta = A_LITTLE_LATER) -> None:
    town.pass_time(after)
    town.work()


def book(town: Town, day: int = 1, agent: int = ANNA) -> int:
    site_day = str((town.clock() + timedelta(days=day)).date())
    booking_id = town.site.insert_booking(agent_id=agent, start_date=site_day)
    town.note_site()
    return booking_id


def cancel(town: Town, booking_id: int) -> None:
    town.site.update("bookings", booking_id, status="cancelled")
    town.note_site()


def move(town: Town, booking_id: int, minute: int = 840) -> None:
    town.site.update("bookings", booking_id, start_time=minute, end_time=minute + 60)


def ours(town: Town, calendar_id: str = CALENDAR) -> list[str]:
    """What stands in a calendar of ours, by the site's wall clock."""
    events = People(town).events(calendar_id, ours=True)
    return [f"{datetime.fromtimestamp(event.start_ts, UTC):%m-%d %H:%M}" for event in events]


def put_theirs(town: Town, day: int, calendar_id: str = CALENDAR) -> str:
    start = (town.clock() + timedelta(days=day)).replace(hour=8, minute=0, second=0)
    times = {"start": start, "end": start + timedelta(hours=1)}
    body = {side: {"dateTime": moment.isoformat(), "timeZone": "UTC"} for side, moment in times.items()}
    return str(town.world.put_event(calendar_id, {"summary": "Dentist", **body})["id"])


def busy(town: Town, agent_id: int = ANNA) -> list[str]:
    return sorted(
        f"{span.start:%m-%d %H:%M}" for span in read_busy(town.site.engine, PREFIX, agent_id).values()
    )


def settle_and_check(town: Town, people: People | None = None) -> None:
    town.settle()
    people = people or _everything_left_as_it_is(town)
    laws.check_laws(town, people)


def _everything_left_as_it_is(town: Town) -> People:
    people = People(town)
    people.left = people.theirs()
    return people
