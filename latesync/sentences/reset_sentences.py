"""What people read about resets: the choices, what will be done and why, and how far it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from latesync.messages import Message, booking_name, counted, moment
from latesync.options import NextSync, ResetEvents
from latesync.sentences.provider_words import calendar_product, company
from latesync.times import TimeRange, Zone

WORD = "DELETE"  # to be typed before anything is deleted

EVENTS: Mapping[ResetEvents, Message] = {
    ResetEvents.KEEP: Message(
        "Leave the events as they are",
        "Nothing is removed from the calendar or from the booking form.",
    ),
    ResetEvents.DELETE_FROM_CALENDAR: Message(
        "Remove LateSync’s events from the calendar",
        "Every event that LateSync made goes, past ones and doubles too. Bookings on the site stay, and "
        "nobody is mailed.",
    ),
    ResetEvents.CLEAR_BUSY: Message(
        "Forget the busy time",
        "The booking form shows nothing of this calendar until LateSync has read it anew, within a minute.",
    ),
    ResetEvents.BOTH: Message(
        "Both",
        "LateSync’s events are removed from the calendar, and the busy time is read anew.",
    ),
    ResetEvents.DOUBLES: Message(
        "Remove doubles only",
        "Only events of ours that stand beside the right one are removed. Everything else stays.",
    ),
}

NEXT: Mapping[NextSync, Message] = {
    NextSync.ALL: Message(
        "All upcoming bookings",
        "Every upcoming booking has its event afterwards, also those left out before.",
    ),
    NextSync.NEW: Message(
        "Only new ones",
        "Bookings without an event stay out of the calendar until they are changed. What is booked or "
        "changed from now on comes.",
    ),
}

ALREADY_OPEN = "A reset of this calendar is under way. Wait until it is done, or cancel it first."
NOT_CONFIRMED = (
    f"Nothing was removed: the word {WORD} was not typed. Type it exactly so, then press the button."
)
NOT_A_CHOICE = "Choose what becomes of the events and which bookings come, then go on."
CANNOT_LOOK = (
    "The calendar or the booking site cannot be looked at just now. Nothing was changed. Try again in a "
    "minute."
)
NOTHING_OPEN = "There is no reset under way."


def signed_out(provider: str) -> str:
    return (
        f"{company(provider)} has signed this calendar out, so its events cannot be looked at or removed. "
        "Sign in again first; or disconnect and leave the events where they are."
    )


def not_connected_at(provider: str) -> str:
    return (
        f"This agent uses no {company(provider)} account. Leave out --provider, or name the other one. "
        "Nothing was changed."
    )


def of_several(providers: Sequence[str]) -> str:
    """Which of an agent's calendars a reset is about, where there are several."""
    return f"In {' and '.join(calendar_product(provider) for provider in providers)}:"


def queued(deletes: bool) -> str:
    what = "The events are being removed" if deletes else "LateSync begins"
    return f"{what} within seconds. This page shows how far it is."


CANCELLED = (
    "Cancelled. What was removed by then is written again, or stays out if you had asked for new bookings "
    "only."
)


# --- why an event goes or stays ---------------------------------------------------------------

_WHY = {
    "of_booking": "the event of {booking}",
    "double": "a double of {booking}: nothing stands for it any more",
    "kept": "the event of {booking}, which stays",
    "not_yet_known": "an event of {booking} that LateSync takes over with its next look",
    "copy": "somebody’s copy of the event of {booking}: not ours to remove",
    "other_agent": "the event of another agent in the same calendar ({booking})",
    "other_site": "an event of another LateSync",
    "marker_gone": "an event of {booking} that no longer carries LateSync’s mark",
    "out_of_reach": "the event of {booking}, in a calendar that LateSync cannot reach",
}


def why(code: str, booking_id: int | None) -> str:
    """code: plan/reset.py: Because."""
    booking = "a booking" if booking_id is None else booking_name(booking_id)
    return _WHY[code].format(booking=booking)


def event_line(code: str, booking_id: int | None, starts_at: datetime | None, zone: Zone) -> str:
    """One event of a list: when it begins, where that is known, and why it goes or stays."""
    text = why(code, booking_id)
    return f"{moment(starts_at, zone)}: {text}" if starts_at else text[0].upper() + text[1:]


def booking_line(booking_id: int, span: TimeRange, zone: Zone) -> str:
    return f"{moment(span.start, zone)}: booking {booking_id}"


# --- what will be done ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreviewCounts:
    """doubles: found, whether they go or not. ours_left: events with a LateSync mark that stay.

    others: entries of the calendar that are none of ours. left_out, coming: bookings without an event
    afterwards.
    """

    upcoming: int
    past: int
    doubles: int
    ours_left: int
    others: int
    busy: int
    left_out: int
    coming: int


