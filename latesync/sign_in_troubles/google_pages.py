"""What Google's own pages say when they let nobody through (google-calendar.md §7, §2, §8). Pure.

The numbers and words are those people see; only the names of the errors are documented. Words marked
"seen" are quoted in public reports and not in Google's documentation.
"""

from __future__ import annotations

from latesync.sign_in_troubles.trouble import Actor, Link, Paste, Place, Provider, Step, Trouble

_CONSOLE = "https://console.cloud.google.com"
AUDIENCE = Link("Open Google’s page “Audience”", f"{_CONSOLE}/auth/audience", in_project=True)
CLIENTS = Link("Open Google’s page “Clients”", f"{_CONSOLE}/auth/clients", in_project=True)
_ADMIN = Link("Open Google’s admin console", "https://admin.google.com/")
SETTLES = "Google takes from five minutes to a few hours until a change is in effect."  # R9

_UPLOAD = Step("Upload the file on LateSync’s Google page.")

PAGES = (
    Trouble(
        key="not-a-tester",
        provider=Provider.GOOGLE,
        places=(Place.PAGE,),
        codes=("access_denied",),
        number=403,
        shown=(
            "has not completed the Google verification process",
            "can only be accessed by developer-approved testers",
            "The app is currently being tested",
        ),
        title="This Google account is not on the list of test users",
        meaning="The app at Google is in “Testing”, and lets in only the addresses on its list. Being the "
        "project’s owner is not enough.",
        actor=Actor.OWNER,
        steps=(
            Step("Open Google Auth Platform → Audience, in the project of LateSync’s client.", link=AUDIENCE),
            Step(
                "Under “Test users”, press “Add users”, and add exactly the address that was used.",
                Paste.ADDRESSES,
            ),
            Step("Press “Save”, and ask the agent to sign in once more."),
        ),
        otherwise="On the same page “Publish app” lets everybody in, and ends the signing out after seven "
        "days.",
        ask="Please add my Google address {address} to the test users of the app at Google "
        "(Google Auth Platform → Audience → Test users).",
        takes=SETTLES,
        source="google-calendar.md §7, A1",
    ),
    Trouble(
        key="redirect-uri-mismatch",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("redirect_uri_mismatch",),
        number=400,
        shown=("sent an invalid request", "register the redirect URI in the Google Cloud Console"),
        title="Google does not know LateSync’s address",
        meaning="The redirect URI is not registered with this client, differs in one character, or the "
        "client is a “Desktop app”, which cannot be used for a web page.",
        actor=Actor.OWNER,
        steps=(
            Step("Open Google Auth Platform → Clients, and there LateSync’s client.", link=CLIENTS),
            Step(
                "If its type is “Desktop app”: “Create client”, type “Web application”. Its file must be "
                "uploaded on LateSync’s Google page in place of the old one."
            ),
            Step(
                "Under “Authorized redirect URIs”, press “Add URI” and paste this line. Every character "
                "counts. A “JavaScript origin” does not replace it.",
                Paste.REDIRECT_URI,
            ),
            Step("Press “Save”, wait five minutes, and sign in once more."),
        ),
        ask="Please add LateSync’s redirect URI to the client at Google, as LateSync’s Google page shows it.",
        takes=SETTLES,
        may_settle=True,
        refusals=("redirect_mismatch",),
        source="google-calendar.md §7, R5, R8, J3",
    ),
    Trouble(
        key="invalid-client",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("invalid_client",),
        number=401,
        shown=(
            "The OAuth client was not found",
            "The provided client secret is invalid",
        ),
        title="Google does not know this client, or not this secret",
        meaning="The client that was uploaded to LateSync does not exist at Google, or its secret was "
        "replaced there. Everybody is concerned; nobody’s sign-in is lost.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Open Google Auth Platform → Clients. Compare the client ID with this one.",
                Paste.CLIENT_ID,
                CLIENTS,
            ),
            Step(
                "If it is there: open it, press “Add secret”, and download the JSON at once; Google shows a "
                "secret only this time."
            ),
            Step(
                "If it is not: “Create client”, type “Web application”, with this redirect URI; then "
                "download its JSON.",
                Paste.REDIRECT_URI,
            ),
            _UPLOAD,
        ),
        ask="Please look at LateSync’s Google page: Google does not accept the client.",
        takes=f"{SETTLES} With the same client ID nobody has to sign in again.",
        may_settle=True,
        refusals=("client_rejected",),
        source="google-calendar.md §6, §7, C1, C2",
    ),
    Trouble(
        key="deleted-client",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("deleted_client", "disabled_client"),
        number=401,
        shown=("The OAuth client was deleted",),
        title="The client was deleted at Google",
        meaning="Somebody deleted it, or it was not used for six months. It can be restored for 30 days.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Open Google Auth Platform → Clients, look for the deleted clients, and restore this one.",
                Paste.CLIENT_ID,
                CLIENTS,
            ),
            Step(
                "If it is no longer there: “Create client”, type “Web application”, with this redirect URI, "
                "download its JSON and upload it on LateSync’s Google page. Everybody then signs in once.",
                Paste.REDIRECT_URI,
            ),
        ),
        ask="Please look at LateSync’s Google page: the client was deleted at Google.",
        takes=SETTLES,
        refusals=("client_rejected",),
        source="google-calendar.md §7, C3",
    ),
    Trouble(
        key="org-internal",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("org_internal",),
        number=403,
        shown=(
            "can only be used within its organisation",
            "is restricted to users within its organization",  # seen
        ),
        title="Only accounts of the organisation may sign in",
        meaning="The app at Google is “Internal”: it lets in the accounts of one Google Workspace and no "
        "others.",
        actor=Actor.AGENT,
        steps=(
            Step(
                "Sign in once more, and on Google’s page choose your account of the organisation. If it is "
                "not listed, press “Use another account”."
            ),
        ),
        otherwise="If you have none: the site’s owner can set the app to “External” (Google Auth Platform → "
        "Audience → Make external), and publish it.",
        ask="I have no account of the organisation. Please set the app at Google to “External”, or give me "
        "one.",
        refusals=("wrong_organisation",),
        source="google-calendar.md §7, A4",
    ),
    Trouble(
        key="admin-policy-enforced",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("admin_policy_enforced",),
        number=400,
        shown=(
            "is restricted by policies within your organization",  # seen
            "administrator has blocked this app",
        ),
        title="The agent’s organisation blocks the app",
        meaning="The administrator of the agent’s Google Workspace lets no app, or not this one, use Google "
        "Calendar.",
        actor=Actor.ORGANISATION,
        steps=(
            Step("Open Security → Access and data control → API controls → Manage app access.", link=_ADMIN),
            Step("Add the app by its client ID.", Paste.CLIENT_ID),
            Step("Choose “Trusted”, or allow it Google Calendar, and save."),
        ),
        otherwise="A private Google account works without the administrator.",
        ask="Please allow the app with this client ID to use Google Calendar (Google’s admin console → "
        "Security → API controls): {client_id}",
        refusals=("blocked_by_admin",),
        source="google-calendar.md §7, L9",
    ),
    Trouble(
        key="user-cap",
        provider=Provider.GOOGLE,
        places=(Place.PAGE,),
        shown=(
            "Sign in with Google temporarily disabled for this app",  # Google’s help, answer 7454865
            "has not been verified yet by Google in order to use Google Sign In",  # seen
            "user cap",
        ),
        title="The app may let in no more new people",
        meaning="An app that Google has not verified lets in 100 people in its project’s lifetime. The "
        "number cannot be reset. Whoever is signed in stays so.",
        actor=Actor.OWNER,
        steps=(
            Step(
                "Make another project at Google with a client of its own, as on the first day, with this "
                "redirect URI.",
                Paste.REDIRECT_URI,
            ),
            _UPLOAD,
        ),
        otherwise="Having the app verified (Google Auth Platform → Verification center) removes the limit, "
        "and takes weeks.",
        ask="The app at Google has reached its limit of new people. Please look at LateSync’s help page.",
        source="google-calendar.md §7, A3",
    ),
    Trouble(
        key="unverified-app",
        provider=Provider.GOOGLE,
        places=(Place.PAGE,),
        shown=("Google hasn’t verified this app", "app isn’t verified", "unverified app"),
        title="“Google hasn’t verified this app”",
        meaning="That is expected: the app belongs to this site, and Google checks only apps for many. Your "
        "calendar is as safe as with the site itself.",
        actor=Actor.AGENT,
        steps=(
            Step(
                "Press “Advanced” on Google’s page, then “Go to …”. While the app is being tested, the "
                "button is called “Continue”."
            ),
            Step("On the next page leave the box for your calendar ticked, and press “Continue”."),
        ),
        source="google-calendar.md §7, A3",
    ),
    Trouble(
        key="disallowed-useragent",
        provider=Provider.GOOGLE,
        places=(Place.PAGE,),
        codes=("disallowed_useragent",),
        number=403,
        shown=("Use secure browsers", "secure browsers policy"),  # seen
        title="You are inside an app",
        meaning="A mail or chat app opened the page in a window of its own. Google signs in nobody there.",
        actor=Actor.AGENT,
        steps=(
            Step(
                "Open the menu of that window (⋮, ⋯ or the share symbol) and choose “Open in browser”, "
                "“Open in Safari” or “Open in Chrome”."
            ),
            Step("Or hold the personal link with your finger, copy it, and paste it into your browser."),
        ),
        source="google-calendar.md §7",
    ),
    Trouble(
        key="advanced-protection",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("policy_enforced",),  # seen
        number=400,
        shown=(
            "Advanced Protection prevented your Google Account from being signed in",  # seen
            "is not approved by Advanced Protection",  # seen
        ),
        title="Advanced Protection keeps the app out",
        meaning="This Google account is enrolled in Google’s Advanced Protection, which lets in verified "
        "apps only.",
        actor=Actor.AGENT,
        steps=(Step("Sign in once more, and choose another Google account of yours on Google’s page."),),
        otherwise="Having the app verified by Google would let this account in; the site’s owner can ask "
        "for it.",
        source="google-calendar.md §7",
    ),
    Trouble(
        key="invalid-request",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        codes=("invalid_request", "unsupported_grant_type", "unsupported_response_type"),
        number=400,
        shown=("Required parameter is missing", "doesn’t comply with Google’s OAuth 2.0 policy"),
        title="Google could not read the request",
        meaning="The address was cut on its way, for example by a mail program, or LateSync made a mistake.",
        actor=Actor.AGENT,
        steps=(
            Step(
                "Open your personal link again, press “Sign in with Google” there, and do not reload "
                "Google’s page."
            ),
        ),
        otherwise="If it happens again, it is LateSync’s mistake: the site’s owner should update LateSync, "
        "and report it with what Google’s page says.",
        source="google-calendar.md §6, §7",
    ),
    Trouble(
        key="origin-mismatch",
        provider=Provider.GOOGLE,
        places=(Place.PAGE,),
        codes=("origin_mismatch",),
        number=400,
        shown=("register the JavaScript origin in the Google Cloud Console",),
        title="A JavaScript origin is not registered",
        meaning="LateSync does not sign in this way, so the page belongs to another program of your site "
        "that uses the same client.",
        actor=Actor.OWNER,
        steps=(
            Step("Open Google Auth Platform → Clients, and there the client.", link=CLIENTS),
            Step(
                "Under “Authorized JavaScript origins”, add the address of the page where it happened. "
                "LateSync’s own would be:",
                Paste.ORIGIN,
            ),
            Step("For LateSync the redirect URI counts. Check that it stands there too.", Paste.REDIRECT_URI),
        ),
        ask="Please look at the client’s “Authorized JavaScript origins” at Google.",
        takes=SETTLES,
        source="google-calendar.md §7, R8",
    ),
    Trouble(
        key="not-yet-in-effect",
        provider=Provider.GOOGLE,
        places=(Place.PAGE, Place.TOKEN),
        shown=(
            "It may take 5 minutes to a few hours for settings to take effect",
            "may take five minutes to a few hours",
            "not yet in effect",
        ),
        title="A change at Google is not yet in effect",
        meaning="Google needs a while for every change to a client. Until then its pages say "
        "“redirect_uri_mismatch” or “invalid_client”, although everything is right.",
        actor=Actor.NOBODY,
        steps=(
            Step("Wait a quarter of an hour, and sign in once more."),
            Step("Change nothing else meanwhile: each change starts the waiting again."),
        ),
        takes=SETTLES,
        source="google-calendar.md R9",
    ),
)
