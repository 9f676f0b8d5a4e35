"""What people read about signing in with Google. Pure."""

from __future__ import annotations

from latesync.messages import Message

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
    "other_identity": Message(
        "This is another Google account",
        "This page is connected to a different Google account. Nothing was changed. To keep that one, "
        "sign in again and choose it on Google’s page. To change to the new one, disconnect first.",
    ),
    "state_unknown": Message(
        "This sign-in was not started here",
        f"Nothing was changed. Open your own page again. {_AGAIN}",
    ),
    "state_expired": Message(
        "This sign-in has expired",
        f"It was started more than an hour ago. Nothing was changed. {_AGAIN}",
    ),
    "state_used": Message(
        "This sign-in was already finished",
        "The page was opened twice, for example with the back button. Nothing was changed. "
        "Your own page shows whether your calendar is connected.",
    ),
    "other_browser": Message(
        "This sign-in was started in another browser",
        "Nothing was changed. Open your personal link in this browser and sign in from there. "
        "Inside an app, choose “Open in browser” first.",
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
        f"Google gave a reason that LateSync does not know. Nothing was connected. {_AGAIN} "
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


def sign_in_refused(code: str) -> Message:
    """The page for a sign-in that was not completed."""
    return _SIGN_INS.get(code, _SIGN_INS["sign_in_failed"])


def shared_account(others: int) -> str:
    who = "Another agent uses" if others == 1 else f"{others} other agents use"
    return (
        f"{who} the same Google account. Bookings of all of them go into it, and each one’s bookings make "
        "the others busy. If that is not meant, sign in with an account of your own."
    )
