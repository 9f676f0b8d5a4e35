"""With whom agents of this site may sign in, as the pages need it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g

from latesync.read_overview import read_current_client
from latesync.sentences.provider_words import PROVIDERS, calendar_product, company
from latesync.store.clients import providers_set_up
from latesync.web.context import services


@dataclass(frozen=True, slots=True)
class OwnersPage:
    """The owner's page about a provider, and what the menu calls it."""

    endpoint: str
    name: str


def offer_providers(app: Flask) -> None:
    """For the menu, which every page of the owner's has."""
    app.context_processor(lambda: {"sign_in_page": sign_in_page, "provider_tabs": provider_tabs})
    app.jinja_env.filters["company"] = company
    app.jinja_env.filters["calendar_product"] = calendar_product


def sign_in_page() -> OwnersPage:
    """Of the one provider there is; where there are two, or none yet, each page leads to the other."""
    known = known_providers()
    if len(known) == 1:
        return OwnersPage(f"{known[0]}.page", company(known[0]))
    return OwnersPage("google.page", "Sign-ins")


def provider_tabs() -> list[tuple[str, str, bool]]:
    """(provider, the company's name, whether it is set up) of each."""
    return [(provider, company(provider), provider in known_providers()) for provider in PROVIDERS]


def known_providers() -> tuple[str, ...]:
    """Those the owner has set up; asked once a request."""
    if "known_providers" not in g:
        found = providers_set_up(services().database, services().site_id)
        g.known_providers = tuple(provider for provider in PROVIDERS if provider in found)
    known: tuple[str, ...] = g.known_providers
    return known


def usable_providers() -> tuple[str, ...]:
    """Those with which somebody can sign in now: the client's secret can be read."""
    return tuple(provider for provider in known_providers() if read_current_client(services(), provider))
