"""The sentences people read, each naming the remedy. Pure: codes and values in, text out.

A code nobody has written a sentence for is said to be one, together with where to look (U10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.booking_parts import BookingPart, booking_of, part_of
from latesync.times import Zone


@dataclass(frozen=True, slots=True)
class Message:
    """title: what happened. text: what it means and what to do about it."""

    title: str
    text: str


# --- times in words ---------------------------------------------------------------------------

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(instant: datetime, zone: Zone) -> str:
    """ "Fri 27 Nov, 14:05", in the site's zone; the names of days do not follow the server's language."""
    return f"{day(instant, zone)}, {instant.astimezone(zone.tzinfo):%H:%M}"


def day(instant: datetime, zone: Zone) -> str:
    """ "Fri 27 Nov", in the site's zone."""
    local = instant.astimezone(zone.tzinfo)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def age(instant: datetime, now: datetime) -> str:
    """How long ago, in words and in one unit."""
    seconds = max(0.0, (now - instant).total_seconds())
    for limit, size, unit in ((60, 1, "second"), (3600, 60, "minute"), (172_800, 3600, "hour")):
        if seconds < limit:
            return "just now" if size == 1 else _ago(int(seconds // size), unit)
    return _ago(int(seconds // 86_400), "day")


def _ago(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def is_ending_soon(ends_at: datetime | None, now: datetime) -> bool:
    """Inside the 48 hours before the end in which an agent should renew (users-ask.md U1)."""
    return ends_at is not None and timedelta(0) < ends_at - now <= timedelta(hours=48)


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


# --- what is wrong, and who mends it ----------------------------------------------------------

# The plugin makes the tables and reads them: without it they close no times.
TABLES_REMEDY = (
    "Install the LateSync plugin (page WordPress), also where it was there before. Only where that cannot be "
    "done, make them in the set-up (step Booking site), or apply what latesync doctor --print-sql prints."
)
_SITES = {
    "site_unavailable": "The booking site’s database does not answer. Check that it runs and that "
    "LATESYNC_SITE_DATABASE_URL is right; latesync doctor tells which.",
    "schema_not_understood": "The booking site’s tables cannot be read: some are missing or not granted. "
    "Run latesync doctor: it names them and the remedy.",
    "bridge_table_missing": "Busy times do not reach the booking form: LateSync’s own table is missing in "
    f"the site’s database. {TABLES_REMEDY}",
    "address_unusable": "The booking site’s database address is unusable. Run latesync doctor: it says why.",
    "not_configured": "No booking site is connected yet. Connect WordPress’ database on the page Set-up, or "
    "set LATESYNC_SITE_DATABASE_URL to it.",
}
_UNREADABLE = {
    "no_start_date": "the start date is missing",
    "no_start_time": "the start time is missing",
    "start_time_out_of_range": "the start time is no time of day",
    "end_time_out_of_range": "the end time is no time of day",
    "date_out_of_range": "the date is out of range",
    "unreadable_number": "a time is not a number",
}
OTHER_PROBLEM = "Something else is wrong (“{code}”). Run latesync doctor, and look at the log."


def worker_silent(since: datetime, now: datetime) -> str:
    late = age(since, now)
    return f"Nothing is being synced: the oldest work was due {late}. Check that latesync worker runs."


def booking_name(number: int) -> str:
    """ "booking 7", "the buffer before booking 7"."""
    name, part = f"booking {booking_of(number)}", part_of(number)
    return name if part is BookingPart.WHOLE else f"the buffer {part.value} {name}"


def part_words(part: BookingPart) -> str:
    """Beside a booking's number or code; "" for the booking itself."""
    return "" if part is BookingPart.WHOLE else f"buffer {part.value}"


def unreadable_booking(booking_id: int, why: str) -> str:
    return unreadable_bookings(why, [booking_id])


def unreadable_bookings(why: str, booking_ids: Sequence[int]) -> str:
    text = _UNREADABLE.get(why, "the times cannot be understood")
    which = booking_numbers(booking_ids).capitalize()
    return f"{which} cannot be written: {text}. Open it in LatePoint, and save it again."


def booking_numbers(booking_ids: Sequence[int]) -> str:
    """ "booking 7", "bookings 7, 8 and 9", "bookings 1, 2, 3, 4, 5 and 37 more"."""
    shown = [str(number) for number in sorted({booking_of(number) for number in booking_ids})]
    if len(shown) == 1:
        return f"booking {shown[0]}"
    if len(shown) > 6:
        shown = [*shown[:5], f"{len(shown) - 5} more"]
    return f"bookings {', '.join(shown[:-1])} and {shown[-1]}"


def site_problem(code: str) -> str:
    return _SITES.get(code, OTHER_PROBLEM).format(code=code)


def missing_tables(names: Sequence[str]) -> str:
    """Tables of LateSync's own in the site's database."""
    tables = " and ".join(names)
    return (
        f"{tables} {'is' if len(names) == 1 else 'are'} missing in the site’s database, or not granted: the "
        f"site cannot be told. {TABLES_REMEDY}"
    )


# --- runs and plans ---------------------------------------------------------------------------


def reason(code: str) -> str:
    """Why an operation is planned, for a sentence: "because …"."""
    return {
        "new booking": "the booking is new",
        "booking changed": "the booking was changed",
        "edited in the calendar": "the event was edited in the calendar; it is put back",
        "deleted in the calendar": "the event was deleted in the calendar; it is put back",
        "moved in the calendar": "the event was moved in the calendar; the booking follows",
        "taken out of the calendar": "the event was deleted in the calendar; the booking is cancelled",
        "an earlier create was not confirmed": "an earlier attempt had no answer",
        "booking cancelled": "the booking was cancelled",
        "others came to its event, or left it": "the others in its event have changed",
        "it stands in the event of its group": "another event lists it together with others",
        "no buffer is wanted here any more": "the time kept free is not shown any more",
        "moved to another agent": "the booking moved to another agent",
        "booking removed": "the booking was removed from the site",
        "agent removed": "the agent was removed from the site",
        "another calendar was chosen": "another calendar was chosen",
        "it stands in another account's calendar": "another calendar of the agent takes the bookings now",
        "the wording or another setting changed": "the wording or another setting changed",
        "the site's time zone changed": "the site's time zone changed",
        "past": "the booking is over",
    }.get(code, code)
