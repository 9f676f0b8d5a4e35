"""The demo's Microsoft: Emil and Farah of Salon Linden, a private appointment each, one app, one sign-in."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from .microsoft.outlook import primary_id, put_event
from .microsoft.world import MicrosoftWorld
from .pages.agenda import ZONE
from .site.outlook_people import EMIL, FARAH, OUTLOOK_AGENTS

SCOPES = ["Calendars.ReadWrite", "User.Read", "openid", "profile", "offline_access"]
_DOMAIN = EMIL[2].partition("@")[2]
_SIGNED_IN_AGO = timedelta(days=3)
_RENEW_SECRET_BEFORE_S = 30 * 86_400.0  # a demo may rest for longer than a secret lives


def open_microsoft(path: Path, now: datetime) -> MicrosoftWorld:
    """The saved world, or a new one with people and appointments in it."""
    if path.exists():
        return MicrosoftWorld.load(path)
    world = MicrosoftWorld()
    for first, last, email, _ in OUTLOOK_AGENTS:
        world.add_person(email, f"{first} {last}", time_zone=ZONE.key)
    # The page's button takes the access away at once, so that one sees what follows.
    world.set_switches(revoking_ends_access_tokens=True)
    _add_appointments(world, now.astimezone(ZONE).date())
    return world


def register_app(world: MicrosoftWorld, base_url: str, page_url: str, redirect_uri: str) -> dict[str, Any]:
    """What its admin would copy from the portal; sign-ins and secrets of earlier starts stay good.

    base_url: where tokens and Graph are, behind TLS; page_url: where a browser signs in, without.
    """
    world.base_url, world.page_url = base_url, page_url
    if not world.clients:
        # As most salons register it: for their own organisation only.
        world.add_client(tenant=_DOMAIN, audience="AzureADMyOrg", name="LateSync at Salon Linden")
    (client_id,) = world.clients
    world.change_client(client_id, redirect_uris=[redirect_uri])
    app = world.client_json(client_id)
    if app["secret_ends_at"] - world.now() < _RENEW_SECRET_BEFORE_S:
        app = world.add_secret(client_id)
    return app


def sign_in_at_microsoft(world: MicrosoftWorld) -> list[dict[str, Any]]:
    """Emil signed in three days ago; his token and times. Times as RFC 3339."""
    (client_id,) = world.clients
    emil = world.person(EMIL[2])
    world.advance(-_SIGNED_IN_AGO)
    tokens = world.grant(emil.oid, client_id, SCOPES)
    signed_in_at = datetime.fromtimestamp(world.now(), UTC)
    world.advance(_SIGNED_IN_AGO)
    sign_in = {
        "provider": "microsoft",
        "email": emil.email,
        "subject": emil.key,
        "refresh_token": tokens["refresh_token"],
        "scopes": tokens["scope"],
        "signed_in_at": signed_in_at.isoformat(),
        "ends_at": None,  # no such time is known (T5)
        "calendar": primary_id(emil.mailbox),
    }
    return [sign_in]


def _add_appointments(world: MicrosoftWorld, today: date) -> None:
    monday = today + timedelta(days=7 - today.weekday())
    _put(world, EMIL[2], "Piano lesson", monday, 16)
    _put(world, FARAH[2], "Parents’ evening", monday + timedelta(days=1), 15)


def _put(world: MicrosoftWorld, email: str, title: str, day: date, hour: int) -> None:
    start = datetime.combine(day, time(hour))
    times = {"start": start, "end": start + timedelta(hours=2)}
    body: dict[str, Any] = {"subject": title}
    for side, wall in times.items():
        body[side] = {"dateTime": wall.isoformat(), "timeZone": ZONE.key}
    put_event(world.mailbox(email), body)
