"""What somebody typed to name a booking, and in which zone they mean their times."""

from __future__ import annotations

from collections.abc import Collection

from latesync.errors import SiteError, WrongInput
from latesync.latepoint.codes import bookings_with_code
from latesync.model import Booking
from latesync.read_overview import read_zone
from latesync.services import Services
from latesync.times import Zone

_LARGEST_ID = 2**31 - 1


def find_booking(services: Services, text: str) -> int:
    """The booking's number. Raises WrongInput, with a sentence, where there is none to be found by it."""
    typed = text.strip().lstrip("#")
    number = read_number(typed)
    if number is not None:  # of a booking that is gone, too: the history may know it
        return number
    try:
        found = bookings_with_code(services.site_engine, services.site.facts().schema, typed) if typed else []
    except SiteError:
        raise WrongInput(
            "The booking site cannot be read now, so a booking can be found by its number only."
        ) from None
    if not found:
        raise WrongInput(f"The site has no booking with the code “{typed}”. Try its number.")
    if len(found) > 1:
        numbers = ", ".join(map(str, found))
        raise WrongInput(f"Several bookings have the code “{typed}”. Look at one by its number: {numbers}.")
    return found[0]


def read_site_zone(services: Services) -> Zone:
    """The site's zone as it says now; as last seen while it cannot be read."""
    try:
        return services.site.facts().settings.zone
    except (SiteError, WrongInput):
        return read_zone(services)


def read_number(text: str | None) -> int | None:
    """A number as tables number their rows; None for anything else."""
    typed = (text or "").strip()
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(_LARGEST_ID))
    return int(typed) if is_number and int(typed) <= _LARGEST_ID else None


def read_bookings(services: Services, ids: Collection[int]) -> dict[int, Booking]:
    """Those of these that are there now, to show their code and time; none while the site cannot be read."""
    try:
        found = services.site.look_up(sorted(set(ids)))
    except (SiteError, WrongInput):
        return {}
    return {number: booking for number, booking in found.items() if isinstance(booking, Booking)}
