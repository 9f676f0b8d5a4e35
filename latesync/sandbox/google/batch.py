"""Batches: many calls in one multipart request (google-calendar.md Q5)."""

import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from .api import PREFIX, Answered, Asked
from .errors import ApiError
from .state import State

_MOST = 50
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
Call = Callable[[Asked, str], Answered]


def answer_batch(
    state: State, content_type: str, body: bytes, authorization: str, call: Call
) -> tuple[str, bytes]:
    """The answer's content type and body. Raises ApiError 400.

    call: does one inner call, given its full path too.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ApiError(400, "badRequest", "Missing boundary in the batch request.")
    parts = _parts(body, found.group(1))
    if len(parts) > _MOST:
        raise ApiError(400, "badRequest", f"The batch request may have {_MOST} calls at most.")
    answers = [_answer_part(state, part, authorization, call) for part in parts]
    if state.switches.batch_reverses_order:
        answers.reverse()
    boundary = f"batch_{secrets.token_hex(16)}"
    text = b"".join(b"--" + boundary.encode() + b"\r\n" + part for part in answers)
    return f"multipart/mixed; boundary={boundary}", text + b"--" + boundary.encode() + b"--\r\n"


def _parts(body: bytes, boundary: str) -> list[str]:
    text = body.decode().replace("\r\n", "\n")
    pieces = re.split(rf"(?:^|\n)--{re.escape(boundary)}(?:--)?[ \t]*(?:\n|$)", text)
    return [piece for piece in pieces if piece.strip()]


def _answer_part(state: State, part: str, authorization: str, call: Call) -> bytes:
    outer, _, inner = part.partition("\n\n")
    request_line, _, rest = inner.lstrip("\n").partition("\n")
    head, _, body = rest.partition("\n\n")
    headers = {"authorization": authorization, **_headers(head)}
    verb, _, address = request_line.partition(" ")
    target = urlsplit(address.rpartition(" ")[0])
    path = unquote(target.path)
    asked = Asked(
        verb=verb,
        path=path.partition(PREFIX)[2],
        query=parse_qs(target.query, keep_blank_values=True),
        headers=headers,
        body=body.encode(),
        in_batch=True,
    )
    if state.switches.batch_part_latency_s:
        time.sleep(state.switches.batch_part_latency_s)
    return _part(_headers(outer).get("content-id", "<unnamed>"), call(asked, path))


def _headers(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _part(content_id: str, answered: Answered) -> bytes:
    phrase = HTTPStatus(answered.status).phrase
    headers = "".join(f"{name}: {value}\r\n" for name, value in answered.headers.items())
    head = (
        "Content-Type: application/http\r\n"
        f"Content-ID: <response-{content_id.lstrip('<')}\r\n\r\n"
        f"HTTP/1.1 {answered.status} {phrase}\r\n{headers}Content-Length: {len(answered.body)}\r\n\r\n"
    )
    return head.encode() + answered.body + b"\r\n"
