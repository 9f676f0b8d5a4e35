"""What a page says around a row of the table. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from latesync.messages import Message, age
from latesync.sign_in_troubles.trouble import Actor, Place, Provider, Trouble

SETTLING = timedelta(hours=2)  # "five minutes to a few hours" (google-calendar.md R9), in practice minutes

_ACTORS = {
    Actor.AGENT: "The agent who signs in",
    Actor.OWNER: "The site’s owner",
    Actor.ORGANISATION: "The administrator of the agent’s organisation",
    Actor.NOBODY: "Nobody: it passes by itself",
}
_PLACES = {
    Place.PAGE: "on {provider}’s page",
    Place.RETURN: "back on LateSync’s page",
    Place.TOKEN: "when LateSync asks {provider} for access",
    Place.CALENDAR: "when LateSync reads or writes the calendar",
}
_COMPANIES = {Provider.GOOGLE: "Google", Provider.MICROSOFT: "Microsoft"}

NOT_FOUND = Message(
    "LateSync does not know this one",
    "Paste the whole text of the page, not only a part of it. If it is still not found: send the text to the "
    "site’s owner, who may ask LateSync’s makers. Nothing is lost meanwhile.",
)
EMPTY = Message(
    "Nothing was pasted", "Type the code, or paste what stands on the page, and press “Look it up”."
)


def who_acts(trouble: Trouble, *, is_agent: bool) -> str:
    if trouble.actor is Actor.AGENT and is_agent:
        return "You"
    if trouble.actor is Actor.ORGANISATION and is_agent:
        return "The administrator of your organisation"
    return _ACTORS[trouble.actor]


def where_seen(trouble: Trouble) -> str:
    """ "On Google’s page, or when LateSync asks Google for access"."""
    text = ", or ".join(
        _PLACES[place].format(provider=_COMPANIES[trouble.provider]) for place in trouble.places
    )
    return text[0].upper() + text[1:]


def letter(trouble: Trouble, *, address: str, client_id: str) -> str:
    """What an agent sends to whoever acts; empty when the agent needs nobody.

    address: the agent's at the provider, as far as known.
    """
    if not trouble.ask:
        return ""
    ask = trouble.ask.format(
        address=address or "(write your address here)",
        client_id=client_id or "(the site’s owner knows the client ID)",
    )
    return f"Signing in with {_COMPANIES[trouble.provider]} ended with “{trouble.as_shown}”. {ask}"


def is_settling(changed_at: datetime, now: datetime) -> bool:
    return now - changed_at < SETTLING


def settling(changed_at: datetime, now: datetime) -> str:
    """For the moments after an upload, when right and not yet in effect look the same."""
    return (
        f"Wait and try again first: the client file was uploaded {age(changed_at, now)}, and Google takes "
        "from "
        "five minutes to a few hours until a change is in effect. Change nothing else meanwhile."
    )


def unknown_error(error: str, provider: str) -> Message:
    """For an error that stands in no table. error: as the provider wrote it, or empty."""
    shown = error if re.fullmatch(r"[\w.-]{1,64}", error, re.ASCII) else ""
    name = _COMPANIES[Provider(provider)]
    code = f"{name} gave the reason “{shown}”" if shown else f"{name} gave a reason without a name"
    return Message(
        "An error LateSync does not know",
        f"{code}. Sign in once more. If it happens again, send this code to the site’s owner, who may report "
        "it to LateSync’s makers.",
    )


# --- asking a provider about the client ---------------------------------------------------------


def client_accepted(provider: str) -> Message:
    return Message(
        f"{_COMPANIES[Provider(provider)]} accepts the client",
        "Its ID and its secret are right, and in effect. Whether the redirect URI is registered, and who may "
        "sign in, shows only when somebody signs in: open an agent’s personal link to try it.",
    )


def client_refused(error: str, changed_at: datetime, now: datetime, provider: str) -> Message:
    """error: the provider's word for it."""
    name = _COMPANIES[Provider(provider)]
    if provider == Provider.GOOGLE and is_settling(changed_at, now):
        return Message(
            "Google does not accept the client yet",
            f"{settling(changed_at, now)} While this page is open, LateSync asks again every minute.",
        )
    if provider == Provider.MICROSOFT:
        return Message(f"{name} does not accept the client", f"{name} answered “{error}”.")
    return Message(
        f"{name} does not accept the client",
        f"{name} answered “{error}”. The file was uploaded {age(changed_at, now)}, so this is no longer a "
        "matter of waiting.",
    )


def client_unknown(provider: str) -> Message:
    return Message(
        f"{_COMPANIES[Provider(provider)]} did not say",
        "There was no answer that tells whether the client is right. Try again in some minutes.",
    )
