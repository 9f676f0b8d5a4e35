"""What Google and its libraries raise, as our errors (google-calendar.md §6 and §18).

Two rules stand above the tables. An agent is signed out only by a confirmed `invalid_grant` or a missing
permission, never by an answer that could pass (users-ask.md U8). And something is gone only where Google
itself says so in its own words: a 404 page from a proxy proves nothing (style.md §7).
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from googleapiclient.errors import Error as GoogleClientError
from googleapiclient.errors import HttpError

from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
    ClientRejected,
    EventChanged,
    EventExists,
    EventNotFound,
    EventRefused,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    SyncTokenExpired,
    UsageLimited,
)
from latesync.providers.retry_after import read_retry_after

PROVIDER = "google"

# What a call may raise. The libraries wrap network trouble only in part (P9, clients-and-speed.md §2), and
# trip over answers that are not UTF-8 or errors of a shape they do not expect: the last four.
RAISED_BY_CALLS = (
    GoogleClientError,
    GoogleAuthError,
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    OSError,
    UnicodeError,
    AttributeError,
    TypeError,
    LookupError,
)


# Token endpoint, `error`: the admin's trouble, one alarm for all (§6; C3 for disabled and deleted ones).
# `unauthorized_client`: the token belongs to another client id; the admin replaced the file.
_CLIENT_TROUBLE = frozenset(
    {
        "invalid_client",
        "deleted_client",
        "disabled_client",
        "unauthorized_client",
        "admin_policy_enforced",
        "org_internal",
        # Ours to mend, hence the operator's: never a reason to sign anybody out.
        "invalid_request",
        "invalid_scope",
        "unsupported_grant_type",
    }
)

# Calendar API, 403 (§18; S5 and C4 for the newer names in `details`).
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_NO_PERMISSION = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_PROJECT_REFUSED = frozenset(
    {
        "accessNotConfigured",
        "SERVICE_DISABLED",
        "CONSUMER_SUSPENDED",
        "CONSUMER_INVALID",
        "BILLING_DISABLED",
        "domainPolicy",
        "admin_policy_enforced",
    }
)
_NO_ACCESS = frozenset({"forbidden", "requiredAccessLevel", "notACalendarUser"})


class Subject(Enum):
    """What a call is about: the same status means different things."""

    CALENDARS = auto()
    FULL_LISTING = auto()
    LISTING_SINCE_TOKEN = auto()
    EVENT = auto()  # reading one
    NEW_EVENT = auto()
    CHANGE = auto()  # updating or deleting one


_LISTINGS = frozenset({Subject.FULL_LISTING, Subject.LISTING_SINCE_TOKEN})
_WRITES = frozenset({Subject.NEW_EVENT, Subject.CHANGE})


@dataclass(frozen=True, slots=True)
class Call:
    """Who asked for what: the subject every error carries."""

    operation: str
    account_id: int
    subject: Subject

    def error(self, kind: type[ProviderError], reason: str = "") -> ProviderError:
        return kind(PROVIDER, account_id=self.account_id, operation=self.operation, reason=reason)

    def too_fast(self, reason: str, retry_at: datetime | None) -> RateLimited:
        return RateLimited(
            PROVIDER,
            account_id=self.account_id,
            operation=self.operation,
            reason=reason,
            retry_at=retry_at,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success, reduced to codes.

    is_googles: the body is the API's own error object, not some proxy's page.
    """

    status: int
    reasons: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    is_googles: bool = False
    retry_after: str = ""

    @property
    def reason(self) -> str:
        return self.reasons[0] if self.reasons else f"status_{self.status}"


def provider_error(exc: BaseException, call: Call, now: datetime) -> ProviderError:
    """The error of ours that says who reacts to what a library raised."""
    if isinstance(exc, HttpError):
        return refusal_error(read_refusal(exc), call, now)
    if isinstance(exc, RefreshError):
        return _refresh_error(exc, call)
    # TransportError says retryable=False and is transient all the same (P9).
    return call.error(ProviderUnavailable, type(exc).__name__)


