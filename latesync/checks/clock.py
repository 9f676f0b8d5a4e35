"""Whether this machine's clock agrees with a provider's: signed links and OAuth need that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.sentences.provider_words import company

CLOCK_TOLERANCE = timedelta(seconds=60)  # the providers allow some minutes


def clock_finding(date_header: str, now: datetime, provider: str) -> Finding:
    """date_header: the answer's `Date`."""
    name = company(provider)
    try:
        theirs = parsedate_to_datetime(date_header)
    except ValueError:
        return Finding("clock", NOTE, f"{name}'s answer carried no time to compare with")
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    gap = abs(now - theirs)
    if gap <= CLOCK_TOLERANCE:
        return Finding("clock", FINE, f"this machine's clock agrees with {name}'s")
    return Finding(
        "clock",
        WRONG,
        f"this machine's clock is {round(gap.total_seconds())} seconds off",
        "Switch on time synchronisation (timedatectl set-ntp true).",
    )
