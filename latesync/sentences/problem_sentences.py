"""What is wrong with an account or a client, and who mends it: a sentence for each code of plan/failures.py.

Every sentence speaks of the provider by its name. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from latesync.messages import OTHER_PROBLEM, TABLES_REMEDY, booking_numbers, counted
from latesync.model import FOUGHT_OVER
from latesync.sentences.client_problems import CLIENT_PROBLEMS, NO_CLIENT
from latesync.sentences.provider_words import company

_ACCOUNTS = {
    "sign_in_again": "{company} no longer accepts this sign-in. Ask {name} to sign in again.",
    "calendar_lost": "The chosen calendar is gone or closed. Ask {name} to choose another one.",
    "event_refused": "{company} refused an event. It is tried again when its booking changes.",
    "rate_limited": "{company} asked LateSync to slow down. It goes on by itself.",
    "usage_limited": "{company} allows no more changes in this calendar for some hours. It goes on by "
    "itself.",
    "plugin_unavailable": "The plugin in WordPress does not answer. LateSync tries again by itself.",
    "plugin_rejected": "What {name} changed in the calendar cannot reach the bookings: the WordPress plugin "
    "is off or refuses LateSync. LateSync’s page WordPress says what to do.",
    "plugin_refuses": "What {name} changed in the calendar cannot reach the bookings: the WordPress plugin "
    "refuses LateSync’s messages. Paste the connection string into its settings again; LateSync’s page "
    "WordPress has it.",
    "plugin_off": "What {name} changed in the calendar cannot reach the bookings: the LateSync plugin is "
    "switched off in WordPress. Activate it there under Plugins; if it is gone, install it again.",
    "internal_error": "LateSync stumbled over an error of its own at this account. It tries again by itself; "
    "please report what the log says.",
    "provider_unavailable": "{company} does not answer. LateSync tries again by itself.",
    "secret_unreadable": "The key is gone with which LateSync kept this sign-in. Ask {name} to sign in "
    "again, or put the old key back; nothing in the calendar is lost or doubled.",
    "site_unavailable": "The booking site’s database does not answer. LateSync tries again by itself.",
    "schema_not_understood": "The booking site’s tables cannot be read. Run latesync doctor: it says "
    "what is missing.",
    "bridge_table_missing": f"LateSync’s own table in the site’s database is missing. {TABLES_REMEDY}",
}
# Where a provider needs other words, or only it knows the code.
_ACCOUNTS_AT: Mapping[str, Mapping[str, str]] = {
    "google": {
        "client_rejected": "Google does not accept the client file. Upload a new one on the Google page.",
        "daily_limit": "The Google project’s daily limit is used up. LateSync goes on when Google allows it; "
        "look at the project’s quota for the Calendar API in Google’s console.",
        "api_disabled": "The Google Calendar API is switched off in the client’s project. Switch it on in "
        "Google’s console under “APIs & Services”; nobody has to sign in again.",
    },
    "microsoft": {
        "client_rejected": "Microsoft does not accept the app’s secret. Give a new one on the Microsoft "
        "page.",
        "daily_limit": "Microsoft allows this app no more for today. LateSync goes on when Microsoft allows "
        "it.",
        "org_blocked": "A rule of {name}’s organisation blocks LateSync’s app, and only its administrator "
        "can change that. Ask them to let the app with the application ID that the Microsoft page shows "
        "through (Entra, Enterprise applications and Conditional Access). LateSync then goes on by itself "
        "within minutes; if it does not, {name} signs in again.",
    },
}
_OWN = {
    "sign_in_again": "{company} no longer accepts this sign-in. Please sign in again.",
    "secret_unreadable": "LateSync can no longer read your sign-in. Please sign in again.",
    "calendar_lost": "One of your calendars is gone or closed to you. Choose another one below and save.",
    "provider_unavailable": "{company} does not answer at the moment. LateSync tries again by itself.",
    "plugin_unavailable": "What you moved waits: the site does not answer. LateSync tries again by itself.",
    "rate_limited": "{company} asked LateSync to slow down. It goes on by itself.",
    "usage_limited": "{company} allows no more changes in your calendar for some hours. It goes on by "
    "itself.",
}
_OWN_AT: Mapping[str, Mapping[str, str]] = {
    "microsoft": {
        "org_blocked": "A rule of your organisation blocks LateSync’s app. Ask its administrator to allow "
        "it; the site’s owner knows the application ID. LateSync then goes on by itself within minutes; if "
        "it does not, sign in again. Nothing is lost.",
    },
}
_OUTCOMES = {
    "fine": "fine",
    "sign_in_again": "signed out by {company}",
    "client_rejected": "client file refused",
    "client_deleted": "client deleted at {company}",
    "client_unauthorized": "client not allowed by {company}",
    "org_blocked": "blocked by an organisation",
    "org_internal": "outside the organisation",
    "project_closed": "project suspended by {company}",
    "redirect_mismatch": "address unknown to {company}",
    "request_refused": "request refused by {company}",
    "secret_expired": "client secret expired",
    "tenant_mismatch": "wrong tenant or kind of account",
    "wrong_platform": "app registered for another platform",
    "calendar_lost": "calendar not reachable",
    "rate_limited": "slowed down by {company}",
    "usage_limited": "limited by {company}",
    "daily_limit": "daily limit reached",
    "api_disabled": "Calendar API switched off",
    "plugin_unavailable": "plugin did not answer",
    "plugin_rejected": "plugin refused",
    "internal_error": "LateSync stumbled",
    "provider_unavailable": "{company} did not answer",
    "site_unavailable": "booking site did not answer",
    "schema_not_understood": "booking site not readable",
    "bridge_table_missing": "LateSync’s table missing",
    "secret_unreadable": "stored key missing",
}
_OUTCOMES_AT: Mapping[str, Mapping[str, str]] = {"microsoft": {"client_rejected": "client secret refused"}}


def account_problem(code: str, *, name: str, provider: str) -> str:
    """For the site's owner, about one agent's account."""
    of_provider = _ACCOUNTS_AT.get(provider, {})
    said = of_provider.get(code) or _ACCOUNTS.get(code) or _of_client(code, provider) or OTHER_PROBLEM
    return said.format(name=name, code=code, company=company(provider))


def lasting_problem(code: str, name: str, since: str, waiting: int | None, provider: str) -> str:
    """For the owner, about what should have passed by itself. since: in words."""
    waits = f" {counted(waiting, 'booking waits', 'bookings wait')}." if waiting else ""
    why = outcome(code, provider)
    trouble = f"{name}’s calendar is in trouble for longer than usual ({why}, first {since})."
    return f"{trouble}{waits} Run latesync doctor."


def own_problem(code: str, provider: str) -> str:
    """For the agent, about their own account; what only the owner can mend is said to be the owner's."""
    said = _OWN_AT.get(provider, {}).get(code) or _OWN.get(code)
    if said is None:
        return "Something needs the site’s owner, who sees it on LateSync’s own page. Nothing is lost."
    return said.format(company=company(provider))


