"""A real browser, from the set-up link to a disconnected calendar, on a desktop and on a phone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from latesync.consent.links import make_setup_token
from tests.web.salon import DANA, OWNER, PASSWORD, Salon


@pytest.mark.parametrize("screen", ["page", "phone_page"])
def test_from_set_up_to_disconnect(
    served_salon: Salon, tmp_path: Path, request: pytest.FixtureRequest, screen: str
) -> None:
    page: Page = request.getfixturevalue(screen)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    base_url = served_salon.services.config.base_url

    make_owner(page, served_salon)
    fits_the_screen(page)
    upload_client(page, served_salon, tmp_path / "client_secret.json")
    fits_the_screen(page)
    link = new_personal_link(page, base_url)
    fits_the_screen(page)

    page.context.clear_cookies()
    page.goto(link)
    assert page.url == f"{base_url}/connect"
    fits_the_screen(page)
    consent(page)
    fits_the_screen(page)
    page.get_by_role("link", name="To your own page").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    fits_the_screen(page)
    choose_family(page, served_salon)
    disconnect(page)
    fits_the_screen(page)
    assert not [line for line in said if "Content Security Policy" in line]


def test_cancelling_on_googles_page_leads_back_to_the_button(served_salon: Salon, page: Page) -> None:
    served_salon.upload()
    page.goto(served_salon.services.config.base_url + served_salon.personal_link(DANA))
    page.get_by_role("button", name="Sign in with Google").click()
    page.get_by_role("button", name="dana@example.com").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    page.get_by_role("button", name="Sign in with Google").click()
    expect(page.get_by_role("button", name="dana@example.com")).to_be_visible()


def test_back_button_after_connecting_explains_itself(served_salon: Salon, page: Page) -> None:
    served_salon.upload()
    page.goto(served_salon.services.config.base_url + served_salon.personal_link(DANA))
    consent(page)
    page.go_back()
    page.go_forward()
    page.goto(served_salon.services.config.base_url + "/connect")
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()


def test_pages_can_be_used_with_the_keyboard_alone(served_salon: Salon, page: Page) -> None:
    served_salon.make_owner()
    page.goto(served_salon.services.config.base_url + "/sign-in")
    expect(page.get_by_label("E-mail address")).to_be_focused()  # the page puts the cursor there by itself
    page.keyboard.type(OWNER)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("heading", name="Calendars", exact=True)
    ).to_be_visible()  # where the set-up goes on


def make_owner(page: Page, salon: Salon) -> None:
    token = make_setup_token(salon.services.secret_key, salon.services.site_id, now=salon.clock())
    page.goto(f"{salon.services.config.base_url}/setup/{token}")
    page.get_by_label("Your e-mail address").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Calendars", exact=True)).to_be_visible()


def upload_client(page: Page, salon: Salon, file: Path) -> None:
    page.get_by_role("link", name="Sign-ins", exact=True).click()
    file.write_text('{"installed": {}}')
    page.get_by_label("Client file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("Desktop app")
    file.write_text(json.dumps(salon.client_json()))
    page.get_by_label("Client file").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_contain_text("Agents can sign in now")


def new_personal_link(page: Page, base_url: str) -> str:
    page.get_by_role("link", name="Agents").click()
    page.get_by_role("link", name="Dana Reyes").click()
    page.get_by_role("button", name="New link").click()
    link = page.locator("#personal-link").inner_text()
    assert link.startswith(f"{base_url}/connect/")
    return link


def consent(page: Page) -> None:
    page.get_by_role("button", name="Sign in with Google").click()
    page.get_by_role("button", name="dana@example.com").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your calendar is connected")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Signed in.")


def choose_family(page: Page, salon: Salon) -> None:
    salon.google.add_calendar("dana@example.com", "Family")
    page.reload()
    page.get_by_role("radio", name="Family").check()
    page.get_by_role("checkbox", name="Family").check()
    page.get_by_role("form", name="Calendars").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_role("checkbox", name="Family")).to_be_checked()


def disconnect(page: Page) -> None:
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect dana@example.com").click()
    expect(page.get_by_role("heading", name="Connect your calendar")).to_be_visible()


def fits_the_screen(page: Page) -> None:
    """Nothing sticks out sideways."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen
