"""The owner's pages on a small phone: nothing is wider than the screen, and the menu is two rows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_letters import sign_in
from tests.web.salon import Salon

ADDRESSES = (
    "/",
    "/google",
    "/microsoft",
    "/wordpress",
    "/settings",
    "/settings/letters",
    "/health",
    "/history",
    "/held",
    "/sign-in-help",
    "/start/site",
    "/start/calendars",
    "/start/project",
    "/start/client",
    "/start/microsoft",
    "/start/mail",
    "/start/agents",
    "/start/done",
)


@pytest.mark.parametrize("width", [360, 390])
def test_every_page_of_the_owners_fits_a_small_phone(
    served_salon: Salon, phone_page: Page, width: int
) -> None:
    sign_in(phone_page, served_salon)
    phone_page.set_viewport_size({"width": width, "height": 800})
    for address in ADDRESSES:
        phone_page.goto(f"{served_salon.services.config.base_url}{address}")
        assert phone_page.evaluate("document.documentElement.scrollWidth") <= width, address
        tops = phone_page.locator("header nav > a:not(.upper)").evaluate_all(
            "all => all.map(a => a.offsetTop)"
        )
        assert len(tops) == 5
        assert len(set(tops)) == 1, address
        assert not overlap(phone_page, ".brand", ".upper"), address
        assert not overlap(phone_page, ".upper", "header nav form"), address


def overlap(page: Page, left: str, right: str) -> bool:
    """Whether the first reaches into the second, which stands beside it."""
    first, second = page.locator(left).bounding_box(), page.locator(right).bounding_box()
    assert first is not None
    assert second is not None
    return first["x"] + first["width"] > second["x"] or abs(first["y"] - second["y"]) > first["height"]
