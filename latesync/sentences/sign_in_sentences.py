"""What people read about signing in with Google, before, after and instead. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from latesync.messages import Message, counted

_AGAIN = "Press “Sign in with Google” once more."


_SIGN_INS = {
    "declined": Message(
        "Nothing was connected",
        f"You pressed “Cancel” on Google’s page, so LateSync may not see your calendar. {_AGAIN} "
        "Choose “Allow” there if you want your bookings in your calendar.",
    ),
    "partial_consent": Message(
        "The calendar permission is missing",
        "On Google’s page the box for your calendar was left empty, so nothing was connected. "
        f"{_AGAIN} This time tick the box next to “See, edit, share and permanently delete all the "
        "calendars”. LateSync changes only the events it made itself.",
    ),
    "session_ended": Message(
        "Your link ended while you were at Google",
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
        f"LateSync’s own key was replaced while you were at Google. Nothing was changed. {_AGAIN}",
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
        "While you were at Google, the calendar was disconnected, or signed in and out again. Nothing was "
        "changed. Open the newest message or your personal link, and sign in from there.",
    ),
    "other_browser": Message(
        "This sign-in was started in another browser",
        "Nothing was changed. Open your link in this browser and sign in from there. If you opened it inside "
        "an app, such as a mail program, choose “Open in browser” there first.",
    ),
    "code_used": Message(
        "Google did not accept the sign-in",
        f"The answer was too old or had been used before. Nothing was changed. {_AGAIN}",
    ),
    "client_rejected": Message(
        "Google does not accept this site’s key",
        "You did nothing wrong: the site’s owner must upload a new client file on LateSync’s Google page. "
        "A change at Google can take from five minutes to a few hours. Your sign-in will work after that.",
    ),
    "calendar_api_off": Message(
        "Google Calendar is switched off for this site’s app",
        "You did nothing wrong: the site’s owner must switch on the Google Calendar API for the project at "
        "Google. A few minutes after that your sign-in will work.",
    ),
    "no_calendar": Message(
        "This Google account has no calendar",
        "Open calendar.google.com once with this account, or choose another account. "
        "Then press “Sign in with Google” once more.",
    ),
    "redirect_mismatch": Message(
        "Google does not know this site’s address",
        "You did nothing wrong: the site’s owner must add the redirect address that LateSync’s Google page "
        "shows to the client at Google. It takes from five minutes to a few hours until Google uses it.",
    ),
    "no_client": Message(
        "Signing in is not set up yet",
        "The site’s owner has not uploaded the client file from Google. Ask them to do so on LateSync’s "
        "Google page, then open your personal link again.",
    ),
    "no_refresh_token": Message(
        "Google gave no lasting permission",
        f"Nothing was connected. {_AGAIN} If it happens again, remove LateSync at "
        "myaccount.google.com/connections and sign in once more.",
    ),
    "sign_in_failed": Message(
        "The sign-in did not work",
        f"Google refused it; what it said stands below. Nothing was connected. {_AGAIN} "
        "If it happens again, tell the site’s owner.",
    ),
    "no_identity": Message(
        "Google did not say which account this is",
        f"Nothing was connected. {_AGAIN}",
    ),
    "provider_unavailable": Message(
        "Google did not answer",
        f"Nothing was connected. Wait a minute. {_AGAIN}",
    ),
    "blocked_by_admin": Message(
        "Your organisation blocks this app",
        "The administrator of your Google Workspace must allow this site’s app for Google Calendar. "
        "Ask them, then sign in again. A private Google account works without.",
    ),
    "wrong_organisation": Message(
        "Only accounts of the organisation may sign in",
        "This site’s Google app is marked “Internal”. Sign in with your account of the organisation, or "
        "ask the site’s owner to set the app to “External” at Google.",
    ),
}


def sign_in_refused(code: str, account: str = "") -> Message:
    """The page for a sign-in that was not completed. account: the one that is expected, masked."""
    if code == "other_identity":
        return _other_identity(account or "that was connected before")
    return _SIGN_INS.get(code, _SIGN_INS["sign_in_failed"])


def shared_account(others: int) -> str:
    who = "Another agent uses" if others == 1 else f"{others} other agents use"
    return (
        f"{who} the same Google account. Bookings of all of them go into it, and each one’s bookings make "
        "the others busy. If that is not meant, sign in with an account of your own."
    )


def _other_identity(expected: str) -> Message:
    """Another person's account, or another one of the same person."""
    return Message(
        "This is another Google account",
        f"This page belongs to the Google account {expected}. Nothing was connected or changed. "
        "Press “Sign in with Google” once more and choose that account on Google’s page; if it is not "
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


# --- after Google's return --------------------------------------------------------------------

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
