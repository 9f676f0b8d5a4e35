"""Many requests in one: microsoft-graph.md L4."""

from typing import Any

import pytest
import requests

from latesync.sandbox.microsoft import outlook

from .graph_stage import ANNA, APP, NOTHING, Graph, an_event, refusal


def batch(graph: Graph, *wanted: dict[str, Any]) -> requests.Response:
    return graph.send("POST", "$batch", {"requests": list(wanted)})


def step(number: int, method: str, url: str, **more: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Prefer": 'IdType="ImmutableId"'}
    return {"id": str(number), "method": method, "url": url, "headers": headers, **more}


def replies(answer: requests.Response) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["status"] for one in answer.json()["responses"]}


def test_a_batch_does_each_of_its_requests_and_answers_in_no_order(graph: Graph) -> None:
    """L4."""
    made = graph.create()
    answer = batch(
        graph,
        step(1, "POST", "/me/events", body=an_event(subject="Second")),
        step(2, "DELETE", f"/me/events/{made['id']}"),
        step(3, "GET", f"/me/events/{NOTHING}"),
    )
    assert replies(answer) == {"1": 201, "2": 204, "3": 404}
    assert [one["id"] for one in answer.json()["responses"]] == ["3", "2", "1"]
    inner = {one["id"]: one.get("body") for one in answer.json()["responses"]}
    assert inner["3"]["error"]["code"] == "ErrorItemNotFound"
    assert [event["id"] for event in outlook.events(graph.mailbox)] == [inner["1"]["id"]]
    assert inner["2"] is None


def test_requests_of_a_batch_are_noted_one_by_one(graph: Graph) -> None:
    batch(graph, *(step(number, "GET", "/me") for number in range(20)))
    assert graph.world.request_counts["me.get 200"] == 20
    assert graph.world.request_counts["batch 200"] == 1
    key = f"{APP} {graph.world.person(ANNA).oid}"
    assert 1 <= graph.world.limits.most_at_once[key] <= 4


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        [step(number, "GET", "/me") for number in range(21)],
        [step(1, "GET", "/me"), step(1, "GET", "/me")],
        [{"method": "GET", "url": "/me"}],
        [step(1, "PUT", "/me")],
        [step(1, "GET", "https://graph.microsoft.com/v1.0/me")],
        [step(1, "GET", "/me", dependsOn=["2"]), step(2, "GET", "/me")],
        [{"id": "1", "method": "POST", "url": "/me/events", "body": {}}],
    ],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(graph: Graph, wanted: list[dict[str, Any]]) -> None:
    assert refusal(batch(graph, *wanted)) == (400, "BadRequest")


def test_what_depends_on_a_failed_request_fails_too(graph: Graph) -> None:
    """L4."""
    answer = batch(
        graph,
        step(1, "GET", f"/me/events/{NOTHING}"),
        step(2, "POST", "/me/events", body=an_event(), dependsOn=["1"]),
        step(3, "GET", "/me"),
        step(4, "GET", "/me/calendars", dependsOn=["3"]),
    )
    assert replies(answer) == {"1": 404, "2": 424, "3": 200, "4": 200}
    assert outlook.events(graph.mailbox) == []


def test_a_request_of_a_batch_meets_faults_of_its_own(graph: Graph) -> None:
    """L4: inner 429."""
    graph.world.add_fault("status", method="POST", path="^/v1.0/me/events$", status=429, retry_after_s=7)
    answer = batch(graph, step(1, "GET", "/me"), step(2, "POST", "/me/events", body=an_event()))
    assert replies(answer) == {"1": 200, "2": 429}
    inner = next(one for one in answer.json()["responses"] if one["id"] == "2")
    assert inner["headers"]["Retry-After"] == "7"


def test_a_throttled_mailbox_refuses_each_request_of_a_batch(graph: Graph) -> None:
    graph.world.throttle(ANNA, 30)
    assert replies(batch(graph, step(1, "GET", "/me"))) == {"1": 429}


def test_a_lost_answer_inside_a_batch_loses_the_whole_though_it_was_done(graph: Graph) -> None:
    graph.world.add_fault("lost_answer", method="POST", path="/me/events")
    with pytest.raises(requests.ConnectionError):
        batch(graph, step(1, "POST", "/me/events", body=an_event()), step(2, "GET", "/me"))
    assert len(outlook.events(graph.mailbox)) == 1


def test_a_batch_without_a_token_is_refused(graph: Graph) -> None:
    answer = graph.send("POST", "$batch", {"requests": [step(1, "GET", "/me")]}, Authorization="Bearer x")
    assert answer.status_code == 401


def test_requests_of_a_batch_need_places_too(graph: Graph) -> None:
    """L1, L4: with four others under way, each of its requests is refused inside."""
    oid = graph.world.person(ANNA).oid
    for _ in range(4):
        graph.world.limits.enter(graph.world.switches, APP, oid, graph.world.now())
    answer = batch(graph, step(1, "GET", "/me"))
    assert answer.json()["responses"][0]["body"]["error"]["code"] == "ApplicationThrottled"
