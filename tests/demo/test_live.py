"""The demo's pages keep themselves up to date in a browser."""

import sqlite3
from pathlib import Path

from playwright.sync_api import Page, expect

from latesync.sandbox.google import GoogleWorld
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
