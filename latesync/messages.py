"""The sentences people read, each naming the remedy. Pure: codes and values in, text out.

A code nobody has written a sentence for is said to be one, together with where to look (U10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.booking_parts import BookingPart, booking_of, part_of
from latesync.model import FOUGHT_OVER
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
_TABLES_REMEDY = (
    "Install the LateSync plugin (page WordPress), also where it was there before. Only where that cannot be "
    "done, make them in the set-up (step Booking site), or apply what latesync doctor --print-sql prints."
)
_ACCOUNTS = {
    "sign_in_again": "Google no longer accepts this sign-in. Ask {name} to sign in again.",
    "client_rejected": "Google does not accept the client file. Upload a new one on the Google page.",
    "calendar_lost": "The chosen calendar is gone or closed. Ask {name} to choose another one.",
    "event_refused": "Google refused an event. It is tried again when its booking changes.",
    "rate_limited": "Google asked LateSync to slow down. It goes on by itself.",
    "usage_limited": "Google allows no more changes in this calendar for some hours. It goes on by itself.",
    "daily_limit": "The Google project’s daily limit is used up. LateSync goes on when Google allows it; "
    "look at the project’s quota for the Calendar API in Google’s console.",
    "api_disabled": "The Google Calendar API is switched off in the client’s project. Switch it on in "
    "Google’s console under “APIs & Services”; nobody has to sign in again.",
    "plugin_unavailable": "The plugin in WordPress does not answer. LateSync tries again by itself.",
    "plugin_rejected": "What {name} changed in the calendar cannot reach the bookings: the WordPress plugin "
    "is off or refuses LateSync. LateSync’s page WordPress says what to do.",
    "plugin_refuses": "What {name} changed in the calendar cannot reach the bookings: the WordPress plugin "
    "refuses LateSync’s messages. Paste the connection string into its settings again; LateSync’s page "
    "WordPress has it.",
    "plugin_off": "What {name} changed in the calendar cannot reach the bookings: the LateSync plugin is "
    "switched off in WordPress. Activate it there under Plugins; if it is gone, install it again.",
    "internal_error": "LateSync stumbled over an error of its own at this account. It tries again by itself; "
    "please report what the log says.",
    "provider_unavailable": "Google does not answer. LateSync tries again by itself.",
    "secret_unreadable": "The key is gone with which LateSync kept this sign-in. Ask {name} to sign in "
    "again, or put the old key back; nothing in the calendar is lost or doubled.",
    "site_unavailable": "The booking site’s database does not answer. LateSync tries again by itself.",
    "schema_not_understood": "The booking site’s tables cannot be read. Run latesync doctor: it says "
    "what is missing.",
    "bridge_table_missing": f"LateSync’s own table in the site’s database is missing. {_TABLES_REMEDY}",
}
_OWN = {
    "sign_in_again": "Google no longer accepts this sign-in. Please sign in again.",
    "secret_unreadable": "LateSync can no longer read your sign-in. Please sign in again.",
    "calendar_lost": "One of your calendars is gone or closed to you. Choose another one below and save.",
    "provider_unavailable": "Google does not answer at the moment. LateSync tries again by itself.",
    "plugin_unavailable": "What you moved waits: the site does not answer. LateSync tries again by itself.",
    "rate_limited": "Google asked LateSync to slow down. It goes on by itself.",
    "usage_limited": "Google allows no more changes in your calendar for some hours. It goes on by itself.",
}
_SITES = {
    "site_unavailable": "The booking site’s database does not answer. Check that it runs and that "
    "LATESYNC_SITE_DATABASE_URL is right; latesync doctor tells which.",
    "schema_not_understood": "The booking site’s tables cannot be read: some are missing or not granted. "
    "Run latesync doctor: it names them and the remedy.",
    "bridge_table_missing": "Busy times do not reach the booking form: LateSync’s own table is missing in "
    f"the site’s database. {_TABLES_REMEDY}",
    "address_unusable": "The booking site’s database address is unusable. Run latesync doctor: it says why.",
    "not_configured": "No booking site is connected yet. Connect WordPress’ database on the page Set-up, or "
    "set LATESYNC_SITE_DATABASE_URL to it.",
}
_CLIENTS = {
    "no_client": "Nobody can sign in yet: upload the client file from Google on the Google page.",
    "client_rejected": "Google does not accept the client file: its secret is no longer valid. In Google’s "
    "console, open Google Auth Platform → Clients → your client, press “Add secret”, download the JSON at "
    "once and upload it on the Google page; nobody has to sign in again. If the client is not listed there "
    "any more, create a new one and upload that.",
    "client_deleted": "The client was deleted or switched off at Google. In Google’s console, open Google "
    "Auth Platform → Clients: for 30 days it can be restored there, and nobody has to sign in again. "
    "Otherwise create a new client and upload its file on the Google page; then each agent signs in again.",
    "client_unauthorized": "Google says that the client may not use a sign-in it was given. In Google’s "
    "console, open Google Auth Platform → Clients and look whether the client is there and of the type “Web "
    "application”. If it is, ask the agents who are in trouble to sign in again.",
    "org_blocked": "A Google Workspace administrator blocks LateSync’s client. Ask them to open "
    "admin.google.com → Security → API controls → Manage app access and to set the client ID that the Google "
    "page shows to “Trusted”; nobody has to sign in again.",
    "org_internal": "The client’s project admits only accounts of its own organisation, and an agent’s "
    "account is outside. In Google’s console, open Google Auth Platform → Audience and press “Make "
    "external”, or let the agent sign in with an account of the organisation.",
    "project_closed": "Google has suspended the client’s project, or its billing is off. Open "
    "https://console.cloud.google.com/home/dashboard with that project chosen: it says why and what to do; "
    "nobody has to sign in again.",
    "redirect_mismatch": "Google does not know LateSync’s address, so nobody can sign in. Copy the redirect "
    "URI from the Google page; in Google’s console, open Google Auth Platform → Clients → your client and "
    "add it under “Authorized redirect URIs”. Google needs from five minutes to a few hours for it.",
    "request_refused": "Google does not understand what LateSync asks of it. Bring LateSync up to date; if "
    "it is, please report what the log says. Nobody has to sign in again.",
    "api_disabled": "The Google Calendar API is switched off in the client’s project. Open "
    "https://console.cloud.google.com/apis/library/calendar-json.googleapis.com with that project chosen and "
    "press “Enable”. Google needs some minutes for it; nobody has to sign in again.",
    "secret_unreadable": "The key is gone with which LateSync kept the client file. Upload the file again on "
    "the Google page; then each agent signs in again.",
}
_UNREADABLE = {
    "no_start_date": "the start date is missing",
    "no_start_time": "the start time is missing",
    "start_time_out_of_range": "the start time is no time of day",
    "end_time_out_of_range": "the end time is no time of day",
    "date_out_of_range": "the date is out of range",
    "unreadable_number": "a time is not a number",
}
_OTHER = "Something else is wrong (“{code}”). Run latesync doctor, and look at the log."


def account_problem(code: str, *, name: str) -> str:
    """For the site's owner, about one agent's account."""
    return _ACCOUNTS.get(code, _CLIENTS.get(code, _OTHER)).format(name=name, code=code)


def lasting_problem(code: str, name: str, since: str, waiting: int | None) -> str:
    """For the owner, about what should have passed by itself. since: in words."""
    waits = f" {counted(waiting, 'booking waits', 'bookings wait')}." if waiting else ""
    trouble = f"{name}’s calendar is in trouble for longer than usual ({outcome(code)}, first {since})."
    return f"{trouble}{waits} Run latesync doctor."


def worker_silent(since: datetime, now: datetime) -> str:
    late = age(since, now)
    return f"Nothing is being synced: the oldest work was due {late}. Check that latesync worker runs."


def own_problem(code: str) -> str:
    """For the agent, about their own account; what only the owner can mend is said to be the owner's."""
    return _OWN.get(
        code, "Something needs the site’s owner, who sees it on LateSync’s own page. Nothing is lost."
    )


