"""Failures on demand, batches, latency and the log."""

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from .conftest import ANNA, BEN, Google, an_event, refused


def test_a_status_strikes_as_often_as_told(google: Google) -> None:
    google.world.add_fault("status", path="/events", status=503, times=2, after=1)
    google.listed()
    assert refused(google.listed) == (503, "backendError")
    assert refused(google.listed) == (503, "backendError")
    google.listed()


def test_a_fault_can_single_out_a_user_and_a_method(google: Google) -> None:
    google.world.add_fault(
        "status", method="POST", user=ANNA, status=403, reason="rateLimitExceeded", times=None
    )
    assert refused(google.insert) == (403, "rateLimitExceeded")
    google.listed()
    ben = google.signed_in(BEN)
    google.events.insert(calendarId="primary", body=an_event()).execute(http=ben)


def test_a_lost_answer_was_committed(google: Google) -> None:
    google.world.add_fault("lost_answer", method="POST", path="/events$", times=2)
    with pytest.raises((OSError, http.client.HTTPException)):
        google.insert(id="booking1")
    assert [event["id"] for event in google.world.events(ANNA)] == ["booking1"]
    assert refused(lambda: google.insert(id="booking1")) == (409, "duplicate")


def test_a_dropped_request_changed_nothing(google: Google) -> None:
    google.world.add_fault("drop", method="POST", times=None)
    with pytest.raises((OSError, http.client.HTTPException)):
        google.insert(id="booking1")
    assert google.world.events(ANNA) == []


def test_garbage_is_html_and_the_client_hands_a_successful_one_on_as_text(google: Google) -> None:
    google.world.add_fault("garbage", status=502)
    with pytest.raises(HttpError):
        google.listed()
    google.world.add_fault("garbage", status=200)
    answer: object = google.listed()
    assert str(answer).startswith("<html>")


def test_the_token_endpoint_can_be_down(google: Google) -> None:
    google.world.add_fault(
        "status", path="/token", status=400, reason="temporarily_unavailable", message="later"
    )
    answer = google.token(grant_type="refresh_token", refresh_token="x")
    assert answer.json() == {"error": "temporarily_unavailable", "error_description": "later"}


def batched(google: Google, *calls: Any) -> list[tuple[Any, HttpError | None]]:
    results: dict[str, tuple[Any, HttpError | None]] = {}
    batch = BatchHttpRequest(
        callback=lambda key, answer, error: results.update({key: (answer, error)}),
        batch_uri=f"{google.server.url}/batch/calendar/v3",
    )
    for number, call in enumerate(calls):
        batch.add(call, request_id=str(number))
    batch.execute(http=google.http)
    return [results[str(number)] for number in range(len(calls))]


def test_a_batch_answers_every_call_by_its_id_in_any_order(google: Google) -> None:
    google.world.set_switches(batch_reverses_order=True)
    inserts = [
        google.events.insert(calendarId="primary", body=an_event(id=f"booking{n}", summary="Ünï"))
        for n in range(3)
    ]
    answers = batched(google, *inserts, google.events.get(calendarId="primary", eventId="booking7"))
    assert [answer["id"] for answer, error in answers[:3] if error is None] == [
        "booking0",
        "booking1",
        "booking2",
    ]
    assert answers[0][0]["summary"] == "Ünï"
    assert answers[3][1] is not None
    assert answers[3][1].status_code == 404
    assert google.world.request_counts["events.insert 200"] == 3


def test_a_batch_meets_conflicts_faults_and_its_size_limit(google: Google) -> None:
    google.world.set_switches(batch_conflicts=1)
    google.world.add_fault("status", path="booking1$", status=500)
    calls = [google.events.get(calendarId="primary", eventId="booking1"),
             google.events.insert(calendarId="primary", body=an_event())]  # fmt: skip
    assert [error.status_code for _, error in batched(google, *calls) if error] == [500, 409]
    with pytest.raises(HttpError, match="50 calls"):
        batched(google, *(google.events.list(calendarId="primary") for _ in range(51)))


def test_requests_are_logged_without_their_bodies(google: Google) -> None:
    google.insert(id="booking1")
    google.run(google.events.patch(calendarId="primary", eventId="booking1", body={"summary": "New"}))
    [insert, patch] = google.world.requests
    assert (insert.method, insert.status, insert.user, insert.units) == ("POST", 200, ANNA, 1)
    assert (patch.path, patch.units) == ("/calendar/v3/calendars/primary/events/booking1", 3)


def test_a_connection_is_kept_over_many_requests_and_closed_with_the_server(google: Google) -> None:
    address = urlsplit(google.server.url)
    with socket.create_connection((address.hostname, address.port)) as kept:
        for _ in range(3):
            kept.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            assert b"400" in kept.recv(65_536)


def test_the_front_page_says_what_this_is(google: Google) -> None:
    assert "Stand-in for Google" in requests.get(google.server.url, timeout=10).text
