"""What is wrong with the client new sign-ins use, by provider and code of plan/failures.py. Pure.

The words in “ ” are those of the provider's own pages; where they come from: google-calendar.md §6, §7, §18;
microsoft-graph.md §1, §2, §5.
"""

from __future__ import annotations

from collections.abc import Mapping

NO_CLIENT = (
    "Nobody can sign in yet. Set up Google or Microsoft on LateSync’s pages of these names: one is enough, "
    "and both work side by side."
)
_GOOGLE = {
    "no_client": "Nobody can sign in with Google yet: upload the client file from Google on the Google page.",
    "client_rejected": "Google does not accept the client file: its secret is no longer valid. In Google’s "
    "console, open Google Auth Platform → Clients → your client, press “Add secret”, download the JSON at "
    "once and upload it on the Google page; nobody has to sign in again. If the client is not listed there "
    "any more, create a new one and upload that.",
    "client_deleted": "The client was deleted or switched off at Google. In Google’s console, open Google "
    "Auth Platform → Clients: for 30 days it can be restored there, and nobody has to sign in again. "
    "Otherwise create a new client and upload its file on the Google page; then each agent signs in again.",
    "client_unauthorized": "Google says that the client may not use a sign-in it was given. In Google’s "
    "console, open Google Auth Platform → Clients and look whether the client is there and of the type “Web "
    "application”. If it is, ask the agents who are in trouble to sign in again.",
    "org_blocked": "A Google Workspace administrator blocks LateSync’s client. Ask them to open "
    "admin.google.com → Security → API controls → Manage app access and to set the client ID that the Google "
    "page shows to “Trusted”; nobody has to sign in again.",
    "org_internal": "The client’s project admits only accounts of its own organisation, and an agent’s "
    "account is outside. In Google’s console, open Google Auth Platform → Audience and press “Make "
    "external”, or let the agent sign in with an account of the organisation.",
    "project_closed": "Google has suspended the client’s project, or its billing is off. Open "
    "https://console.cloud.google.com/home/dashboard with that project chosen: it says why and what to do; "
    "nobody has to sign in again.",
    "redirect_mismatch": "Google does not know LateSync’s address, so nobody can sign in. Copy the redirect "
    "URI from the Google page; in Google’s console, open Google Auth Platform → Clients → your client and "
    "add it under “Authorized redirect URIs”. Google needs from five minutes to a few hours for it.",
    "request_refused": "Google does not understand what LateSync asks of it. Bring LateSync up to date; if "
    "it is, please report what the log says. Nobody has to sign in again.",
    "api_disabled": "The Google Calendar API is switched off in the client’s project. Open "
    "https://console.cloud.google.com/apis/library/calendar-json.googleapis.com with that project chosen and "
    "press “Enable”. Google needs some minutes for it; nobody has to sign in again.",
    "secret_unreadable": "The key is gone with which LateSync kept the client file. Upload the file again on "
    "the Google page; then each agent signs in again.",
}
_RENEW = (
    "open Certificates & secrets, press “New client secret”, copy its “Value” at once and paste it on "
    "LateSync’s Microsoft page. Nobody has to sign in again."
)
_OPEN_APP = "In Entra, open App registrations → LateSync’s app"
_MICROSOFT = {
    "no_client": "Nobody can sign in with Microsoft yet: give LateSync the app’s IDs and secret on the "
    "Microsoft page.",
    "client_rejected": "Microsoft does not accept the app’s secret; most often the “Secret ID” was pasted in "
    f"place of the “Value”. {_OPEN_APP}; {_RENEW}",
    "secret_expired": f"The secret of the app at Microsoft has ended. {_OPEN_APP}; {_RENEW}",
    "client_deleted": "The app at Microsoft was deleted or switched off. In Entra, open App registrations → "
    "Deleted applications: for 30 days it can be restored there, and nobody has to sign in again. Otherwise "
    "register a new app and enter it on the Microsoft page; then each agent signs in again.",
    "client_unauthorized": "Microsoft says that the app may not use a sign-in it was given. "
    f"{_OPEN_APP} and compare its application ID with the Microsoft page. If they agree, ask the agents who "
    "are in trouble to sign in again.",
    "tenant_mismatch": "Microsoft does not know this app in this organisation, or not for this kind of "
    f"account. {_OPEN_APP}; compare its application ID and its tenant ID with the Microsoft page, and "
    "“Supported account types” with the accounts your agents have.",
    "wrong_platform": "The app at Microsoft is registered for another platform than “Web”, so sign-ins end "
    f"after a day or its secret is refused. {_OPEN_APP} → Authentication: remove the other platform, add "
    "“Web” with the redirect URI from the Microsoft page, and ask everybody to sign in once more.",
    "org_blocked": "An organisation’s administrator must let LateSync’s app in. Ask them to open Entra → "
    "Enterprise applications, to find the application ID that the Microsoft page shows, and to press “Grant "
    "admin consent” under Permissions; where a rule of Conditional Access blocks it, they see that in the "
    "sign-in logs. Then the agents who are in trouble sign in again.",
    "org_internal": "The app lets in accounts of one organisation only, and an agent’s account is outside. "
    f"{_OPEN_APP} → Authentication and widen “Supported account types”, or let the agent sign in with an "
    "account of the organisation.",
    "project_closed": "Microsoft has switched the app or its organisation off. Open "
    "https://entra.microsoft.com and look what it says; nobody has to sign in again.",
    "redirect_mismatch": "Microsoft does not know LateSync’s address, so nobody can sign in. Copy the "
    f"redirect URI from the Microsoft page. {_OPEN_APP} → Authentication and add it under “Web”; capital "
    "letters count.",
    "request_refused": "Microsoft does not understand what LateSync asks of it. Bring LateSync up to date; "
    "if it is, please report what the log says. Nobody has to sign in again.",
    "api_disabled": "Microsoft does not let this app use calendars. "
    f"{_OPEN_APP} → API permissions: Calendars.ReadWrite and User.Read of Microsoft Graph must be listed.",
    "secret_unreadable": "The key is gone with which LateSync kept the app’s secret. Paste the secret again "
    "on the Microsoft page; then each agent signs in again.",
}
CLIENT_PROBLEMS: Mapping[str, Mapping[str, str]] = {"google": _GOOGLE, "microsoft": _MICROSOFT}
