"""Answers no documentation promises, and those it warns of: our errors come out, and no half-read listing."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, request

from latesync.errors import AuthorizationLost, ProviderError, ProviderUnavailable, SyncTokenExpired
from latesync.plan.content import event_key
from latesync.providers.base import GoneEvent, NewEvent
from latesync.providers.microsoft.client import MicrosoftCalendar, MicrosoftProviderFactory
from latesync.providers.microsoft.endpoints import microsoft_endpoints
from latesync.providers.microsoft.events import new_event
from latesync.providers.microsoft.sync_token import SyncToken, write_token
from latesync.sandbox.serving import Served
from tests.contract.microsoft_stage import NOW
from tests.contract.stage import WINDOW, a_content, read_to_end

KEY = event_key("site1", 42, 7, "dana", 1)
ELSEWHERE = "http://127.0.0.1:9/v1.0/me/calendars/c/calendarView/delta?$skiptoken=x"

NO_ANSWERS: list[Any] = [b"", b"\xff\xfe\x00", b"<html></html>", b"null", b"[" * 100_000, {}]
PAGES: list[Any] = [
    *NO_ANSWERS,
    b"5",
    b'"text"',
    b"[null]",
    {"value": None},
    {"value": {}, "@odata.deltaLink": "x"},
    {"value": [None], "@odata.deltaLink": 5},
    {"value": [{"id": 5}], "@odata.nextLink": 5},
    {"value": [], "@odata.nextLink": ELSEWHERE},
    {"value": [], "@odata.deltaLink": ELSEWHERE},
    {"id": "abc12"},
    {"responses": 5},
]
REFUSALS: list[Any] = [
    *NO_ANSWERS,
    {"error": None},
    {"error": "invalid_grant"},
    {"error": []},
    {"error": {"code": 5, "message": "Dana's dentist"}},
    {"error": {"code": "Dana's dentist", "innerError": {"innerError": {"innerError": 5}}}},
    {"error": {"code": "UnknownError"}},
]
CALLS: list[Callable[[MicrosoftCalendar, str], object]] = [
    lambda calendar, token: calendar.list_calendars(),
    lambda calendar, token: read_to_end(calendar.list_changes("c", None, WINDOW)),
    lambda calendar, token: read_to_end(calendar.list_changes("c", token, WINDOW)),
    lambda calendar, token: calendar.get_event("c", "abc12"),
    lambda calendar, token: calendar.get_event("c", KEY),
    lambda calendar, token: calendar.create_event("c", KEY, a_content()),
    lambda calendar, token: calendar.update_event("c", "abc12", a_content(), etag='W/"1"'),
]


class Odd:
    """A Graph that answers everything alike, or by a list."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"", {"Content-Type": "application/json"}
        self.asked: list[tuple[str, str]] = []  # path, Authorization
        self.answers: list[tuple[int, Any]] = []  # first, each once
        self.preferred: list[str] = []
        self.url = ""

    def app(self) -> Flask:
        app = Flask("odd-graph")

        @app.route("/v1.0/<path:rest>", methods=["GET", "POST", "PATCH", "DELETE"])
        def anything(rest: str) -> Response:
            self.asked.append((rest, request.headers.get("Authorization", "")))
            self.preferred.append(request.headers.get("Prefer", ""))
            if self.answers:
                status, body = self.answers.pop(0)
                return Response(json.dumps(body), status, self.headers)
            return Response(self.body, self.status, self.headers)

        return app


class Tokens:
    """Numbered, so that a renewed one can be told."""

    def __init__(self) -> None:
        self.number = 1
        self.claims: list[str | None] = []

    def token(self) -> str:
        return f"token-{self.number}"

    def renew(self, refused: str, claims: str | None = None) -> str:
        self.claims.append(claims)
        self.number += 1
        return self.token()


@pytest.fixture(scope="module")
def served() -> Iterator[Odd]:
    odd = Odd()
    with Served(odd.app()) as server:
        odd.url = server.url
        yield odd


