"""What Graph answers, as our errors (microsoft-graph.md §11).

Two rules stand above the tables. An agent is signed out only where Graph itself refuses a token that was just
renewed, or says that a permission is missing, never by an answer that could pass (users-ask.md U8); what the
token endpoint says is the consent room's. And something is gone only where Graph says so in its own words: a
404 page from a proxy proves nothing (style.md §7).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from latesync.errors import (
    AuthorizationLost,
    CalendarLost,
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

PROVIDER = "microsoft"
DENIED = "ErrorAccessDenied"  # of a permission, of a calendar, or of one event: client.py finds out which

_DEEPEST = 10  # innerError within innerError

# The codes of §11, in lower case: their spelling varies between Graph and Exchange behind it.
_TOO_FAST = frozenset({"toomanyrequests", "applicationthrottled", "activitylimitreached"})
_TOKEN_REFUSED = ("invalidauthenticationtoken", "compacttoken", "tokenexpired", "tokenrevoked")
_NO_PERMISSION = frozenset({"authorization_requestdenied", "insufficient_claims"})
# No mailbox at Exchange Online: a licence is missing, or the mailbox stands in a cellar. 403, or 404.
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi"})
_TOKEN_DEAD = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired"})
_DUPLICATE = "errorduplicatetransactionid"
_NO_CALENDAR = frozenset({"errorcalendarnotfound", "errorfoldernotfound"})
_NO_ID = "errorinvalididmalformed"


class Subject(Enum):
    """What a call is about: the same status means different things."""

    CALENDARS = auto()
    CALENDAR = auto()
    FULL_LISTING = auto()
    LISTING_SINCE_TOKEN = auto()
    EVENT = auto()  # reading one
    NEW_EVENT = auto()
    CHANGE = auto()  # updating or deleting one
    BATCH = auto()  # the envelope; what is in it has subjects of its own


_OF_CALENDAR = frozenset({Subject.CALENDAR, Subject.FULL_LISTING, Subject.NEW_EVENT})
_OF_EVENT = frozenset({Subject.EVENT, Subject.CHANGE})
_WRITES = frozenset({Subject.NEW_EVENT, Subject.CHANGE, Subject.BATCH})


@dataclass(frozen=True, slots=True)
class Call:
    """Who asked for what: the subject every error carries."""

    operation: str
    account_id: int
    subject: Subject

    @property
    def is_write(self) -> bool:
        return self.subject in _WRITES

    def about(self, subject: Subject) -> Call:
        """Another request of the same operation."""
        return Call(self.operation, self.account_id, subject)

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

    codes: the error's own, then those inside it. is_graphs: the body is Graph's error object, no proxy's
      page. claims: what conditional access asks a new token to prove (CAE). existing_id: whose transaction id
      was given, where it says so (E8).
    """

    status: int
    codes: tuple[str, ...] = ()
    is_graphs: bool = False
    retry_after: str = ""
    claims: str | None = None
    existing_id: str = ""
    request_id: str = ""

    @property
    def reason(self) -> str:
        return self.codes[0] if self.codes else f"status_{self.status}"

    @property
    def words(self) -> frozenset[str]:
        return frozenset(code.lower() for code in self.codes)

    @property
    def asks_for_token(self) -> bool:
        """Whether another token may do: the one sent has ended, or lacks claims."""
        return self.status == 401 or (self.status == 403 and self.claims is not None)

    @property
    def is_duplicate(self) -> bool:
        return _DUPLICATE in self.words  # as 400 and as 409 (E8)


def read_refusal(status: int, headers: Mapping[str, str], body: object) -> Refusal:
    """body: of the answer, parsed; anything at all."""
    error = body.get("error") if isinstance(body, Mapping) else None
    found = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    common: dict[str, Any] = {
        "retry_after": found.get("retry-after", ""),
        "claims": _claims(found.get("www-authenticate", "")),
    }
    if not isinstance(error, Mapping):
        return Refusal(status, **common)
    errors = list(_chain(error))
    return Refusal(
        status,
        codes=tuple(code for one in errors if (code := _short(one.get("code")))),
        is_graphs=bool(_short(error.get("code"))),
        existing_id=_first_text(errors, "@event.existingEventId"),
        request_id=next((text for one in errors if (text := _short(one.get("request-id")))), ""),
        **common,
    )


