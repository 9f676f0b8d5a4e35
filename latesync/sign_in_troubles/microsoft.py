"""What Microsoft answers at a sign-in or its renewal (microsoft-graph.md §2-§5, §11). Pure.

The numbers are for people to look up: Microsoft may change them, and LateSync acts on `error` alone (§5).
"""

from __future__ import annotations

from latesync.sign_in_troubles.trouble import Actor, Link, Paste, Place, Provider, Step, Trouble

_REGISTRATIONS = Link(
    "Open Microsoft’s page “App registrations”",
    "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
)
_OPEN_APP = Step("Open Entra → App registrations, and there LateSync’s app.", Paste.CLIENT_ID, _REGISTRATIONS)
_AGAIN = Step(
    "Open your personal link, and sign in with Microsoft again. Nothing is lost, nothing is doubled."
)
_ASK_OWNER = "Please look at LateSync’s Microsoft page: the sign-in ends with"


def _row(
    key: str,
    codes: tuple[str, ...],
    errors: tuple[str, ...],
    title: str,
    meaning: str,
    actor: Actor,
    *steps: Step,
    places: tuple[Place, ...] = (Place.TOKEN,),
    ask: str = "",
    takes: str = "",
    otherwise: str = "",
    shown: tuple[str, ...] = (),
    refusals: tuple[str, ...] = (),
    source: str = "microsoft-graph.md §5",
) -> Trouble:
    if actor is Actor.OWNER and not ask:
        ask = f"{_ASK_OWNER} {codes[0]}."
    return Trouble(
        f"microsoft-{key}",
        Provider.MICROSOFT,
        places,
        title,
        meaning,
        actor,
        steps,
        source,
        codes=codes,
        errors=errors,
        shown=shown,
        ask=ask,
        otherwise=otherwise,
        takes=takes,
        refusals=refusals,
    )


