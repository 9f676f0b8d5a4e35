"""A real browser, from the set-up link to the first booking in a calendar, as an owner walks through it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import URL, make_url

from latesync.consent.links import make_setup_token
from latesync.latepoint.busy import create_bridge_tables
from latesync.latepoint.connection import open_site_database
from latesync.sandbox.serving import Served
from latesync.store.accounts import list_accounts
from latesync.sync.now import sync_now
from tests.mail.postbox import Postbox, opened_postbox
from tests.site.builders import create_site
from tests.web.salon import OWNER, PASSWORD, Salon, open_salon

Look = Callable[[str], None]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with opened_postbox() as opened:
        yield opened


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Salon]:
    """An installation nobody has set up, whose pages are really served."""
    opened: list[Salon] = []
    with (
        Served(lambda environ, start: opened[0].app(environ, start)) as server,
        open_salon(
            tmp_path,
            f"http://localhost:{server.port}",
            LATESYNC_SITE_DATABASE_URL="",
        ) as salon,
    ):
        opened.append(salon)
        yield salon


@pytest.fixture
def wordpress(mariadb_database: str) -> Iterator[URL]:
    """WordPress' database, with one agent and one booking that lies ahead."""
    engine = open_site_database(mariadb_database)
    site = create_site(engine, prefix="salon_")
    site.insert_booking(start_date="2026-12-01")
    create_bridge_tables(engine, "salon_")
    yield make_url(mariadb_database)
    engine.dispose()


@pytest.mark.parametrize("screen", ["page", "phone_page"])
def test_from_the_set_up_link_to_the_first_booking_in_a_calendar(
    served: Salon,
    wordpress: URL,
    postbox: Postbox,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    screen: str,
) -> None:
    page: Page = request.getfixturevalue(screen)
    walk(
        page, served, wordpress, postbox, tmp_path / "client_secret.json", lambda name: fits_the_screen(page)
    )
    assert [mail.recipient for mail in postbox.mails] == ["owner@example.com"]


def walk(page: Page, salon: Salon, wordpress: URL, postbox: Postbox, file: Path, look: Look) -> None:
    """look: called with a name at every screen."""
    make_owner(page, salon)
    connect_site(page, wordpress, look)
    make_project(page, look)
    upload_client(page, salon, file, look)
    connect_mail_server(page, postbox, look)
    send_test_mail(page, look)
    link = get_link(page, look)
    sign_in(page, salon, link)
    sync_now(
        salon.services.sync_parts(),
        "the worker",
        list_accounts(salon.services.database, salon.services.site_id),
    )
    finish(page, salon, look)


def make_owner(page: Page, salon: Salon) -> None:
    token = make_setup_token(salon.services.secret_key, salon.services.site_id, now=salon.clock())
    page.goto(f"{salon.services.config.base_url}/setup/{token}")
    page.get_by_label("Your e-mail address").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def connect_site(page: Page, wordpress: URL, look: Look) -> None:
    expect(page.get_by_role("heading", name="Booking site", exact=True)).to_be_visible()
    look("site")
    page.get_by_role("textbox", name="Host").fill(wordpress.host or "")
    page.get_by_role("textbox", name="Port").fill(str(wordpress.port))
    page.get_by_role("textbox", name="Database").fill("no_such_database")
    page.get_by_role("textbox", name="User").fill(wordpress.username or "")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("no database of that name")
    look("site-refused")
    page.get_by_role("textbox", name="Database").fill(wordpress.database or "")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status")).to_contain_text("The booking site is connected")
    expect(page.get_by_text("1 agent found")).to_be_visible()
    look("site-found")
    page.get_by_role("link", name="Next").click()


def make_project(page: Page, look: Look) -> None:
    expect(page.get_by_role("heading", name="Calendars", exact=True)).to_be_visible()
    look("calendars")
    page.get_by_label("Google Calendar").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Google project", exact=True)).to_be_visible()
    page.get_by_text("Or stay in Testing and list your agents").click()
    expect(page.get_by_text("dana@example.test")).to_be_visible()
    look("project")
    page.get_by_label("In production").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_role("button", name="I have done all this").click()


def upload_client(page: Page, salon: Salon, file: Path, look: Look) -> None:
    expect(page.get_by_role("heading", name="Client file", exact=True)).to_be_visible()
    look("client")
    file.write_text(json.dumps(salon.client_json()))
    page.get_by_label("Client file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_contain_text("Agents can sign in now")
    look("client-here")
    page.get_by_role("link", name="Next").click()


def connect_mail_server(page: Page, postbox: Postbox, look: Look) -> None:
    expect(page.get_by_role("heading", name="E-mail", exact=True)).to_be_visible()
    page.get_by_text("What to fill in at a few providers").click()
    look("mail")
    page.get_by_label("Server").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(postbox.port))
    page.get_by_label("Encryption").select_option(label="STARTTLS")
    page.get_by_role("button", name="Try it and keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("does not encrypt in this way")
    look("mail-refused")
    page.get_by_label("Encryption").select_option(label="Automatic")
    page.get_by_role("button", name="Try it and keep it").click()
    expect(page.get_by_role("status")).to_contain_text("lets LateSync in")


def send_test_mail(page: Page, look: Look) -> None:
    look("mail-kept")
    page.get_by_label("Send a test message to").fill("owner@example.com")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("status")).to_contain_text("handed to the mail server")
    page.get_by_role("link", name="Next").click()


def get_link(page: Page, look: Look) -> str:
    expect(page.get_by_role("heading", name="Agents", exact=True)).to_be_visible()
    look("agents")
    page.get_by_role("button", name="Show links to copy").click()
    look("agents-links")
    return page.locator("#link-1").inner_text()


def sign_in(page: Page, salon: Salon, link: str) -> None:
    """The agent, in a browser of their own."""
    assert page.context.browser is not None
    with page.context.browser.new_context() as context:
        own = context.new_page()
        own.goto(link)
        own.get_by_role("button", name="Sign in with Google").click()
        own.get_by_role("button", name="dana@example.com").click()
        own.get_by_role("button", name="Continue").click()
        expect(own.get_by_role("status")).to_contain_text("Signed in")


def finish(page: Page, salon: Salon, look: Look) -> None:
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("The first booking is in a calendar: number 1")).to_be_visible()
    look("agents-connected")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="What runs now")).to_be_visible()
    look("done")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Agents", exact=True)).to_be_visible()
    expect(page.get_by_text("Set-up:")).to_have_count(0)
    look("dashboard")
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    look("health")


def fits_the_screen(page: Page) -> None:
    """Nothing sticks out sideways."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen
