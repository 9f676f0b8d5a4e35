"""The pages a person sees. No scripts, so that any browser or a plain HTTP client can use them."""

from flask import render_template

from .errors import PageError
from .signin import Ask
from .state import State, User

_SCOPE_WORDS = {
    "calendar": "See, edit, share and permanently delete all your Google calendars",
    "calendar.events": "View and edit events on all your calendars",
    "calendar.freebusy": "View your availability in your calendars",
    "calendar.calendarlist.readonly": "See the list of Google calendars you're subscribed to",
    "userinfo.email": "See your primary Google Account email address",
    "userinfo.profile": "See your personal info",
    "openid": "Associate you with your personal info on Google",
}


def choose_page(state: State, ask: Ask, action: str) -> str:
    users = list(state.users.values())
    return render_template("google-choose.html", client=ask.client.name, users=users, action=action)


def consent_page(state: State, ask: Ask, user: User, action: str) -> str:
    boxes = ask.optional_scopes
    reason = {"testing": "being tested", "production": "not verified"}.get(ask.client.mode, "")
    hidden = ask.client.mode == "internal" or (ask.client.mode == "production" and ask.client.verified)
    return render_template(
        "google-consent.html",
        client=ask.client.name,
        user=user,
        fixed=[(scope, _words(scope)) for scope in ask.scopes if scope not in boxes],
        boxes=[(scope, _words(scope)) for scope in boxes],
        ticked=state.switches.boxes_start_ticked,
        unverified="" if hidden else reason,
        others=len(state.users) > 1,
        action=action,
    )


def unverified_page(ask: Ask, user: User, action: str) -> str:
    """The warning before the consent page of an app that Google has not verified (A1, A3)."""
    return render_template(
        "google-unverified.html",
        client=ask.client.name,
        user=user,
        is_tested=ask.client.mode == "testing",
        action=action,
    )


def error_page(error: PageError) -> str:
    return render_template("google-error.html", error=error)


def front_page(state: State) -> str:
    return render_template("google-front.html", users=len(state.users), calendars=len(state.calendars))


def _words(scope: str) -> str:
    return _SCOPE_WORDS.get(scope.removeprefix("https://www.googleapis.com/auth/"), scope)
