"""What people read of what was done: one line for each entry of the history. Pure.

An entry knows numbers, codes and instants; a code nobody has written a sentence for is shown as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from latesync import messages
from latesync.booking_parts import BUFFERS
from latesync.messages import counted, moment
from latesync.sentences.provider_words import company
from latesync.times import Zone

Detail = Mapping[str, str | int]
Sentence = Callable[[str, str, Detail, Zone, str], str]

# who: in a column of its own.
WHO = {"latesync": "LateSync", "agent": "The agent", "owner": "The owner", "site": "The booking site"}

_EVENT = {
    "event_created": "Written into the calendar",
    "event_adopted": "Found in the calendar again and taken over",
    "event_updated": "Brought up to date in the calendar",
    "event_deleted": "Taken out of the calendar",
    "booking_moved": "The booking was moved, as its event was",
    "booking_cancelled": "The booking was cancelled, as its event was deleted",
    "stray_deleted": "A left-over event of it was taken out of the calendar",
    "guest_invited": "The customer was invited",
}
_ACCOUNT = {
    "calendar_lost": "A chosen calendar is gone or closed",
    "calendar_back": "The chosen calendar can be read again",
    "paused": "Paused",
    "resumed": "Went on after a pause",
    "signed_out": "{company} no longer accepted the sign-in",
    "disconnected": "The calendar was disconnected",
    "calendars_chosen": "The calendars were chosen anew",
    "site_stopped": "LateSync stopped: this may be a copy of the site, or a copy of LateSync",
}
_SETTINGS = {
    "drift_policy": "what follows when an agent changes an event",
    "busy_way": "how busy time reaches the booking form",
    "waking_hours": "when mails go out",
    "mail_template": "the wording of a mail",
    "safety_limits": "how much is unusually much",
    "unreadable_calendar": "what follows when a calendar cannot be read",
    "blocking": "what makes the agent busy",
    "events": "what events say",
    "event_statuses": "which bookings stand in calendars",
}
_CONFIRMED = {
    "moved": "The owner said that the site has moved, and LateSync went on",
    "copy": "The owner said that this is a copy, and LateSync began as one of its own",
    "home_is_back": "The site has its known address again, and LateSync went on",
}
_HELD = {
    "plan_held": "A change waits for the owner, being one of unusually many at once",
    "plan_released": "The owner let a change go on that had waited",
    "plan_rejected": "The owner refused a change that had waited",
}
_RESET = {
    "reset_asked": "Beginning anew was asked for",
    "reset_done": "Begun anew",
    "reset_cancelled": "Beginning anew was called off",
}
_WHYS = {"reset": "the calendar begins anew"}  # besides the plan's own reasons
# Why the provider refused an event, as far as that is known (google-calendar.md §7; microsoft-graph.md §11).
_REFUSED = {
    "invalid": "{company} did not accept one of its times or texts",
    "forbidden": "{company} does not let LateSync change it",
    "forbiddenForNonOrganizer": "{company} does not let LateSync change it: somebody else organises it",
    "refused": "{company} gave no reason",
    # Not the provider's doing (plan/put_backs.py).
    "fought_over": "each time it was put back, somebody or another program changed it again",
}


def entry_text(what: str, why: str, result: str, detail: Detail, zone: Zone, provider: str = "") -> str:
    """One line: what was done, to when, and why. what, why, result, detail: as the history keeps them.

    provider: of the account; "" where that is not known any more.
    """
    who = _whose(provider)
    known = _OTHERS.get(what)
    said = known(why, result, detail, zone, who) if known else _plain(what, why, detail, zone, who)
    if detail.get("part") in list(BUFFERS):
        return f"Buffer {detail['part']} the booking: {said}."
    return f"{said}."


def who_words(who: str) -> str:
    return WHO.get(who, who)


def refused_because(problem: str, provider: str = "") -> str:
    """Why an event was set aside, as a clause."""
    return _refused(problem, _whose(provider))


def _refused(problem: str, who: str) -> str:
    return _REFUSED.get(problem, "{company} said “{problem}”").format(company=who, problem=problem)


def _whose(provider: str) -> str:
    return company(provider) or "The calendar’s provider"


def what_words(what: str) -> str:
    """For the list to choose from."""
    return _CHOICES.get(what, what.replace("_", " ").capitalize())


def _plain(what: str, why: str, detail: Detail, zone: Zone, who: str) -> str:
    text = _EVENT.get(what) or _ACCOUNT.get(what)
    if text is None:
        return f"{what.replace('_', ' ').capitalize()}{f' ({why})' if why else ''}"
    when = _when(detail, zone) if what in _EVENT else ""
    because = f": {_because(why)}" if why and what in _EVENT else ""
    return f"{text.format(company=who)}{when}{because}"


def _because(why: str) -> str:
    return _WHYS.get(why) or messages.reason(why)


def _let_go(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    if why == "past":
        return "It is over; its event stays in the calendar as history"
    return f"Nothing of it stands in the calendar any more: {_because(why)}"


def _deleted(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    because = _because(why)
    if result == "refused":
        return f"{who} did not let its event{_when(detail, zone)} be taken out: {because}"
    if result == "was_gone":
        return f"Its event{_when(detail, zone)} was gone from the calendar already: {because}"
    if result == "out_of_reach":
        return f"Its event{_when(detail, zone)} was left behind, for that calendar is out of reach: {because}"
    return f"{_EVENT['event_deleted']}{_when(detail, zone)}: {because}"


def _set_aside(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return f"Not written{_when(detail, zone)}, and set aside: {_refused(result, who)}"


def _retried(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return "A person asked to try the refused event again"


def _drift(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    if result == "unanswered":
        return (
            "The event was found otherwise than expected; it may have been LateSync’s own, unconfirmed change"
        )
    if why == "deleted":
        return f"The event{_when(detail, zone)} was deleted in the calendar"
    if "was_starts_at" in detail:
        was = _instant(detail, "was_starts_at", zone)
        return f"The event was moved in the calendar, from {was}{_when(detail, zone, word='to')}"
    return f"The event{_when(detail, zone)} was edited in the calendar"


def _wish_refused(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    wanted = _instant(detail, "wanted_starts_at", zone)
    done = f"moved to {wanted}" if why == "move" and wanted else "deleted" if why == "cancel" else "moved"
    return f"The event was {done} in the calendar; the booking did not follow: {_code_words(result)}"


def _busy(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    parts = ((detail.get("added", 0), "new"), (detail.get("removed", 0), "removed"))
    numbers = ", ".join(f"{number} {word}" for number, word in parts if number)
    return f"Busy times on the booking form: {numbers or 'as before'}"


def _held(what: str) -> Sentence:
    def said(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
        return f"{_HELD[what]}: {_because(why)}"

    return said


def _reset(what: str) -> Sentence:
    def said(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
        if what == "reset_asked":
            return _RESET[what]
        parts = (
            (detail.get("deleted", 0), "taken out"),
            (detail.get("refused", 0), "could not be taken out"),
        )
        done = ", ".join(f"{counted(int(number), 'event')} {did}" for number, did in parts if number)
        return f"{_RESET[what]}{f': {done}' if done else ''}"

    return said


def _guest_left_out(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    said = f" (it said “{result}”)" if result else ""
    return f"{who} took no guest{said}, so the event was written without one"


def _meeting(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return (
        f"No meeting link could be made ({result.replace('_', ' ')})" if result else "A meeting link was made"
    )


def _confirmed(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return _CONFIRMED.get(why, "It is known again which site this is, and LateSync went on")


def _compared(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    found = sum(value for value in detail.values() if isinstance(value, int))
    if not found:
        return "Site, LateSync and calendar were compared in full: all agree"
    return (
        f"Site, LateSync and calendar were compared in full: {counted(found, 'difference')} found and mended"
    )


def _connected(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return "Signed in again" if why == "again" else "Signed in: the calendar is connected"


def _setting(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return f"A setting was saved: {_SETTINGS.get(why, why.replace('_', ' '))}"


def _other(why: str, result: str, detail: Detail, zone: Zone, who: str) -> str:
    return f"Something a newer LateSync wrote down ({why})"


_OTHERS: dict[str, Sentence] = {
    **{what: _held(what) for what in _HELD},
    **{what: _reset(what) for what in _RESET},
    "guest_left_out": _guest_left_out,
    "meeting_made": _meeting,
    "site_confirmed": _confirmed,
    "event_let_go": _let_go,
    "event_deleted": _deleted,
    "event_set_aside": _set_aside,
    "event_retried": _retried,
    "drift_seen": _drift,
    "wish_refused": _wish_refused,
    "busy_changed": _busy,
    "compared": _compared,
    "connected": _connected,
    "settings_changed": _setting,
    "other": _other,
}
_CHOICES = {
    "event_created": "Written",
    "event_adopted": "Taken over",
    "event_updated": "Brought up to date",
    "event_deleted": "Taken out",
    "event_let_go": "Over",
    "event_set_aside": "Set aside",
    "event_retried": "Tried again",
    "stray_deleted": "Left-over taken out",
    "drift_seen": "Changed in the calendar",
    "wish_refused": "Booking did not follow",
    "plan_held": "Held",
    "plan_released": "Released",
    "plan_rejected": "Refused by the owner",
    "busy_changed": "Busy times",
    "compared": "Compared in full",
    "reset_asked": "Beginning anew: asked for",
    "reset_done": "Beginning anew: done",
    "reset_cancelled": "Beginning anew: called off",
    "settings_changed": "Settings",
}


def _code_words(code: str) -> str:
    """Why a booking did not follow, as a clause; the page of the agent has whole sentences."""
    short = {
        "not_bookable": "LatePoint does not offer that time",
        "busy": "the agent’s own calendar has something then",
        "past": "it is past",
        "changed": "the booking was changed on the site at the same time",
        "cancelled": "it is no longer active on the site",
        "unknown": "it is no longer on the site",
        "too_long": "a booking cannot last longer than a day",
        "not_saved": "LatePoint did not save it",
        "unwitnessed": "LateSync did not see it happen",
        "other_calendar": "it was moved to another calendar, and bookings stay where the agent chose",
        "owner": "the owner refused it",
        "earlier": "it stood so before bookings were to follow",
    }
    return short.get(code, f"LatePoint said “{code}”")


def _when(detail: Detail, zone: Zone, *, word: str = "for") -> str:
    instant = _instant(detail, "starts_at", zone)
    return f" {word} {instant}" if instant else ""


def _instant(detail: Detail, name: str, zone: Zone) -> str:
    value = detail.get(name)
    if not isinstance(value, str):
        return ""
    try:
        return moment(datetime.fromisoformat(value), zone)
    except ValueError:
        return ""


def dated(instant: datetime, now: datetime, zone: Zone) -> str:
    """ "Fri 27 Nov, 14:05"; with the year where it is not this one."""
    year = instant.astimezone(zone.tzinfo).year
    if year == now.astimezone(zone.tzinfo).year:
        return moment(instant, zone)
    day, _, at = moment(instant, zone).partition(", ")
    return f"{day} {year}, {at}"
