"""`latesync demo` as a newcomer starts it: whole processes on ports of their own."""

import html
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from latesync.sandbox.demo_files import LINKS_FILE

ROOT = Path(__file__).parents[2]
ANNA = "anna@salon-linden.example"


@contextmanager
def started(home: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The running demo and its start page; killed at the end if a test left it running."""
    command = [sys.executable, "-m", "latesync", "demo", "--no-browser", "--home", str(home), *options]
    # None of what an operator may have set must reach the demo.
    environment = {**os.environ, "LATESYNC_SITE_DATABASE_URL": "mysql://nobody@127.0.0.1:1/real", "PORT": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        try:
            assert demo.stdout is not None
            lines = []
            for line in demo.stdout:
                lines.append(line)
                if line.startswith("    http://"):
                    break
            else:
                pytest.fail(f"The demo did not start: {''.join(lines)}")
            yield demo, lines[-1].strip()
        finally:
            demo.kill()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Browser:
    """Follows links and presses buttons, without JavaScript."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))
        self.url = ""
        self.page = ""

    def open(self, url: str, form: list[tuple[str, str]] | None = None) -> str:
        body = None if form is None else urllib.parse.urlencode(form).encode()
        with self._opener.open(urllib.parse.urljoin(self.url, url), body, timeout=30) as answer:
            self.url, self.page = answer.geturl(), answer.read().decode()
        return self.page

    def press(self, **buttons: str) -> str:
        """Send the page's first form with its hidden and ticked fields and these."""
        form = re.search(r"<form[^>]*>.*?</form>", self.page, re.DOTALL)
        assert form is not None
        action = re.search(r'action="([^"]*)"', form[0])
        fields = re.findall(r'<input type="(?:hidden|checkbox)" name="([^"]*)" value="([^"]*)"', form[0])
        kept = [(name, html.unescape(value)) for name, value in fields if name not in buttons]
        return self.open(html.unescape(action[1]) if action else self.url, [*kept, *buttons.items()])


def sign_in_as_anna(browser: Browser, home: Path) -> None:
    links = json.loads((home / LINKS_FILE).read_text())
    browser.open(links["agents"][ANNA])
    browser.press()
    if "Choose an account" in browser.page:
        browser.press(account=ANNA)
    browser.press(decision="allow")


def look_until(browser: Browser, url: str, words: str) -> None:
    """Open the page again and again until it says these words."""
    limit = time.monotonic() + 60
    while words not in browser.open(url):
        assert time.monotonic() < limit, f"The page never said: {words}"


def log_until(log: Path, words: str) -> None:
    limit = time.monotonic() + 60
    while words not in log.read_text():
        assert time.monotonic() < limit, f"The log never said: {words}"
        threading.Event().wait(0.1)


def test_a_newcomer_is_led_from_start_to_stop_and_finds_all_again(tmp_path: Path) -> None:
    browser = Browser()
    with started(tmp_path, "--port", str(free_port())) as (demo, start_page):
        assert "Nothing here leaves this computer" in browser.open(start_page)
        sign_in_as_anna(browser, tmp_path)
        look_until(browser, start_page, "5 bookings in her calendar")
        browser.open(f"{start_page}tour/owner")
        assert "Anna Berg" in browser.page
        demo.send_signal(signal.SIGINT)
        assert demo.wait() == 0

    with started(tmp_path, "--port", str(free_port())) as (demo, start_page):
        assert "Anna is connected." in browser.open(start_page)
        booked = book_with_anna(browser, start_page)
        look_until(browser, start_page, "6 bookings in her calendar")
        log_until(tmp_path / "logs" / "worker.log", "hints taken bookings=1")
        assert "Nora Lindqvist" in browser.open(f"{start_page}calendars/{ANNA}/?day={booked}")
        demo.send_signal(signal.SIGTERM)
        assert demo.wait() == 0


def book_with_anna(browser: Browser, start_page: str) -> str:
    """The first free time on the form; returns its day."""
    form = browser.open(f"{start_page}salon/?service=1&agent=1")
    slot = re.search(r'href="(/salon/details\?[^"]*day=([0-9-]+)[^"]*)"', form)
    assert slot is not None
    browser.open(html.unescape(slot[1]))
    browser.press(name="Nora Lindqvist", email="nora@mail.example")
    assert "See you soon" in browser.page
    return slot[2]


def test_a_second_demo_in_the_same_folder_says_where_the_first_one_is(tmp_path: Path) -> None:
    with started(tmp_path, "--port", str(free_port())) as (_, start_page):
        command = [sys.executable, "-m", "latesync", "demo", "--no-browser", "--home", str(tmp_path)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert start_page in second.stderr


def test_a_taken_port_is_told_with_its_remedy(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "latesync",
            "demo",
            "--no-browser",
            "--home",
            str(tmp_path),
            "--port",
            port,
        ]
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr


def test_a_process_that_ends_by_itself_ends_the_demo_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "google.json").write_text("not what was saved")
    command = [sys.executable, "-m", "latesync", "demo", "--no-browser", "--home", str(tmp_path)]
    broken = subprocess.run(
        [*command, "--port", str(free_port())], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert broken.returncode == 1
    assert "The sandbox process stopped by itself" in broken.stderr
