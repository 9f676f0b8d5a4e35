"""The {{variables}} of an event's wording, under LatePoint's own names (latepoint.md §5).

Left out on purpose: links that manage a booking (whoever holds one needs no password), prices and orders
(what a row's order holds is true of the whole order, not of the booking), custom fields.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from datetime import datetime, timedelta

from latesync.model import Booking, Business
from latesync.times import Zone

VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")

# What names a customer, or was said by one. "customer_initials" is ours, for a calendar others can see.
OF_CUSTOMER = frozenset(
    {
        "customer_full_name",
        "customer_first_name",
        "customer_last_name",
        "customer_email",
        "customer_phone",
        "customer_notes",
        "customer_comment",
    }
)
INITIALS = "customer_initials"
# What differs between the bookings of one group.
OF_ONE_BOOKING = OF_CUSTOMER | {INITIALS, "booking_id", "booking_code", "booking_status"}
NAMES = (
    *("service_name", "service_category"),
    *("customer_full_name", "customer_first_name", "customer_last_name", INITIALS),
    *("customer_email", "customer_phone", "customer_notes", "customer_comment"),
    *("booking_code", "booking_id", "booking_status", "booking_duration"),
    *("start_date", "start_time", "end_time"),
    *("total_attendees", "total_attendees_if_group"),
    *("location_name", "location_full_address"),
    *("agent_full_name", "agent_first_name", "agent_last_name", "agent_display_name"),
    *("business_name", "business_phone", "business_address"),
)


def fill(template: str, variables: MappingOf[str, str]) -> str:
    """A text with its {{variables}}; one nobody knows is empty."""
    return VARIABLE.sub(lambda match: variables.get(match.group(1), ""), template)


def unknown_variable(template: str) -> tuple[str, str] | None:
    """(the first variable nobody knows, the one that was probably meant or ""); None: all are known."""
    for name in VARIABLE.findall(template):
        if name not in NAMES:
            return name, next(iter(difflib.get_close_matches(name, NAMES, 1, 0.5)), "")
    return None


def variables_of(booking: Booking, zone: Zone, business: Business) -> dict[str, str]:
    """Every variable with its value for a booking; "" where the site holds none, or does not grant it."""
    start, end = (instant.astimezone(zone.tzinfo) for instant in (booking.span.start, booking.span.end))
    minutes = (booking.span.end - booking.span.start) // timedelta(minutes=1)
    values = {
        "booking_id": str(booking.id),
        "booking_code": booking.code or str(booking.id),
        "booking_status": booking.status,
        "booking_duration": f"{minutes} minutes",
        "service_name": booking.service_name or "Appointment",
        "service_category": booking.service_category,
        "start_date": _date(start, business.date_format),
        "start_time": _time(start, is_24_hours=business.is_24_hours),
        "end_time": _time(end, is_24_hours=business.is_24_hours),
        "customer_full_name": booking.customer_name,
        "customer_first_name": booking.customer_first_name,
        "customer_last_name": booking.customer_last_name,
        INITIALS: initials(booking.customer_name),
        "customer_email": booking.customer_email,
        "customer_phone": booking.customer_phone,
        "customer_notes": booking.customer_notes,
        "customer_comment": booking.customer_comment,
        "location_name": booking.location_name,
        "location_full_address": booking.location_address,
        "agent_full_name": f"{booking.agent_first_name} {booking.agent_last_name}",
        "agent_first_name": booking.agent_first_name,
        "agent_last_name": booking.agent_last_name,
        "agent_display_name": booking.agent_display_name,
        "business_name": business.name,
        "business_phone": business.phone,
        "business_address": business.address,
        **_seats(booking.attendees),
    }
    return {name: value.strip() for name, value in values.items()}


def variables_of_group(
    group: Sequence[Booking], shared: MappingOf[str, str], *, names_customers: bool
) -> dict[str, str]:
    """What holds for several bookings at once: they are counted where one customer would be named.

    shared: the variables of one of them.
    """
    customers = f"{len(group)} customers" if names_customers else ""
    own = dict.fromkeys(OF_ONE_BOOKING, "")
    counted = {"customer_full_name": customers, INITIALS: customers}
    return {**shared, **own, **counted, **_seats(sum(booking.attendees for booking in group))}


def initials(name: str) -> str:
    """ "Ada Byron" → "A. B."; "" without a name."""
    return " ".join(f"{word[0]}." for word in re.findall(r"\w[^\s-]*", name)).upper()


def names_in(template: str) -> Iterable[str]:
    return VARIABLE.findall(template)


def _seats(seats: int) -> dict[str, str]:
    return {
        "total_attendees": str(seats),
        "total_attendees_if_group": f"{seats} people" if seats > 1 else "",
    }


# What LatePoint offers for dates, letter by letter of PHP's date().
_PHP_LETTERS = {
    "d": lambda at: f"{at:%d}",
    "j": lambda at: str(at.day),
    "m": lambda at: f"{at:%m}",
    "n": lambda at: str(at.month),
    "Y": lambda at: str(at.year),
    "y": lambda at: f"{at:%y}",
}


def _date(at: datetime, php_format: str) -> str:
    """As LatePoint writes dates; one it does not offer itself is written 2026-03-02."""
    letters = re.findall("[A-Za-z]", php_format)
    if not letters or not set(letters) <= set(_PHP_LETTERS):
        return at.date().isoformat()
    return re.sub("[A-Za-z]", lambda match: _PHP_LETTERS[match.group()](at), php_format)


def _time(at: datetime, *, is_24_hours: bool) -> str:
    """ "14:30", or as LatePoint writes it on a twelve-hour clock: "2:30pm"."""
    if is_24_hours:
        return f"{at:%H:%M}"
    return f"{at.hour % 12 or 12}:{at:%M}{'am' if at.hour < 12 else 'pm'}"
