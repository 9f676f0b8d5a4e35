"""$batch: many calls in one request (microsoft-graph.md L4)."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .errors import GraphError, Json
from .graph_api import Answered, Asked
from .state import State

_MOST = 20
_FIELDS = {"id", "method", "url", "headers", "body", "dependsOn"}
_VERBS = ("GET", "POST", "PATCH", "DELETE")


def answer_batch(
    state: State, body: bytes, authorization: str, call: Callable[[Asked, str], Answered]
) -> Json:
    """The answers of all calls, in no order. Raises GraphError 400 for a batch that is none.

    call: does one inner call, given its full path too.
    """
    wanted = _read(body)
    answers: dict[str, Json] = {}
    # Outlook runs so many of a batch at a time; further ones wait.
    with ThreadPoolExecutor(max_workers=max(1, state.switches.concurrency_limit)) as pool:
        while len(answers) < len(wanted):
            ready = [one for one in wanted if one["id"] not in answers and _is_ready(one, answers)]
            for answered in pool.map(lambda one: _answer(state, one, answers, authorization, call), ready):
                answers[answered["id"]] = answered
    ordered = list(answers.values())
    if state.switches.batch_reverses_order:
        ordered.reverse()
    return {"responses": ordered}


def _read(body: bytes) -> list[Json]:
    try:
        wanted = json.loads(body)["requests"]
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("Invalid batch payload format.") from error
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        raise _refused("Invalid batch payload format.")
    if len(wanted) > _MOST:
        raise _refused(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    ids = [one.get("id") for one in wanted]
    if not all(isinstance(one, str) and one for one in ids) or len({one.lower() for one in ids}) < len(ids):
        raise _refused("The ids of the steps of a batch must be there and differ.")
    for number, one in enumerate(wanted):
        _check(one, ids[:number])
    return wanted


def _check(one: Json, earlier: list[Any]) -> None:
    if set(one) - _FIELDS or one.get("method") not in _VERBS:
        raise _refused("A step of the batch is not well formed.")
    if not isinstance(one.get("url"), str) or urlsplit(one["url"]).scheme:
        raise _refused("The url of a step is relative to the version, as in /me/events.")
    headers = one.get("headers", {})
    if "body" in one and "application/json" not in [
        v for k, v in headers.items() if k.lower() == "content-type"
    ]:
        raise _refused("A step with a body needs a Content-Type header.")
    if not set(one.get("dependsOn", ())) <= set(earlier):
        raise _refused("A step depends on one that is not before it.")


def _is_ready(one: Json, answers: dict[str, Json]) -> bool:
    return all(other in answers for other in one.get("dependsOn", ()))


def _answer(
    state: State,
    one: Json,
    answers: dict[str, Json],
    authorization: str,
    call: Callable[[Asked, str], Answered],
) -> Json:
    if any(answers[other]["status"] >= 400 for other in one.get("dependsOn", ())):
        error = GraphError(424, "FailedDependency", "A step that this one depends on has failed.")
        return {"id": one["id"], "status": 424, "headers": {}, "body": error.body(one["id"], state.now())}
    if state.switches.batch_part_latency_s:
        time.sleep(state.switches.batch_part_latency_s)
    headers = {name.lower(): value for name, value in one.get("headers", {}).items()}
    target = urlsplit(one["url"])
    path = unquote(target.path).strip("/")
    asked = Asked(
        verb=one["method"],
        path=path,
        query=parse_qs(target.query, keep_blank_values=True),
        headers={"authorization": authorization, **headers},
        body=json.dumps(one["body"]).encode() if "body" in one else b"",
    )
    answered = call(asked, f"/v1.0/{path}")
    answer: Json = {"id": one["id"], "status": answered.status, "headers": answered.headers}
    return answer if answered.body is None else {**answer, "body": answered.body}


def _refused(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)
