"""What people read about calendars that cannot be read, shared accounts and full comparisons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from latesync.messages import Message, counted, moment
from latesync.options import UnreadablePolicy, WhenUnreadable
from latesync.sentences.provider_words import company
from latesync.times import Zone

# --- a calendar that cannot be read (users-ask.md U11) ----------------------------------------

UNREADABLE = Message(
    "When a calendar cannot be read",
    "An agent was signed out, or closed a calendar. Until it can be read again, the booking form goes by "
    "the busy times last known. These get old.",
)
WHEN_UNREADABLE = {
    WhenUnreadable.WARN: Message(
        "Go on and tell me", "Times stay on offer by what was last known, and you get a mail."
    ),
    WhenUnreadable.CLOSE: Message(
        "Offer none of the agent’s times", "They come back by themselves as soon as the calendar is read."
    ),
    WhenUnreadable.STAY_OPEN: Message(
        "Go on and leave it at that", "Times stay on offer by what was last known; no mail because of it."
    ),
}
_CHOSEN = {
    WhenUnreadable.WARN: "you get a mail",
    WhenUnreadable.CLOSE: "none of the agent’s times are offered",
    WhenUnreadable.STAY_OPEN: "nothing happens: the booking form goes by what was last known",
}
CHOOSE_ONE = "Choose one of the three and a number of hours, then press Save."


def policy_chosen(policy: UnreadablePolicy) -> str:
    return f"Saved: after {counted(policy.hours, 'hour')} without a calendar, {_CHOSEN[policy.then]}."


def hours_refused(most: int) -> str:
    return f"Give a whole number of hours from 1 to {most}."


def not_read(name: str, since: datetime, zone: Zone, *, is_closed: bool, closes_at: datetime | None) -> str:
    """For the owner. closes_at: when the form will offer nothing of theirs any more."""
    text = f"{name}’s calendar cannot be read; the last good look was on {moment(since, zone)}."
    if is_closed:
        return f"{text} None of {name}’s times are offered until it is read again."
    if closes_at is not None:
        return f"{text} If that lasts, none of {name}’s times are offered from {moment(closes_at, zone)} on."
    return f"{text} The booking form goes by what was known then."


def own_not_read(since: datetime, zone: Zone, *, is_closed: bool, closes_at: datetime | None) -> str:
    """For the agent."""
    text = f"Your calendar cannot be read; the last good look was on {moment(since, zone)}."
    if is_closed:
        return f"{text} None of your times are offered until it is read again."
    if closes_at is not None:
        return f"{text} If that lasts, none of your times are offered from {moment(closes_at, zone)} on."
    return f"{text} The booking form goes by what was known then."


# --- several agents on one account (users-ask.md U39) -----------------------------------------


def sharing(names: Sequence[str], provider: str) -> str:
    """For the owner, about agents who signed in with the same account."""
    who = _listed(names)
    return (
        f"{who} use the same {company(provider)} account. Whatever else stands in its calendars makes each "
        "of them busy, but a booking of one does not make the others busy. If they are different people, let "
        "each sign in with an account of their own; if they are one person, make them one agent in LatePoint."
    )


def own_sharing(others: Sequence[str], provider: str) -> str:
    """For one of these agents."""
    who = _listed(others)
    return (
        f"{who} and you use the same {company(provider)} account. What stands in its calendars makes each of "
        "you busy; bookings of the one do not make the other busy. With an account of your own, your "
        "calendar is yours alone."
    )


# --- full comparisons (users-ask.md U15) ------------------------------------------------------

NEVER_COMPARED = "not made yet; each calendar is compared in the night, between 2 and 5 o’clock"


def compared(at: datetime, zone: Zone, *, events: int, busy: int, form: int) -> str:
    """After "Last full comparison: ". The numbers should be zero."""
    return f"{moment(at, zone)}, {_found(events, busy, form)}"


def compared_now(name: str, *, events: int, busy: int, form: int) -> str:
    """What `sync --full` found of one agent."""
    return f"{name}: compared in full, {_found(events, busy, form)}."


def not_compared(agent_id: int) -> str:
    return f"Agent {agent_id}: could not be compared in full now. It is tried again in the night."


def _found(events: int, busy: int, form: int) -> str:
    numbers = (
        (events, "event of ours", "events of ours"),
        (busy, "busy time", "busy times"),
        (form, "row on the booking site", "rows on the booking site"),
    )
    words = [counted(number, one, many) for number, one, many in numbers if number]
    return f"differed and put right: {_listed(words)}" if words else "nothing differed"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
