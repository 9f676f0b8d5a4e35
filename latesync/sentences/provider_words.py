"""What people call a provider and its calendar. Pure."""

from __future__ import annotations

_COMPANIES = {"google": "Google", "microsoft": "Microsoft"}
_PRODUCTS = {"google": "Google Calendar", "microsoft": "Outlook"}


def company(provider: str) -> str:
    """Whom one signs in with."""
    return _COMPANIES.get(provider, provider)


def calendar_product(provider: str) -> str:
    """Where one looks at the events."""
    return _PRODUCTS.get(provider, provider)
