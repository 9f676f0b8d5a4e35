"""What people read about the life of a consent. Pure."""

from __future__ import annotations

from datetime import datetime

from latesync.messages import Message, counted, day, moment
from latesync.options import Publishing
from latesync.sentences.provider_words import company
from latesync.times import Zone

# --- how the app is published at Google ---------------------------------------------------------

PUBLISHING = {
    Publishing.TESTING: Message(
        "Testing",
        "Only the addresses you list at Google can sign in, and Google signs each of them out seven days "
        "after they signed in. LateSync mails them before that, and writes what waited once they have "
        "signed in again.",
    ),
    Publishing.PRODUCTION: Message(
        "In production",
        "Anybody you send a link can sign in, and stays signed in. Google shows them a warning page first, "
        "where they press “Advanced”, then “Go to …”. No verification is needed for up to 100 people.",
    ),
    Publishing.INTERNAL: Message(
        "Internal",
        "Only accounts of your own Google Workspace can sign in, and they stay signed in, without a warning "
        "page. A private Google account cannot choose this.",
    ),
}
PUBLISHING_NOT_SAID = Message(
    "I do not know",
    "LateSync finds out by itself, after the first sign-in or a week later at the latest.",
)

# How an app leaves Testing (google-calendar.md L4–L7, A1–A4): the words in “ ” are those of Google's pages.
LEAVE_TESTING = (
    "Open console.cloud.google.com and choose your project at the top.",
    "Open “Google Auth Platform”, then “Audience”.",
    "Press “Publish app” and confirm. Google may speak of verification: you can leave that out. If everybody "
    "has an account of your Google Workspace, choose “Internal” instead; then nobody sees a warning page.",
    "Ask every agent to sign in once more. Sign-ins made before keep their seven days; new ones last.",
)
RENEW_ONCE = (
    "Publishing changes only sign-ins made afterwards. Everybody who signed in before has to sign in once "
    "more, and then stays signed in."
)
NOT_BACK_TO_TESTING = (
    "Some guides advise to press “Back to Testing” when a sign-in fails. Do not: sign-ins made then end "
    "after seven days again, and only addresses on your list of test users can sign in at all."
)
VERIFICATION_NOT_NEEDED = (
    "You need no verification by Google: it takes away the warning page and the limit of 100 people, no more."
)

_SAID = {
    Publishing.TESTING: "Saved: the app is in Testing. Sign-ins last seven days.",
    Publishing.PRODUCTION: f"Saved: the app is in production. {RENEW_ONCE}",
    Publishing.INTERNAL: f"Saved: the app is internal. {RENEW_ONCE}",
}


def publishing_said(said: Publishing | None) -> str:
    return "Saved. LateSync finds out by itself." if said is None else _SAID[said]


_JUDGEMENTS = {
    "unknown": Message(
        "It is not known yet how long sign-ins last",
        "If the app at Google is in Testing, Google signs everybody out after seven days. Look there under "
        "“Google Auth Platform”, “Audience”, and choose the same here.",
    ),
    "testing": Message(
        "Sign-ins last seven days",
        "The app at Google is in Testing. It goes on like this as long as everybody signs in again each "
        "week; LateSync mails them in time. To be rid of it, publish the app: it costs nothing.",
    ),
    "testing_not_said": Message(
        "Sign-ins last seven days",
        "Google ends them after a week, so the app there is in Testing. LateSync mails everybody in time. To "
        "be rid of it, publish the app: it costs nothing.",
    ),
    "said_published_but_testing": Message(
        "The newest sign-in still lasts only seven days",
        "You say that the app has left Testing. If it did so after that sign-in, ask everybody to sign in "
        "once more, and this note goes away. If not, look at Google under “Google Auth Platform”, "
        "“Audience”.",
    ),
    "said_testing_but_lasts": Message(
        "Sign-ins seem to last",
        "You say that the app is in Testing, but Google no longer ends sign-ins after seven days. If you "
        "have published it, choose that here.",
    ),
}


def judgement_words(code: str, renew_once: int) -> Message | None:
    """For the owner, about plan/publishing.py's code. renew_once: how many agents; None: all is well."""
    if code == "published_midway":
        have = "was made" if renew_once == 1 else "were made"
        return Message(
            "The app has left Testing",
            f"New sign-ins last. {counted(renew_once, 'sign-in')} {have} before and will still end after "
            "seven days: ask for one more sign-in.",
        )
    return _JUDGEMENTS.get(code)


# --- how long a sign-in lasts -------------------------------------------------------------------


