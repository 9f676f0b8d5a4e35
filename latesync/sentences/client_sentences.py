"""What people read about the client file and its replacement. Pure: codes and names in, text out."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import Message, counted
from latesync.sentences.provider_words import company

FIRST_TAKEN = "The client file is taken. Agents can sign in now."
KEPT_OLD = "The old client stays in use. The file you uploaded was forgotten."
TOO_LATE = (
    "The uploaded file is no longer kept: an hour has passed, or it was answered before. Upload it again."
)
NO_FILE = "No file was chosen. Choose the file that Google gave you, or paste its text."
PUBLISHING_UNKNOWN = "Choose one of the four, then press Save."
UPLOAD_WAITS = "A client file waits for your yes."
OTHER_LIMITS = (
    "Google may give new or trial projects lower limits, and keeps others about invitations it does not "
    "publish. Yours stand in Google’s console under APIs & Services, Google Calendar API, Quotas."
)
NO_CLIENT_YET = "There is no client yet. Upload the client file first."

_QUESTIONS = {
    "same_client": Message(
        "Replace the client’s secret?",
        "This is the client in use, with another secret or other addresses. Nobody has to sign in again.",
    ),
    "other_client": Message(
        "Replace the client?",
        "This is another client than the one in use. Every sign-in from now on uses the new one.",
    ),
}
_THINGS = {"google": "client file", "microsoft": "app"}
_CLIENTS = {"google": "client", "microsoft": "app"}


def question(change: str, provider: str) -> Message:
    """change: a word of `Change`."""
    if change in _QUESTIONS:
        return _QUESTIONS[change]
    return Message(f"Take this {_THINGS[provider]}?", "There is none yet. Agents can sign in with it.")


def replacement_lines(
    change: str,
    *,
    unnoticed: Sequence[str] = (),
    sign_in_again: Sequence[str] = (),
    cut_off: Sequence[str] = (),
    signed_out: Sequence[str] = (),
    other_project: str | None = None,
    warnings: Sequence[str] = (),
    provider: str,
) -> list[str]:
    """What happens to each account, one sentence or two a group of agents, by name."""
    lines, at, old = [], company(provider), f"old {_CLIENTS[provider]}"
    if unnoticed:
        goes = "goes" if len(unnoticed) == 1 else "go"
        lines.append(f"{listed(unnoticed)} {goes} on and will not notice.")
    if sign_in_again:
        lines.append(
            f"{listed(sign_in_again)} must sign in again, once. Until then {_their(sign_in_again)} bookings "
            f"go on with the {old}, so do not delete that at {at} yet."
        )
    if cut_off:
        are = "is" if len(cut_off) == 1 else "are"
        lines.append(
            f"{listed(cut_off)} must sign in again: {at} refuses the {old}, so {_they(cut_off)} {are} "
            f"signed out at once. {_their(cut_off).capitalize()} bookings wait until then; nothing is lost."
        )
    if signed_out:
        is_out = "is" if len(signed_out) == 1 else "are"
        lines.append(f"{listed(signed_out)} {is_out} signed out already and must sign in anyway.")
    if change == "same_client":
        lines.append(f"Switch the old secret off at {at} only after this.")
    if other_project:
        lines.append(
            f"The file is of another Google project ({other_project}): switch on the Google Calendar API "
            "there, and look under Audience who may sign in."
        )
    return [*lines, *warnings]


def same_file(problem: str | None) -> str:
    """problem: the sentence about the client in use, if Google refuses it."""
    said = "This very file is in use already; nothing was changed."
    return f"{said} {problem}" if problem else said


def replaced(change: str, must_sign_in: Sequence[str], provider: str) -> str:
    """must_sign_in: the agents whose sign-in belongs to a client that is out of use now."""
    if change == "first":
        return f"The {_THINGS[provider]} is taken. Agents can sign in now."
    if change == "same_client":
        return f"The {_CLIENTS[provider]}’s secret is replaced. Nobody has to sign in again."
    if not must_sign_in:
        return f"The new {_CLIENTS[provider]} is in use. Nobody has to sign in again."
    return f"The new {_CLIENTS[provider]} is in use. To sign in again, once: {listed(must_sign_in)}."


def users_of_client(number: int) -> str:
    if number == 0:
        return "No account uses it yet."
    return f"{counted(number, 'account uses', 'accounts use')} it."


def old_client_kept(number: int) -> str:
    if number == 0:
        return "No account uses it any more; it is forgotten within the hour."
    still = counted(number, "account still uses", "accounts still use")
    return f"{still} it. It is forgotten when the last one has signed in with the new client."


def renew_by_name(names: Sequence[str]) -> str:
    return f"To sign in once more: {listed(names)}."


def listed(names: Sequence[str]) -> str:
    """ "Anna", "Anna and Ben", "Anna, Ben and Dana"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _their(names: Sequence[str]) -> str:
    return "this agent’s" if len(names) == 1 else "their"


def _they(names: Sequence[str]) -> str:
    return "this agent" if len(names) == 1 else "they"


_NONE_YET = {
    "google": "No client file was uploaded yet: `latesync client import FILE`.",
    "microsoft": "No app was entered yet: `latesync client import --provider microsoft --interactive`.",
}


def no_client_yet(provider: str) -> str:
    """For a shell."""
    return _NONE_YET[provider]


def provider_says(provider: str, verdict: str, word: str) -> str:
    """verdict: accepted, refused or unknown. word: the provider's own."""
    name = company(provider)
    match verdict:
        case "accepted":
            return f"{name} accepts the client: its ID and its secret are right."
        case "refused":
            return f"{name} does not accept the client ({word}). `latesync doctor` says what to do."
    return f"{name} did not say. Try again in some minutes."
