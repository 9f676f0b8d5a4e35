"""What people read where LateSync does not know whether it works for the right site. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from latesync.messages import Message
from latesync.model import Stop

COPY_WORD = "copy"  # to be typed: what the answer gives up does not come back
QUESTION = "Is this a move or a copy?"
_PAGE = "Answer on the page “Which site?”"
RESTS = Message(
    "LateSync rests at the moment",
    "The salon’s owner has a question to answer first. Nothing is lost: your bookings and your calendar stay "
    "as they are. Try again later.",
)
ANSWER_FIRST = Message(
    "This waits for your answer",
    "LateSync changes nothing before it knows whether it may work for this site.",
)
CHANGED_MEANWHILE = "The question is another one by now. Look at it again; nothing was changed."
TYPE_THE_WORD = f"To make this a copy, type the word {COPY_WORD}. Nothing was changed."
WATCHING = "LateSync makes sure that no other LateSync works for this site. This takes up to a minute."
MOVED = "It goes on. Everything is looked at again."
NO_QUESTION = "There is nothing to answer: LateSync works for this site. Nothing was changed."
NO_COPY = (
    f"{NO_QUESTION} Should this be a copy all the same, `latesync site copy --although-nothing-asks` makes "
    "it one, and every sign-in is forgotten."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the two answers: what it is called, when it is right, and what happens then."""

    title: str
    when: str
    lines: tuple[str, ...]
    button: str


def stop_remedy(stop: str, home_url: str | None, seen_home_url: str | None) -> str:
    """What the dashboard, `latesync status` and `latesync doctor` say."""
    if stop == Stop.OTHER_STATE:
        return (
            "LateSync has stopped: another LateSync with the same data works for this site. "
            f"{_PAGE}, or with `latesync site`."
        )
    return (
        f"LateSync has stopped: the booking site is now {seen_home_url}, and LateSync works for {home_url}. "
        f"{_PAGE}, or with `latesync site`."
    )


def why_stopped(stop: str) -> str:
    """The page's and the command's first words."""
    if stop == Stop.OTHER_STATE:
        return (
            "Another LateSync with the same data works for this booking site right now. Two of them would "
            "undo each other’s work, so this one has stopped. Nothing was changed."
        )
    return (
        "The booking site has another address than the one LateSync works for. A copy of the site must not "
        "change your agents’ real calendars, so LateSync has stopped. Nothing was changed."
    )


def move(stop: str) -> Answer:
    if stop == Stop.OTHER_STATE:
        return Answer(
            "It is the same LateSync, in a new place",
            "Right if the other one belongs to the old place. Stop it there first.",
            (
                "Every sign-in, every booking’s event and all settings stay as they are.",
                "Calendars and bookings are looked at again at once.",
                "Should the other one still run, this one stops again within a minute.",
            ),
            "It has moved: go on",
        )
    return Answer(
        "It is the same site, with a new address",
        "Right if your customers book at the new address from now on.",
        (
            "Every sign-in, every booking’s event and all settings stay as they are.",
            "Calendars and bookings are looked at again at once.",
            "In WordPress, open the LateSync plugin’s page and say there, too, that the site has moved.",
        ),
        "It has moved: go on",
    )


def copy(stop: str) -> Answer:
    if stop == Stop.OTHER_STATE:
        return Answer(
            "This LateSync is a copy",
            "Right if the other one is the real one, and this is for trying things out.",
            (
                "Nobody is connected here any more: sign-ins, the client file and what was known of "
                "events go.",
                "No calendar is touched, and nobody is signed out at Google or Microsoft. The other LateSync "
                "goes on.",
                "Your settings and your owner’s account stay. Links that were sent from here stop working.",
                "Connect a booking site of its own to it: while it reads the same one, it stops again.",
            ),
            "It is a copy: begin anew",
        )
    return Answer(
        "It is a copy of the site",
        "Right for a test or staging site, while the real one goes on at the old address.",
        (
            "Nobody is connected here any more: sign-ins, the client file and what was known of events go.",
            "No calendar is touched, and nobody is signed out at Google or Microsoft. The real site’s "
            "LateSync goes on.",
            "Busy times that were copied along are removed from the copy’s booking form.",
            "Your settings and your owner’s account stay. Links that were sent from here stop working.",
        ),
        "It is a copy: begin anew",
    )


def became_copy(busy_removed: int) -> str:
    text = "This is a site of its own now, and nobody is connected."
    if busy_removed:
        times = "One busy time" if busy_removed == 1 else f"{busy_removed} busy times"
        text += f" {times} copied from the other site no longer {_closes(busy_removed)} the booking form."
    return f"{text} To try it out, begin with the set-up; connect test accounts, not your agents’ real ones."


def works_for(home_url: str | None) -> str:
    return f"LateSync works for {home_url}." if home_url else "LateSync has not seen the booking site yet."


def _closes(count: int) -> str:
    return "closes times on" if count == 1 else "close times on"
