"""A WordPress plugin as its contract says it behaves, for tests of what asks it.

It moves and cancels bookings in a test's own site, checks every signature, and remembers its answers. What
the real plugin does with LatePoint is tested in tests/wordpress.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from latesync.bridge.signature import SEAL_HEADERS, read_seal, verify
from latesync.errors import MessageRefused
from latesync.sandbox.serving import DROP_HEADER, Served
from latesync.times import Zone
from tests.site.builders import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET = "the shared secret"
SPACE = "/wp-json/latesync/v1"
COLUMNS = ("agent_id", "status", "start_date", "start_time", "end_date", "end_time")

Answer = tuple[int, Any]


@dataclass
class Asked:
    """One request that reached WordPress. route: canonical, however it travelled."""

    url: str
    route: str
    key: str
    body: dict[str, Any]


@dataclass
class FakePlugin:
    """refuses: the reason it answers with. answers: in its place, once each. loses: so many of its answers.

    understands: which of WordPress' two ways of naming a route it knows ("pretty", "plain").
    changed: told after each change of the site.
    instead: the answer to all, whatever is asked, of a server that is no WordPress: (status, headers, body).
    """

    site: Site
    clock: Callable[[], datetime]
    zone: Zone
    secret: str = SECRET
    refuses: str = ""
    answers: list[Answer] = field(default_factory=list)
    loses: int = 0
    understands: tuple[str, ...] = ("pretty", "plain")
    instead: tuple[str, list[tuple[str, str]], bytes] | None = None
    asked: list[Asked] = field(default_factory=list)
    done: dict[str, Answer] = field(default_factory=dict)
    mailed: list[tuple[str, int]] = field(default_factory=list)
    meetings: dict[int, str] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    changed: Callable[[], None] = lambda: None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        route = self._route(environ)
        self.asked.append(
            Asked(
                f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}".rstrip("?"),
                route or "",
                environ.get("HTTP_IDEMPOTENCY_KEY", ""),
                json.loads(body),
            )
        )
        if self.instead is not None:
            status, headers, content = self.instead
            start_response(status, headers)
            return [content]
        if route is None:
            start_response("404 Not Found", [("Content-Type", "text/html")])
            return [b"<html>Nothing here</html>"]
        code, answer = self._answer(environ, route, body)
        headers = [("Content-Type", "application/json")]
        if self.loses and code == 200:
            self.loses -= 1
            headers.append((DROP_HEADER, "1"))
        start_response(f"{code} x", headers)
        return [json.dumps(answer).encode()]

    @property
    def wishes(self) -> list[tuple[str, int]]:
        """What was asked for: ("reschedule", 7)."""
        parts = [asked.route.split("/") for asked in self.asked]
        return [(part[-1], int(part[-2])) for part in parts if len(part) > 2]

    def _route(self, environ: WSGIEnvironment) -> str | None:
        path = str(environ["PATH_INFO"])
        if path.startswith(SPACE) and "pretty" in self.understands:
            return path
        named = parse_qs(str(environ.get("QUERY_STRING", ""))).get("rest_route", [""])[0]
        return f"/wp-json{named}" if named and "plain" in self.understands else None

    def _answer(self, environ: WSGIEnvironment, route: str, body: bytes) -> Answer:
        names = (f"HTTP_{name.upper().replace('-', '_')}" for name in SEAL_HEADERS)
        try:
            seal = read_seal(*(str(environ.get(name, "")) for name in names))
            verify(self.secret, "POST", route, seal, body, now_s=self.clock().timestamp())
        except MessageRefused as refused:
            return 401, {"error": str(refused)}
        if seal.nonce in self.nonces:
            return 401, {"error": "replayed"}
        self.nonces.add(seal.nonce)
        if self.answers:
            return self.answers.pop(0)
        key = str(environ["HTTP_IDEMPOTENCY_KEY"])
        if key not in self.done:
            self.done[key] = self._change(route, json.loads(body))
        return self.done[key]

    def _change(self, route: str, message: dict[str, Any]) -> Answer:
        _, number, verb = route.rsplit("/", 2)
        booking_id = int(number)
        if verb == "meeting":
            self.meetings[booking_id] = message["url"]
            return 200, {"v": 1, "result": "applied"}
        if self.refuses == "unknown":
            return 404, {"v": 1, "result": "refused", "reason": "unknown"}
        if self.refuses:
            return 409, {"v": 1, "result": "refused", "reason": self.refuses}
        if self.row(booking_id) != message["expected"]:
            return 409, {"v": 1, "result": "refused", "reason": "changed"}
        if verb == "reschedule" and datetime.fromisoformat(message["to"]["starts_at"]) <= self.clock():
            return 409, {"v": 1, "result": "refused", "reason": "past"}
        if verb == "cancel":
            self.site.update("bookings", booking_id, status="cancelled")
        else:
            self.site.update("bookings", booking_id, **self._times(message["to"]))
        self.mailed.append((verb, booking_id))
        self.changed()
        return 200, {"v": 1, "result": "applied", "booking": self.row(booking_id)}

    def row(self, booking_id: int) -> dict[str, Any]:
        row = self.site.row("bookings", booking_id)
        return {name: row[name] for name in COLUMNS}

    def _times(self, to: dict[str, str]) -> dict[str, Any]:
        times: dict[str, Any] = {}
        for side, name in (("start", "starts_at"), ("end", "ends_at")):
            wall = datetime.fromisoformat(to[name]).astimezone(self.zone.tzinfo)
            times |= {f"{side}_date": str(wall.date()), f"{side}_time": wall.hour * 60 + wall.minute}
        return times


@contextmanager
def served_plugin(plugin: FakePlugin) -> Iterator[str]:
    """Its site's home address while the block runs."""
    with Served(plugin) as served:
        yield served.url
