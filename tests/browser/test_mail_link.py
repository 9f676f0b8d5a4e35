"""From the link in a mail to the finished sign-in: on a phone, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_walk_through import fits_the_screen
from tests.web.mail_links import run_now, signed_out, stop_link
from tests.web.salon import Salon


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=request.param
    ) as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


def test_one_button_leads_to_google_and_back_to_what_was_written(served_salon: Salon, phone: Page) -> None:
    phone.goto(mail_of_dana(served_salon))
    expect(phone.get_by_role("heading", name="Sign in again")).to_be_visible()
    expect(phone.get_by_role("button")).to_have_count(1)
    expect(phone.locator("input:not([type=hidden])")).to_have_count(0)
    fits_the_screen(phone)
    phone.get_by_role("button", name="Sign in with Google").click()
    phone.get_by_role("button", name="Continue").click()  # the account is chosen by the login hint
    expect(phone.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    expect(phone.get_by_text("3 bookings are being written")).to_be_visible()
    fits_the_screen(phone)
    run_now(served_salon)
    expect(phone.get_by_text("Done: 3 bookings written, 0 changed, 0 removed")).to_be_visible()  # by itself
    phone.get_by_role("link", name="To your own page").click()
    expect(phone.get_by_role("heading", name="Hello Dana Reyes")).to_be_visible()


def test_link_opened_again_after_the_return_leads_to_no_second_sign_in(
    served_salon: Salon, page: Page
) -> None:
    link = mail_of_dana(served_salon)
    page.goto(link)
    page.get_by_role("button", name="Sign in with Google").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def test_mails_are_stopped_and_resumed_on_a_phone(served_salon: Salon, phone: Page) -> None:
    phone.goto(served_salon.services.config.base_url + stop_link(served_salon))
    phone.get_by_role("button", name="No more mails").click()
    expect(phone.get_by_role("heading", name="You get no more of these mails")).to_be_visible()
    fits_the_screen(phone)
    phone.get_by_role("button", name="Do send me these mails").click()
    expect(phone.get_by_role("heading", name="You get these mails again")).to_be_visible()


def mail_of_dana(salon: Salon) -> str:
    """The whole link in the mail that says she is signed out; Google's pages will ask her."""
    link = signed_out(salon)
    salon.google.change_user("dana@example.com", auto_consent=False)
    return salon.services.config.base_url + link