def read_refusal(exc: HttpError) -> Refusal:
    retry_after = exc.resp.get("retry-after", "")
    try:
        error = json.loads(exc.content)["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    if not isinstance(error, Mapping):
        return Refusal(exc.resp.status, retry_after=retry_after)
    codes = [entry for entry in _entries(error) if isinstance(entry, Mapping)]
    return Refusal(
        status=exc.resp.status,
        reasons=tuple(_codes(codes, "reason")),
        domains=tuple(_codes(codes, "domain")),
        is_googles=True,
        retry_after=retry_after,
    )


def refusal_error(refusal: Refusal, call: Call, now: datetime) -> ProviderError:
    """The row of §18 for an answer of the Calendar API."""
    if refusal.status == 429:
        return call.too_fast(refusal.reason, read_retry_after(refusal.retry_after, now))
    if refusal.status == 403:
        return _forbidden_error(refusal, call, now)
    # A 401 here comes after a refresh that succeeded (P10): only the token endpoint's own word signs
    # an agent out, so this one is left to pass. A revoked consent fails its refresh next time.
    kind = _kind_of(refusal, call.subject)
    return call.error(kind, refusal.reason)


def _kind_of(refusal: Refusal, subject: Subject) -> type[ProviderError]:
    match refusal.status:
        case 400 if subject is Subject.LISTING_SINCE_TOKEN:
            return SyncTokenExpired
        case 400 if subject in _WRITES and refusal.is_googles:
            return EventRefused
        case 404 if refusal.is_googles:
            return _kind_of_absence(subject)
        case 409 if subject is Subject.NEW_EVENT and "conflict" not in refusal.reasons:
            return EventExists
        case 410 if subject is Subject.LISTING_SINCE_TOKEN:  # whatever its reason (Y14)
            return SyncTokenExpired
        case 410 if subject in (Subject.EVENT, Subject.CHANGE):
            return EventNotFound
        case 412:
            return EventChanged
    return ProviderUnavailable


def _kind_of_absence(subject: Subject) -> type[ProviderError]:
    if subject in _LISTINGS or subject is Subject.NEW_EVENT:
        return CalendarLost
    return EventNotFound if subject in (Subject.EVENT, Subject.CHANGE) else ProviderUnavailable


def _forbidden_error(refusal: Refusal, call: Call, now: datetime) -> ProviderError:
    """One of the many meanings of 403; without Google's own body it means nothing."""
    reasons = set(refusal.reasons)
    if reasons & _PROJECT_REFUSED:  # before the quotas: accessNotConfigured shares their domain
        return call.error(ClientRejected, refusal.reason)
    if reasons & _USED_UP:
        return call.error(UsageLimited, refusal.reason)
    if reasons & _TOO_FAST or "usageLimits" in refusal.domains:
        return call.too_fast(refusal.reason, read_retry_after(refusal.retry_after, now))
    if reasons & _NO_PERMISSION:
        return call.error(AuthorizationLost, refusal.reason)
    if reasons & _NO_ACCESS and call.subject is not Subject.CALENDARS:
        return call.error(CalendarLost, refusal.reason)
    if "calendar" in refusal.domains and call.subject in _WRITES:  # forbiddenForNonOrganizer and its kin
        return call.error(EventRefused, refusal.reason)
    return call.error(ProviderUnavailable, refusal.reason)


def _refresh_error(exc: RefreshError, call: Call) -> ProviderError:
    """The row of §6 for a refused refresh of the access token."""
    body = exc.args[1] if len(exc.args) > 1 and isinstance(exc.args[1], Mapping) else {}
    code = _short(body.get("error"))  # an outage may put an object there
    if code == "invalid_grant":
        return call.error(AuthorizationLost, "invalid_grant")
    if code in _CLIENT_TROUBLE:
        return call.error(ClientRejected, code)
    # google-auth hides the body of invalid_rapt; its text is all there is (§6).
    if not body and str(exc.args[0] if exc.args else "").startswith("Reauthentication is needed"):
        return call.error(AuthorizationLost, "invalid_rapt")
    return call.error(ProviderUnavailable, f"refresh_{code or 'failed'}")


def _entries(error: Mapping[str, Any]) -> Iterator[object]:
    """The classic `errors` and the newer `details`, in that order (§18)."""
    for key in ("errors", "details"):
        listed = error.get(key)
        yield from listed if isinstance(listed, list) else ()


def _codes(entries: list[Mapping[str, Any]], key: str) -> Iterator[str]:
    return (code for entry in entries if (code := _short(entry.get(key))))


def _short(value: object) -> str:
    """A code, or nothing: a text that is no code might name somebody."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w.]{1,64}", value, re.ASCII) else ""
