"""What Google answers LateSync: on the return, at the token address, in the calendar. Pure.

google-calendar.md §6 (token address), §7 (return), §18 (calendar).
"""

from __future__ import annotations

from latesync.sign_in_troubles.google_pages import CLIENTS
from latesync.sign_in_troubles.trouble import Actor, Link, Place, Provider, Step, Trouble

_LIBRARY = Link(
    "Open Google’s page “Google Calendar API”",
    "https://console.cloud.google.com/apis/library/calendar-json.googleapis.com",
    in_project=True,
)
_QUOTAS = Link(
    "Open the Calendar API’s quotas",
    "https://console.cloud.google.com/apis/api/calendar-json.googleapis.com/quotas",
    in_project=True,
)
_SIGN_IN_AGAIN = Step(
    "Open your personal link, and press “Sign in with Google”. Nothing is lost, nothing is doubled."
)

ANSWERS = (
    Trouble(
        key="declined",
        provider=Provider.GOOGLE,
        places=(Place.RETURN,),
        codes=("access_denied",),
        shown=("error=access_denied",),
        title="“Cancel” was pressed on Google’s page",
        meaning="Google tells LateSync only that nothing was allowed. Nothing was connected or changed.",
        actor=Actor.AGENT,
        steps=(Step("Sign in once more, leave the box for your calendar ticked, and press “Continue”."),),
        refusals=("declined",),
        source="google-calendar.md §7",
    ),
    Trouble(
        key="calendar-unticked",
        provider=Provider.GOOGLE,
        places=(Place.RETURN, Place.CALENDAR),
        codes=("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficient_scope"),
        shown=("Request had insufficient authentication scopes", "Insufficient Permission"),
        title="The permission for the calendar is missing",
        meaning="On Google’s page the box for the calendar was left empty, so LateSync may not see it.",
        actor=Actor.AGENT,
        steps=(
            Step(
                "Sign in once more. This time tick the box “See, edit, share and permanently delete all the "
                "calendars”. LateSync changes only the events it made itself."
            ),
        ),
        refusals=("partial_consent",),
        source="google-calendar.md T8, §18",
    ),
    Trouble(
        key="sign-in-ended",
        provider=Provider.GOOGLE,
        places=(Place.TOKEN,),
        codes=("invalid_grant",),
        shown=("Token has been expired or revoked",),
        title="Google has ended this sign-in",
        meaning="It was withdrawn at Google, not used for six months, or the app is in “Testing”, where "
        "every sign-in ends after seven days. Google does not say which.",
        actor=Actor.AGENT,
        steps=(_SIGN_IN_AGAIN,),
        otherwise="If it happens every week, the owner can end that: Google Auth Platform → Audience → "
        "“Publish app”; then everybody signs in once more.",
        source="google-calendar.md §6, L1-L9",
    ),
    Trouble(
        key="code-spent",
        provider=Provider.GOOGLE,
        places=(Place.TOKEN,),
        codes=("invalid_grant",),
        shown=("Malformed auth code", "Missing code verifier", "Invalid code verifier"),
        title="The sign-in was too old, or had been used",
        meaning="What Google gives a sign-in works once, for some minutes. A reload or the back button "
        "uses it a second time. Nothing was changed.",
        actor=Actor.AGENT,
        steps=(Step("Open your personal link, and press “Sign in with Google” once more."),),
        refusals=("code_used",),
        source="google-calendar.md §6",
    ),
    Trouble(
        key="reauthentication",
        provider=Provider.GOOGLE,
        places=(Place.TOKEN,),
        codes=("invalid_rapt", "rapt_required"),
        errors=("invalid_grant",),
        shown=("reauth related error", "Reauthentication is needed"),
        title="The organisation asks for a fresh sign-in",
        meaning="The administrator of the agent’s Google Workspace lets sign-ins of this kind last some "
        "hours only.",
        actor=Actor.AGENT,
        steps=(_SIGN_IN_AGAIN,),
        otherwise="If it happens every day, ask the administrator to exempt the app (Google’s admin "
        "console → Security → Google Cloud session control).",
        source="google-calendar.md §6, L10",
    ),
    Trouble(
        key="unauthorized-client",
        provider=Provider.GOOGLE,
        places=(Place.TOKEN,),
        codes=("unauthorized_client",),
        title="The sign-ins belong to another client",
        meaning="The client at Google was replaced, or withdrawn from the people who had signed in with it. "
        "Sign-ins belong to the client they were made with.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Open Google Auth Platform → Clients, and check that the client LateSync uses is there.",
                link=CLIENTS,
            ),
            Step("Upload its file on LateSync’s Google page."),
            Step("Send every agent the personal link: each signs in once."),
        ),
        ask="Please look at LateSync’s Google page: Google says that the client is not the right one.",
        refusals=("client_rejected",),
        source="google-calendar.md §6",
    ),
    Trouble(
        key="invalid-scope",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("invalid_scope",),
        number=400,
        shown=("Some requested scopes were invalid",),
        title="Google does not accept the permissions asked for",
        meaning="A permission was asked for that was not given at the sign-in, or that Google does not know.",
        actor=Actor.AGENT,
        steps=(Step("Sign in once more, and leave all boxes on Google’s page ticked."),),
        otherwise="If it happens again, it is LateSync’s mistake: the site’s owner should update LateSync, "
        "and report it.",
        source="google-calendar.md §6, T9",
    ),
    Trouble(
        key="calendar-api-off",
        provider=Provider.GOOGLE,
        places=(Place.CALENDAR,),
        codes=("accessNotConfigured", "SERVICE_DISABLED"),
        shown=("Google Calendar API has not been used in",),
        title="The Google Calendar API is switched off",
        meaning="The project whose client LateSync uses may not use Google Calendar yet.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Open APIs & Services → Library → Google Calendar API, with the client’s project chosen at "
                "the top, and press “Enable”.",
                link=_LIBRARY,
            ),
            Step("Wait a few minutes, and sign in once more. Whoever is signed in stays so."),
        ),
        ask="Please switch on the Google Calendar API for the project at Google.",
        takes="Google takes some minutes.",
        refusals=("calendar_api_off",),
        source="google-calendar.md C4, §18",
    ),
    Trouble(
        key="access-token-refused",
        provider=Provider.GOOGLE,
        places=(Place.CALENDAR,),
        codes=("authError",),
        shown=("Invalid Credentials",),
        title="Google did not take LateSync’s pass",
        meaning="Such a pass lasts an hour, and LateSync fetches a new one by itself. If the sign-in "
        "itself had ended, LateSync would say so.",
        actor=Actor.NOBODY,
        steps=(Step("There is nothing to do. Look again in some minutes."),),
        source="google-calendar.md §18",
    ),
    Trouble(
        key="too-fast",
        provider=Provider.GOOGLE,
        places=(Place.CALENDAR,),
        codes=("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"),
        number=429,
        shown=("Rate Limit Exceeded", "Quota exceeded for quota metric"),
        title="Google asks LateSync to slow down",
        meaning="Too much was asked of Google in a minute, by LateSync or by another program that uses the "
        "same project.",
        actor=Actor.NOBODY,
        steps=(Step("There is nothing to do: LateSync waits, and goes on by itself."),),
        otherwise="If it lasts for hours, give LateSync a project of its own at Google.",
        source="google-calendar.md §17, §18",
    ),
    Trouble(
        key="calendar-limit",
        provider=Provider.GOOGLE,
        places=(Place.CALENDAR,),
        codes=("quotaExceeded",),
        shown=("Calendar usage limits exceeded",),
        title="Google allows no more changes in this calendar for now",
        meaning="Somebody changed very much in this calendar in a short time, or invited very many guests.",
        actor=Actor.NOBODY,
        steps=(
            Step("There is nothing to do: LateSync goes on by itself after some hours. Nothing is lost."),
        ),
        takes="Some hours.",
        source="google-calendar.md §18",
    ),
    Trouble(
        key="daily-limit",
        provider=Provider.GOOGLE,
        places=(Place.CALENDAR,),
        codes=("dailyLimitExceeded", "dailyLimitExceededUnreg"),
        shown=("Daily Limit Exceeded",),
        title="The project’s daily limit at Google is used up",
        meaning="Everything waits until Google’s day is over, and goes on by itself then.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Open the quotas of the Google Calendar API. See whether another program uses the same "
                "project, or whether somebody lowered the limit.",
                link=_QUOTAS,
            ),
            Step("If so, make a project of its own for LateSync, or raise the limit."),
        ),
        ask="Please look at the project’s quotas at Google: the daily limit is used up.",
        takes="At most a day.",
        source="google-calendar.md §17, §18",
    ),
    Trouble(
        key="google-unavailable",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.RETURN, Place.TOKEN, Place.CALENDAR),
        codes=(
            "server_error",
            "temporarily_unavailable",
            "internal_failure",
            "backendError",
            "internalError",
        ),
        number=503,
        shown=("Backend Error", "500. That’s an error", "502. That’s an error", "503. That’s an error"),
        title="Google has a trouble of its own",
        meaning="Google did not answer, or said that it could not. It has nothing to do with your settings.",
        actor=Actor.NOBODY,
        steps=(Step("Wait some minutes, and try again. LateSync goes on by itself."),),
        refusals=("provider_unavailable",),
        source="google-calendar.md §6, §18",
    ),
)
