"""What an agent does in a browser, over plain HTTP: open the personal link, press the button, agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

TIMEOUT_S = 60
_TICKED = ("checkbox", "radio")
_YES = ("allow", "accept")  # Google's word, Microsoft's word


@dataclass
class Form:
    """fields: what a browser sends unasked. buttons: the choices. open: what may be ticked, and is not."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        elif self.forms and "name" in values:
            named = (values["name"], values.get("value", ""))
            if tag == "button":
                self.forms[-1].buttons.append(named)
            elif tag == "input" and (values.get("type") not in _TICKED or "checked" in values):
                self.forms[-1].fields.append(named)
            elif tag == "input":
                self.forms[-1].open.append(named)


def forms_of(page: requests.Response) -> list[Form]:
    reader = _FormReader()
    reader.feed(page.text)
    return reader.forms


def sign_in(
    personal_link: str, email: str, provider: str = "google", *, certificate: Path | None = None
) -> str:
    """The text of the page the agent sees in the end, having agreed to whatever the provider's pages ask.

    certificate: of a provider that speaks TLS.
    """
    browser, page = _opened(personal_link, certificate)
    own_address = page.url
    button = next(form for form in forms_of(page) if form.action.endswith(provider))
    page = _submit(browser, page, button)
    while page.url.partition("?")[0].endswith(("/auth", "/authorize")):
        page = _answer_provider(browser, page, email)
    assert page.ok, page.text
    assert page.url == f"{own_address}/done"
    return page.text


def write_to(personal_link: str, provider: str) -> str:
    """The page after the agent chose, on their own page, the first calendar there for the bookings."""
    browser, page = _opened(personal_link, None)
    form = next(form for form in forms_of(page) if form.action.endswith("/connect/calendars"))
    key = next(value for name, value in form.open if name == "write" and value.startswith(f"{provider}:"))
    form.fields = [(name, value) for name, value in form.fields if name != "write"]
    page = _submit(browser, page, form, ("write", key))
    assert page.ok, page.text
    return page.text


def _opened(personal_link: str, certificate: Path | None) -> tuple[requests.Session, requests.Response]:
    browser = requests.Session()
    browser.trust_env = False
    if certificate is not None:
        browser.verify = str(certificate)
    return browser, browser.get(personal_link, timeout=TIMEOUT_S)


def _answer_provider(browser: requests.Session, page: requests.Response, email: str) -> requests.Response:
    for form in forms_of(page):
        for button in form.buttons:
            if button == ("account", email) or (button[0] == "decision" and button[1] in _YES):
                return _submit(browser, page, form, button)
    raise AssertionError(f"The provider's page offers no way on:\n{page.text}")


def _submit(
    browser: requests.Session, page: requests.Response, form: Form, *pressed: tuple[str, str]
) -> requests.Response:
    address = urljoin(page.url, form.action)
    return browser.post(address, data=[*form.fields, *pressed], timeout=TIMEOUT_S)
