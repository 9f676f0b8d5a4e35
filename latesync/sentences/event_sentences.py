"""What people read about events: the words in them, the owner's choices, what a wording lacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from latesync.booking_parts import BookingPart
from latesync.messages import Message, counted

# --- in the events themselves -------------------------------------------------------------------


def cancelled_summary(summary: str) -> str:
    return f"Cancelled: {summary}" if summary else "Cancelled"


def buffer_summary(part: BookingPart, service_name: str) -> str:
    """service_name: "" where it is not to be read in the calendar."""
    return f"Buffer {part.value} {service_name}" if service_name else "Buffer"


def more_bookings(count: int) -> str:
    """Below a group's list that ends early."""
    return f"… and {counted(count, 'more booking')}"


# --- what a wording may hold --------------------------------------------------------------------

# By variable (plan/variables.py: NAMES).
VARIABLES: dict[str, str] = {
    "service_name": "the service",
    "service_category": "the service’s category",
    "customer_full_name": "the customer’s name",
    "customer_first_name": "first name",
    "customer_last_name": "last name",
    "customer_initials": "initials, as in A. B.",
    "customer_email": "the customer’s mail address",
    "customer_phone": "the customer’s phone number",
    "customer_notes": "what the customer noted in their profile",
    "customer_comment": "what the customer wrote when booking",
    "booking_code": "the booking’s code",
    "booking_id": "its number",
    "booking_status": "its status",
    "booking_duration": "how long it lasts, in minutes",
    "start_date": "its day, as LatePoint writes dates",
    "start_time": "when it starts",
    "end_time": "when it ends",
    "total_attendees": "how many people come",
    "total_attendees_if_group": "the same, only where more than one comes",
    "location_name": "the place",
    "location_full_address": "its address",
    "agent_full_name": "the agent’s name",
    "agent_first_name": "first name",
    "agent_last_name": "last name",
    "agent_display_name": "the name shown to customers",
    "business_name": "the business, as in LatePoint’s settings",
    "business_phone": "its phone number",
    "business_address": "its address",
}


# --- choices ------------------------------------------------------------------------------------

PRIVACY: dict[str, Message] = {
    "full": Message("As worded below", "Customers’ names and numbers stand in the agent’s calendar."),
    "initials": Message(
        "Initials only", "The service, and the customer as in “A. B.”: for a calendar that others can see."
    ),
    "booked": Message("“Booked”", "Nothing about the customer, nothing about the service."),
}
BUFFERS = Message(
    "Buffers as events of their own",
    "What a service keeps free before and after a booking stands beside it as “Buffer before …” and “Buffer "
    "after …”, without the customer. An agent who drags or deletes one moves or cancels nobody.",
)
VISIBILITY: dict[str, str] = {
    "default": "as the calendar does it",
    "private": "private: others see only that the time is taken",
    "public": "public",
}
GROUPING: dict[str, Message] = {
    "each": Message("One event for each booking", "Three people in one class are three events."),
    "together": Message(
        "One event for all of them",
        "Three people in one class are one event that lists them. An agent who drags or deletes it moves or "
        "cancels nobody: it is put back.",
    ),
}
CANCELLED: dict[str, Message] = {
    "delete": Message("Take its event away", "The calendar shows what takes place."),
    "keep": Message(
        "Keep its event, marked “Cancelled” and shown as free",
        "The time can be booked again. An agent may delete such an event; it stays away then.",
    ),
}
COLOUR_OF_CALENDAR = "the calendar’s own"
COLOUR_HINT = "For Google. Outlook has no colours of single events; there this changes nothing."
REMINDERS_HINT = (
    "Five at most, with commas between, for example 60, 10. Empty: none at all. Outlook has one reminder an "
    "event: of several the first one counts."
)


def also_in_calendars(statuses: list[str]) -> str:
    """For the shell."""
    if not statuses:
        return "In the calendars: the bookings that take up time on the site, and no others."
    others = ", ".join(status_words(status) for status in statuses)
    return f"In the calendars: the bookings that take up time on the site, and those that are {others}."


def status_words(status: str) -> str:
    """LatePoint's key of a status as people know it: "no_show" → "no show"."""
    return status.replace("_", " ")


STATUSES_SAVED = "Saved. The calendars follow within a minute; nobody is mailed."
NO_EXAMPLE = "There is no booking to come to show it on. Make one in LatePoint, or look at “All services”."


def saved(count: int | None) -> str:
    """count: how many events follow; None: the site could not be read just now."""
    if count is None:
        return "Saved. The booking site does not answer just now; the events follow when it does."
    if not count:
        return "Saved. No event has to be rewritten."
    return f"Saved. {counted(count, 'event')} will be rewritten, without a mail to anybody."


def to_be_rewritten(count: int) -> str:
    """Beside the button, before anything is saved."""
    if not count:
        return "Saving rewrites no event."
    return (
        f"Saving rewrites {counted(count, 'event')} in the agents’ calendars, quietly: nobody is mailed, and "
        "what agents wrote into them stays."
    )


# --- refusals -----------------------------------------------------------------------------------

NO_SUMMARY = "The title is empty: write what the event is to be called, for example {{service_name}}."
SUMMARY_ONLY_GAPS = (
    "The title consists of what may be missing: add {{service_name}}, or a word of your own, so that no "
    "event is without a title."
)
TOO_MANY_REMINDERS = (
    "An event can have five reminders at most (Google’s own limit; Outlook takes the first alone): leave "
    "some out."
)
REMINDER_OUT_OF_RANGE = (
    "A reminder can be up to 40320 minutes (four weeks) before the event, and not after it: choose a number "
    "between 0 and 40320."
)
REMINDERS_UNREADABLE = "Write reminders as minutes before the event, with commas between: 10, 60."
NOT_AN_OBJECT = (
    "The file holds no settings of events: it must be a JSON object, as `latesync events` prints it."
)


def too_long(what: str, most: int) -> str:
    return f"The {what} is too long: at most {most} characters, please shorten it."


def unknown_variable(name: str, nearest: str) -> str:
    meant = f" Did you mean {{{{{nearest}}}}}?" if nearest else " The list beside the form has all there are."
    return f"There is no variable {{{{{name}}}}}.{meant}"


def unknown_setting(name: str, known: list[str]) -> str:
    return f"There is no setting {name!r}. There are: {', '.join(known)}."


def no_service(service_id: int, known: Mapping[int, str]) -> str:
    """known: the site's services by number."""
    has = ", ".join(f"{number} ({name})" for number, name in sorted(known.items()))
    return f"The site has no service {service_id}. It has: {has or 'none'}."


def not_among(what: str, known: list[str]) -> str:
    return f"“{what}” has to be one of: {', '.join(known)}."
