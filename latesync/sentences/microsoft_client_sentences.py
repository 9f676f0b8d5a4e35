"""What people read about the app registration at Microsoft that they type in. Pure: codes in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

_OVERVIEW = "In Entra → App registrations, open the app: it stands on its page “Overview”."
_MISTAKES = {
    "client_id_missing": f"The application ID is missing. {_OVERVIEW} It is “Application (client) ID”.",
    "client_id_form": "The application ID does not look like one: it has 32 digits and letters a to f, in "
    "five groups. Copy “Application (client) ID” once more.",
    "tenant_form": "The directory ID is neither an ID nor a domain. Copy “Directory (tenant) ID” once more, "
    "or leave the field empty.",
    "tenant_word": "The directory ID is an ID of your own organisation. Leave the field empty to let in "
    "accounts of others, and choose above whose.",
    "tenant_needed": "An app for one organisation needs its directory ID: without it Microsoft refuses "
    f"every sign-in. {_OVERVIEW} It is “Directory (tenant) ID”.",
    "tenant_not_for_personal": "An app for personal accounts needs no directory ID, and with one nobody "
    "could sign in. Leave the field empty.",
    "same_ids": "The application ID and the directory ID are the same. They are two lines, one below the "
    "other, on the app’s page “Overview”: copy each into its own field.",
    "account_type": "Choose whose accounts may sign in, as it stands with the app under Authentication → "
    "Supported account types.",
    "secret_missing": "The client secret is missing. In the app, under Certificates & secrets, press “New "
    "client secret”, and copy its “Value” at once: it is shown only this time.",
    "secret_is_id": "This is the secret’s ID, not the secret. Copy the column “Value”. If only stars are "
    "shown there, press “New client secret”: Microsoft shows a value only once.",
    "secret_is_an_id": "This is the application ID or the directory ID, not the secret. Copy the “Value” "
    "from Certificates & secrets.",
    "secret_blanks": "The client secret has a blank or a line break in it. Copy the “Value” once more, "
    "with nothing around it.",
    "secret_form": "The client secret is too long, or holds characters that no secret of Microsoft’s has. "
    "Copy the “Value” once more.",
    "secret_refused": "Microsoft does not accept this secret, so nothing was changed. Most often the “Secret "
    "ID” was pasted in place of the “Value”, or the secret is another app’s. One that was made just now may "
    "need a minute.",
    "app_refused": "Microsoft does not know this app with this directory ID and this kind of accounts, so "
    "nothing was changed. Compare all three with the app’s page “Overview”.",
    "ends_form": "That is no date. Type when the secret expires, as Microsoft’s column “Expires” says, "
    "for example 2027-05-31.",
    "ends_past": "A secret that has expired is no longer accepted. Press “New client secret”, and use "
    "that one.",
    "ends_far": "No secret of Microsoft’s lasts longer than 24 months. Compare with the column “Expires”.",
}
_WARNINGS = {
    "no_end": "Without the day on which the secret expires LateSync cannot warn you. On that day every "
    "calendar at Microsoft stops, until there is a new secret.",
    "tenant_limits": "With a directory ID only this organisation’s accounts can sign in, whatever the app "
    "allows. Leave it empty to let in the others.",
    "ends_soon": "The secret expires on {ends}. Make a new one in time; nobody has to sign in again.",
}


def mistake(code: str) -> str:
    return _MISTAKES[code]


def warning(code: str, ends: date | None = None) -> str:
    return _WARNINGS[code].format(ends=f"{ends:%d %B %Y}" if ends else "")


def all_mistakes(codes: Sequence[str]) -> str:
    """Every mistake, as one text for where there are no fields to put them beside."""
    return "\n".join(_MISTAKES[code] for code in codes)


DISCONNECTED = (
    "LateSync has forgotten this sign-in. Microsoft still lists the permission: you can remove it at "
    "myapps.microsoft.com (work or school) or account.live.com/consent/Manage (personal)."
)