_CLIENT_WORDS = {"google": "The client file", "microsoft": "The app at Microsoft"}
_IDLE_WORDS = {"google": "six months", "microsoft": "90 days"}


def consent_end(ends_at: datetime | None, now: datetime, zone: Zone, *, is_inferred: bool = False) -> str:
    """When the provider signs a connected agent out, as far as that is known."""
    if ends_at is None:
        return "stays signed in"  # docs/google-project.md says so too
    when = moment(ends_at, zone)
    if ends_at <= now:
        return f"still signed in; was to end on {when}"
    return f"probably signs out on {when}" if is_inferred else f"signs out on {when}"


def renewal_due(
    name: str,
    ends_at: datetime | None,
    zone: Zone,
    provider: str,
    *,
    is_inferred: bool = False,
) -> str:
    """For the owner, in the last days."""
    signs = "will probably sign" if is_inferred else "signs"
    when = f" on {moment(ends_at, zone)}" if ends_at else ""
    out = f"{company(provider)} {signs} {name} out{when}."
    return f"{out} Ask {name} to sign in again before."


def new_client(name: str, provider: str) -> str:
    """For the owner: this account still works with the client before."""
    return (
        f"{_CLIENT_WORDS.get(provider, 'The client')} was replaced: ask {name} to sign in again. Until then "
        "the calendar goes on with the old one."
    )


def signs_in_often(name: str, sign_ins: int) -> str:
    """For the owner, before the 100th (google-calendar.md L3). sign_ins: that may still live at Google."""
    return (
        f"{name}’s Google account has {sign_ins} sign-ins for this client. Google keeps 100 and then ends "
        "the oldest without a word. If the account is also used elsewhere with this client, give that its "
        "own client; otherwise sign in less often: once is enough as long as the page says “Connected”."
    )


def long_unused(name: str, last_used_at: datetime, ends_at: datetime, zone: Zone, provider: str) -> str:
    """For the owner, before six months (google-calendar.md L2), 90 days (microsoft-graph.md T2) are over."""
    return (
        f"{name}’s sign-in was last used on {day(last_used_at, zone)}. {company(provider)} ends a "
        f"sign-in that is not used for {_IDLE_WORDS[provider]}, about {day(ends_at, zone)}. Check that the "
        "worker runs and that syncing is not paused."
    )


# --- what the project may ask of Google ---------------------------------------------------------


def quota_line(used_today: int, a_day: int, busiest_minute: int, a_minute: int) -> str:
    """What was used of the project's quota (google-calendar.md Q1)."""
    return (
        f"Of the {a_day:,} calls a day that Google allows this project, {used_today:,} were used in the last "
        f"24 hours ({_share(used_today, a_day)}); in the busiest minute {busiest_minute:,} of {a_minute:,}."
    )


def quota_is_short(used_today: int, a_day: int) -> str:
    return (
        f"{_share(used_today, a_day)} of what Google allows this project a day is used. LateSync slows down "
        "by itself. If it stays like this, ask Google for more under “Quotas”, or use a project of its own."
    )


def _share(used: int, of: int) -> str:
    percent = 100 * used / of
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


# --- mails about it -----------------------------------------------------------------------------

_CANNOT_MAIL = {
    "not_configured": "LateSync cannot write mails: no mail server is set. Nobody is reminded before a "
    "sign-in ends. Give one on the page Set-up, step E-mail, or set LATESYNC_SMTP_URL and restart "
    "LateSync.",
    "no_address": "LateSync cannot write to {name}: no e-mail address is known. Add one in WordPress under "
    "LatePoint, Agents.",
    "refused": "LateSync cannot write mails: the mail server refuses them. Check the user name, the "
    "password, the sender and the encryption; `latesync mail check` says more, and where they are set.",
}


def cannot_mail(cause: str, *, name: str = "this agent") -> str:
    """cause: "not_configured", "no_address" or "refused" (by the mail server)."""
    return _CANNOT_MAIL[cause].format(name=name)


# --- waking hours -------------------------------------------------------------------------------

WAKING_HOURS = Message(
    "When mails may be sent",
    "Reminders to agents and the daily summary to you go out between these hours, in the site’s time. What "
    "falls into the night waits until the morning.",
)
WAKING_HOURS_UNREADABLE = "Write the hours like 08:00-20:00: from 00:00 to 23:59, the earlier one first."
WAKING_HOURS_TOO_SHORT = (
    "There must be at least one hour between the two, the earlier one first: like 08:00-20:00."
)


def waking_hours_chosen(hours: str) -> str:
    """hours: "08:00-20:00"."""
    return f"Saved: mails are sent between {' and '.join(hours.split('-'))}, the site’s time."
