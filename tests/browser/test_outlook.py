"""A real browser signs an agent in with Microsoft, and chooses over two accounts; also on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_letters import sign_in
from tests.browser.test_walk_through import fits_the_screen
from tests.web.salon import DANA, Salon


@pytest.mark.parametrize("screen", ["page", "phone_page"])
def test_from_the_app_registration_to_bookings_in_outlook(
    served_salon: Salon, request: pytest.FixtureRequest, screen: str
) -> None:
    page: Page = request.getfixturevalue(screen)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    register(page, served_salon)
    served_salon.upload()

    page.context.clear_cookies()
    page.goto(served_salon.services.config.base_url + served_salon.personal_link(DANA))
    fits_the_screen(page)
    at_microsoft(page)
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    page.get_by_role("link", name="To your own page").click()
    expect(page.get_by_text("dana@outlook.example", exact=True)).to_be_visible()

    at_google(page)
    page.get_by_role("link", name="To your own page").click()
    choose_google_for_bookings(page)
    fits_the_screen(page)
    leave_outlook(page)
    fits_the_screen(page)
    assert not [line for line in said if "Content Security Policy" in line]


def register(page: Page, salon: Salon) -> None:
    sign_in(page, salon)
    page.get_by_label("Outlook").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Register an app at Microsoft")).to_be_visible()
    fits_the_screen(page)
    form = salon.app_form()
    page.get_by_label("Application (client) ID").fill(form["client_id"])
    page.get_by_label("Any organisation, and personal accounts").check()
    page.get_by_label("Client secret: its Value").fill(form["secret"])
    page.get_by_label("Expires").fill(form["secret_ends_on"])
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status")).to_contain_text("Agents can sign in now")
    fits_the_screen(page)


def at_microsoft(page: Page) -> None:
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("button", name="dana@outlook.example").click()
    page.get_by_role("button", name="Accept").click()


def at_google(page: Page) -> None:
    page.get_by_role("button", name="Sign in with Google").click()
    page.get_by_role("button", name="dana@example.com").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def choose_google_for_bookings(page: Page) -> None:
    page.get_by_role("radio", name="Main calendar (dana@example.com)").check()
    page.get_by_role("form", name="Calendars").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_role("radio", name="Main calendar (dana@example.com)")).to_be_checked()


def leave_outlook(page: Page) -> None:
    page.get_by_role("link", name="Disconnect Outlook").click()
    expect(page.get_by_text("myapps.microsoft.com")).to_be_visible()
    page.get_by_role("button", name="Disconnect dana@outlook.example").click()
    expect(page.get_by_role("status")).to_contain_text("Outlook is disconnected")
