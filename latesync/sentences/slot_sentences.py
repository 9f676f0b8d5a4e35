"""Answers to "why is this time blocked?". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from latesync import messages
from latesync.options import EntryKind
from latesync.sentences.drift_sentences import span_words
from latesync.sentences.provider_words import calendar_product
from latesync.times import TimeRange, Zone

NOTHING_KNOWN = (
    "Nothing that LateSync knows of blocks this time. LatePoint’s own working hours, holidays, buffers and "
    "limits may still do so."
)
NO_ACCOUNT = "{name} has not connected a calendar, so no calendar blocks any time of theirs."
DISCONNECTED = "{name} has disconnected the calendar, so no calendar blocks any time of theirs."
NOT_ON_FORM = {
    "plugin": "But the form does not know of it: the LateSync plugin is not active in WordPress. Install or "
    "activate it.",
    "unpublished": "The form is told within seconds.",
}
CLOSED = (
    "A calendar cannot be read since {since}, and the owner chose to close the agent’s times then: the form "
    "offers none of them until it can be read again."
)
SIGNED_OUT = (
    "{company} has signed {name} out: what stood in the calendar at the last look goes on blocking, and what "
    "came since is not known."
)
BOOKINGS_UNKNOWN = "The booking site cannot be read now, so bookings at that time are not known."
SKIPPED = "Clocks are put forward then: {asked} does not exist on that day. This is the answer for {shown}."
DOUBLED = "Clocks are put back then, so {asked} comes twice on that day; both are answered."

_KINDS = {
    EntryKind.FREE: "it is marked “free”",
    EntryKind.TENTATIVE: "it was answered with “maybe”",
    EntryKind.UNANSWERED: "it is an invitation without an answer",
    EntryKind.ALL_DAY: "it lasts all day",
    EntryKind.OUT_OF_OFFICE: "it is an out-of-office entry",
    EntryKind.FOCUS_TIME: "it is focus time",
    EntryKind.FROM_MAIL: "the provider made it from a mail",
    EntryKind.WORKING_ELSEWHERE: "it says the agent works elsewhere",
    EntryKind.DECLINED: "the invitation was declined",
    EntryKind.CANCELLED: "it is cancelled",
    EntryKind.WORKING_LOCATION: "it only says where somebody works",
    EntryKind.BIRTHDAY: "it is a birthday",
}


def verdict(*, is_blocked: bool | None) -> str:
    """is_blocked: None while nobody can tell."""
    if is_blocked is None:
        return "Not known: the booking site cannot be read."
    return "Blocked." if is_blocked else "Not blocked."


def entry_blocks(
    calendar: str, span: TimeRange, kinds: Sequence[EntryKind], *, is_repeated: bool, zone: Zone
) -> str:
    """An entry that makes the agent busy. calendar: "Main calendar", or "a calendar of Dana’s"."""
    what = "a repeated entry" if is_repeated else "an entry"
    rule = " and ".join(_KINDS[kind] for kind in kinds)
    why = f"{rule}, and such entries block by {_THE_CHOICE}" if rule else "it is marked “busy”"
    return f"In {calendar}: {what}, {span_words(span, zone)}. It blocks because {why}."


def entry_passed_over(calendar: str, span: TimeRange, kind: EntryKind, *, zone: Zone) -> str:
    choice = "such entries never block" if kind in _NEVER else f"such entries do not block by {_THE_CHOICE}"
    return (
        f"In {calendar}: an entry, {span_words(span, zone)}. It does not block: {_KINDS[kind]}, and {choice}."
    )


def booked(booking: str, span: TimeRange, zone: Zone) -> str:
    return f"{booking} of their own is then, {span_words(span, zone)}: LatePoint itself blocks that time."


def looked_at(calendar: str, at: datetime | None, now: datetime, *, is_lost: bool) -> str:
    """When the calendar was read last."""
    if at is None:
        return f"{_capital(calendar)} has not been read yet."
    if is_lost:
        return f"{_capital(calendar)} cannot be read now; this is what was in it {messages.age(at, now)}."
    return f"{_capital(calendar)} was last read {messages.age(at, now)}."


def slot_of_before(span: TimeRange, zone: Zone) -> str:
    """A busy time the form was told of, of which no entry is known any more."""
    return f"The form still shows a busy time, {span_words(span, zone)}, that LateSync is about to take back."


def calendar_of(name: str, number: int, count: int, provider: str = "") -> str:
    """How a calendar is called before anybody but its person: its name is theirs (users-ask.md U40).

    provider: for a person who uses several.
    """
    which = f" (number {number} of {count})" if count > 1 else ""
    at = f" in {calendar_product(provider)}" if provider else ""
    return f"a calendar of {name}’s{at}{which}"


def own_calendar(title: str, provider: str = "") -> str:
    """How a calendar is called before its person. provider: for a person who uses several."""
    return f"“{title}” in {calendar_product(provider)}" if provider else f"“{title}”"


_THE_CHOICE = "the agent’s choice"
_NEVER = frozenset({EntryKind.DECLINED, EntryKind.CANCELLED, EntryKind.WORKING_LOCATION, EntryKind.BIRTHDAY})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