@pytest.fixture
def odd(served: Odd) -> Odd:
    served.status, served.body, served.headers = 200, b"", {"Content-Type": "application/json"}
    served.asked, served.answers, served.preferred = [], [], []
    return served


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def calendar(odd: Odd, tokens: Tokens) -> MicrosoftCalendar:
    factory = MicrosoftProviderFactory(
        microsoft_endpoints(odd.url), now=lambda: NOW, pause=lambda _: None, timeout_s=5
    )
    return factory.calendar(7, tokens)


def a_token(odd: Odd) -> str:
    return write_token(SyncToken(f"{odd.url}/v1.0/me/delta?$deltatoken=1", WINDOW))


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 410, 412, 429, 500])
def test_whatever_is_answered_only_our_errors_come_out(
    odd: Odd, calendar: MicrosoftCalendar, status: int
) -> None:
    odd.status = status
    for body in PAGES if status < 300 else REFUSALS:
        odd.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        for call in CALLS:
            with pytest.raises(ProviderError):
                call(calendar, a_token(odd))


@pytest.mark.parametrize("status", [200, 207, 302, 400, 404, 500])
def test_an_unreadable_answer_to_a_batch_says_nothing_of_any_of_it(
    odd: Odd, calendar: MicrosoftCalendar, status: int
) -> None:
    odd.status = status
    for body in PAGES if status < 300 else REFUSALS:
        odd.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        ends = calendar.write_together("c", [NewEvent(KEY, a_content()), GoneEvent("abc")])
        assert [type(end) for end in ends] == [ProviderUnavailable, ProviderUnavailable]


def test_a_listing_that_turns_in_circles_ends(odd: Odd, calendar: MicrosoftCalendar) -> None:
    link = f"{odd.url}/v1.0/me/again"
    odd.body = json.dumps({"value": [], "@odata.nextLink": link}).encode()
    with pytest.raises(ProviderUnavailable, match="endless_listing"):
        read_to_end(calendar.list_changes("c", None, WINDOW))


@pytest.mark.parametrize(
    "link",
    [
        ELSEWHERE,
        "https://graph.microsoft.com/v1.0/me/calendarView/delta",
        "//evil.example/v1.0/x",
        "ftp://x",
        "http://[",
    ],
)
def test_a_link_to_elsewhere_is_not_followed(odd: Odd, calendar: MicrosoftCalendar, link: str) -> None:
    """Our token would go along."""
    odd.body = json.dumps({"value": [], "@odata.nextLink": link}).encode()
    with pytest.raises(ProviderUnavailable, match="foreign_link"):
        read_to_end(calendar.list_changes("c", None, WINDOW))
    with pytest.raises(SyncTokenExpired):
        read_to_end(calendar.list_changes("c", write_token(SyncToken(link, WINDOW)), WINDOW))
    assert len(odd.asked) == 1


def test_a_link_with_our_host_as_its_user_s_name_is_foreign(odd: Odd, calendar: MicrosoftCalendar) -> None:
    host = odd.url.removeprefix("http://")
    odd.body = json.dumps({"value": [], "@odata.nextLink": f"http://{host}@127.0.0.1:9/v1.0/x"}).encode()
    with pytest.raises(ProviderUnavailable, match="foreign_link"):
        read_to_end(calendar.list_changes("c", None, WINDOW))


