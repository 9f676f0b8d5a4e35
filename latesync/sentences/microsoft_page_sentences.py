"""What the owner reads on LateSync's page Microsoft and in its step of the set-up. Pure."""

from __future__ import annotations

from datetime import date

from latesync.messages import Message, counted
from latesync.options import AccountType
from latesync.sentences import secret_sentences

FIRST_TAKEN = "LateSync knows your app at Microsoft. Agents can sign in now."
NOT_SAVED = "Nothing was saved: what is wrong stands beside the fields."
SAME = "Nothing was changed: this is what LateSync has already."
KEPT_OLD = "Everything stays as it was. What you typed was forgotten."
TOO_LATE = "What you typed is no longer kept: an hour has passed, or it was answered before. Type it again."
WAITS = "A change to the app waits for your yes."
SECRET_AGAIN = "The secret itself is not shown again: paste it once more."  # noqa: S105 - a sentence
SECRET_KEPT = "Leave this empty to keep the secret LateSync has."  # noqa: S105 - a sentence
LASTS_LONG = (
    "Nothing is to be done yet. LateSync tells you 30 days, seven days and one day before. Then press “New "
    "client secret” at Microsoft and type its “Value” in below: nobody has to sign in again."
)
WHAT_TO_DO = "It is kept all the same. Press “Test this client”: that says what to do."
CHANGED = "Saved. Nobody has to sign in again."

# As Microsoft's page words them, and what each means for a salon (microsoft-graph.md M4).
ACCOUNT_TYPES = {
    AccountType.ANY_AND_PERSONAL: Message(
        "Any organisation, and personal accounts",
        "Right for most. Agents may use Microsoft 365 or a private address such as …@outlook.com or "
        "…@hotmail.com.",
    ),
    AccountType.SINGLE: Message(
        "One organisation only (single tenant)",
        "All agents have an address in your own Microsoft 365, and nobody else is let in.",
    ),
    AccountType.ANY: Message(
        "Any organisation (multitenant)",
        "Agents have Microsoft 365 at different companies; private addresses are not let in.",
    ),
    AccountType.PERSONAL: Message(
        "Personal accounts only",
        "All agents have private addresses such as …@outlook.com or …@hotmail.com.",
    ),
}
ACCOUNT_TYPES_ON_MICROSOFTS_PAGE = {
    AccountType.ANY_AND_PERSONAL: "Accounts in any organizational directory and personal Microsoft accounts",
    AccountType.SINGLE: "Accounts in this organizational directory only",
    AccountType.ANY: "Accounts in any organizational directory",
    AccountType.PERSONAL: "Personal Microsoft accounts only",
}
PERMISSIONS = ("Calendars.ReadWrite", "User.Read", "offline_access")  # M6


def secret_end(ends_on: date | None, today: date) -> str:
    """When the secret ends, in a few words (M2)."""
    if ends_on is None:
        return "not known"
    left, shown = (ends_on - today).days, f"{ends_on.day} {ends_on:%B %Y}"
    if left < 0:
        return f"on {shown}, which is over"
    when = "today" if left == 0 else f"in {counted(left, 'day')}"
    return f"on {shown}, {when}"


def secret_title(ends_on: date | None, today: date) -> str:
    if ends_on is None:
        return "When the secret ends is not known"
    ends = "ended" if ends_on < today else "ends"
    return f"The secret {ends} {secret_end(ends_on, today)}"


def renew(ends_on: date | None, today: date, *, is_ending: bool) -> str:
    """What to do about that (M3). is_ending: it is time to."""
    if ends_on is None:
        return secret_sentences.end_not_said("microsoft")
    if not is_ending:
        return LASTS_LONG
    return secret_sentences.secret_ends("microsoft", ends_on, today)


def question(is_same_app: bool) -> Message:
    if is_same_app:
        return Message(
            "Change what LateSync knows of the app?",
            "It is the app in use, with another secret, tenant or kind of account. Nobody has to sign in "
            "again.",
        )
    return Message(
        "Use another app?",
        "This is another app than the one in use. Every sign-in with Microsoft from now on uses the new one.",
    )
