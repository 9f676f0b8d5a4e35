"""What the owner reads on LateSync's page Microsoft and in its step of the set-up. Pure."""

from __future__ import annotations

from datetime import date

from latesync.messages import Message, counted
from latesync.options import AccountType

FIRST_TAKEN = "LateSync knows your app at Microsoft. Agents can sign in now."
SAME = "Nothing was changed: this is what LateSync has already."
KEPT_OLD = "Everything stays as it was. What you typed was forgotten."
TOO_LATE = "What you typed is no longer kept: an hour has passed, or it was answered before. Type it again."
WAITS = "A change to the app waits for your yes."
SECRET_AGAIN = "The secret is not shown again, and was not kept. Paste it once more."  # noqa: S105 - a sentence
SECRET_KEPT = "Leave this empty to keep the secret LateSync has."  # noqa: S105 - a sentence
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

_HOW_TO_RENEW = (
    "In Entra, open the app, then Certificates & secrets: press “New client secret”, copy its Value, and type "
    "it here with its new date. Both secrets work side by side, and nobody has to sign in again."
)


def secret_end(ends_on: date | None, today: date) -> Message:
    """When the secret ends, and what to do (M2, M3)."""
    if ends_on is None:
        return Message(
            "not known",
            "Microsoft’s secrets end after two years at most, and then nobody’s calendar is synced. Look in "
            "Entra under Certificates & secrets, and type the date here: LateSync reminds you in time.",
        )
    days, shown = (ends_on - today).days, f"{ends_on.day} {ends_on:%B %Y}"
    if days < 0:
        return Message(f"ended on {shown}", f"No calendar at Microsoft is synced now. {_HOW_TO_RENEW}")
    if days == 0:
        return Message(f"ends today, {shown}", _HOW_TO_RENEW)
    return Message(f"{shown}, in {counted(days, 'day')}", _HOW_TO_RENEW)


def question(is_same_app: bool) -> Message:
    if is_same_app:
        return Message(
            "Change what LateSync knows of the app?",
            "It is the app in use, with another secret, tenant or kind of account. Nobody has to sign in again.",
        )
    return Message(
        "Use another app?",
        "This is another app than the one in use. Every sign-in with Microsoft from now on uses the new one.",
    )