def sign_in_needed(name: str, waiting: int | None, provider: str) -> str:
    waits = f" {counted(waiting, 'booking waits', 'bookings wait')}." if waiting else ""
    out = f"{company(provider)} has signed {name} out.{waits}"
    return f"{out} Ask {name} to open the personal link and sign in again."


def client_problem(code: str, provider: str) -> str:
    """For the owner, about the client that new sign-ins use. provider: "" where nothing is set up at all."""
    return (_of_client(code, provider) or OTHER_PROBLEM).format(code=code)


def outcome(code: str, provider: str) -> str:
    """How a run ended, in a few words."""
    said = _OUTCOMES_AT.get(provider, {}).get(code) or _OUTCOMES.get(code, code.replace("_", " "))
    return said.format(company=company(provider))


def set_aside(booking_id: int, problem: str, provider: str) -> str:
    if problem == FOUGHT_OVER:
        return fought_over([booking_id])
    return set_aside_bookings([booking_id], provider)


def fought_over(booking_ids: Sequence[int]) -> str:
    return (
        f"Somebody or another program changes the event of {booking_numbers(booking_ids)} again each time "
        "LateSync puts it back, so it is left as it stands. Find out who does that; then press “Try again” "
        "on the booking’s page."
    )


def set_aside_bookings(booking_ids: Sequence[int], provider: str) -> str:
    them = "it is" if len(booking_ids) == 1 else "they are"
    return (
        f"{company(provider)} refused the event of {booking_numbers(booking_ids)}. Change the booking in "
        f"LatePoint, and {them} tried again."
    )


def _of_client(code: str, provider: str) -> str | None:
    if code == "no_client" and not provider:
        return NO_CLIENT
    return CLIENT_PROBLEMS.get(provider, {}).get(code)
