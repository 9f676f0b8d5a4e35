"""`latesync demo` as a newcomer starts it: whole processes on ports of their own."""

import html
import http.cookiejar
import json
import os
import re
import signal
import socket
import sqlite3
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

from latesync.sandbox.demo_files import LINKS_FILE, SITE_FILE
from tests.services.ports import free_port

ROOT = Path(__file__).parents[2]
ANNA = "anna@salon-linden.example"
FARAH = "farah@salon-linden.example"
LOOK_EVERY_S = 0.1  # the processes looked at need the processor themselves


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

    def press(self, where: str = "", to: str = "", **buttons: str) -> str:
        """Send the page's first form that holds these words, with its hidden fields and boxes and these.

        to: where the pressed button sends it, if elsewhere than its form.
        """
        forms = re.findall(r"<form[^>]*>.*?</form>", self.page, re.DOTALL)
        form = next(form for form in forms if where in form)
        action = re.search(r'action="([^"]*)"', form)
        fields = re.findall(r'<input type="(?:hidden|checkbox)" name="([^"]*)" value="([^"]*)"', form)
        kept = [(name, html.unescape(value)) for name, value in fields if name not in buttons]
        address = to or (html.unescape(action[1]) if action else self.url)
        return self.open(address, [*kept, *buttons.items()])


def sign_in_as_anna(browser: Browser, home: Path) -> None:
    links = json.loads((home / LINKS_FILE).read_text())
    browser.open(links["agents"][ANNA])
    browser.press()
    if "Choose an account" in browser.page:
        browser.press(account=ANNA)
    browser.press(decision="allow")


def sign_in_as_farah(browser: Browser, home: Path) -> None:
    """At the pretend Microsoft, from the page with both buttons."""
    browser.open(json.loads((home / LINKS_FILE).read_text())["agents"][FARAH])
    browser.press("Sign in with Microsoft", to="/connect/microsoft")
    browser.press(account=FARAH)
    browser.press('value="accept"', decision="accept")


def look_until(browser: Browser, url: str, words: str) -> None:
    """Open the page again and again until it says these words."""
    limit = time.monotonic() + 60
    while words not in browser.open(url):
        assert time.monotonic() < limit, f"The page never said: {words}"
        threading.Event().wait(LOOK_EVERY_S)


def log_until(log: Path, pattern: str) -> None:
    limit = time.monotonic() + 60
    while not re.search(pattern, log.read_text(), re.DOTALL):
        assert time.monotonic() < limit, f"The log never said: {pattern}"
        threading.Event().wait(LOOK_EVERY_S)


def test_a_newcomer_is_led_from_start_to_stop_and_finds_all_again(tmp_path: Path) -> None:
    browser = Browser()
    with started(tmp_path, "--port", str(free_port())) as (demo, start_page):
        assert "Nothing here leaves this computer" in browser.open(start_page)
        sign_in_as_anna(browser, tmp_path)
        look_until(browser, start_page, "5 bookings in her calendar")
        sign_in_as_farah(browser, tmp_path)
        look_until(browser, browser.url, "2 bookings written")
        assert "she is connected" in browser.open(start_page)
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


def test_a_booking_follows_its_event_where_the_owner_wants_it(tmp_path: Path) -> None:
    browser = Browser()
    with started(tmp_path, "--port", str(free_port())) as (_, start_page):
        sign_in_as_anna(browser, tmp_path)
        book_with_anna(browser, start_page)
        look_until(browser, start_page, "6 bookings in her calendar")
        booking = newest_booking(tmp_path)
        choose_to_change_the_booking_too(browser, start_page)

        day, begins, ends = last_free_time(browser, start_page, booking)
        event = f"{start_page}calendars/{ANNA}/events/{event_of(browser, start_page, booking)}"
        assert "What happens then" in browser.open(event)
        browser.press("Move it", day=day, begins=begins, ends=ends, all_day="")
        site_until(browser, start_page, tmp_path, booking, (day, begins, "approved"))
        # Deleted before that run has ended, it would be taken for LateSync's own doing and put back.
        log_until(tmp_path / "logs" / "worker.log", "booking moved.*run finished")
        assert f'value="{begins}"' in browser.open(event)
        browser.press("Delete this event")
        site_until(browser, start_page, tmp_path, booking, (day, begins, "cancelled"))


