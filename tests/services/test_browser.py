"""The test browser: real, of the asked size, and cut off from the internet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Error, Page


class OnePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<meta name=viewport content='width=device-width'><title>Bookings</title>")

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), OnePage) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()
        thread.join()


def test_the_desktop_page_shows_a_local_site(page: Page, address: str) -> None:
    page.goto(address)
    assert page.title() == "Bookings"
    assert page.evaluate("[innerWidth, innerHeight]") == [1280, 800]


def test_the_phone_page_has_a_phones_width(phone_page: Page, address: str) -> None:
    phone_page.goto(address)
    assert phone_page.evaluate("innerWidth") == 390


def test_the_browser_finds_no_host_but_this_one(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://calendar.example/")
