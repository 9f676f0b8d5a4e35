"""The sentences people read, each naming the remedy. Pure: codes and values in, text out.

A code nobody has written a sentence for is said to be one, together with where to look (U10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.times import Zone


@dataclass(frozen=True, slots=True)
class Message:
    """title: what happened. text: what it means and what to do about it."""

    title: str
    text: str


# --- times in words ---------------------------------------------------------------------------


def moment(instant: datetime, zone: Zone) -> str:
    """ "Fri 27 Nov, 14:05", in the site's zone; the names of days do not follow the server's language."""
    local = instant.astimezone(zone.tzinfo)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[local.weekday()]
    month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[local.month - 1]
    return f"{day} {local.day} {month}, {local:%H:%M}"


def age(instant: datetime, now: datetime) -> str:
    """How long ago, in words and in one unit."""
    seconds = max(0.0, (now - instant).total_seconds())
    for limit, size, unit in ((60, 1, "second"), (3600, 60, "minute"), (172_800, 3600, "hour")):
        if seconds < limit:
            return "just now" if size == 1 else _ago(int(seconds // size), unit)
    return _ago(int(seconds // 86_400), "day")


def _ago(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def consent_end(ends_at: datetime | None, now: datetime, zone: Zone) -> str:
    """When Google signs the agent out, as far as that is known."""
    if ends_at is None:
        return "stays signed in"
    if ends_at <= now:
        return f"signed out on {moment(ends_at, zone)}"
    return f"signs out on {moment(ends_at, zone)}"


def is_ending_soon(ends_at: datetime | None, now: datetime) -> bool:
    """Inside the 48 hours in which an agent should renew (users-ask.md U1)."""
    return ends_at is not None and ends_at - now <= timedelta(hours=48)


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


# --- signing in -------------------------------------------------------------------------------

_AGAIN = "Press “Sign in with Google” once more."
_SIGN_INS = {
    "declined": Message(
        "Nothing was connected",
        f"You pressed “Cancel” on Google’s page, so LateSync may not see your calendar. {_AGAIN} "
        "Choose “Allow” there if you want your bookings in your calendar.",
    ),
    "missing_permission": Message(
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
    "unknown_state": Message(
        "This sign-in has expired",
        f"It was started too long ago or not from this page. Nothing was changed. {_AGAIN}",
    ),
    "used_state": Message(
        "This sign-in was already finished",
        "The page was opened twice, for example with the back button. Nothing was changed. "
        "Your own page shows whether your calendar is connected.",
    ),
    "other_browser": Message(
        "This sign-in was started in another browser",
        "Nothing was changed. Open your personal link in this browser and sign in from there. "
        "Inside an app, choose “Open in browser” first.",
    ),
    "code_refused": Message(
        "Google did not accept the sign-in",
        f"The answer was too old or had been used before. Nothing was changed. {_AGAIN}",
    ),
    "client_rejected": Message(
        "Google does not accept this site’s key",
        "You did nothing wrong: the site’s owner must upload a new client file on LateSync’s Google page. "
        "A change at Google can take from five minutes to a few hours. Your sign-in will work after that.",
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
    "identity_unknown": Message(
        "Google did not say which account this is",
        f"Nothing was connected. {_AGAIN}",
    ),
    "provider_unavailable": Message(
        "Google did not answer",
        f"Nothing was connected. Wait a minute. {_AGAIN}",
    ),
    "admin_policy": Message(
        "Your organisation blocks this app",
        "The administrator of your Google Workspace must allow this site’s app for Google Calendar. "
        "Ask them, then sign in again. A private Google account works without.",
    ),
    "organisation_only": Message(
        "Only accounts of the organisation may sign in",
        "This site’s Google app is marked “Internal”. Sign in with your account of the organisation, or "
        "ask the site’s owner to set the app to “External” at Google.",
    ),
}


def sign_in_refused(code: str) -> Message:
    """The page for a sign-in that was not completed."""
    return _SIGN_INS.get(code) or Message(
        "The sign-in did not work",
        f"Google reported “{code}”. Nothing was connected. {_AGAIN} If it happens again, tell the site’s owner.",
    )


# --- what is wrong, and who mends it ----------------------------------------------------------

_ACCOUNTS = {
    "authorization_lost": "Google no longer accepts this sign-in. Ask {name} to sign in again.",
    "client_rejected": "Google does not accept the client. Upload a new client file on the Google page.",
    "calendar_lost": "The chosen calendar is gone or closed to this account. Ask {name} to choose another one.",
    "rate_limited": "Google asks LateSync to slow down. It goes on by itself.",
    "usage_limited": "Google’s daily limit is used up. LateSync goes on by itself within a day.",
    "provider_unavailable": "Google does not answer. LateSync tries again by itself.",
    "sync_token_expired": "Google wants the calendar read anew. LateSync does so by itself.",
    "held": "LateSync would delete unusually much and waits. Look at the plan (latesync plan), then "
    "release it with latesync sync --agent {agent_id} --release.",
    "secret_unreadable": "The stored sign-in was written with a key that is gone. Put the old key back into "
    "LATESYNC_ENCRYPTION_KEYS, or ask {name} to sign in again.",
    "site_unavailable": "The booking site’s database does not answer. LateSync tries again by itself.",
    "schema_not_understood": "The booking site’s tables cannot be read. Run latesync doctor: it names what is missing.",
    "bridge_table_missing": "LateSync’s own table in the site’s database is missing. Run latesync doctor "
    "--print-sql and apply what it prints.",
    "bug": "LateSync failed in a way it did not expect. The log has the details; please report it.",
}
_SITES = {
    "site_unavailable": "The booking site’s database does not answer. Check that it runs and that "
    "LATESYNC_SITE_DATABASE_URL is right; latesync doctor tells which.",
    "schema_not_understood": "The booking site’s tables cannot be read: some are missing or not granted. "
    "Run latesync doctor: it names them and the remedy.",
    "bridge_table_missing": "Busy times do not reach the booking form: LateSync’s own table is missing in the "
    "site’s database. Run latesync doctor --print-sql and apply what it prints.",
    "zone_unknown": "The site’s time zone is not understood. Choose a city in WordPress under Settings → General.",
    "not_configured": "No booking site is configured. Set LATESYNC_SITE_DATABASE_URL to the WordPress database.",
}
_CLIENTS = {
    "client_rejected": "Google does not accept the client (deleted, or its secret was changed). "
    "Upload a new client file on the Google page; nobody has to sign in again if the client id stays.",
    "api_disabled": "The Google Calendar API is switched off for the client’s project. Switch it on at "
    "console.cloud.google.com under APIs & Services; LateSync goes on by itself.",
    "secret_unreadable": "The stored client file was written with a key that is gone. Upload it again on the "
    "Google page.",
}
_OTHER = "Something else is wrong (“{code}”). Run latesync doctor, and look at the log."


def account_problem(code: str, *, name: str, agent_id: int) -> str:
    """A sentence for the site's owner about one agent's account."""
    return _ACCOUNTS.get(code, _OTHER).format(name=name, agent_id=agent_id, code=code)


def site_problem(code: str) -> str:
    return _SITES.get(code, _OTHER).format(code=code)


def client_problem(code: str) -> str:
    return _CLIENTS.get(code, _OTHER).format(code=code)


# --- runs and plans ---------------------------------------------------------------------------


def outcome(code: str) -> str:
    """How a run ended, in a few words."""
    return {
        "fine": "fine",
        "authorization_lost": "signed out by Google",
        "client_rejected": "client refused by Google",
        "calendar_lost": "calendar not reachable",
        "rate_limited": "slowed down by Google",
        "usage_limited": "daily limit reached",
        "provider_unavailable": "Google did not answer",
        "held": "waits for a person",
        "site_unavailable": "booking site did not answer",
    }.get(code, code.replace("_", " "))


def reason(code: str) -> str:
    """Why an operation is planned, for a sentence: "because …"."""
    return {
        "new booking": "the booking is new",
        "booking changed": "the booking was changed",
        "edited in the calendar": "the event was edited in the calendar; it is put back",
        "deleted in the calendar": "the event was deleted in the calendar; it is put back",
        "an earlier create was not confirmed": "an earlier attempt had no answer",
        "booking cancelled": "the booking was cancelled",
        "moved to another agent": "the booking moved to another agent",
        "booking removed": "the booking was removed from the site",
        "agent removed": "the agent was removed from the site",
        "another calendar was chosen": "another calendar was chosen",
        "past": "the booking is over",
    }.get(code, code)
