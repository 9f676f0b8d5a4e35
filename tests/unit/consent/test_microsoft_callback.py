"""Microsoft's rules for a redirect URI (microsoft-graph.md U1-U5)."""

from __future__ import annotations

import pytest

from latesync.consent.microsoft_callback import check_microsoft_callback
from latesync.options import AccountType

PATH = "/oauth/microsoft/callback"


@pytest.mark.parametrize(
    "base",
    [
        "https://sync.example.com",
        "https://example.com/LateSync",
        "https://10.0.0.7",
        "https://sync.salon.internal:8443",
        "http://localhost:8080",
    ],
)
def test_address_that_can_be_registered(base: str) -> None:
    assert check_microsoft_callback(base + PATH) == []


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (f"http://sync.example.com{PATH}", "http:// only for localhost"),
        (f"http://127.0.0.1:8080{PATH}", "localhost in its place"),
        (f"http://[::1]:8080{PATH}", "localhost in its place"),
        (f"https://[::1]{PATH}", "localhost in its place"),
        (f"https://example.com/a(b){PATH}", "( )"),
        (f"https://example.com/{'x' * 240}{PATH}", "characters, and Microsoft takes 256"),
        (f"https://*.example.com{PATH}", "neither * nor #"),
        (f"https://example.com{PATH}?site=1", "holds a ?"),
        (f"https://dana@example.com{PATH}", "user name"),
        (f"https://bücher.example{PATH}", "xn--"),
        ("sync.example.com", "is not an address"),
        ("https://[", "is not an address"),
    ],
)
def test_address_that_cannot_be_registered_says_why(address: str, part: str) -> None:
    (problem,) = check_microsoft_callback(address)
    assert part in problem


def test_query_is_allowed_where_no_personal_account_may_sign_in() -> None:
    address = f"https://example.com{PATH}?site=1"
    assert check_microsoft_callback(address, AccountType.SINGLE) == []
    assert check_microsoft_callback(address, AccountType.PERSONAL) != []
