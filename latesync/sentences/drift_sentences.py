"""What people read about events of ours that somebody changed: choices, differences, refusals. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from latesync.messages import Message, booking_name, counted, moment
from latesync.model import Drift, Mapping
from latesync.options import DriftPolicy
from latesync.times import TimeRange, Zone

# --- the owner's choice -----------------------------------------------------------------------

POLICIES: dict[DriftPolicy, Message] = {
    DriftPolicy.RESTORE: Message(
        "Put it back",
        "The event goes back to where the booking says. Nothing changes on the site, and nobody is mailed.",
    ),
    DriftPolicy.LEAVE: Message(
        "Leave it as the agent put it",
        "Nothing changes on the site, and nobody is mailed. The dashboard shows where calendar and booking "
        "differ. When the booking itself changes, its event is written anew.",
    ),
    DriftPolicy.APPLY: Message(
        "Change the booking too",
        "The booking is moved or cancelled like the event, if LatePoint offers the new time, and LatePoint "
        "tells the customer. What LatePoint refuses is put back, and the agent is told. Needs the LateSync "
        "plugin in WordPress.",
    ),
}


def policy_chosen(policy: DriftPolicy) -> str:
    what_follows = {
        DriftPolicy.RESTORE: "What differs now is put back within a minute.",
        DriftPolicy.LEAVE: "What agents change stays from now on.",
        DriftPolicy.APPLY: "It counts for what agents change from now on: what differs already is put back "
        "within a minute, and no customer is told.",
    }
    return f"Saved: “{POLICIES[policy].title}”. {what_follows[policy]}"


def plugin_heard(heard_at: datetime | None, zone: Zone, *, is_off: bool = False) -> str:
    """Whether the plugin, which "apply" needs, has ever shown itself. is_off: WordPress lists it no more."""
    if heard_at is None:
        return (
            "The plugin has not been heard from yet: install it in WordPress and paste the connection string."
        )
    if is_off:
        return "The plugin is switched off in WordPress: activate it there under Plugins."
    return f"The plugin was last heard from on {moment(heard_at, zone)}."


# --- where calendar and booking differ --------------------------------------------------------


def difference(mapping: Mapping, name: str, zone: Zone) -> str:
    """For the owner, about one event that stands as somebody put it. name: the agent's."""
    which, when = booking_name(mapping.booking_id), span_words(mapping.span, zone)
    booking = f"{which[0].upper()}{which[1:]} of {name}"
    if mapping.drift is Drift.DELETED:
        return f"{booking}: its event was deleted in the calendar, the booking stands ({when})."
    if mapping.drift_span is None:
        return f"{booking}: its event was changed in the calendar; the booking says {when}."
    return f"{booking}: the calendar says {span_words(mapping.drift_span, zone)}, the booking {when}."


def differences_intro(policy: DriftPolicy, problems: Collection[str | None]) -> Message:
    """Why they differ, above the list of them. problems: codes, of the accounts whose events these are."""
    if policy is not DriftPolicy.APPLY:
        return Message(
            "Calendar and booking differ", "Agents changed these events, and you chose to leave them."
        )
    why = next((_WAITS_FOR[code] for code in _WAITS_FOR if code in problems), "LateSync is about to do it.")
    return Message("Waiting to be taken over", f"Agents changed these events, and bookings follow. {why}")


_WAITS_FOR = {
    "plugin_rejected": "The plugin in WordPress is off or refuses LateSync; LateSync’s page WordPress says "
    "what to do.",
    "plugin_unavailable": "WordPress does not answer; LateSync tries again by itself.",
}


def span_words(span: TimeRange, zone: Zone) -> str:
    """ "Tue 24 Nov, 10:00–11:00", in the site's zone; with both days where there are two."""
    start, end = (instant.astimezone(zone.tzinfo) for instant in (span.start, span.end))
    last = f"–{end:%H:%M}" if start.date() == end.date() else f" – {moment(span.end, zone)}"
    return f"{moment(span.start, zone)}{last}"


# --- what could not be taken over -------------------------------------------------------------