def summary(events: ResetEvents, next_sync: NextSync, counts: PreviewCounts) -> list[str]:
    """What a reset would do, a sentence for each part of it."""
    is_about_doubles = events is ResetEvents.DOUBLES
    removes = events.deletes or is_about_doubles
    lines = [deletions(counts.upcoming, counts.past, counts.doubles if removes else 0)]
    lines.append(untouched(counts.ours_left, counts.others))
    if counts.doubles and not removes:
        lines.append(doubles_found(counts.doubles))
    if events.clears_busy:
        lines.append(busy_cleared(counts.busy))
    if not is_about_doubles:
        lines.append(bookings_next(next_sync, counts.left_out, counts.coming))
    return lines


def deletions(upcoming: int, past: int, doubles: int) -> str:
    if not upcoming + past:
        return "No event is removed from the calendar."
    text = f"{counted(upcoming + past, 'event')} of ours will be removed: {upcoming} upcoming, {past} past."
    return f"{text} {counted(doubles, 'double')} among them." if doubles else text


def untouched(ours: int, others: int) -> str:
    """ours: events with a LateSync mark that stay. others: entries of the calendar that are none of ours."""
    parts = [f"{counted(others, 'entry', 'entries')} of the person’s own"]
    if ours:
        parts.append(f"{counted(ours, 'event')} of bookings")
    return f"Left alone: {' and '.join(parts)}."


def doubles_found(number: int) -> str:
    stands = counted(number, "double of ours stands", "doubles of ours stand")
    return f"{stands} in the calendar: beside the right event, or without one."


def busy_cleared(number: int) -> str:
    return f"{counted(number, 'busy time')} of this agent will be read anew."


def bookings_next(next_sync: NextSync, left_out: int, coming: int) -> str:
    if next_sync is NextSync.NEW:
        stays = counted(left_out, "booking without an event will stay", "bookings without an event will stay")
        return f"{stays} out of the calendar until changed. What is booked or changed from now on comes."
    if not coming:
        return "Every upcoming booking has its event already, so none is added."
    return f"{counted(coming, 'booking')} will be written into the calendar afterwards."


# --- how far it is ----------------------------------------------------------------------------


def progress(events: ResetEvents, state: str, done: int, total: int, refused: int, provider: str) -> str:
    """Of a job that is under way, or the one that ended last."""
    if state == "waiting":
        return (
            f"Waiting for the worker. It begins as soon as {company(provider)} and the booking site answer, "
            "mostly within seconds."
        )
    told = f"{done} of {counted(total, 'event')} removed" if total else EVENTS[events].title
    if refused:
        told += f", {refused} could not be removed"
    ended = {"running": "Under way", "done": "Done", "cancelled": "Cancelled"}[state]
    return f"{ended}: {told[0].lower() + told[1:]}."


def stuck_leaving(left: int, provider: str) -> str:
    """The account was to be disconnected after its events were removed, and the sign-in died meanwhile."""
    return (
        f"{counted(left, 'event')} could not be removed, because {company(provider)} has signed this "
        "calendar out. Sign in again and it goes on by itself; or disconnect now and leave the events where "
        "they are."
    )


LEAVING = "The calendar is being disconnected. Until LateSync’s events are removed, it counts as connected."
WAITS_FOR_RESUME = "A reset is under way and waits while LateSync is paused. It goes on when you go on."


def waits_for_sign_in(provider: str) -> str:
    waits = f"A reset is under way and waits for a new sign-in with {company(provider)}."
    return f"{waits} It goes on by itself then."


# --- the first sign-in, and what stays out ----------------------------------------------------


def first_bookings(number: int) -> Message:
    """Asked before a first sign-in. number: upcoming bookings the site has."""
    return Message(
        f"Your {counted(number, 'upcoming booking')}",
        "Which of them should stand in your calendar? Bookings made or changed from now on come in any case.",
    )


def will_be_written(number: int) -> str:
    """For the owner, about an agent who has never signed in."""
    return (
        f"With the first sign-in {counted(number, 'upcoming booking')} will be written, unless the agent "
        "asks for new ones only."
    )


def only_new(number: int | None) -> str:
    """After a first sign-in. number: how many stay out, None while that is not known."""
    text = "As you asked, only bookings made or changed from now on come into your calendar."
    return f"{text} {counted(number, 'earlier one stays', 'earlier ones stay')} out." if number else text


def left_out(number: int) -> str:
    earlier = counted(number, "earlier booking stays", "earlier bookings stay")
    return f"{earlier} out of the calendar until changed."


# --- leaving ----------------------------------------------------------------------------------


def remove_first(number: int) -> Message:
    return Message(
        "Remove LateSync’s events first",
        f"{counted(number, 'event')} of bookings, past ones too, as far as LateSync knows. Nobody is mailed. "
        "The calendar is disconnected as soon as they are gone.",
    )


LEAVE_EVENTS = Message(
    "Leave the events where they are", "The bookings stay in the calendar as they stand now."
)