def sign_in_needed(name: str, waiting: int | None) -> str:
    waits = f" {counted(waiting, 'booking waits', 'bookings wait')}." if waiting else ""
    return f"Google has signed {name} out.{waits} Ask {name} to open the personal link and sign in again."


def booking_name(number: int) -> str:
    """ "booking 7", "the buffer before booking 7"."""
    name, part = f"booking {booking_of(number)}", part_of(number)
    return name if part is BookingPart.WHOLE else f"the buffer {part.value} {name}"


def part_words(part: BookingPart) -> str:
    """Beside a booking's number or code; "" for the booking itself."""
    return "" if part is BookingPart.WHOLE else f"buffer {part.value}"


def set_aside(booking_id: int, problem: str) -> str:
    return fought_over([booking_id]) if problem == FOUGHT_OVER else set_aside_bookings([booking_id])


def fought_over(booking_ids: Sequence[int]) -> str:
    return (
        f"Somebody or another program changes the event of {_numbers(booking_ids)} again each time LateSync "
        "puts it back, so it is left as it stands. Find out who does that; then press “Try again” on the "
        "booking’s page."
    )


def set_aside_bookings(booking_ids: Sequence[int]) -> str:
    them = "it is" if len(booking_ids) == 1 else "they are"
    return (
        f"Google refused the event of {_numbers(booking_ids)}. Change the booking in LatePoint, and {them} "
        "tried again."
    )