_PUT_BACK = "so the event was put back."
_OTHERWISE = "Change the booking in LatePoint instead."
# Why, and what to do.
_REFUSALS = {
    "not_bookable": (
        "LatePoint does not offer that time (it is off its grid, outside working hours, or taken), "
        f"{_PUT_BACK}",
        "Choose another time.",
    ),
    "busy": (
        f"The agent’s own calendar has something at that time, {_PUT_BACK}",
        "Choose another time, or clear that one in the calendar first.",
    ),
    "past": (f"That time is past, {_PUT_BACK}", "Choose a time to come."),
    "changed": (
        f"The booking was changed on the site at the same time, {_PUT_BACK}",
        "If the change is still wanted, make it once more.",
    ),
    "cancelled": (
        "The booking is no longer active on the site, so its event is taken away.",
        "If it is to take place, activate it in LatePoint.",
    ),
    "too_long": (
        f"A booking cannot last longer than a day, {_PUT_BACK}",
        "Make the event shorter.",
    ),
    "not_saved": (f"LatePoint did not save it, {_PUT_BACK}", _OTHERWISE),
    "unknown": (
        "The booking is no longer on the site, so its event is taken away.",
        "If it is to take place, book it anew in LatePoint.",
    ),
    "unwitnessed": (
        f"LateSync did not see it happen (it was not connected, or had to read everything anew), {_PUT_BACK}",
        "If it was meant, do it once more.",
    ),
    "shared_event": (
        f"Several bookings stand in that event, and nothing says which of them was meant, {_PUT_BACK}",
        "Change each of them in LatePoint.",
    ),
    "owner": (
        f"It was one of unusually many changes at once, and the site’s owner did not want them, {_PUT_BACK}",
        "If it was meant, please ask the owner.",
    ),
    "other_calendar": (
        "Bookings stay in the calendar that the agent chose, so it was put back there.",
        "To use another one, choose it on the agent’s own page.",
    ),
}
REFUSAL_REASONS = frozenset(_REFUSALS)


@dataclass(frozen=True, slots=True)
class RefusalText:
    """what was done, why it was not taken over, what to do."""

    what: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.remedy}"

    def within(self, limit: int, more: int = 0) -> str:
        """In so many characters. more: how many others there are beside it, to be read elsewhere."""
        end = f" (and {more} more: see LateSync’s page)" if more else ""
        brief = f"{self.what} {self.why}"
        text = next((text for text in (str(self), brief) if len(text) + len(end) <= limit), None)
        return f"{text}{end}" if text else f"{brief[: limit - len(end) - 1]}…{end}"


def booking_words(
    booking_id: int, code: str, starts_at: datetime | None, zone: Zone, service_name: str = ""
) -> str:
    """ "Booking JBJPLLW (Massage, Tue 24 Nov, 10:00)": as its event says it (plan/content.py)."""
    when = moment(starts_at, zone) if starts_at else ""
    inside = ", ".join(part for part in (service_name, when) if part)
    return f"Booking {code or booking_id}{f' ({inside})' if inside else ''}"


def refused(
    booking: str, wish: str, wanted_starts_at: datetime | None, reason: str, zone: Zone
) -> RefusalText:
    """For agent and owner. booking: of booking_words. wish: "move" or "cancel".

    reason: the plugin's, or one of LateSync's own (model.py).
    """
    if reason == "other_calendar":
        what = f"{booking}: its event was moved to another calendar."
    elif wish == "move" and wanted_starts_at is not None:
        what = f"{booking} was moved to {moment(wanted_starts_at, zone)} in the calendar."
    else:
        what = f"{booking}: its event was deleted in the calendar."
    why, remedy = _REFUSALS.get(reason, (f"LatePoint did not accept it, {_PUT_BACK}", _OTHERWISE))
    if wish == "cancel" and reason == "past":
        why, remedy = f"It is over already, {_PUT_BACK}", "Change its status in LatePoint if need be."
    return RefusalText(what, why, remedy)


def bookings_followed(moved: int, cancelled: int) -> str:
    """What a run did to bookings: "1 booking moved, 2 bookings cancelled"; "" for nothing."""
    parts = ((moved, "moved"), (cancelled, "cancelled"))
    return ", ".join(f"{counted(number, 'booking')} {did}" for number, did in parts if number)


# --- what waits for the owner, being unusually much -------------------------------------------

WISHES = frozenset({"move booking", "cancel booking"})  # names of operations (plan/operations.py)


def own_held_wishes(count: int) -> str:
    """For the agent, on their own page."""
    wait = counted(count, "change you made in the calendar waits", "changes you made in the calendar wait")
    return f"{wait} for the owner’s decision, being unusually many; until then no booking is changed."
