"""Subscriptions: microsoft-graph.md §9."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response, request

from latesync.sandbox.microsoft import outlook
from latesync.sandbox.microsoft.graph_times import stamp
from latesync.sandbox.serving import Served

from .graph_stage import ANNA, Graph, refusal


@dataclass
class Listener:
    """Somebody with an address for notifications."""

    url: str = ""
    token_type: str = "text/plain"
    echoes: bool = True
    failures: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def app(self) -> Flask:
        app = Flask(__name__)

        @app.post("/hook")
        def hook() -> Response:
            if "validationToken" in request.args:
                return self._prove(request.args["validationToken"])
            if self.failures:
                self.failures -= 1
                return Response(status=500)
            self.heard += request.get_json()["value"]
            return Response(status=202)

        return app

    def _prove(self, token: str) -> Response:
        self.tokens.append(token)
        self.arrived.release()
        self.may_answer.wait(timeout=10)
        return Response(token if self.echoes else "no", content_type=self.token_type)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    made.may_answer.set()
    with Served(made.app()) as server:
        made.url = f"{server.url}/hook"
        yield made


def wanted(graph: Graph, listener: Listener, minutes: float = 60, **fields: Any) -> dict[str, Any]:
    return {
        "changeType": "created,updated,deleted",
        "notificationUrl": listener.url,
        "resource": "me/events",
        "expirationDateTime": stamp(graph.world.now() + minutes * 60),
        "clientState": "secret",
        **fields,
    }


def subscribe(graph: Graph, listener: Listener, minutes: float = 60, **fields: Any) -> dict[str, Any]:
    answer = graph.send("POST", "subscriptions", wanted(graph, listener, minutes, **fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_both_addresses_are_proved_before_a_subscription_is_made(graph: Graph, listener: Listener) -> None:
    """S2."""
    made = subscribe(graph, listener, lifecycleNotificationUrl=listener.url)
    assert (made["clientState"], made["resource"]) == ("secret", "me/events")
    assert len(listener.tokens) == 2
    assert " " in listener.tokens[0]  # so that a token that was not decoded is noticed


@pytest.mark.parametrize(
    "fault", [{"echoes": False}, {"token_type": "text/html"}, {"url": "http://127.0.0.1:9/hook"}]
)
def test_an_address_that_does_not_prove_itself_is_refused(
    graph: Graph, listener: Listener, fault: dict[str, Any]
) -> None:
    """S2."""
    for name, value in fault.items():
        setattr(listener, name, value)
    answer = graph.send("POST", "subscriptions", wanted(graph, listener))
    assert refusal(answer) == (400, "ValidationError")
    assert graph.get("subscriptions")["value"] == []


def test_changes_are_told_with_the_client_state_and_no_content(graph: Graph, listener: Listener) -> None:
    """S4."""
    made = subscribe(graph, listener)
    event = graph.create()
    graph.patch(event["id"], subject="New")
    outlook.delete_event(graph.mailbox, event["id"])
    graph.world.wait_for_notices()
    assert sorted(one["changeType"] for one in listener.heard) == ["created", "deleted", "updated"]
    one = listener.heard[0]
    assert (one["subscriptionId"], one["clientState"]) == (made["id"], "secret")
    assert one["tenantId"] == graph.world.person(ANNA).tid
    assert one["resourceData"]["id"] == event["id"]
    assert set(one["resourceData"]) == {"@odata.type", "@odata.id", "@odata.etag", "id"}


def test_a_subscription_speaks_of_the_ids_it_was_made_with(graph: Graph, listener: Listener) -> None:
    """E11."""
    graph.send("POST", "subscriptions", wanted(graph, listener), Prefer="return=minimal")
    event = graph.create()
    graph.world.wait_for_notices()
    assert listener.heard[0]["resourceData"]["id"] != event["id"]


def test_only_what_was_asked_for_is_told(graph: Graph, listener: Listener) -> None:
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    subscribe(graph, listener, changeType="deleted", resource=f"me/calendars/{work}/events")
    graph.send("DELETE", f"me/events/{graph.create()['id']}")
    there = graph.create(f"me/calendars/{work}/events")
    graph.send("DELETE", f"me/events/{there['id']}")
    graph.world.wait_for_notices()
    assert [one["resourceData"]["id"] for one in listener.heard] == [there["id"]]


def test_a_notification_is_repeated_until_it_is_taken(graph: Graph, listener: Listener) -> None:
    """S3."""
    subscribe(graph, listener)
    listener.failures = 2
    graph.create()
    graph.world.wait_for_notices()
    assert len(listener.heard) == 1


@pytest.mark.parametrize(("minutes", "lives"), [(1, 45), (45, 45), (10_080, 10_080)])
def test_a_subscription_lives_a_week_at_most_and_45_minutes_at_least(
    graph: Graph, listener: Listener, minutes: int, lives: int
) -> None:
    """S1."""
    made = subscribe(graph, listener, minutes)
    assert made["expirationDateTime"] == stamp(graph.world.now() + lives * 60)


@pytest.mark.parametrize(
    "fields",
    [
        {"expirationDateTime": "2026-11-09T12:00:01Z"},
        {"expirationDateTime": "2026-11-02T11:00:00Z"},
        {"expirationDateTime": "tomorrow"},
        {"resource": "me/messages"},
        {"changeType": "created,moved"},
        {"clientState": "x" * 129},
        {"notificationUrl": "http://example.test/hook"},
        {"notificationUrl": ""},
        {"unknown": "x"},
    ],
)
def test_a_subscription_that_graph_does_not_know_is_refused(
    graph: Graph, listener: Listener, fields: dict[str, Any]
) -> None:
    assert graph.send("POST", "subscriptions", wanted(graph, listener, **fields)).status_code == 400
    assert listener.tokens == []


def test_the_same_resource_twice_is_a_conflict(graph: Graph, listener: Listener) -> None:
    """S6."""
    subscribe(graph, listener)
    assert graph.send("POST", "subscriptions", wanted(graph, listener)).status_code == 409
    subscribe(graph, listener, changeType="created")


def test_a_renewed_subscription_lives_on_and_an_ended_one_is_not_found(
    graph: Graph, listener: Listener
) -> None:
    """S6."""
    made = subscribe(graph, listener)
    path = f"subscriptions/{made['id']}"
    later = stamp(graph.world.now() + 7200)
    assert graph.send("PATCH", path, {"expirationDateTime": later}).json()["expirationDateTime"] == later
    assert graph.send("PATCH", path, {"clientState": "new"}).status_code == 400
    graph.world.advance(timedelta(minutes=90))
    assert graph.get(path)["clientState"] is None
    graph.world.advance(timedelta(minutes=31))
    ended = graph.send("PATCH", path, {"expirationDateTime": stamp(graph.world.now() + 7200)})
    assert refusal(ended) == (404, "ResourceNotFound")
    graph.create()
    graph.world.wait_for_notices()
    assert listener.heard == []


def test_a_deleted_subscription_tells_nothing(graph: Graph, listener: Listener) -> None:
    made = subscribe(graph, listener)
    assert graph.send("DELETE", f"subscriptions/{made['id']}").status_code == 204
    assert graph.send("DELETE", f"subscriptions/{made['id']}").status_code == 404
    graph.create()
    graph.world.wait_for_notices()
    assert listener.heard == []


def test_lifecycle_events_come_on_demand(graph: Graph, listener: Listener) -> None:
    """S5."""
    made = subscribe(graph, listener, lifecycleNotificationUrl=listener.url)
    for kind in ("missed", "reauthorizationRequired", "subscriptionRemoved"):
        graph.world.send_lifecycle(ANNA, kind)
        graph.world.wait_for_notices()
    told = [one["lifecycleEvent"] for one in listener.heard]
    assert told == ["missed", "reauthorizationRequired", "subscriptionRemoved"]
    assert {(one["subscriptionId"], one["clientState"]) for one in listener.heard} == {(made["id"], "secret")}
    assert graph.send("GET", f"subscriptions/{made['id']}").status_code == 404


def test_a_handshake_that_takes_its_time_holds_a_place_and_keeps_nobody_else_waiting(
    graph: Graph, listener: Listener
) -> None:
    """L1, S2: with four of them under way the fifth request is refused; the world stays usable meanwhile."""
    listener.may_answer.clear()
    calendars = [outlook.make_calendar(graph.mailbox, str(number))["id"] for number in range(4)]
    bodies = [wanted(graph, listener, resource=f"me/calendars/{one}/events") for one in calendars]
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda body=body: statuses.append(graph.send("POST", "subscriptions", body).status_code)
        )
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert listener.arrived.acquire(timeout=10)
    assert refusal(graph.send("GET", "me")) == (429, "ApplicationThrottled")
    listener.may_answer.set()
    for thread in threads:
        thread.join(timeout=10)
    assert statuses == [201] * 4
    assert graph.send("GET", "me").status_code == 200
