"""What people read about signing in with a provider, before, after and instead. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import Message, counted
from latesync.sentences.provider_words import company
from latesync.sentences.sign_in_refusals import REFUSALS

_AGAIN = "Press “Sign in with {company}” once more."


# {company}: the provider’s name.
_SIGN_INS = {
    "session_ended": Message(
        "Your link ended while you were at {company}",
        "It ran out, was replaced by a newer one, or another agent’s page was opened in this browser. "
        "Nothing was changed. Open your newest link and sign in from there.",
    ),
    "state_unknown": Message(
        "This sign-in was not started here",
        f"Nothing was changed. Open your own page again. {_AGAIN}",
    ),
    "state_expired": Message(
        "This sign-in has expired",
        f"It was started more than an hour ago. Nothing was changed. {_AGAIN}",
    ),
    "key_lost": Message(
        "This sign-in has to begin anew",
        f"LateSync’s own key was replaced while you were at {{company}}. Nothing was changed. {_AGAIN}",
    ),
    "state_used": Message(
        "This sign-in was already finished",
        "The page was opened twice, for example with the back button. Nothing was changed. "
        "Your own page shows whether your calendar is connected.",
    ),
    "done_already": Message(
        "You have signed in already",
        "It was done in another window or on another device, and this second time was not needed. Your "
        "calendar is connected, and everything goes on by itself.",
    ),
    "link_used_up": Message(
        "This link is no longer needed",
        "While you were at {company}, the calendar was disconnected, or signed in and out again. Nothing was "
        "changed. Open the newest message or your personal link, and sign in from there.",
    ),
    "other_browser": Message(
        "This sign-in was started in another browser",
        "Nothing was changed. Open your link in this browser and sign in from there. If you opened it inside "
        "an app, such as a mail program, choose “Open in browser” there first.",
    ),
    "code_used": Message(
        "{company} did not accept the sign-in",
        f"The answer was too old or had been used before. Nothing was changed. {_AGAIN}",
    ),
    "sign_in_failed": Message(
        "The sign-in did not work",
        f"{{company}} refused it; what it said stands below. Nothing was connected. {_AGAIN} "
        "If it happens again, tell the site’s owner.",
    ),
    "no_identity": Message(
        "{company} did not say which account this is",
        f"Nothing was connected. {_AGAIN}",
    ),
    "provider_unavailable": Message(
        "{company} did not answer",
        f"Nothing was connected. Wait a minute. {_AGAIN}",
    ),
}


def sign_in_refused(code: str, account: str = "", *, provider: str) -> Message:
    """The page for a sign-in that was not completed. account: the one that is expected, masked."""
    if code == "other_identity":
        return _other_identity(account or "that was connected before", provider)
    of_provider = REFUSALS.get(provider, {})
    said = of_provider.get(code) or _SIGN_INS.get(code) or _SIGN_INS["sign_in_failed"]
    name = company(provider)
    return Message(said.title.format(company=name), said.text.format(company=name))


def no_client(provider: str) -> str:
    """provider: "" where the site has set up none of them."""
    if provider:
        return sign_in_refused("no_client", provider=provider).text
    return (
        "Nobody can sign in yet: the site’s owner has set up neither Google nor Microsoft in LateSync. Ask "
        "them to do so, then open your personal link again."
    )


def shared_account(others: int, provider: str) -> str:
    who = "Another agent uses" if others == 1 else f"{others} other agents use"
    return (
        f"{who} the same {company(provider)} account. Bookings of all of them go into it, and each one’s "
        "bookings make the others busy. If that is not meant, sign in with an account of your own."
    )


def _other_identity(expected: str, provider: str) -> Message:
    """Another person's account, or another one of the same person."""
    name = company(provider)
    return Message(
        f"This is another {name} account",
        f"This page belongs to the {name} account {expected}. Nothing was connected or changed. "
        f"Press “Sign in with {name}” once more and choose that account on {name}’s page; if it is not "
        "listed, press “Use another account” there. To change to the new one, disconnect on your own page "
        "first.",
    )


def masked(address: str) -> str:
    """ "a…@example.com": enough to know one's own account by, and no address for a stranger."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}" if at else f"{address[:1]}…"


# --- links that lead no further ---------------------------------------------------------------

LINK_OF_ANOTHER_SITE = Message(
    "This link belongs to another site",
    "Open the newest link that this site’s owner sent you, or ask them for one.",
)
LINK_REPLACED = Message(
    "This link was replaced by a newer one",
    "Open the newest link you were sent. If you cannot find it, ask the site’s owner for a new one.",
)
AGENT_GONE = Message(
    "You are no longer among the site’s agents",
    "The site’s owner removed this agent. Ask them if that was not meant.",
)
LINK_SESSION_OVER = Message(
    "Please open the link in your message again",
    "This page belongs to one person, and it was open for too long or never opened in this browser. If you "
    "have no such message, ask the site’s owner for your personal link.",
)


# --- after the provider's return --------------------------------------------------------------------

GOES_ON = "This takes longer than usual. It goes on by itself, and you can close this page."


def being_written(waiting: int | None) -> str:
    """While LateSync is at it. waiting: bookings to write, None when the site cannot say."""
    if waiting is None:
        return "Signed in. Your calendar is being brought up to date …"
    if waiting == 0:
        return "Signed in. Your busy times are being read …"
    return f"Signed in. {counted(waiting, 'booking is', 'bookings are')} being written …"


def all_written(written: int, changed: int, removed: int) -> str:
    if not written + changed + removed:
        return "Done: your calendar held every booking already; your busy times are up to date."
    return (
        f"Done: {counted(written, 'booking')} written, {changed} changed, {removed} removed; "
        "your busy times are up to date."
    )


def written_so_far(written: int, changed: int, removed: int) -> Sequence[str]:
    """While something else is wrong; nothing where nothing was done."""
    if not written + changed + removed:
        return []
    return [f"So far: {counted(written, 'booking')} written, {changed} changed, {removed} removed."]


def left_for_owner(held: int, refused: int) -> Sequence[str]:
    """What a person must look at. held: changes not made; refused: bookings that cannot be written."""
    notes = []
    if held:
        notes.append(
            f"{counted(held, 'change waits', 'changes wait')} for the site’s owner, because it is unusually "
            "much at once."
        )
    if refused:
        notes.append(
            f"{counted(refused, 'booking')} cannot be written as {'it is' if refused == 1 else 'they are'}. "
            "The site’s owner sees which, and why."
        )
    return notes


# --- mails ------------------------------------------------------------------------------------

WRONG_STOP = Message(
    "This address does not work",
    "It may be incomplete. Open it again from the message, or write to the site’s owner.",
)


def summary_to_stop(is_stopped: bool) -> Message:
    """For an admin: the page that the daily summary's “no more of these” leads to."""
    if is_stopped:
        return Message(
            "You get no more daily summaries",
            "What needs you stands on LateSync’s own pages. You can have the summary back at any time.",
        )
    return Message(
        "Stop the daily summary?",
        "LateSync writes to you once a day while something needs you. Without it, what needs you stands on "
        "LateSync’s own pages only.",
    )