def unreadable_booking(booking_id: int, why: str) -> str:
    return unreadable_bookings(why, [booking_id])


def unreadable_bookings(why: str, booking_ids: Sequence[int]) -> str:
    text = _UNREADABLE.get(why, "the times cannot be understood")
    which = _numbers(booking_ids).capitalize()
    return f"{which} cannot be written: {text}. Open it in LatePoint, and save it again."


def _numbers(booking_ids: Sequence[int]) -> str:
    """ "booking 7", "bookings 7, 8 and 9", "bookings 1, 2, 3, 4, 5 and 37 more"."""
    shown = [str(number) for number in sorted({booking_of(number) for number in booking_ids})]
    if len(shown) == 1:
        return f"booking {shown[0]}"
    if len(shown) > 6:
        shown = [*shown[:5], f"{len(shown) - 5} more"]
    return f"bookings {', '.join(shown[:-1])} and {shown[-1]}"


def site_problem(code: str) -> str:
    return _SITES.get(code, _OTHER).format(code=code)


def missing_tables(names: Sequence[str]) -> str:
    """Tables of LateSync's own in the site's database."""
    tables = " and ".join(names)
    return (
        f"{tables} {'is' if len(names) == 1 else 'are'} missing in the site’s database, or not granted: the "
        f"site cannot be told. {_TABLES_REMEDY}"
    )


def client_problem(code: str) -> str:
    return _CLIENTS.get(code, _OTHER).format(code=code)


# --- runs and plans ---------------------------------------------------------------------------


def outcome(code: str) -> str:
    """How a run ended, in a few words."""
    return {
        "fine": "fine",
        "sign_in_again": "signed out by Google",
        "client_rejected": "client file refused",
        "client_deleted": "client deleted at Google",
        "client_unauthorized": "client not allowed by Google",
        "org_blocked": "blocked by an organisation",
        "org_internal": "outside the organisation",
        "project_closed": "project suspended by Google",
        "redirect_mismatch": "address unknown to Google",
        "request_refused": "request refused by Google",
        "calendar_lost": "calendar not reachable",
        "rate_limited": "slowed down by Google",
        "usage_limited": "limited by Google",
        "daily_limit": "daily limit reached",
        "api_disabled": "Calendar API switched off",
        "plugin_unavailable": "plugin did not answer",
        "plugin_rejected": "plugin refused",
        "internal_error": "LateSync stumbled",
        "provider_unavailable": "Google did not answer",
        "site_unavailable": "booking site did not answer",
        "schema_not_understood": "booking site not readable",
        "bridge_table_missing": "LateSync’s table missing",
        "secret_unreadable": "stored key missing",
    }.get(code, code.replace("_", " "))


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
        "the wording or another setting changed": "the wording or another setting changed",
        "the site's time zone changed": "the site's time zone changed",
        "past": "the booking is over",
    }.get(code, code)
