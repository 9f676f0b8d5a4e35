"""The header Retry-After, as every provider may send it (RFC 9110, 10.2.3). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_WAIT = timedelta(days=1)  # anything beyond it is a mistake somewhere


def read_retry_after(header: str, now: datetime) -> datetime | None:
    """When to come back: seconds or an HTTP date, at most a day away; None for what is neither."""
    try:
        wait = timedelta(seconds=int(header))
    except (ValueError, OverflowError):
        wait = _until_http_date(header, now)
    return now + min(wait, _LONGEST_WAIT) if wait > timedelta(0) else None


def _until_http_date(header: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return timedelta(0)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
