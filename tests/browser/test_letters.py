"""The owner looks at a mail in a real browser: it wears its own styles, and nothing in it runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.salon import OWNER, PASSWORD, Salon


@pytest.mark.parametrize("screen", ["page", "phone_page"])
def test_a_preview_looks_like_the_mail(
    served_salon: Salon, request: pytest.FixtureRequest, screen: str
) -> None:
    page: Page = request.getfixturevalue(screen)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, served_salon)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Change the wording").click()
    page.get_by_label("Mail", exact=True).select_option("The sign-in has ended")
    page.get_by_label("Language").select_option("Deutsch")
    page.get_by_role("button", name="Show").click()
    page.get_by_label("Subject").fill("Hallo {{agent_first_name}}")
    page.get_by_role("button", name="Preview").click()

    letter = page.frame_locator("iframe")
    button = letter.get_by_role("link", name="Erneut mit Google anmelden")
    expect(button).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(letter.locator(".act")).to_have_css("background-color", "rgb(31, 106, 92)")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert letter.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_label("Subject")).to_have_value("Hallo {{agent_first_name}}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("your own text")).to_be_visible()
    page.get_by_role("button", name="Back to the standard text").click()
    expect(page.get_by_label("Subject")).to_have_value(re.compile("^Bitte neu anmelden"))
    assert not [line for line in said if "Content Security Policy" in line]


def sign_in(page: Page, salon: Salon) -> None:
    salon.make_owner()
    page.goto(f"{salon.services.config.base_url}/sign-in")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
