"""The demo's pages keep themselves up to date in a browser."""

import sqlite3
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect

from latesync.sandbox.google import GoogleWorld
from latesync.sandbox.mail.mailbox import Mailbox
from latesync.sandbox.pages.app import create_pages
from latesync.sandbox.serving import Served
from latesync.sandbox.site import bookings
from tests.demo.conftest import ANNA, CUT, NOW, TUESDAY, add_busy


def test_a_time_vanishes_from_an_open_booking_form(
    page: Page, site: sqlite3.Connection, site_file: Path
) -> None:
    pages = create_pages(GoogleWorld(), site_file=site_file, links_home=site_file.parent, now=lambda: NOW)
    page.clock.install()
    with Served(pages) as server:
        page.goto(f"{server.url}/salon/?service={CUT}&agent={ANNA}&day={TUESDAY}")
        expect(page.get_by_role("link", name="10:00")).to_be_visible()
        add_busy(site, ANNA, NOW.replace(day=20, hour=8), NOW.replace(day=20, hour=9))
        page.clock.run_for(4000)
        expect(page.get_by_text("10:00 taken")).to_be_visible()
        expect(page.get_by_role("link", name="10:00")).to_have_count(0)


def test_an_open_menu_at_the_reception_stays_open(
    page: Page, site: sqlite3.Connection, site_file: Path
) -> None:
    customer = bookings.Customer("Nora", "Lindqvist", "nora@mail.example")
    booking_id = bookings.book(site, bookings.Appointment(CUT, ANNA, TUESDAY, 600), customer, NOW)
    pages = create_pages(GoogleWorld(), site_file=site_file, links_home=site_file.parent, now=lambda: NOW)
    page.clock.install()
    with Served(pages) as server:
        page.goto(f"{server.url}/salon/reception")
        page.get_by_text("Change", exact=True).click()
        bookings.set_status(site, booking_id, "cancelled", NOW)
        page.clock.run_for(4000)
        expect(page.get_by_role("link", name="Reschedule")).to_be_visible()


def test_a_mail_appears_by_itself_and_its_link_opens_beside_it(
    page: Page, site: sqlite3.Connection, site_file: Path
) -> None:
    mails = Mailbox(lambda: NOW)
    pages = create_pages(
        GoogleWorld(), site_file=site_file, links_home=site_file.parent, now=lambda: NOW, mails=mails
    )
    page.clock.install()
    with Served(pages) as server:
        page.goto(f"{server.url}/mailbox/")
        mails.take("salon@salon.example", ("ben@salon.example",), a_letter(f"{server.url}/salon/reception"))
        page.clock.run_for(4000)
        page.get_by_role("link", name="Please sign in again").click()
        letter = page.frame_locator("iframe")
        expect(letter.get_by_text("as it was")).to_be_visible()
        with page.context.expect_page() as opened:
            letter.get_by_role("link", name="Sign in").click()
        expect(opened.value.get_by_role("link", name="Reception")).to_be_visible()
        assert page.url == f"{server.url}/mailbox/1"


def a_letter(address: str) -> bytes:
    """As bad as letters get: it would like to run something, and to open its links in its own frame."""
    message = EmailMessage()
    message["Subject"] = "Please sign in again"
    message.set_content(
        f"""<!doctype html><html><head><base target="_self"></head><body><p>as it was</p>
        <script>document.body.textContent = "changed"</script><a href="{address}">Sign in</a>""",
        subtype="html",
    )
    return message.as_bytes()