def newest_booking(home: Path) -> int:
    with closing(sqlite3.connect(home / SITE_FILE)) as site:
        return int(site.execute("SELECT max(id) FROM wp_latepoint_bookings").fetchone()[0])


def choose_to_change_the_booking_too(browser: Browser, start_page: str) -> None:
    """As the owner; the site's plugin has greeted by then, and the pages say so."""
    browser.open(f"{start_page}tour/owner")
    look_until(browser, urllib.parse.urljoin(browser.url, "/settings"), "The plugin was last heard from")
    assert "Saved: “Change the booking too”" in html.unescape(browser.press('id="drift"', policy="apply"))


def last_free_time(browser: Browser, start_page: str, booking: int) -> tuple[str, str, str]:
    """Of the day that the reception offers for this booking: day, begin, and an hour later."""
    page = html.unescape(browser.open(f"{start_page}salon/reception/{booking}/move"))
    found = re.findall(r"day=([0-9-]+)&minute=([0-9]+)|minute=([0-9]+)&day=([0-9-]+)", page)
    day, minute = max((a or d, int(b or c)) for a, b, c, d in found)
    return day, f"{minute // 60:02d}:{minute % 60:02d}", f"{minute // 60 + 1:02d}:{minute % 60:02d}"


def event_of(browser: Browser, start_page: str, booking: int) -> str:
    """The id of a booking's event in Anna's pretend Google calendar."""
    events = json.loads(browser.open(f"{start_page}sandbox/calendars/{ANNA}/events"))
    marks = {event["id"]: event.get("extendedProperties", {}).get("private", {}) for event in events}
    return next(str(id) for id, mark in marks.items() if mark.get("latesync_booking") == str(booking))


def site_until(
    browser: Browser, start_page: str, home: Path, booking: int, wanted: tuple[str, str, str]
) -> None:
    """Open the booking form, which makes LateSync look, until the booking is so: day, time, status."""
    limit = time.monotonic() + 120
    found = None
    while found != wanted:
        assert time.monotonic() < limit, f"The booking never became {wanted}: {found}"
        browser.open(f"{start_page}salon/?service=1&agent=1")
        with closing(sqlite3.connect(home / SITE_FILE)) as site:
            day, minute, status = site.execute(
                "SELECT start_date, start_time, status FROM wp_latepoint_bookings WHERE id = ?", (booking,)
            ).fetchone()
        found = (day, f"{minute // 60:02d}:{minute % 60:02d}", status)


def test_whoever_was_signed_out_comes_back_by_the_link_in_the_mail(tmp_path: Path) -> None:
    browser = Browser()
    with started(tmp_path, "--port", str(free_port())) as (_, start_page):
        mail = mail_until(browser, start_page, "Ben Cho", "Please sign in again")
        assert "3 bookings are not yet in your calendar" in browser.open(mail)
        browser.open(links_in(browser)[0])
        browser.press()
        browser.press(decision="allow")
        look_until(browser, browser.url, "3 bookings written")
        assert "Ben is connected." in browser.open(start_page)
        mail_until(browser, start_page, "Dana Reyes", "sign-in")

        browser.open(f"{start_page}tour/owner")
        browser.open("/start/agents")
        browser.press("/start/agents/links", to="/start/agents/invite", agent="1")
        browser.open(mail_until(browser, start_page, "Anna Berg", ""))
        assert "/connect/" in links_in(browser)[0]
        browser.open(f"{start_page}tour/owner")
        browser.open("/start/mail")
        browser.press("/start/mail/test", recipient="me@home.example")
        mail_until(browser, start_page, "me@home.example", "")


def mail_until(browser: Browser, start_page: str, reader: str, subject: str) -> str:
    """Open the mailbox until this reader has such a mail; its address."""
    box = re.compile(
        rf'<h2>{re.escape(reader)}\b(?:(?!</section>).)*?href="([^"]*)"><b>[^<]*{subject}', re.DOTALL
    )
    limit = time.monotonic() + 90
    while not (found := box.search(browser.open(f"{start_page}mailbox/"))):
        assert time.monotonic() < limit, f"No such mail came to {reader}."
        threading.Event().wait(LOOK_EVERY_S)
    return urllib.parse.urljoin(start_page, str(found[1]))


def links_in(browser: Browser) -> list[str]:
    """Of the mail that is shown."""
    return [html.unescape(link) for link in re.findall(r'<a href="([^"]*)" target="_blank">', browser.page)]


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
