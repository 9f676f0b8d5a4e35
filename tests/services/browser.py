"""The machine's own Chromium, driven by Playwright, without a way out to the internet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services.server import NotInstalled

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_PATIENCE_MS = 20_000  # a page on two busy processors; an assertion that holds never waits for it


def find_chromium() -> str:
    """Raises NotInstalled."""
    for program in (*_PROGRAMS, *_MAC_PROGRAMS):
        found = shutil.which(program)
        if found:
            return found
    raise NotInstalled("needs Chromium: apt-get install chromium fonts-dejavu-core, or install Google Chrome")


@contextmanager
def running_browser() -> Iterator[Browser]:
    program = find_chromium()
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=list(_ARGUMENTS), timeout=60_000
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def desktop_page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(_PATIENCE_MS)
        yield context.new_page()


@contextmanager
def phone_page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True
    ) as context:
        context.set_default_timeout(_PATIENCE_MS)
        yield context.new_page()
