"""The demo's start page, and how far a visitor has come."""

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from latesync.sandbox.site.reading import count_busy_slots, read_visitors_bookings
from latesync.sandbox.site.views import now, site

from .agenda import SEED_MARK, ZONE
from .calendars import people, world
from .links import read_links, take_owner_link
from .mailbox import kept_mails

tour = Blueprint("tour", __name__)
BOOKING_MARK = "latesync_booking"  # design.md §8
_ANNA = 1  # her agent id on the demo site


@tour.get("/")
def start() -> str:
    everybody = people()
    anna, ben = everybody[:2]
    outlook = next((one for one in reversed(everybody) if one.calendar.company == "Microsoft"), None)
    links = read_links()
    written, own = _events(anna.email)
    made = read_visitors_bookings(site(), _ANNA)
    today = now().astimezone(ZONE).date()
    return render_template(
        "tour.html",
        anna=anna,
        ben=ben,
        outlook=outlook,
        outlook_link=links.agents.get(outlook.email) if outlook else None,
        mails=len(kept_mails().mails()),
        links=links,
        link=links.agents.get(anna.email),
        is_connected=anna.is_connected,
        bookings_made=len(made),
        booked_day=made[0].day if made else today,
        booking_code=made[0].code if made else "",
        events_written=len(written),
        is_written=any(str(booking.id) in written for booking in made),
        private_added=own,
        private_day=_next_workday(today),
        busy_slots=count_busy_slots(site(), _ANNA),
    )


@tour.get("/tour/owner")
def owner() -> Response:
    """Into LateSync as the owner: by a fresh link, or as whoever the browser is there already."""
    return redirect(take_owner_link() or read_links().web or url_for("tour.start"))


def _events(email: str) -> tuple[set[str], int]:
    """The bookings that LateSync wrote into a calendar, and how many events the visitor added there."""
    marks = [_private(resource) for resource in world().events(email)]
    added = [private for private in marks if BOOKING_MARK not in private and SEED_MARK not in private]
    return {private[BOOKING_MARK] for private in marks if BOOKING_MARK in private}, len(added)


def _private(resource: dict[str, object]) -> dict[str, str]:
    properties = resource.get("extendedProperties", {})
    return properties.get("private", {}) if isinstance(properties, dict) else {}


def _next_workday(today: date) -> date:
    day = today + timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day
