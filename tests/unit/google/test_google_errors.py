"""Every row of google-calendar.md §6 and §18: who reacts to what Google says."""

from __future__ import annotations

import http.client
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httplib2
import pytest
from google.auth.exceptions import RefreshError, TransportError
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
from latesync.providers.google.errors import Call, Subject, provider_error

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

LISTING = Subject.FULL_LISTING
SINCE = Subject.LISTING_SINCE_TOKEN
READ = Subject.EVENT
NEW = Subject.NEW_EVENT
CHANGE = Subject.CHANGE
CALENDARS = Subject.CALENDARS


def a_refusal(status: int, body: bytes, **headers: str) -> HttpError:
    return HttpError(httplib2.Response({"status": str(status), **headers}), body)


def googles(status: int, reason: str, domain: str = "global", **headers: str) -> HttpError:
    entry = {"domain": domain, "reason": reason, "message": "Dana's dentist"}
    body = {"error": {"errors": [entry], "code": status, "message": "Dana's dentist"}}
    return a_refusal(
        status, json.dumps(body).encode(), **{k.replace("_", "-"): v for k, v in headers.items()}
    )


def translated(exc: BaseException, subject: Subject = READ) -> ProviderError:
    return provider_error(exc, Call("an_operation", 7, subject), NOW)


@pytest.mark.parametrize(
    ("status", "reason", "domain", "subject", "expected"),
    [
        (400, "invalid", "global", NEW, EventRefused),
        (400, "timeRangeEmpty", "calendar", CHANGE, EventRefused),
        (400, "badRequest", "global", SINCE, SyncTokenExpired),
        (400, "badRequest", "global", LISTING, ProviderUnavailable),
        (400, "invalid", "global", READ, ProviderUnavailable),
        (401, "authError", "global", LISTING, ProviderUnavailable),
        (403, "userRateLimitExceeded", "usageLimits", NEW, RateLimited),
        (403, "rateLimitExceeded", "usageLimits", LISTING, RateLimited),
        (403, "someNewLimitExceeded", "usageLimits", LISTING, RateLimited),
        (403, "quotaExceeded", "usageLimits", NEW, UsageLimited),
        (403, "dailyLimitExceeded", "usageLimits", READ, UsageLimited),
        (403, "forbidden", "global", CHANGE, CalendarLost),
        (403, "requiredAccessLevel", "calendar", NEW, CalendarLost),
        (403, "forbidden", "global", LISTING, CalendarLost),
        (403, "forbidden", "global", CALENDARS, ProviderUnavailable),
        (403, "forbiddenForNonOrganizer", "calendar", CHANGE, EventRefused),
        (403, "insufficientPermissions", "global", LISTING, AuthorizationLost),
        (403, "accessNotConfigured", "usageLimits", LISTING, ClientRejected),
        (403, "domainPolicy", "global", CALENDARS, ClientRejected),
        (403, "somethingNew", "global", CHANGE, ProviderUnavailable),
        (404, "notFound", "global", LISTING, CalendarLost),
        (404, "notFound", "global", SINCE, CalendarLost),
        (404, "notFound", "global", NEW, CalendarLost),
        (404, "notFound", "global", READ, EventNotFound),
        (404, "notFound", "global", CHANGE, EventNotFound),
        (404, "notFound", "global", CALENDARS, ProviderUnavailable),
        (408, "timeout", "global", NEW, ProviderUnavailable),
        (409, "duplicate", "global", NEW, EventExists),
        (409, "conflict", "global", NEW, ProviderUnavailable),
        (410, "fullSyncRequired", "calendar", SINCE, SyncTokenExpired),
        (410, "updatedMinTooLongAgo", "calendar", SINCE, SyncTokenExpired),
        (410, "gone", "global", LISTING, ProviderUnavailable),
        (410, "deleted", "global", CHANGE, EventNotFound),
        (412, "conditionNotMet", "global", CHANGE, EventChanged),
        (429, "rateLimitExceeded", "usageLimits", NEW, RateLimited),
        (500, "backendError", "global", LISTING, ProviderUnavailable),
        (503, "backendError", "global", NEW, ProviderUnavailable),
    ],
)
def test_an_answer_of_the_calendar_api_becomes_the_error_of_whoever_reacts(
    status: int, reason: str, domain: str, subject: Subject, expected: type[ProviderError]
) -> None:
    error = translated(googles(status, reason, domain), subject)
    assert (type(error), error.reason) == (expected, reason)


