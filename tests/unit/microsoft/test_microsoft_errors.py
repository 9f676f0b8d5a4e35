"""Every row of microsoft-graph.md §11: who reacts to what Graph says."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

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
from latesync.providers.microsoft.errors import Call, Subject, read_refusal, refusal_error

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

LISTING = Subject.FULL_LISTING
SINCE = Subject.LISTING_SINCE_TOKEN
READ = Subject.EVENT
NEW = Subject.NEW_EVENT
CHANGE = Subject.CHANGE
CALENDARS = Subject.CALENDARS
CALENDAR = Subject.CALENDAR


def graphs(code: str, *inner: str) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": "Dana's dentist"}
    deepest = error
    for one in inner:
        deepest["innerError"] = {"code": one, "request-id": "5c1b-77"}
        deepest = deepest["innerError"]
    return {"error": error}


def translated(status: int, body: object, subject: Subject, **headers: str) -> ProviderError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal_error(read_refusal(status, named, body), Call("an_operation", 7, subject), NOW)


@pytest.mark.parametrize(
    ("status", "code", "subject", "expected"),
    [
        (400, "ErrorInvalidRequest", NEW, EventRefused),
        (400, "ErrorPropertyValidationFailure", CHANGE, EventRefused),
        (400, "ErrorOccurrenceCrossingBoundary", CHANGE, EventRefused),
        (400, "RequestBodyRead", NEW, EventRefused),
        (400, "ErrorInvalidRequest", READ, ProviderUnavailable),
        (400, "ErrorInvalidRequest", LISTING, ProviderUnavailable),
        (400, "ErrorInvalidIdMalformed", READ, EventNotFound),
        (400, "ErrorInvalidIdMalformed", CHANGE, EventNotFound),
        (400, "ErrorInvalidIdMalformed", NEW, CalendarLost),
        (400, "ErrorInvalidIdMalformed", LISTING, CalendarLost),
        (400, "ErrorDuplicateTransactionId", NEW, EventExists),
        (409, "ErrorDuplicateTransactionId", NEW, EventExists),
        (400, "ErrorDuplicateTransactionId", CHANGE, EventRefused),
        (400, "syncStateNotFound", SINCE, SyncTokenExpired),
        (404, "SyncStateNotFound", SINCE, SyncTokenExpired),
        (410, "resyncRequired", SINCE, SyncTokenExpired),
        (410, "whatever", SINCE, SyncTokenExpired),
        (410, "whatever", LISTING, ProviderUnavailable),
        (410, "whatever", CHANGE, EventNotFound),
        (401, "InvalidAuthenticationToken", READ, AuthorizationLost),
        (401, "CompactTokenParsingFailed", NEW, AuthorizationLost),
        (401, "UnknownError", READ, ProviderUnavailable),
        (403, "ErrorAccessDenied", CALENDARS, AuthorizationLost),
        (403, "ErrorAccessDenied", LISTING, CalendarLost),
        (403, "ErrorAccessDenied", CHANGE, CalendarLost),
        (403, "Authorization_RequestDenied", READ, AuthorizationLost),
        (403, "insufficient_claims", NEW, AuthorizationLost),
        (403, "MailboxNotEnabledForRESTAPI", CALENDARS, AuthorizationLost),
        (404, "MailboxNotEnabledForRESTAPI", READ, AuthorizationLost),
        (403, "SomethingNew", READ, ProviderUnavailable),
        (404, "ErrorItemNotFound", READ, EventNotFound),
        (404, "ResourceNotFound", CHANGE, EventNotFound),
        (404, "ErrorItemNotFound", NEW, CalendarLost),
        (404, "ErrorItemNotFound", LISTING, CalendarLost),
        (404, "ErrorItemNotFound", CALENDAR, CalendarLost),
        (404, "ErrorCalendarNotFound", READ, CalendarLost),
        (404, "ErrorItemNotFound", CALENDARS, ProviderUnavailable),
        (404, "ErrorItemNotFound", SINCE, ProviderUnavailable),  # listing.py asks whose it is
        (409, "conflict", CHANGE, EventChanged),
        (409, "conflict", NEW, ProviderUnavailable),
        (412, "ErrorIrresolvableConflict", CHANGE, EventChanged),
        (412, "resourceModified", CHANGE, EventChanged),
        (413, "RequestEntityTooLarge", NEW, EventRefused),
        (423, "locked", CHANGE, ProviderUnavailable),
        (429, "ApplicationThrottled", NEW, RateLimited),
        (403, "ApplicationThrottled", READ, RateLimited),
        (500, "ErrorInternalServerTransientError", READ, ProviderUnavailable),
        (502, "UnknownError", READ, ProviderUnavailable),
        (503, "serviceNotAvailable", NEW, ProviderUnavailable),
        (504, "UnknownError", SINCE, ProviderUnavailable),
        (507, "ErrorQuotaExceeded", NEW, UsageLimited),
        (509, "bandwidthLimitExceeded", READ, UsageLimited),
    ],
)
def test_each_row(status: int, code: str, subject: Subject, expected: type[ProviderError]) -> None:
    error = translated(status, graphs(code), subject)
    assert type(error) is expected
    assert (error.provider, error.account_id, error.operation) == ("microsoft", 7, "an_operation")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 412, 500])
@pytest.mark.parametrize("subject", Subject)
def test_a_page_that_is_not_graph_s_proves_nothing(status: int, subject: Subject) -> None:
    """style.md §7; users-ask.md U8."""
    bodies: list[Any] = [None, "<html>", [], {"error": "not_found"}, {"error": {"code": "Dana's dentist"}}]
    for body in bodies:
        assert type(translated(status, body, subject)) is ProviderUnavailable


@pytest.mark.parametrize("status", [400, 404, 410])
def test_the_code_that_ends_a_token_may_stand_deep_inside(status: int) -> None:
    error = translated(status, graphs("badRequest", "badRequest", "SyncStateNotFound"), SINCE)
    assert type(error) is SyncTokenExpired
    assert error.reason == "badRequest"


def test_a_duplicate_may_name_the_event_that_has_the_transaction() -> None:
    body = graphs("ErrorDuplicateTransactionId")
    body["error"]["@event.existingEventId"] = "AAMk"
    refusal = read_refusal(409, {}, body)
    assert (refusal.is_duplicate, refusal.existing_id) == (True, "AAMk")


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", timedelta(seconds=30)),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), timedelta(seconds=90)),
        (str(10**9), timedelta(days=1)),
        ("0", None),
        ("soon", None),
        ("", None),
        (str(10**30), None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, wait: timedelta | None) -> None:
    """microsoft-graph.md L3."""
    error = translated(429, graphs("TooManyRequests"), LISTING, Retry_After=header)
    assert isinstance(error, RateLimited)
    assert error.retry_at == (NOW + wait if wait else None)


def test_an_outage_that_names_its_end_is_waited_for_by_reads() -> None:
    read = translated(503, graphs("serviceNotAvailable"), READ, Retry_After="60")
    assert isinstance(read, RateLimited)
    assert read.retry_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("subject", [NEW, CHANGE, Subject.BATCH])
def test_of_a_write_in_an_outage_nobody_knows_whether_it_happened(subject: Subject) -> None:
    error = translated(503, graphs("serviceNotAvailable"), subject, Retry_After="60")
    assert type(error) is ProviderUnavailable


def test_a_claims_challenge_is_read_from_its_header() -> None:
    claims = '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}'
    encoded = base64.b64encode(claims.encode()).decode().rstrip("=")
    header = f'Bearer realm="", error="insufficient_claims", claims="{encoded}"'
    refusal = read_refusal(401, {"www-authenticate": header}, graphs("InvalidAuthenticationToken"))
    assert refusal.claims == claims
    assert read_refusal(403, {"WWW-Authenticate": header}, None).asks_for_token
    for broken in ("claims=", 'claims="%%%"', 'claims="NQ=="', 'claims="/w=="'):
        assert read_refusal(401, {"WWW-Authenticate": broken}, None).claims is None


def test_no_text_that_might_name_somebody_becomes_a_reason() -> None:
    error = translated(403, {"error": {"code": "dana@example.com", "message": "Dana"}}, READ)
    assert error.reason == "status_403"
    assert read_refusal(404, {}, graphs("x", "y")).request_id == "5c1b-77"
    assert read_refusal(404, {}, {"error": {"code": "x", "request-id": "dana@example.com"}}).request_id == ""


def test_an_error_within_itself_for_ever_is_read_to_an_end() -> None:
    body: dict[str, Any] = graphs("badRequest")
    body["error"]["innerError"] = body["error"]
    assert read_refusal(400, {}, body).reason == "badRequest"
