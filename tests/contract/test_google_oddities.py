"""Answers no documentation promises: whatever comes, our errors come out, and no half-read listing."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from google.oauth2.credentials import Credentials

from latesync.errors import ProviderError
from latesync.providers.google.budget import RequestBudget
from latesync.providers.google.client import GoogleCalendar, GoogleProviderFactory
from latesync.providers.google.endpoints import google_endpoints
from latesync.sandbox.serving import Served
from tests.contract.google_stage import NOW
from tests.contract.stage import WINDOW, a_content, read_to_end

BODIES: list[Any] = [
    b"",
    b"\xff\xfe\x00",
    b"<html></html>",
    b"null",
    b"5",
    b'"text"',
    b"[]",
    b"[null]",
    b"{}",
    {"error": None},
    {"error": "invalid_grant"},
    {"error": []},
    {"error": {"message": 5}},
    {"error": {"errors": [None, 5, {"reason": None}, {"reason": ["forbidden"]}], "code": "x"}},
    {"error": {"errors": "forbidden", "details": {"reason": "forbidden"}}},
    [{"error": {"message": "x"}}],
    {"items": None},
    {"items": {}, "nextSyncToken": "t"},
    {"items": [None], "nextSyncToken": 5},
    {"id": "abc12"},
]
CALLS: list[Callable[[GoogleCalendar], object]] = [
    lambda calendar: calendar.list_calendars(),
    lambda calendar: read_to_end(calendar.list_changes("c", None, WINDOW)),
    lambda calendar: read_to_end(calendar.list_changes("c", "token", WINDOW)),
    lambda calendar: calendar.get_event("c", "abc12"),
    lambda calendar: calendar.create_event("c", "abc12", a_content()),
    lambda calendar: calendar.update_event("c", "abc12", a_content(), etag='"1"'),
]


class Odd:
    """A Calendar API that answers everything alike."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"", {"Content-Type": "application/json"}

    def app(self) -> Flask:
        app = Flask("odd-google")

        @app.route("/calendar/<path:rest>", methods=["GET", "POST", "PATCH", "DELETE"])
        def anything(rest: str) -> Response:
            return Response(self.body, self.status, self.headers)

        return app


@pytest.fixture(scope="module")
def odd() -> Odd:
    return Odd()


@pytest.fixture(scope="module")
def calendar(odd: Odd) -> Iterator[GoogleCalendar]:
    with Served(odd.app()) as server:
        budget = RequestBudget(lambda: NOW, user_per_minute=10_000)
        factory = GoogleProviderFactory(
            google_endpoints(server.url), now=lambda: NOW, budget=budget, pause=lambda _: None, timeout_s=5
        )
        yield factory.calendar(7, Credentials("an access token that never expires"))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 410, 412, 429, 500])
def test_whatever_is_answered_only_our_errors_come_out(
    odd: Odd, calendar: GoogleCalendar, status: int
) -> None:
    odd.status = status
    for body in BODIES:
        odd.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        for call in CALLS:
            with pytest.raises(ProviderError):
                call(calendar)


def test_a_listing_that_turns_in_circles_ends(odd: Odd, calendar: GoogleCalendar) -> None:
    odd.status = 200
    odd.body = json.dumps({"items": [], "nextPageToken": "again"}).encode()
    with pytest.raises(ProviderError, match="endless_listing"):
        read_to_end(calendar.list_changes("c", None, WINDOW))


def test_no_answer_is_copied_into_the_log(
    odd: Odd, calendar: GoogleCalendar, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    odd.body = b"Dana's dentist"
    for odd.status in (200, 403):
        with pytest.raises(ProviderError):
            calendar.get_event("dana@example.com", "abc12")
    assert "dana" not in caplog.text.lower()
