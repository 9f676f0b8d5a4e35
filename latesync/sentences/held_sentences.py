"""What people read about changes that wait for them, being unusually many. Pure.

operation, reason: of an operation's key (plan/safety.py), as plan/operations.py has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from latesync.booking_parts import booking_of
from latesync.messages import Message, counted
from latesync.model import Booking, Mapping, UnreadableBooking
from latesync.sentences.drift_sentences import WISHES, span_words
from latesync.sentences.readable_sentences import lost_from_events, not_readable
from latesync.times import TimeRange, Zone

# --- the owner's limits -----------------------------------------------------------------------

LIMITS = Message(
    "Unusually many changes at once",
    "Before LateSync deletes or changes very much in a calendar, it asks you: a booking site that was "
    "emptied or restored must not empty the calendars too. It asks when more events are concerned than both "
    "numbers say.",
)
LIMITS_UNREADABLE = (
    "These limits cannot be used. Give a whole percentage from 0% to 100% and a whole number of events, for "
    "example 20% and 5."
)


def limits_chosen(share: str, count: int) -> str:
    """share: "20%"."""
    asks = (
        f"LateSync asks before it changes more than {counted(count, 'event')} and more than {share} of them"
    )
    return f"Saved: {asks} at once. What waits for you already goes on waiting."


# --- what waits, in a sentence ----------------------------------------------------------------

_WHY = {
    "booking changed": "their bookings changed on the site",
    "edited in the calendar": "somebody changed them in the calendar, and they are put back",
    "booking cancelled": "their bookings are cancelled, or no longer count as taken, on the site",
    "moved to another agent": "their bookings went to another agent",
    "booking removed": "their bookings are no longer on the site",
    "agent removed": "the agent is no longer on the site",
    "the site's time zone changed": "the site’s time zone changed",
    "past": "their bookings are over",
    "others came to its event, or left it": "others came to their groups, or left them",
    "it stands in the event of its group": "their bookings stand in the event of their group",
    "it stands in another account's calendar": "their bookings stand in the agent’s other calendar",
}
_DONE = {"delete": "deleted", "update": "changed"}
WHERE = "Decide on the page “Waiting changes”."
IN_SHELL = "Or decide with `latesync held`."  # what commands add to it


def why(reason: str) -> str:
    """For "because …", about several events."""
    return _WHY.get(reason, reason)


def waiting(operation: str, reason: str, booking_ids: Collection[int], name: str) -> str:
    """For the owner, about deletions or changes of one agent's events that wait. name: the agent's."""
    verb = "delete" if operation == "delete" else "change"
    return (
        f"LateSync would {verb} {counted(len(booking_ids), 'event')} at once in {name}’s calendar, because "
        f"{why(reason)}. It has not done so and asks you first ({_numbers(booking_ids)}). {WHERE}"
    )


def waiting_wishes(operation: str, booking_ids: Collection[int], name: str) -> str:
    """For the owner, about bookings that would be moved or cancelled like their events."""
    did, done = ("deleted", "cancelled") if operation == "cancel booking" else ("moved", "moved")
    those = "that booking" if len(booking_ids) == 1 else "those bookings"
    events = (
        "the event of 1 booking was"
        if len(booking_ids) == 1
        else f"the events of {len(booking_ids)} bookings were"
    )
    return (
        f"In {name}’s calendar {events} {did}. With the other changes of the last hours that is unusually "
        f"much, so LateSync has not {done} {those} and has told no customer ({_numbers(booking_ids)}). "
        f"{WHERE}"
    )


def _numbers(booking_ids: Collection[int]) -> str:
    """ "booking 7", "bookings 7, 8 and 9", "bookings 1, 2, 3, 4, 5 and 37 more"."""
    shown = [str(number) for number in sorted({booking_of(number) for number in booking_ids})]
    if len(shown) == 1:
        return f"booking {shown[0]}"
    if len(shown) > 6:
        shown = [*shown[:5], f"{len(shown) - 5} more"]
    return f"bookings {', '.join(shown[:-1])} and {shown[-1]}"


# --- the page ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Buttons:
    release: str
    reject: str


_BUTTONS = {
    "delete": Buttons("Delete {them}", "Keep {them}"),
    "update": Buttons("Change {them}", "Leave {them} unchanged"),
    "move booking": Buttons("Move {bookings}", "Put {them} back"),
    "cancel booking": Buttons("Cancel {bookings}", "Put {them} back"),
}


def title(operation: str, reason: str, count: int) -> str:
    """The heading above what waits for one cause."""
    if operation in WISHES:
        did = "deleted" if operation == "cancel booking" else "moved"
        return f"{counted(count, 'event was', 'events were')} {did} in the calendar"
    events = counted(count, "event")
    return f"{events} would be {_DONE.get(operation, 'changed')}, because {why(reason)}"


def buttons(operation: str, count: int) -> Buttons:
    words = _BUTTONS.get(operation, _BUTTONS["update"])
    if count == 1:
        them, bookings = "this event", "this booking"
    else:
        them, bookings = f"all {count} events", f"all {count} bookings"
    return Buttons(*(text.format(them=them, bookings=bookings) for text in (words.release, words.reject)))


_SHORT = {
    "delete": Buttons("Delete", "Keep"),
    "update": Buttons("Change", "Leave"),
    "move booking": Buttons("Move", "Put back"),
    "cancel booking": Buttons("Cancel it", "Put back"),
}


def short_buttons(operation: str) -> Buttons:
    """For one row of the list."""
    return _SHORT.get(operation, _SHORT["update"])


@dataclass(frozen=True, slots=True)
class Cause:
    """What the site says now of what waits; nothing while it does not answer.

    zone_before: in which the events were written, where that is known. shifts: by how much events would move.
    statuses: of the bookings as they are now. not_readable: columns LateSync does without; lost: of
    these, what it could read before. keeps_times: none of the events would stand at another time.
    """

    zone: Zone
    is_site_empty: bool = False
    zone_before: str = ""
    shifts: frozenset[timedelta] = frozenset()
    statuses: tuple[str, ...] = ()
    not_readable: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    keeps_times: bool = False


def explanation(operation: str, reason: str, cause: Cause) -> str:
    """What may have happened, and what each answer means. For the owner."""
    if operation in WISHES:
        return _wish_explanation(operation)
    if operation == "update" and cause.lost and reason in _READ_FROM_SITE:
        return lost_from_events(cause.lost) + _BOOKINGS_STAY
    match reason:
        case "booking removed":
            return _removed(cause)
        case "booking cancelled":
            return f"{_statuses(cause)}{_CANCELLED}"
        case "the site's time zone changed":
            return f"{_zones(cause)} {_ZONE_REMEDY}"
        case "booking changed":
            unread = not_readable(cause.not_readable) if cause.not_readable else ""
            return f"{unread}{_SAME_TIMES if cause.keeps_times else ''}{_CHANGED}"
    return _EXPLANATIONS.get(reason, _CHANGED)


_ENDS_BY_ITSELF = "When it is as before, this wait ends by itself."
_CANCELLED = (
    "Either they were cancelled, or LatePoint was told that other statuses count as taken. If that was "
    f"meant, let the events be deleted; if not, put it right in LatePoint. {_ENDS_BY_ITSELF}"
)
_BOOKINGS_STAY = "Whatever you answer, the bookings stay as they are."
_READ_FROM_SITE = ("booking changed", "booking cancelled", "others came to its event, or left it")
_SAME_TIMES = (
    "None of these events would move: only what they say would change, as after a service, a place or a "
    "customer was renamed on the site. If that was meant, let them be changed. "
)
_CHANGED = (
    "After an import, a restored backup or a change of many bookings at once this may be right or wrong: "
    f"compare one of them in LatePoint with its event. {_BOOKINGS_STAY}"
)
_ZONE_REMEDY = (
    "The bookings show the same times as before. If the new time zone is right, let the events move. If not, "
    "set the old one again in WordPress under Settings → General. "
    f"{_ENDS_BY_ITSELF}"
)
_EXPLANATIONS = {
    "agent removed": "LatePoint does not list this agent any more. If the agent has left, let the events be "
    f"deleted; if not, add the agent again in LatePoint. {_ENDS_BY_ITSELF}",
    "moved to another agent": "Their events are made in the other agent’s calendar, if that agent has one. "
    "Let them be deleted here unless this was a mistake.",
    "edited in the calendar": "Somebody, or a program, changed these events in the calendar, and your "
    "setting is to put them back. If you leave them, they stay until their booking changes.",
    "it stands in the event of its group": "These bookings came into a group whose own event waits for you "
    "too: answer both alike.",
}


def _removed(cause: Cause) -> str:
    if cause.is_site_empty:
        return (
            "The site’s bookings table is empty. So it looks in the middle of a move, after a restored "
            "backup, or when LatePoint was installed anew. If the bookings are meant to be gone, let the "
            f"events be deleted; if not, bring the bookings back first. {_ENDS_BY_ITSELF}"
        )
    return (
        "If somebody deleted these bookings, let their events be deleted too. If not, look into LatePoint: a "
        f"restored backup or another plugin may have taken them away. {_ENDS_BY_ITSELF}"
    )


def _statuses(cause: Cause) -> str:
    if not cause.statuses:
        return ""
    found = Counter(cause.statuses).most_common()
    listed = ", ".join(f"{counted(number, 'booking')} “{status}”" for status, number in found)
    return f"On the site they are now: {listed}. "


def _zones(cause: Cause) -> str:
    now = cause.zone.name or f"UTC{cause.zone}"
    was = f"was {_zone_name(cause.zone_before)} and is {now} now" if cause.zone_before else f"is {now} now"
    by = f" Events would stand {shift_words(cause.shifts)}." if cause.shifts else ""
    return f"The site’s time zone {was}.{by}"


def _zone_name(text: str) -> str:
    return f"UTC{text}" if text[:1] in ("+", "-") else text


def _wish_explanation(operation: str) -> str:
    if operation == "cancel booking":
        return (
            "You chose that bookings follow their events. If this was meant, let the bookings be cancelled: "
            "LatePoint tells the customers. If not, the events are put back, no customer hears of it, and "
            "the agent is told."
        )
    return (
        "You chose that bookings follow their events. If this was meant, let the bookings move: LatePoint "
        "checks each time and tells the customers. If not, the events are put back, no customer hears of it, "
        "and the agent is told."
    )


def shift_words(shifts: Iterable[timedelta]) -> str:
    """ "1 hour later", "6 hours earlier", "1 hour later to 2 hours later"."""
    ordered = sorted(set(shifts))
    if len(ordered) > 2:
        ordered = [ordered[0], ordered[-1]]
    return " to ".join(_shift(shift) for shift in ordered)


def _shift(shift: timedelta) -> str:
    minutes = abs(shift) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] * bool(hours) + [counted(rest, "minute")] * bool(rest or not hours)
    return f"{' '.join(parts)} {'earlier' if shift < timedelta(0) else 'later'}"


# --- one row of it ----------------------------------------------------------------------------


def what_would_happen(
    operation: str, mapping: Mapping | None, booking: Booking | UnreadableBooking | None, zone: Zone
) -> str:
    """mapping: None where nothing is remembered of it. booking: as the site has it now."""
    match operation:
        case "delete":
            return "The event is deleted."
        case "cancel booking":
            return "The booking is cancelled."
        case "move booking" if mapping is not None and mapping.drift_span is not None:
            return f"The booking moves to {span_words(mapping.drift_span, zone)}."
        case "move booking":
            return "The booking moves to where its event stands."
    if mapping is not None and isinstance(booking, Booking) and _moves(mapping.span, booking.span):
        return f"The event moves to {span_words(booking.span, zone)}."
    return "The event is written anew."


def _moves(was: TimeRange, to: TimeRange) -> bool:
    return (was.start, was.end) != (to.start, to.end)


def decided(*, is_released: bool, operations: Sequence[str]) -> str:
    """The answer to a button. operations: of what was decided."""
    if not operations:
        return "Nothing of that waits any more: it was decided already, or it is no longer planned."
    number = counted(len(operations), "change")
    if is_released:
        return (
            f"{number} released. LateSync makes them within a minute, wherever the calendar can be reached."
        )
    if set(operations) <= WISHES:
        return f"{number} rejected. The bookings stay, the events are put back, and the agent is told."
    return f"{number} rejected. These events stay as they are."


def on_their_way(released: int, rejected: int) -> str:
    """What was decided and no run has come to yet; "" for nothing."""
    parts = [counted(released, "change") + " released"] * bool(released)
    parts += [counted(rejected, "change") + " rejected"] * bool(rejected)
    return f"{' and '.join(parts)}; LateSync is about to do so." if parts else ""
