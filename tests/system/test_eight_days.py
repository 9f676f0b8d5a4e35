"""The machine's clock is moved under running processes: an agent who only ever clicks what the mails hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import cannot_run
from tests.mail.postbox import Postbox, Received, opened_postbox
from tests.services.server import NotInstalled
from tests.site.builders import Site
from tests.system.google import PretendGoogle, pretend_google_apart
from tests.system.installation import BERLIN, DANA, Installation, day
from tests.system.moving_clock import MovingClock
from tests.system.waiting import eventually

OWNER = "owner@example.test"
PASSWORD = "a password of some length"
DANAS = "dana@example.test"
LINK = re.compile(r"http://localhost:\d+/connect/[\w.-]+")


@pytest.fixture
def clock(tmp_path: Path) -> MovingClock:
    try:
        return MovingClock(tmp_path)
    except NotInstalled as absent:
        cannot_run(absent)


@pytest.fixture
def google(tmp_path: Path, clock: MovingClock) -> Iterator[PretendGoogle]:
    with pretend_google_apart(tmp_path, clock.environment) as running:
        yield running


@dataclass
class Salon:
    installation: Installation
    clock: MovingClock
    postbox: Postbox
    page: Page
    bookings: list[int] = field(default_factory=list)
    read: int = 0  # of Dana's mails
    # Tomorrow's midnight at the site: the test begins at ten o'clock, at whatever hour it is run.
    first_day: datetime = field(default_factory=lambda: datetime.fromisoformat(day(1)).replace(tzinfo=BERLIN))

    @property
    def site(self) -> Site:
        return self.installation.site

    def go_to(self, days: int, hour: int, minute: int = 0) -> None:
        """So many days after the first, on the site's clock."""
        self.clock.move_to(self.first_day + timedelta(days=days, hours=hour, minutes=minute))

    def book(self) -> int:
        number = len(self.bookings)
        self.bookings.append(self.site.insert_booking(start_date=day(30 + number)))
        return self.bookings[-1]

    def wait_until_in_step(self) -> None:
        eventually(
            lambda: self.installation.google.bookings(DANAS) == sorted(self.bookings),
            "every booking stood in the calendar once",
            why=lambda: f"{self.bookings}\n{self.installation.programs[-1].said}",
        )

    def next_mail(self) -> Received:
        """Dana's next one."""
        eventually(
            lambda: len(self.postbox.to(DANAS)) > self.read,
            f"Dana got mail number {self.read + 1}",
            why=lambda: self.installation.programs[-1].said,
        )
        self.read += 1
        return self.postbox.to(DANAS)[self.read - 1]

    def digests(self) -> Counter[str]:
        """How many the owner got on each day of the site."""
        days = [mail.message["Date"].datetime.astimezone(BERLIN) for mail in self.postbox.to(OWNER)]
        return Counter(moment.date().isoformat() for moment in days)


@pytest.fixture
def salon(fresh: Installation, google: PretendGoogle, clock: MovingClock, page: Page) -> Iterator[Salon]:
    """Its app is in Testing: Google ends every sign-in after seven days."""
    with opened_postbox() as postbox, ExitStack() as running:
        salon = Salon(fresh, clock, postbox, page)
        fresh.environment |= {**clock.environment, "LATESYNC_SMTP_URL": postbox.url}
        salon.go_to(0, 10)
        fresh.fine("migrate")
        google.add_user(DANAS)
        client = fresh.add_client(mode="testing", test_users=[DANAS])
        fresh.fine("client", "import", fresh.client_file(client))
        made = fresh.latesync("admin", "create", OWNER, "--password-stdin", stdin=PASSWORD)
        assert made.code == 0, made.text
        web = running.enter_context(fresh.web())
        running.callback(web.kill)  # under libfaketime gunicorn's workers take half a minute to end in order
        running.enter_context(fresh.running("worker"))
        yield salon


def test_who_only_clicks_what_the_mails_hold_keeps_a_complete_calendar(salon: Salon) -> None:
    sign_in(salon.page, salon.installation.fine("agents", "link", str(DANA)).strip())
    salon.book()
    salon.wait_until_in_step()

    salon.go_to(5, 10, 30)
    salon.book()
    first = link_in(salon.next_mail())
    sign_in(salon.page, first)
    salon.wait_until_in_step()
    salon.page.goto(
        "about:blank"
    )  # the page after a sign-in asks how things are, and gets a cookie each time
    salon.page.context.clear_cookies()
    salon.page.goto(first)
    expect(salon.page.get_by_role("heading", name="You have signed in already")).to_be_visible()

    for days in (10, 11):  # she has no time for the next two
        salon.go_to(days, 11)
        salon.book()
        salon.next_mail()
        salon.wait_until_in_step()
    salon.go_to(12, 12)
    waiting = [salon.book(), salon.book()]
    eventually(lambda: salon.installation.account_state() == "needs_sign_in", "Google signed Dana out")
    last = salon.next_mail()
    assert "2 bookings" in last.text
    salon.go_to(12, 12, 30)
    eventually(lambda: salon.digests()[salon.clock.now().date().isoformat()], "the owner was told that day")
    sign_in(salon.page, link_in(last))
    expect(salon.page.get_by_text("2 bookings written")).to_be_visible()
    salon.wait_until_in_step()

    salon.go_to(13, 12)
    salon.book()
    salon.wait_until_in_step()
    assert set(waiting) < set(salon.bookings)
    assert len(salon.postbox.to(DANAS)) == 4
    assert max(salon.digests().values()) == 1
    assert salon.clock.now().astimezone(BERLIN).date().isoformat() not in salon.digests()


def sign_in(page: Page, link: str) -> None:
    """Whatever the link opens has one button that leads to Google, and nobody is asked for a password."""
    page.goto(link)
    page.get_by_role("button", name=re.compile("Sign in (again )?with Google")).click()
    account, allow = (
        page.get_by_role("button", name=DANAS),
        page.locator("button[name=decision][value=allow]"),
    )
    expect(account.or_(allow)).to_be_visible()
    if account.is_visible():
        account.click()
    allow.click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def link_in(mail: Received) -> str:
    found = LINK.search(mail.text)
    assert found, mail.text
    return found[0]
