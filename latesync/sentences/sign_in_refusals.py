"""What a provider alone refuses at a sign-in, or says in words of its own: by provider and code. Pure.

The words in “ ” are those of the provider's own pages (google-calendar.md §3, §7; microsoft-graph.md §3, §5).
"""

from __future__ import annotations

from collections.abc import Mapping

from latesync.messages import Message

_GOOGLE_AGAIN = "Press “Sign in with Google” once more."
_GOOGLE = {
    "partial_consent": Message(
        "The calendar permission is missing",
        "On Google’s page the box for your calendar was left empty, so nothing was connected. "
        f"{_GOOGLE_AGAIN} This time tick the box next to “See, edit, share and permanently delete all the "
        "calendars”. LateSync changes only the events it made itself.",
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
        f"Nothing was connected. {_GOOGLE_AGAIN} If it happens again, remove LateSync at "
        "myaccount.google.com/connections and sign in once more.",
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
    "declined": Message(
        "Nothing was connected",
        f"You pressed “Cancel” on Google’s page, so LateSync may not see your calendar. {_GOOGLE_AGAIN} "
        "Choose “Allow” there if you want your bookings in your calendar.",
    ),
}
_AGAIN = "Press “Sign in with Microsoft” once more."
_NOT_YOURS = "You did nothing wrong: the site’s owner"
_MICROSOFT = {
    "declined": Message(
        "Nothing was connected",
        "You pressed “Cancel” on Microsoft’s page, so LateSync may not see your calendar. "
        f"{_AGAIN} Press “Accept” there if you want your bookings in your calendar.",
    ),
    "partial_consent": Message(
        "The calendar permission is missing",
        "Microsoft did not give LateSync the permission for your calendar, so nothing was connected. "
        f"{_AGAIN} If it happens again, the site’s owner must add Calendars.ReadWrite to the app’s API "
        "permissions.",
    ),
    "client_rejected": Message(
        "Microsoft does not accept this site’s app",
        f"{_NOT_YOURS} must look at LateSync’s Microsoft page: the app’s secret has ended, or its IDs or the "
        "kinds of account it lets in are not right. Your sign-in will work after that.",
    ),
    "calendar_api_off": Message(
        "This site’s app may not use calendars",
        f"{_NOT_YOURS} must add Calendars.ReadWrite to the app’s API permissions at Microsoft.",
    ),
    "no_calendar": Message(
        "This Microsoft account has no calendar",
        "It has no mailbox at Microsoft, and so no calendar. "
        f"{_AGAIN} Choose the account whose calendar you see in Outlook.",
    ),
    "redirect_mismatch": Message(
        "Microsoft does not know this site’s address",
        f"{_NOT_YOURS} must add the redirect address that LateSync’s Microsoft page shows to the app at "
        "Microsoft, letter by letter.",
    ),
    "no_client": Message(
        "Signing in with Microsoft is not set up yet",
        "Ask the site’s owner to set it up on LateSync’s Microsoft page, then open your personal link again.",
    ),
    "no_refresh_token": Message(
        "Microsoft gave no lasting permission",
        f"Nothing was connected. {_AGAIN} If it happens again, the site’s owner must add offline_access to "
        "the app’s API permissions.",
    ),
    "blocked_by_admin": Message(
        "Your organisation must allow this app first",
        "Its administrator must let this site’s app in, or a rule of the organisation blocks it. Ask them, "
        "then sign in again. A private Microsoft account may work without.",
    ),
    "wrong_organisation": Message(
        "This account may not use this site’s app",
        "It belongs to another organisation, or is a private one, and the app lets in neither. "
        f"{_AGAIN} Choose another account of yours; if you have none, the site’s owner can let more kinds of "
        "account in.",
    ),
}
REFUSALS: Mapping[str, Mapping[str, Message]] = {"google": _GOOGLE, "microsoft": _MICROSOFT}
