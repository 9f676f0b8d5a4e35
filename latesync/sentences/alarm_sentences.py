"""What the mails about alarms say to the owner. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from latesync import messages
from latesync.messages import Message, counted
from latesync.sentences import secret_sentences
from latesync.sentences.problem_sentences import account_problem, client_problem, outcome
from latesync.times import Zone, day_in

_TITLES = {
    "site_stopped": "LateSync has stopped and asks you something",
    "site_unreachable": "the booking site cannot be read",
    "form_not_told": "busy times do not reach the booking form",
    "client_refused": "Google does not accept LateSync",
    "app_refused": "Microsoft does not accept LateSync",
    "secret_ends": "the secret of the app at Microsoft ends",
    "plugin_off": "busy times do not reach the booking form",
    "plugin_silent": "changes in calendars do not reach the bookings",
    "daily_limit": "a daily limit is used up",
    "work_late": "nothing is being synced",
    "bookings_wait": "bookings wait",
    "held_plan": "changes wait for your word",
    "calendar_unreadable": "a calendar cannot be read",
}
_OVER = {
    "site_stopped": "LateSync goes on.",
    "site_unreachable": "The booking site can be read again.",
    "form_not_told": "Busy times reach the booking form again.",
    "client_refused": "Google accepts LateSync again.",
    "app_refused": "Microsoft accepts LateSync again.",
    "secret_ends": "LateSync has a newer secret for the app at Microsoft.",
    "plugin_off": "Busy times reach the booking form again.",
    "plugin_silent": "Changes in calendars reach the bookings again.",
    "daily_limit": "LateSync may go on.",
    "work_late": "Work that is due is being done again.",
    "bookings_wait": "No booking waits any more.",
    "held_plan": "No change waits for your word any more.",
    "calendar_unreadable": "{name}’s calendar is read again.",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """kind: plan/alarms.py's. count: what it costs. cause: a code of messages.py. name: the agent's it is
    about, if it is about one. is_closed: the booking form offers none of their times. provider: where that
    matters; the cause of "secret_ends" is the day, as in 2028-11-20."""

    kind: str
    since: datetime
    count: int = 1
    cause: str = ""
    name: str = ""
    is_closed: bool = False
    provider: str = field(kw_only=True)


def alarm(wrong: Wrong, now: datetime, zone: Zone) -> Message:
    """What is wrong, since when, what it costs and what to do."""
    return Message(_TITLES.get(wrong.kind, "something needs you"), _text(wrong, now, zone))


def all_clear(kind: str, ended_at: datetime, zone: Zone, *, name: str = "") -> Message:
    text = _OVER.get(kind, "What was wrong is over.").format(name=name)
    return Message(text.rstrip("."), f"{text} It was over on {messages.moment(ended_at, zone)}.")


def _text(wrong: Wrong, now: datetime, zone: Zone) -> str:
    since = lasting(wrong.since, now)
    match wrong.kind:
        case "site_stopped":
            return (
                "LateSync does not know whether it works for the right site. Nothing is written or read for "
                f"{since} now, and nobody is mailed but you. Open the page “Which site?” in LateSync and "
                "answer its one question."
            )
        case "site_unreachable":
            problem = messages.site_problem(wrong.cause)
            return f"For {since} no new or changed booking has reached a calendar. {problem}"
        case "form_not_told":
            return f"It has been so for {since}. {messages.site_problem('bridge_table_missing')}"
        case "client_refused" | "app_refused":
            return f"{_stand_still(wrong, since)} {client_problem(wrong.cause, wrong.provider)}"
        case "secret_ends":
            today = day_in(now, zone)
            return secret_sentences.secret_ends(wrong.provider, date.fromisoformat(wrong.cause), today)
        case "plugin_off":
            return (
                f"The LateSync plugin has been switched off in WordPress for {since} or longer: times at "
                "which your agents are busy are offered for booking. Activate it there under Plugins."
            )
        case "plugin_silent":
            problem = account_problem(wrong.cause, name="an agent", provider=wrong.provider)
            return f"It has been so for {since}. {problem}"
        case "daily_limit":
            problem = account_problem(wrong.cause, name="", provider=wrong.provider)
            return f"{_stand_still(wrong, since)} {problem}"
        case "work_late":
            waiting = counted(wrong.count, "calendar waits", "calendars wait")
            return f"{messages.worker_silent(wrong.since, now)} {waiting}."
        case "bookings_wait":
            return _bookings_wait(wrong, since)
        case "held_plan":
            return _held(wrong, since)
        case "calendar_unreadable":
            return _unreadable(wrong, zone)
    return f"It has been so for {since}. Open LateSync and look."


def _have(number: int, thing: str) -> str:
    return f"{counted(number, thing)} {'has' if number == 1 else 'have'}"


def _stand_still(wrong: Wrong, since: str) -> str:
    return f"{_have(wrong.count, 'calendar')} stood still for {since}."


def _bookings_wait(wrong: Wrong, since: str) -> str:
    return (
        f"{_have(wrong.count, 'booking')} waited for {since} ({outcome(wrong.cause, wrong.provider)}). "
        "Nothing is lost: LateSync tries again by itself, and writes them as soon as it can. If it stays "
        "like this, run latesync doctor."
    )


def _held(wrong: Wrong, since: str) -> str:
    return (
        f"{_have(wrong.count, 'change')} waited for {since}. They are unusually many at once, so LateSync "
        "makes none of them without your word. Open LateSync, look at the list, and let them go or refuse "
        "them. Everything else goes on."
    )


def _unreadable(wrong: Wrong, zone: Zone) -> str:
    then = (
        "Until it can be read again, the booking form offers none of their times."
        if wrong.is_closed
        else "The booking form goes by what was last known, and may offer times that are taken by now."
    )
    return (
        f"{wrong.name}’s calendar was last read on {messages.moment(wrong.since, zone)}. {then} Their page "
        "in LateSync says what is wrong and who can mend it."
    )


def lasting(since: datetime, now: datetime) -> str:
    """ "40 minutes", "3 hours", "2 days": for how long."""
    passed = max(now - since, timedelta(minutes=1))
    for size, unit in ((timedelta(days=2), "day"), (timedelta(hours=2), "hour")):
        if passed >= size:
            return counted(int(passed / (size / 2)), unit)
    return counted(int(passed / timedelta(minutes=1)), "minute")
