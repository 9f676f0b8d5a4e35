"""What people read about events of ours that somebody changed: choices, differences, refusals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from latesync.messages import Message, counted, moment
from latesync.model import Drift, DriftPolicy, Mapping
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


def plugin_heard(heard_at: datetime | None, zone: Zone) -> str:
    """Whether the plugin, which "apply" needs, has ever shown itself."""
    if heard_at is None:
        return (
            "The plugin has not been heard from yet: install it in WordPress and paste the connection string."
        )
    return f"The plugin was last heard from on {moment(heard_at, zone)}."


# --- where calendar and booking differ --------------------------------------------------------


def difference(mapping: Mapping, name: str, zone: Zone) -> str:
    """For the owner, about one event that was left as somebody put it. name: the agent's."""
    booking, when = f"Booking {mapping.booking_id} of {name}", span_words(mapping.span, zone)
    if mapping.drift is Drift.DELETED:
        return f"{booking}: its event was deleted in the calendar, the booking stands ({when})."
    if mapping.drift_span is None:
        return f"{booking}: its event was changed in the calendar; the booking says {when}."
    return f"{booking}: the calendar says {span_words(mapping.drift_span, zone)}, the booking {when}."


def span_words(span: TimeRange, zone: Zone) -> str:
    """ "Tue 24 Nov, 10:00–11:00", in the site's zone; with both days where there are two."""
    start, end = (instant.astimezone(zone.tzinfo) for instant in (span.start, span.end))
    last = f"–{end:%H:%M}" if start.date() == end.date() else f" – {moment(span.end, zone)}"
    return f"{moment(span.start, zone)}{last}"


# --- what could not be taken over -------------------------------------------------------------

_PUT_BACK = "so the event was put back."
_REFUSALS = {
    "not_bookable": f"LatePoint does not offer that time, {_PUT_BACK}",
    "past": f"That time is past, {_PUT_BACK}",
    "changed": f"The booking was changed on the site at the same time, {_PUT_BACK}",
    "cancelled": "The booking is no longer active on the site.",
    "too_long": f"A booking cannot last longer than a day, {_PUT_BACK}",
    "not_saved": f"LatePoint did not save it, {_PUT_BACK} If it happens again, tell the site’s owner.",
    "unknown": "The booking is no longer on the site.",
    "unwitnessed": "LateSync was not connected then, or had to read the whole calendar anew, and cannot tell "
    f"whether that was meant for the booking, {_PUT_BACK} If it was, please do it once more.",
    "other_calendar": "Bookings stay in the calendar chosen on your page, so it was put back there.",
}
REFUSAL_REASONS = frozenset(_REFUSALS)


def refused(booking_id: int, wish: str, wanted_starts_at: datetime | None, reason: str, zone: Zone) -> str:
    """For the agent. wish: "move" or "cancel". reason: the plugin's, or "other_calendar"."""
    if reason == "other_calendar":
        did = "you moved its event to another calendar"
    elif wish == "move" and wanted_starts_at is not None:
        did = f"you moved it to {moment(wanted_starts_at, zone)}"
    else:
        did = "you deleted its event"
    why = _REFUSALS.get(reason, f"LatePoint did not accept it, {_PUT_BACK}")
    if wish == "cancel" and reason == "past":
        why = f"It is over already, {_PUT_BACK}"
    return f"Booking {booking_id}: {did}. {why}"


def held_wishes(operation: str, booking_ids: Sequence[int]) -> str:
    """For the owner, about moves or cancellations that wait because they are unusually many."""
    verb = "cancel" if operation.startswith("cancel") else "move"
    did = "deleted" if verb == "cancel" else "moved"
    its = "its event was" if len(booking_ids) == 1 else "their events were"
    which = ", ".join(str(number) for number in sorted(booking_ids)[:5])
    more = len(booking_ids) - 5
    return (
        f"LateSync would {verb} {counted(len(booking_ids), 'booking')}, because {its} "
        f"{did} in the calendar. Together with what happened in the last hours that is unusually much, so it "
        f"waits and no customer is told ({which}{f' and {more} more' if more > 0 else ''}). If it was not "
        f"meant, choose "
        f"“{POLICIES[DriftPolicy.RESTORE].title}” on the settings page; otherwise change the bookings in "
        "LatePoint, or wait until fewer differ."
    )
