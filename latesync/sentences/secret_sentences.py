"""What people read about the day on which a client's secret ends (microsoft-graph.md M2). Pure."""

from __future__ import annotations

from datetime import date

from latesync.messages import counted
from latesync.sentences.provider_words import company

_REMEDY = (
    "In Entra, open App registrations → LateSync’s app → Certificates & secrets, press “New client secret”, "
    "and give its “Value” and its new end on LateSync’s Microsoft page. Both secrets hold meanwhile, and "
    "nobody has to sign in again."
)


def secret_left(provider: str, ends_on: date, today: date) -> str:
    """ "The secret of the app at Microsoft ends on 20 November 2028, in 30 days"."""
    left, shown = (ends_on - today).days, f"{ends_on.day} {ends_on:%B %Y}"
    secret = f"The secret of the app at {company(provider)}"
    if left < 0:
        return f"{secret} ended on {shown}"
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {counted(left, 'day')}")
    return f"{secret} ends on {shown}, {when}"


def secret_ends(provider: str, ends_on: date, today: date) -> str:
    """For the owner, from thirty days before on."""
    then = (
        "If LateSync has no newer one, all calendars there stand still"
        if ends_on < today
        else f"Then all calendars at {company(provider)} stand still until LateSync has a new one"
    )
    return f"{secret_left(provider, ends_on, today)}. {then}. {_REMEDY}"


def end_not_said(provider: str) -> str:
    return (
        f"LateSync was not told when the secret at {company(provider)} ends, so it cannot warn. Look in "
        "Entra under Certificates & secrets (column “Expires”), and add the day on the Microsoft page."
    )