def refusal_error(refusal: Refusal, call: Call, now: datetime) -> ProviderError:
    """The row of §11 for an answer of Graph's."""
    retry_at = read_retry_after(refusal.retry_after, now)
    if refusal.status == 429 or (refusal.words & _TOO_FAST and refusal.status in (403, 503)):
        return call.too_fast(refusal.reason, retry_at)
    # Of a write nobody knows whether it happened, so that one must not look like a mere refusal.
    if refusal.status in (503, 504) and retry_at is not None and not call.is_write:
        return call.too_fast(refusal.reason, retry_at)
    return call.error(_kind_of(refusal, call.subject), refusal.reason)


def _kind_of(refusal: Refusal, subject: Subject) -> type[ProviderError]:
    if refusal.status in (507, 509):
        return UsageLimited
    if refusal.status >= 500:
        return ProviderUnavailable
    if subject is Subject.LISTING_SINCE_TOKEN and refusal.status == 410:  # whatever its code (D7)
        return SyncTokenExpired
    if not refusal.is_graphs:
        return ProviderUnavailable
    if refusal.words & _NO_MAILBOX and refusal.status in (403, 404):
        return AuthorizationLost
    if subject is Subject.LISTING_SINCE_TOKEN and refusal.words & _TOKEN_DEAD:
        return SyncTokenExpired
    if refusal.words & _NO_CALENDAR:
        return CalendarLost
    return _kind_by_status(refusal, subject)


def _kind_by_status(refusal: Refusal, subject: Subject) -> type[ProviderError]:
    match refusal.status:
        case 400 | 413:
            return _kind_of_bad_request(refusal, subject)
        case 401 if any(word.startswith(_TOKEN_REFUSED) for word in refusal.words):
            return AuthorizationLost
        case 403:
            return _kind_of_forbidden(refusal, subject)
        case 404 if subject in _OF_CALENDAR:
            return CalendarLost
        case 404 if subject in _OF_EVENT:
            return EventNotFound
        case 409 if subject is Subject.NEW_EVENT and refusal.is_duplicate:
            return EventExists
        case 409 if subject is Subject.CHANGE:
            return EventChanged
        case 410 if subject in _OF_EVENT:
            return EventNotFound
        case 412 if subject is Subject.CHANGE:
            return EventChanged
    return ProviderUnavailable


def _kind_of_bad_request(refusal: Refusal, subject: Subject) -> type[ProviderError]:
    if subject is Subject.LISTING_SINCE_TOKEN:
        return SyncTokenExpired
    if refusal.is_duplicate and subject is Subject.NEW_EVENT:
        return EventExists
    if _NO_ID in refusal.words:  # what is no id names nothing
        if subject in _OF_CALENDAR:
            return CalendarLost
        return EventNotFound if subject in _OF_EVENT else ProviderUnavailable
    return EventRefused if subject in (Subject.NEW_EVENT, Subject.CHANGE) else ProviderUnavailable


def _kind_of_forbidden(refusal: Refusal, subject: Subject) -> type[ProviderError]:
    if refusal.words & _NO_PERMISSION:
        return AuthorizationLost
    if DENIED.lower() not in refusal.words:
        return ProviderUnavailable
    # Whoever may not even list their calendars lacks the permission; of one calendar or event it may mean
    # that one alone.
    return AuthorizationLost if subject is Subject.CALENDARS else CalendarLost


def _chain(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The error and what is inside it: the most exact code is the innermost (§11)."""
    current: object = error
    for _ in range(_DEEPEST):
        if not isinstance(current, Mapping):
            return
        yield current
        current = current.get("innerError") or current.get("innererror")


def _first_text(errors: list[Mapping[str, Any]], key: str) -> str:
    return next((one[key] for one in errors if isinstance(one.get(key), str)), "")


def _short(value: object) -> str:
    """A code, or nothing: a text that is no code might name somebody."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,64}", value, re.ASCII) else ""


def _claims(header: str) -> str | None:
    """The claims challenge in WWW-Authenticate: JSON, in base64."""
    found = re.search(r'claims="([^"]+)"', header)
    if found is None:
        return None
    try:
        text = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
        return text if isinstance(json.loads(text), dict) else None
    except (binascii.Error, ValueError):
        return None
