"""What people call a provider and its calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_COMPANIES = {"google": "Google", "microsoft": "Microsoft"}
_PRODUCTS = {"google": "Google Calendar", "microsoft": "Outlook"}

PROVIDERS = tuple(_COMPANIES)


def company(provider: str) -> str:
    """Whom one signs in with."""
    return _COMPANIES.get(provider, provider)


def calendar_product(provider: str) -> str:
    """Where one looks at the events."""
    return _PRODUCTS.get(provider, provider)


def companies(providers: Iterable[str]) -> str:
    """ "Google", "Google / Microsoft": of those among which one may choose, in any language."""
    return " / ".join(company(provider) for provider in providers)
