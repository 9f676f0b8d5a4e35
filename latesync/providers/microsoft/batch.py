"""Several writes in one request (microsoft-graph.md L4): up to twenty, each with an end of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from latesync.errors import ProviderError, ProviderUnavailable
from latesync.providers.microsoft.errors import Call, Subject, read_refusal
from latesync.providers.microsoft.graph import PREFER, Graph, Refused, Sent

MOST = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a batch. call: what it would be on its own."""

    call: Call
    method: str
    path: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A step that succeeded. answer: its body, None where it has none."""

    answer: object


End = Done | Refused | ProviderError


def send_batch(graph: Graph, call: Call, steps: Sequence[Step]) -> list[End]:
    """How each step ended, in the order given; the answers come in any order.

    Raises only where nothing was tried. Where the whole answer is missing, nobody knows about any of them.
    """
    try:
        ends = _send(graph, call, steps)
        if ends and all(isinstance(end, Refused) and end.refusal.status == 401 for end in ends):
            claims = [end.refusal.claims for end in ends if isinstance(end, Refused)]
            graph.renew(next(filter(None, claims), None))  # none was acted upon: asking again is safe
            ends = _send(graph, call, steps)
    except ProviderUnavailable as exc:
        return [step.call.error(ProviderUnavailable, exc.reason) for step in steps]
    return [_without_sign_out(step, end) for step, end in zip(steps, ends, strict=True)]


def _send(graph: Graph, call: Call, steps: Sequence[Step]) -> list[End]:
    requests = [_request(str(number), step) for number, step in enumerate(steps)]
    sent = Sent("POST", "$batch", body={"requests": requests}, counts_as=len(steps))
    answer = graph.ask(call.about(Subject.BATCH), sent)
    listed = answer.get("responses")
    found = {
        one["id"]: one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    return [_end(graph, step, found.get(str(number))) for number, step in enumerate(steps)]


def _request(number: str, step: Step) -> dict[str, Any]:
    request: dict[str, Any] = {
        "id": number,
        "method": step.method,
        "url": f"/{step.path}",
        "headers": {"Prefer": PREFER},  # per request, inside a batch as well (D9)
    }
    if step.body is not None:
        request["headers"]["Content-Type"] = "application/json"
        request["body"] = step.body
    return request


def _end(graph: Graph, step: Step, response: Mapping[str, Any] | None) -> End:
    status = response.get("status") if response is not None else None
    if response is None or not isinstance(status, int):
        return step.call.error(ProviderUnavailable, "unreadable_answer")
    body = response.get("body")
    if 200 <= status < 300:
        return Done(body)
    headers = response.get("headers")
    return graph.refused(
        step.call, read_refusal(status, headers if isinstance(headers, Mapping) else {}, body)
    )


def _without_sign_out(step: Step, end: End) -> End:
    """A token that some of the steps were refused for ended meanwhile: the next request renews it."""
    if isinstance(end, Refused) and end.refusal.asks_for_token:
        return step.call.error(ProviderUnavailable, end.refusal.reason)
    return end