def test_a_refused_token_is_renewed_once_with_the_claims_that_are_asked_for(
    odd: Odd, calendar: MicrosoftCalendar, tokens: Tokens
) -> None:
    refusal = {"error": {"code": "InvalidAuthenticationToken", "message": "x"}}
    # {"access_token":{"nbf":{"essential":true}}}
    challenge = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="
    odd.headers = {"WWW-Authenticate": f'Bearer realm="", error="insufficient_claims", claims="{challenge}"'}
    listed = {"value": [{"id": "c", "name": "Calendar", "isDefaultCalendar": True, "canEdit": True}]}
    odd.answers = [(401, refusal), (200, listed)]
    assert [one.id for one in calendar.list_calendars()] == ["c"]
    assert tokens.claims == ['{"access_token":{"nbf":{"essential":true}}}']
    assert [sent for _, sent in odd.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_renewed_token_that_is_refused_as_well_asks_the_agent(
    odd: Odd, calendar: MicrosoftCalendar, tokens: Tokens
) -> None:
    odd.status = 401
    odd.body = json.dumps({"error": {"code": "InvalidAuthenticationToken"}}).encode()
    with pytest.raises(AuthorizationLost):
        calendar.list_calendars()
    assert len(odd.asked) == 2


def test_a_proxy_s_401_signs_nobody_out(odd: Odd, calendar: MicrosoftCalendar) -> None:
    """users-ask.md U8."""
    odd.status, odd.body = 401, b"<html>Sign in to the hotel</html>"
    with pytest.raises(ProviderUnavailable):
        calendar.list_calendars()


def test_a_batch_whose_every_part_was_refused_its_token_is_sent_again(
    odd: Odd, calendar: MicrosoftCalendar, tokens: Tokens
) -> None:
    refused = {"error": {"code": "InvalidAuthenticationToken"}}
    odd.answers = [
        (200, {"responses": [{"id": "0", "status": 401, "headers": {}, "body": refused}]}),
        (200, {"responses": [{"id": "0", "status": 204}]}),
    ]
    assert calendar.write_together("c", [GoneEvent("abc")]) == [None]
    assert tokens.number == 2


def test_nothing_is_copied_into_the_log_and_the_errors(
    odd: Odd, calendar: MicrosoftCalendar, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    odd.headers = {"Content-Type": "application/json", "request-id": "dana@example.com"}
    for status in (200, 400, 403, 404, 500):
        for body in (b"Dana's dentist", b'{"error": {"code": "dana@example.com", "message": "Dana"}}'):
            odd.status, odd.body = status, body
            with pytest.raises(ProviderError) as caught:
                calendar.get_event("dana@example.com", "dana-event")
            assert "dana" not in repr(caught.value).lower() + str(caught.value.__cause__).lower()
    assert "dana" not in caplog.text.lower()
    assert "token-" not in caplog.text


def test_an_address_that_does_not_answer_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    factory = MicrosoftProviderFactory(
        microsoft_endpoints("http://127.0.0.1:9"), now=lambda: NOW, pause=lambda _: None, timeout_s=1
    )
    with pytest.raises(ProviderUnavailable) as caught:
        factory.calendar(7, Tokens()).get_event("dana@example.com", "dana-event")
    assert "dana" not in f"{caught.value!r} {caught.value.__cause__} {caplog.text}".lower()


class TestLag:
    """microsoft-graph.md §11: what was just made may not be found at once."""

    def a_raw(self, **fields: Any) -> dict[str, Any]:
        body = new_event(KEY, a_content())
        return {"id": "AAMk1", "@odata.etag": 'W/"1"', "type": "singleInstance", **body, **fields}

    def test_a_key_is_looked_for_once_again(self, odd: Odd, calendar: MicrosoftCalendar) -> None:
        odd.answers = [(200, {"value": []}), (200, {"value": [self.a_raw()]})]
        assert calendar.get_event("c", KEY).item.event_id == "AAMk1"

    def test_a_key_that_is_nobody_s_is_taken_for_an_id(self, odd: Odd, calendar: MicrosoftCalendar) -> None:
        odd.answers = [(200, {"value": []}), (200, {"value": []}), (200, self.a_raw(id=KEY))]
        assert calendar.get_event("c", KEY).item.event_id == KEY

    def test_an_event_that_was_just_made_is_asked_for_twice(
        self, odd: Odd, calendar: MicrosoftCalendar
    ) -> None:
        missing = (404, {"error": {"code": "ErrorItemNotFound"}})
        odd.answers = [(201, self.a_raw()), missing, (200, self.a_raw())]
        made = calendar.create_event("c", KEY, a_content())
        changed = calendar.update_event("c", made.item.event_id, a_content(), etag=made.etag)
        assert changed.item.event_id == "AAMk1"
        odd.answers = [missing]
        with pytest.raises(ProviderError):
            calendar.get_event("c", "AAMk2")
        assert odd.answers == []

    def test_of_a_person_s_copies_the_one_with_the_transaction_is_ours(
        self, odd: Odd, calendar: MicrosoftCalendar
    ) -> None:
        copy = self.a_raw(id="copy", transactionId=None, createdDateTime="2026-01-01T00:00:00Z")
        odd.answers = [(200, {"value": [copy, self.a_raw(createdDateTime="2026-02-01T00:00:00Z")]})]
        assert calendar.get_event("c", KEY).item.event_id == "AAMk1"

    def test_a_find_that_differs_in_case_is_another_s(self, odd: Odd, calendar: MicrosoftCalendar) -> None:
        """microsoft-graph.md E9: values are compared without regard to case."""
        other = self.a_raw(transactionId=None)
        for one in other["singleValueExtendedProperties"]:
            one["value"] = one["value"].upper()
        odd.answers = [(200, {"value": [other]}), (200, {"value": [self.a_raw()]})]
        assert calendar.get_event("c", KEY).item.event_id == "AAMk1"

    def test_an_event_of_ours_listed_without_its_text_is_read_whole(
        self, odd: Odd, calendar: MicrosoftCalendar
    ) -> None:
        short = {name: value for name, value in self.a_raw().items() if name != "body"}
        link = f"{odd.url}/v1.0/me/delta?$deltatoken=2"
        odd.answers = [(200, {"value": [short], "@odata.deltaLink": link}), (200, self.a_raw())]
        shown, _ = read_to_end(calendar.list_changes("c", a_token(odd), WINDOW))
        content = shown["AAMk1"].content
        assert content is not None
        assert content.description == a_content().description

    def test_one_that_went_meanwhile_is_removed(self, odd: Odd, calendar: MicrosoftCalendar) -> None:
        short = {name: value for name, value in self.a_raw().items() if name != "body"}
        link = f"{odd.url}/v1.0/me/delta?$deltatoken=2"
        gone = (404, {"error": {"code": "ErrorItemNotFound"}})
        odd.answers = [(200, {"value": [short], "@odata.deltaLink": link}), gone]
        shown, _ = read_to_end(calendar.list_changes("c", a_token(odd), WINDOW))
        assert shown["AAMk1"].item.is_cancelled

    def test_a_date_whose_master_is_gone_counts_as_it_stands(
        self, odd: Odd, calendar: MicrosoftCalendar
    ) -> None:
        span = {name: self.a_raw()[name] for name in ("start", "end")}
        date = {"id": "d", "type": "occurrence", "seriesMasterId": "m", **span}
        link = f"{odd.url}/v1.0/me/delta?$deltatoken=2"
        gone = (404, {"error": {"code": "ErrorItemNotFound"}})
        odd.answers = [(200, {"value": [date, date], "@odata.deltaLink": link}), gone]
        shown, _ = read_to_end(calendar.list_changes("c", a_token(odd), WINDOW))
        assert (shown["d"].item.series_id, shown["d"].item.is_free) == ("m", False)

    def test_every_request_asks_for_lasting_ids_and_utc(self, odd: Odd, calendar: MicrosoftCalendar) -> None:
        """microsoft-graph.md D9, E1, E11."""
        next_link = f"{odd.url}/v1.0/me/delta?$skiptoken=1"
        delta_link = f"{odd.url}/v1.0/me/delta?$deltatoken=2"
        odd.answers = [
            (200, {"value": [], "@odata.nextLink": next_link}),
            (200, {"value": [], "@odata.deltaLink": delta_link}),
            (200, {"value": [], "@odata.deltaLink": delta_link}),
            (201, self.a_raw()),
        ]
        _, token = read_to_end(calendar.list_changes("c", None, WINDOW))
        read_to_end(calendar.list_changes("c", token, WINDOW))
        calendar.create_event("c", KEY, a_content())
        assert len(odd.preferred) == 4
        for prefer in odd.preferred:
            assert 'IdType="ImmutableId"' in prefer
            assert 'outlook.timezone="UTC"' in prefer
