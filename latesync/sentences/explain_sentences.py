"""Answers to "why is this booking (not) in the calendar?". Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from latesync import messages
from latesync.messages import Message, counted, moment
from latesync.model import FOUGHT_OVER
from latesync.sentences.drift_sentences import span_words
from latesync.sentences.history_sentences import dated, refused_because
from latesync.sentences.provider_words import company
from latesync.times import TimeRange, Zone


@dataclass(frozen=True, slots=True)
class BookingWords:
    """What the answer about one booking in one agent's calendar is put into words from.

    case: of plan/explain.py. operation, reason: of the plan, where it would do something.
    status, wanted: the booking's, and those that stand in calendars. problem: why it was set aside, or why
      the row cannot be read. has_event: whether an event of it stands in the calendar, as far as is known.
    leader: the booking whose event it shares. comes_at: about when the window reaches it.
    in_shell: remedies are commands, not buttons. is_stopped: nothing is done before a person says which site
      this is. has_history: what happened to it is shown below.
    """

    name: str
    zone: Zone
    now: datetime
    case: str
    provider: str
    operation: str = ""
    reason: str = ""
    status: str = ""
    wanted: Collection[str] = ()
    problem: str = ""
    has_event: bool = False
    drift: str = ""
    drift_span: TimeRange | None = None
    first_written_at: datetime | None = None
    last_written_at: datetime | None = None
    held_since: datetime | None = None
    leader: int | None = None
    comes_at: datetime | None = None
    account_state: str = "never"
    in_shell: bool = False
    is_stopped: bool = False
    has_history: bool = False


def booking_answer(words: BookingWords, booking_id: int) -> Message:
    """The answer in one line, and what it means."""
    return _ANSWERS[words.case](words, booking_id)


def waits(
    code: str,
    name: str,
    since: str,
    detail: str = "",
    *,
    agent_id: int | None = None,
    provider: str,
) -> str:
    """What keeps LateSync from doing now what is due. since: in words. detail: a problem's own sentence.

    agent_id: for the shell, where remedies are commands; None for a page.
    """
    sentence = _WAITS[code] if agent_id is None else _WAITS_IN_SHELL.get(code, _WAITS[code])
    return sentence.format(
        name=name, since=since, detail=detail, agent_id=agent_id, company=company(provider)
    )


def next_try(at: datetime | None, attempts: int, zone: Zone, now: datetime) -> str:
    """When LateSync does it, as far as that is known. attempts: how many have failed in a row."""
    failed = f" {counted(attempts, 'try', 'tries')} failed so far." if attempts else ""
    if at is None or at <= now:
        return f"It is due now: LateSync does it within seconds.{failed}"
    return f"LateSync tries again on {moment(at, zone)}.{failed}"


def unread_site(problem: str) -> str:
    remembered = "The booking site cannot be read now, so this is what LateSync remembers."
    return f"{remembered} {messages.site_problem(problem)}"


def _in_step(words: BookingWords, booking_id: int) -> Message:
    return Message(f"It is in {words.name}’s calendar, as it should be.", _written(words))


def _stays(words: BookingWords, booking_id: int) -> Message:
    return Message(
        f"It still stands in this calendar of {words.name}’s.",
        "Bookings go to another calendar now. This event goes as soon as the booking stands there, together "
        "with what was noted in it. Nothing is to be done.",
    )


def _kept_cancelled(words: BookingWords, booking_id: int) -> Message:
    return Message(
        f"It is cancelled, and its event stays in {words.name}’s calendar.",
        f"Its status is “{words.status}”. You chose to keep such events, marked as cancelled and shown as "
        "free.",
    )


def _due(words: BookingWords, booking_id: int) -> Message:
    because = f"Why: {messages.reason(words.reason)}."
    soon = "would" if words.is_stopped else "is about to"
    match words.operation:
        case "create":
            title = f"It is not in {words.name}’s calendar yet: LateSync {soon} write it."
        case "adopt":
            title = (
                f"LateSync asked {company(words.provider)} to write it into {words.name}’s calendar, and "
                f"{soon} look what came of it."
            )
        case "update":
            title = f"It is in {words.name}’s calendar, and LateSync {soon} change its event."
        case "delete":
            title = f"LateSync {soon} take its event out of {words.name}’s calendar."
        case "retire" if words.reason == "past":
            title = f"It is over. Its event stays in {words.name}’s calendar as history."
            because = ""
        case "retire":
            title = f"Nothing of it stands in {words.name}’s calendar any more."
        case "move booking":
            title = f"{words.name} moved its event, and LateSync {soon} move the booking as well."
        case _:
            title = f"{words.name} deleted its event, and LateSync {soon} cancel the booking."
    return Message(title, because)


def _held(words: BookingWords, booking_id: int) -> Message:
    would = {
        "update": "change its event",
        "delete": "take its event out of the calendar",
        "move booking": "move the booking as its event was",
        "cancel booking": "cancel the booking, as its event was deleted",
    }.get(words.operation, "change its event")
    since = f" since {moment(words.held_since, words.zone)}" if words.held_since else ""
    return Message(
        f"It waits for your decision{since}.",
        f"LateSync would {would}, because {messages.reason(words.reason)}. Together with others that is "
        "unusually much, so nothing is done before you let it go on, or refuse it.",
    )


def _set_aside(words: BookingWords, booking_id: int) -> Message:
    retry = f"run `latesync retry {booking_id}`" if words.in_shell else "press “Try again”"
    if words.problem == FOUGHT_OVER:
        return Message(
            f"Its event in {words.name}’s calendar is left as somebody else put it.",
            "LateSync put it back again and again within an hour, and each time somebody or another program "
            f"changed it again. Find out who, for example another calendar sync; then {retry}. "
            "It is written as well when the booking changes.",
        )
    stands = "An older version of it stands there" if words.has_event else "It is not there"
    return Message(
        f"{company(words.provider)} refused its event in {words.name}’s calendar.",
        f"{refused_because(words.problem, words.provider)}. {stands}. It is tried again when the booking "
        f"changes, or when you {retry}.",
    )


def _left_out(words: BookingWords, booking_id: int) -> Message:
    return Message(
        f"It is left out of {words.name}’s calendar, as was asked for.",
        "It stood before only new bookings were to come. It comes as soon as it is changed in LatePoint; to "
        "have all bookings, start anew with “all bookings” on the agent’s page.",
    )


def _left_as_put(words: BookingWords, booking_id: int) -> Message:
    if words.drift == "deleted":
        done = f"{words.name} deleted its event in the calendar"
    elif words.drift_span is not None:
        done = f"{words.name} moved its event to {span_words(words.drift_span, words.zone)}"
    else:
        done = f"{words.name} edited its event in the calendar"
    return Message(
        f"{done}, and it is left so.",
        "That is your choice on the settings page. When the booking itself changes, its event is written "
        "anew.",
    )


def _not_wanted(words: BookingWords, booking_id: int) -> Message:
    wanted = " or ".join(f"“{status}”" for status in sorted(words.wanted))
    left = f" Its event stays in {words.name}’s calendar all the same." if words.has_event else ""
    return Message(
        f"It does not belong in a calendar: its status is “{words.status}”.",
        f"On your site bookings are written that are {wanted}.{left}",
    )


def _past(words: BookingWords, booking_id: int) -> Message:
    text = (
        f"Its event stays in {words.name}’s calendar as history."
        if words.has_event
        else "LateSync looks from yesterday on, and leaves alone what was over before."
    )
    return Message("It is over.", text)


def _beyond_window(words: BookingWords, booking_id: int) -> Message:
    comes = (
        f" That is about {messages.day(words.comes_at, words.zone)} {words.comes_at.year}."
        if words.comes_at
        else ""
    )
    return Message(
        "It is too far ahead.",
        f"LateSync writes what starts within a year. It comes by itself when its time is that near.{comes}",
    )


def _other_agent(words: BookingWords, booking_id: int) -> Message:
    return Message(f"It is not {words.name}’s booking any more.", "It belongs to another agent now.")


def _agent_gone(words: BookingWords, booking_id: int) -> Message:
    return Message(
        "Its agent is no longer on the site.",
        "Give the booking to another agent in LatePoint, and it comes into their calendar.",
    )


def _unreadable(words: BookingWords, booking_id: int) -> Message:
    return Message(
        "Its row on the site cannot be understood.", messages.unreadable_booking(booking_id, words.problem)
    )


def _no_such_booking(words: BookingWords, booking_id: int) -> Message:
    remembered = "LateSync remembers nothing of it." if not words.name else ""
    if words.has_history:
        remembered = "What LateSync remembers of it stands below."
    return Message(
        f"The site has no booking {booking_id}.",
        f"It was deleted there, or never was. {remembered}".rstrip(),
    )


def _in_group(words: BookingWords, booking_id: int) -> Message:
    return Message(
        f"It is in {words.name}’s calendar, in one event together with others.",
        f"Bookings of this service at one time share an event. This one is that of booking {words.leader}.",
    )


def _no_account(words: BookingWords, booking_id: int) -> Message:
    how = {
        "never": f"{words.name} has not connected a calendar.",
        "disconnected": f"{words.name}’s calendar is disconnected.",
    }.get(words.account_state, f"{words.name} has no calendar connected.")
    return Message(
        f"{how}",
        "As soon as the calendar is connected, LateSync writes it. The agent’s page has the personal link.",
    )


def _unknown(words: BookingWords, booking_id: int) -> Message:
    return Message(
        "LateSync cannot tell at this moment.",
        "The booking is changing right now, or the booking site cannot be read. Ask again in a few seconds.",
    )


_ANSWERS: dict[str, Callable[[BookingWords, int], Message]] = {
    "in_step": _in_step,
    "kept_cancelled": _kept_cancelled,
    "due": _due,
    "held": _held,
    "set_aside": _set_aside,
    "left_out": _left_out,
    "left_as_put": _left_as_put,
    "not_wanted": _not_wanted,
    "past": _past,
    "beyond_window": _beyond_window,
    "other_agent": _other_agent,
    "agent_gone": _agent_gone,
    "unreadable": _unreadable,
    "no_such_booking": _no_such_booking,
    "in_group": _in_group,
    "stays": _stays,
    "no_account": _no_account,
    "unknown": _unknown,
}
CASES = frozenset(_ANSWERS)
_WAITS = {
    "paused": "{name} is paused since {since}. It is caught up when you press “Resume”.",
    "all_paused": "LateSync is paused since {since}. It is caught up when you press “Resume”.",
    "site_stopped": "LateSync stands still since {since}: it, or the site, may be a copy. The dashboard asks "
    "you which.",
    "signed_out": "{company} has signed {name} out. It is caught up after the next sign-in.",
    "disconnected": "{name}’s calendar is disconnected: LateSync cannot reach what it left there.",
    "problem": "{detail}",
    "reset": "A new start is under way since {since} ({detail}). Bookings follow when it is done.",
    "worker_silent": "Nothing is being done at all: the oldest work was due {since}. Check that latesync "
    "worker runs.",
    "working": "LateSync is at work in this calendar right now.",
}
_WAITS_IN_SHELL = {
    "paused": "{name} is paused since {since}. It is caught up when you run `latesync resume {agent_id}`.",
    "all_paused": "LateSync is paused since {since}. It is caught up when you run `latesync resume`.",
    "site_stopped": "LateSync stands still since {since}: it, or the site, may be a copy. `latesync site` "
    "asks you which.",
}
WAITS = frozenset(_WAITS)


def _written(words: BookingWords) -> str:
    if words.last_written_at is None:
        return "It was written before LateSync began to keep its history. Nothing is to be done."
    last = dated(words.last_written_at, words.now, words.zone)
    if words.first_written_at is None or words.first_written_at == words.last_written_at:
        return f"Its event was written on {last}. Nothing is to be done."
    first = dated(words.first_written_at, words.now, words.zone)
    return f"Its event was first written on {first}, and last on {last}. Nothing is to be done."
