"""The demo's Google: three people of Salon Linden, a few private appointments, one client, two sign-ins."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from .google.world import GoogleWorld
from .pages.agenda import SEED_MARK, ZONE, times_body
from .site.seed import AGENTS

A_WHILE = timedelta(seconds=20)  # for LateSync to begin in
SCOPES = [
    "https://www.googleapis.com/auth/calendar",
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
]

_SEEDED = {"extendedProperties": {"private": {SEED_MARK: "yes"}}}


def open_world(path: Path, now: datetime) -> GoogleWorld:
    """The saved world, or a new one with people and appointments in it."""
    if path.exists():
        return GoogleWorld.load(path)
    world = GoogleWorld()
    for first, last, email, _ in AGENTS:
        world.add_user(email, name=f"{first} {last}", time_zone=ZONE.key)
    _add_appointments(world, now.astimezone(ZONE).date())
    return world


def register_client(world: GoogleWorld, base_url: str, redirect_uri: str) -> dict[str, Any]:
    """The client JSON, for this start's addresses; sign-ins of earlier starts stay good."""
    world.base_url = base_url
    world.set_switches(idle_clients_are_deleted=False)  # a demo may rest for longer than six months
    if not world.clients:
        testers = [email for _, _, email, _ in AGENTS]
        # As at most small sites: an app in testing, whose sign-ins end after seven days.
        world.add_client(mode="testing", name="LateSync at Salon Linden", test_users=testers)
    (client_id,) = world.clients
    world.change_client(client_id, redirect_uris=[redirect_uri])
    return world.client_json(client_id)


def sign_in_earlier(world: GoogleWorld) -> list[dict[str, Any]]:
    """Ben signed in a good week ago and is out again, Dana's sign-in ends in two days; tokens and times.

    Both at the client there is, whose sign-ins end after seven days. Times as RFC 3339.
    """
    _, ben, dana = (email for _, _, email, _ in AGENTS)
    return [
        _sign_in(world, ben, timedelta(days=7, hours=2)),
        # The reminder two days before falls due when LateSync has begun: by then her bookings are written.
        _sign_in(world, dana, timedelta(days=5) - A_WHILE),
    ]


def _sign_in(world: GoogleWorld, email: str, ago: timedelta) -> dict[str, Any]:
    (client_id,) = world.clients
    world.advance(-ago)
    tokens = world.grant(email, client_id, SCOPES)
    signed_in_at = datetime.fromtimestamp(world.now(), UTC)
    world.advance(ago)
    ends_at = signed_in_at + timedelta(seconds=tokens["refresh_token_expires_in"])
    return {
        "email": email,
        "subject": world.user(email).sub,
        "refresh_token": tokens["refresh_token"],
        "scopes": tokens["scope"],
        "signed_in_at": signed_in_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }


def _add_appointments(world: GoogleWorld, today: date) -> None:
    """Something private for each, so that busy times are seen at once."""
    anna, ben, dana = (email for _, _, email, _ in AGENTS)
    monday = today + timedelta(days=7 - today.weekday())
    dentist = _workday(today, 2)
    _put(world, anna, "School play", _at(dentist, 15), _at(dentist, 18))
    _put(world, ben, "Football practice", _at(monday, 16), _at(monday, 18), recurrence=["RRULE:FREQ=WEEKLY"])
    _put(world, ben, "Lunch with Kim?", _at(dentist, 12), _at(dentist, 13), transparency="transparent")
    trip = monday + timedelta(days=3)
    _put(world, dana, "Visiting family", _at(trip, 0), _at(trip + timedelta(days=1), 0), all_day=True)


def _put(
    world: GoogleWorld,
    email: str,
    title: str,
    start: datetime,
    end: datetime,
    *,
    all_day: bool = False,
    **more: Any,
) -> None:
    world.put_event(email, {"summary": title, **times_body(start, end, all_day=all_day), **_SEEDED, **more})


def _workday(today: date, number: int) -> date:
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.isoweekday() <= 5
    return day


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))
