"""A Microsoft whose configuration is right and whose token endpoint says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, request

from latesync.sandbox.serving import Served

Answer = dict[str, Any] | list[Any] | str | int

TOKEN: dict[str, Any] = {
    "token_type": "Bearer",
    "access_token": "at",
    "refresh_token": "rt",
    "expires_in": 3599,
    "scope": "Calendars.ReadWrite User.Read openid profile",
}


class OddMicrosoft:
    """asked: the paths that were posted to."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self._answer: tuple[str, int, dict[str, str]] = ("", 200, {})

    def says(self, answer: Answer, status: int = 200, headers: dict[str, str] | None = None) -> None:
        text = answer if isinstance(answer, str) else json.dumps(_without_none(answer))
        self._answer = (text, status, headers or {})

    def app(self) -> Flask:
        app = Flask("odd-microsoft")

        @app.get("/<tenant>/v2.0/.well-known/openid-configuration")
        def configuration(tenant: str) -> dict[str, str]:
            base = f"{self.url}/{tenant}/oauth2/v2.0"
            return {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token"}

        @app.post("/<path:path>")
        def token(path: str) -> Response:
            self.asked.append(request.path)
            text, status, headers = self._answer
            return Response(text, status, headers, content_type="application/json")

        return app


@contextmanager
def odd_microsoft() -> Iterator[OddMicrosoft]:
    odd = OddMicrosoft()
    with Served(odd.app()) as server:
        odd.url = server.url
        yield odd


def _without_none(answer: Answer) -> Answer:
    if not isinstance(answer, dict):
        return answer
    return {name: value for name, value in answer.items() if value is not None}
