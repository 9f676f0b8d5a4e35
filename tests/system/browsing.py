"""What an agent does in a browser, over plain HTTP: open the personal link, press the button, agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_S = 60


@dataclass
class Form:
    """fields: what a browser sends unasked. buttons: the choices, as name and value."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def has_button(self, name: str) -> bool:
        return any(button == name for button, _ in self.buttons)


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
            elif tag == "input" and (values.get("type") != "checkbox" or "checked" in values):
                self.forms[-1].fields.append(named)


def forms_of(page: requests.Response) -> list[Form]:
    reader = _FormReader()
    reader.feed(page.text)
    return reader.forms


def sign_in(personal_link: str, email: str) -> str:
    """The text of the page the agent sees in the end, having agreed to whatever Google's pages ask."""
    browser = requests.Session()
    browser.trust_env = False
    page = browser.get(personal_link, timeout=TIMEOUT_S)
    own_address = page.url
    button = next(form for form in forms_of(page) if "google" in form.action)
    page = _submit(browser, page, button)
    while page.url.partition("?")[0].endswith("/auth"):
        page = _answer_google(browser, page, email)
    assert page.ok, page.text
    assert page.url == f"{own_address}/done"
    return page.text


def _answer_google(browser: requests.Session, page: requests.Response, email: str) -> requests.Response:
    for form in forms_of(page):
        if form.has_button("decision"):
            return _submit(browser, page, form, ("decision", "allow"))
        if ("account", email) in form.buttons:
            return _submit(browser, page, form, ("account", email))
    raise AssertionError(f"Google's page offers no way on:\n{page.text}")


def _submit(
    browser: requests.Session, page: requests.Response, form: Form, *pressed: tuple[str, str]
) -> requests.Response:
    address = urljoin(page.url, form.action)
    return browser.post(address, data=[*form.fields, *pressed], timeout=TIMEOUT_S)
