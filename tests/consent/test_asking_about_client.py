"""Whether Google knows the client, asked without anybody's consent."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from latesync.consent.client_test import Verdict, ask_about_client
from latesync.consent.oauth_client import OAuthClient
from latesync.providers.google.endpoints import google_endpoints
from latesync.sandbox.google import GoogleWorld, served_google

CALLBACK = "http://localhost:8080/oauth/google/callback"


class Asked:
    def __init__(self, world: GoogleWorld, url: str) -> None:
        self.world, self.url = world, url
        self.web: dict[str, Any] = world.add_client([CALLBACK])["web"]

    def answer(self) -> tuple[Verdict, str]:
        client = OAuthClient(self.web["client_id"], self.web["client_secret"])
        return ask_about_client(google_endpoints(self.url), client, CALLBACK)


@pytest.fixture
def asked() -> Iterator[Asked]:
    world = GoogleWorld()
    with served_google(world) as server:
        yield Asked(world, server.url)


def test_right_client_is_accepted_and_nothing_is_granted(asked: Asked) -> None:
    assert asked.answer() == (Verdict.ACCEPTED, "invalid_grant")
    assert not asked.world.refresh_tokens
    assert not asked.world.access_tokens


def test_replaced_secret_is_refused(asked: Asked) -> None:
    asked.world.rotate_secret(asked.web["client_id"])
    assert asked.answer() == (Verdict.REFUSED, "invalid_client")


def test_deleted_client_is_refused_by_its_own_word(asked: Asked) -> None:
    asked.world.change_client(asked.web["client_id"], deleted=True)
    assert asked.answer() == (Verdict.REFUSED, "deleted_client")


def test_word_about_the_redirect_uri_comes_from_who_knows_the_client(asked: Asked) -> None:
    asked.world.add_fault("status", path="/token", status=400, reason="redirect_uri_mismatch")
    assert asked.answer() == (Verdict.ACCEPTED, "redirect_uri_mismatch")


@pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
def test_answer_that_tells_nothing_is_no_verdict(asked: Asked, kind: str) -> None:
    asked.world.add_fault(kind, path="/token", status=503, times=None)
    assert asked.answer() == (Verdict.UNKNOWN, "")


class Pointing(BaseHTTPRequestHandler):
    """Answers with another address, as something between LateSync and Google may."""

    asked_for: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.asked_for.append(self.path)
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def test_the_secret_is_not_handed_on_to_where_an_answer_points() -> None:
    with HTTPServer(("127.0.0.1", 0), Pointing) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            endpoints = google_endpoints(f"http://127.0.0.1:{server.server_port}")
            answer = ask_about_client(endpoints, OAuthClient("id", "secret"), CALLBACK)
        finally:
            server.shutdown()
            thread.join()
    assert answer == (Verdict.UNKNOWN, "")
    assert Pointing.asked_for == ["/token"]