def test_an_error_carries_its_subject_and_no_words_of_googles() -> None:
    error = translated(googles(400, "invalid"), NEW)
    assert (error.provider, error.account_id, error.operation) == ("google", 7, "an_operation")
    assert "Dana" not in str(error)


def test_a_reason_that_is_no_code_is_left_out() -> None:
    assert translated(googles(400, "Dana's dentist"), NEW).reason == "status_400"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("SERVICE_DISABLED", ClientRejected),
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", AuthorizationLost),
        ("RATE_LIMIT_EXCEEDED", RateLimited),
    ],
)
def test_the_newer_shape_of_googles_errors_is_understood(reason: str, expected: type[ProviderError]) -> None:
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [{"reason": reason}]}}
    assert type(translated(a_refusal(403, json.dumps(body).encode()), LISTING)) is expected


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("status", [302, 400, 403, 404, 451, 502])
def test_a_page_that_is_not_googles_proves_nothing(status: int, subject: Subject) -> None:
    error = translated(a_refusal(status, b"<html>Please sign in to the hotel's network</html>"), subject)
    expected = SyncTokenExpired if (status, subject) == (400, SINCE) else ProviderUnavailable
    assert type(error) is expected


def test_410_ends_a_sync_token_even_without_a_readable_reason() -> None:
    assert type(translated(a_refusal(410, b""), SINCE)) is SyncTokenExpired


@pytest.mark.parametrize(
    ("header", "retry_at"),
    [
        ("30", NOW + timedelta(seconds=30)),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), NOW + timedelta(minutes=2)),
        ("999999999", NOW + timedelta(days=1)),
        ("0", None),
        ("-5", None),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_kept_as_a_moment(header: str, retry_at: datetime | None) -> None:
    for exc in (
        googles(429, "rateLimitExceeded", retry_after=header),
        googles(403, "rateLimitExceeded", "usageLimits", retry_after=header),
    ):
        error = translated(exc)
        assert isinstance(error, RateLimited)
        assert error.retry_at == retry_at


def refused(code: str, **more: Any) -> RefreshError:
    body = {"error": code, "error_description": "Bad Request", **more}
    return RefreshError(f"{code}: Bad Request", body, retryable=False)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("invalid_grant", AuthorizationLost),
        ("invalid_client", ClientRejected),
        ("deleted_client", ClientRejected),
        ("unauthorized_client", ClientRejected),
        ("admin_policy_enforced", ClientRejected),
        ("org_internal", ClientRejected),
        ("invalid_scope", ClientRejected),
        ("invalid_request", ClientRejected),
        ("unsupported_grant_type", ClientRejected),
        ("temporarily_unavailable", ProviderUnavailable),
        ("server_error", ProviderUnavailable),
        ("something_new", ProviderUnavailable),
    ],
)
def test_a_refused_refresh_becomes_the_error_of_whoever_reacts(
    code: str, expected: type[ProviderError]
) -> None:
    assert type(translated(refused(code))) is expected


def test_session_control_asks_for_a_new_sign_in() -> None:
    text = "Reauthentication is needed. Please run `gcloud auth application-default login` to reauthenticate."
    error = translated(RefreshError(text))  # type: ignore[no-untyped-call]
    assert (type(error), error.reason) == (AuthorizationLost, "invalid_rapt")


@pytest.mark.parametrize(
    "exc",
    [
        RefreshError("<html>502</html>", retryable=True),  # type: ignore[no-untyped-call]
        RefreshError("invalid_grant"),  # type: ignore[no-untyped-call]
        RefreshError("No access token in response.", {}),  # type: ignore[no-untyped-call]
        RefreshError(),  # type: ignore[no-untyped-call]
        TransportError("down"),  # type: ignore[no-untyped-call]
        TimeoutError(),
        ConnectionRefusedError(),
        ssl.SSLError(),
        httplib2.ServerNotFoundError(),
        http.client.IncompleteRead(b""),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    ],
    ids=repr,
)
def test_whatever_may_pass_signs_nobody_out(exc: BaseException) -> None:
    assert type(translated(exc)) is ProviderUnavailable