TROUBLES = (
    # The app's registration: the owner's to mend.
    _row(
        "redirect-uri", ("AADSTS50011",), (),
        "Microsoft does not know LateSync’s address",
        "The redirect URI is not registered with this app, or differs in one character; capital letters "
        "count.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Authentication → Web → Redirect URIs, add this line, and save.", Paste.REDIRECT_URI),
        places=(Place.PAGE,),
        source="microsoft-graph.md §5, U1, U2",
        refusals=("redirect_mismatch",),
    ),
    _row(
        "no-reply-address", ("AADSTS500113", "AADSTS900971"), (),
        "The app has no address to return to",
        "No redirect URI is registered with it.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Authentication, press “Add a platform”, choose “Web”, and paste this line.",
             Paste.REDIRECT_URI),
        places=(Place.PAGE,),
    ),
    _row(
        "single-tenant", ("AADSTS50194",), ("invalid_request",),
        "The app is for one organisation only",
        "It was registered for a single tenant, and LateSync asks at the address for everybody.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Copy “Directory (tenant) ID” from its overview onto LateSync’s Microsoft page; or, "
             "under Authentication, let accounts of any organisation sign in."),
        places=(Place.PAGE, Place.TOKEN),
        source="microsoft-graph.md §5, H2",
    ),
    _row(
        "account-type", ("AADSTS9002332",), ("invalid_request", "unauthorized_client"),
        "The app and the kind of account do not fit together",
        "It is registered for work accounts and was asked for at another address, or the other way round.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Authentication, set “Supported account types” to the accounts your agents have."),
        places=(Place.PAGE, Place.TOKEN),
        source="microsoft-graph.md H2",
    ),
    _row(
        "other-tenant-path", ("AADSTS700005",), ("invalid_grant",),
        "The sign-in was begun at another address than it was finished",
        "The tenant on LateSync’s Microsoft page was changed meanwhile.",
        Actor.AGENT,
        _AGAIN,
        source="microsoft-graph.md H3",
    ),
    _row(
        "unknown-app", ("AADSTS700016",), ("unauthorized_client",),
        "Microsoft does not know this app in this organisation",
        "The application ID is wrong, or the tenant ID belongs to another organisation.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Compare “Application (client) ID” and “Directory (tenant) ID” with the Microsoft page."),
        places=(Place.PAGE, Place.TOKEN),
    ),
    _row(
        "wrong-secret", ("AADSTS7000215",), ("invalid_client",),
        "Microsoft does not accept the client secret",
        "Most often the secret’s ID was pasted in place of its value. Nobody’s sign-in is lost.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Certificates & secrets, press “New client secret”, and copy its “Value” at once: it is "
             "shown only this time."),
        Step("Paste it on LateSync’s Microsoft page."),
        source="microsoft-graph.md §5, M1",
        refusals=("client_rejected",),
    ),
    _row(
        "expired-secret", ("AADSTS7000222",), ("invalid_client",),
        "The client secret has expired",
        "Microsoft’s secrets end after at most two years. Nobody has to sign in again.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Certificates & secrets, press “New client secret”, note when it expires, and copy its "
             "“Value” onto LateSync’s Microsoft page."),
        source="microsoft-graph.md §5, M2",
    ),
    _row(
        "missing-secret", ("AADSTS7000218",), ("invalid_client",),
        "The client secret is missing",
        "LateSync has none, or the app is registered as a public client, which may not have one.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Authentication, the platform must be “Web”, and “Allow public client flows” must be "
        "“No”."),
        Step("Under Certificates & secrets, make a secret, and paste its “Value” on the Microsoft page."),
        source="microsoft-graph.md §5, M5",
    ),
    _row(
        "single-page-app", ("AADSTS700084",), ("invalid_grant",),
        "The app is registered as a single-page application",
        "Sign-ins of such an app end after 24 hours.",
        Actor.OWNER,
        _OPEN_APP,
        Step("Under Authentication, remove the platform “Single-page application”, add “Web” with this line, "
             "and ask everybody to sign in once more.", Paste.REDIRECT_URI),
        source="microsoft-graph.md §5, M5",
    ),
    _row(
        "scope", ("AADSTS70011", "AADSTS28002"), ("invalid_scope",),
        "Microsoft does not know a permission that was asked for",
        "That is LateSync’s mistake.",
        Actor.OWNER,
        Step("Update LateSync. If it happens again, report it."),
        places=(Place.PAGE, Place.TOKEN),
    ),
    _row(
        "malformed", ("AADSTS9002313",), ("invalid_request",),
        "Microsoft could not read the request",
        "The address was cut on its way, or LateSync made a mistake.",
        Actor.AGENT,
        Step("Open your personal link again, and sign in from there."),
        places=(Place.PAGE, Place.TOKEN),
        otherwise="If it happens again, the site’s owner should update LateSync, and report it.",
    ),
    # The agent's organisation: its administrator's to allow.
    _row(
        "admin-consent", ("AADSTS90094", "AADSTS90095"), (),
        "The organisation’s administrator must allow the app",
        "In this organisation people may not allow an app by themselves.",
        Actor.ORGANISATION,
        Step("Open Entra → Enterprise applications, find the app by its ID, and under Permissions press "
             "“Grant admin consent”.", Paste.CLIENT_ID),
        places=(Place.PAGE,),
        ask="Please grant admin consent to the app with this ID for Calendars.ReadWrite and User.Read: "
        "{client_id}",
        source="microsoft-graph.md §5, M6",
    ),
    _row(
        "blocked-by-policy", ("AADSTS53003", "AADSTS530032"), ("interaction_required", "access_denied"),
        "A rule of the organisation blocks the sign-in",
        "Conditional Access asks for something this sign-in does not have: a place, a device, or an "
        "allowed app.",
        Actor.ORGANISATION,
        Step("Open Entra → Conditional Access → Sign-in logs, find the sign-in, and allow the app with "
        "this ID.",
             Paste.CLIENT_ID),
        places=(Place.PAGE, Place.TOKEN),
        ask="Please let the app with this ID through Conditional Access: {client_id}",
        source="microsoft-graph.md §5, T4",
    ),
    # The agent.
    _row(
        "foreign-account", ("AADSTS50020",), ("invalid_grant", "unauthorized_client"),
        "This account may not use the app",
        "It belongs to another organisation, or is a personal one, and the app lets in neither.",
        Actor.AGENT,
        Step("Sign in again, and choose another account of yours."),
        places=(Place.PAGE, Place.TOKEN),
        otherwise="If you have none: the site’s owner can widen “Supported account types” in Entra → App "
        "registrations → Authentication.",
        source="microsoft-graph.md §5, H2",
        refusals=("wrong_organisation",),
    ),
    _row(
        "account-gone", ("AADSTS50034", "AADSTS50057"), ("invalid_grant",),
        "This Microsoft account is gone or switched off",
        "The organisation has removed or disabled it.",
        Actor.AGENT,
        Step("Sign in again with the account you use now. If it should still work, ask your administrator."),
        places=(Place.PAGE, Place.TOKEN),
    ),
    _row(
        "password-expired", ("AADSTS50055",), ("invalid_grant",),
        "The account’s password has expired",
        "Microsoft asks for a new one.",
        Actor.AGENT,
        Step("Sign in at outlook.office.com, and set a new password."),
        _AGAIN,
        places=(Place.PAGE, Place.TOKEN),
    ),
    _row(
        "second-factor", ("AADSTS50076", "AADSTS50079"),
        ("interaction_required", "invalid_grant", "basic_action"),
        "Microsoft asks for the second factor",
        "The organisation wants a sign-in with code or app, and that only a person can do.",
        Actor.AGENT,
        _AGAIN,
        source="microsoft-graph.md §5, T4",
    ),
    _row(
        "sign-in-ended",
        ("AADSTS50173", "AADSTS70000", "AADSTS70008", "AADSTS70043", "AADSTS700082"),
        ("invalid_grant", "token_expired", "bad_token"),
        "Microsoft has ended this sign-in",
        "It was withdrawn, the organisation limits how long it lasts, or it was not used for 90 days.",
        Actor.AGENT,
        _AGAIN,
        source="microsoft-graph.md §5, T2-T4",
    ),
    _row(
        "code-spent", ("AADSTS54005",), ("invalid_grant",),
        "The sign-in had been used already",
        "What Microsoft gives a sign-in works once. A reload or the back button uses it a second time.",
        Actor.AGENT,
        _AGAIN,
        refusals=("code_used",),
    ),
    _row(
        "no-consent", ("AADSTS65001",), ("invalid_grant", "consent_required"),
        "The permission for the calendar is missing",
        "It was never given for this app, or was withdrawn.",
        Actor.AGENT,
        Step("Sign in again, and press “Accept” on Microsoft’s page."),
        places=(Place.PAGE, Place.TOKEN),
        source="microsoft-graph.md §5, M6",
        refusals=("partial_consent",),
    ),
    _row(
        "declined", ("AADSTS65004",), ("access_denied", "cancel"),
        "“Cancel” was pressed on Microsoft’s page",
        "Nothing was connected or changed.",
        Actor.AGENT,
        Step("Sign in again, and press “Accept”."),
        places=(Place.RETURN,),
        source="microsoft-graph.md §5, C6",
        refusals=("declined",),
    ),
    _row(
        "no-mailbox", ("MailboxNotEnabledForRESTAPI",), (),
        "This account has no mailbox at Microsoft, and so no calendar",
        "It has no licence for Exchange Online, or its mailbox is kept elsewhere.",
        Actor.AGENT,
        Step("Sign in again with the account whose calendar you see in Outlook."),
        places=(Place.CALENDAR,),
        source="microsoft-graph.md §11",
        refusals=("no_calendar",),
    ),
    _row(
        "token-refused", ("InvalidAuthenticationToken", "insufficient_claims"), (),
        "Microsoft did not take LateSync’s pass",
        "LateSync fetches a new one. If that fails, it asks for a sign-in.",
        Actor.NOBODY,
        Step("There is nothing to do. Look again in some minutes."),
        places=(Place.CALENDAR,),
        source="microsoft-graph.md §11",
    ),
    _row(
        "calendar-refused", ("ErrorAccessDenied", "Authorization_RequestDenied"), (),
        "Microsoft does not let LateSync into this calendar",
        "The permission is missing, or the calendar is another person’s.",
        Actor.AGENT,
        Step("Sign in again, press “Accept”, and choose a calendar of your own on your page."),
        places=(Place.CALENDAR,),
        source="microsoft-graph.md §11",
    ),
    # Nobody: it passes.
    _row(
        "unavailable",
        ("AADSTS90006", "AADSTS90024", "AADSTS90033", "AADSTS90090"),
        ("temporarily_unavailable", "server_error", "serviceNotAvailable"),
        "Microsoft has a trouble of its own",
        "It has nothing to do with your settings.",
        Actor.NOBODY,
        Step("Wait some minutes, and try again. LateSync goes on by itself."),
        places=(Place.PAGE, Place.TOKEN),
        refusals=("provider_unavailable",),
    ),
    _row(
        "throttled", ("AADSTS90055", "TooManyRequests", "ApplicationThrottled"), (),
        "Microsoft asks LateSync to slow down",
        "Too much was asked of Microsoft in a short time.",
        Actor.NOBODY,
        Step("There is nothing to do: LateSync waits, and goes on by itself."),
        places=(Place.TOKEN, Place.CALENDAR),
        source="microsoft-graph.md §5, §10",
    ),
)  # fmt: skip
