"""When two addresses are one site's."""

from __future__ import annotations

import pytest

from latesync.bridge.addresses import is_same_site


@pytest.mark.parametrize(
    ("home", "other"),
    [
        ("https://salon.example", "http://Salon.Example/"),
        ("https://www.salon.example", "https://salon.example"),
        ("http://127.0.0.1:8816", "http://127.0.0.1:9000"),
        ("https://agency.example/salon", "https://agency.example/salon/"),
    ],
)
def test_these_are_one_site(home: str, other: str) -> None:
    assert is_same_site(home, other)


@pytest.mark.parametrize(
    ("home", "other"),
    [
        ("https://salon.example", "https://staging.salon.example"),
        ("https://salon.example", "https://salon.example:8443"),
        ("https://agency.example/salon", "https://agency.example/spa"),
        ("http://127.0.0.1:8816/one", "http://127.0.0.1:8816/two"),
        ("https://salon.example", "https://[broken"),
    ],
)
def test_these_are_two(home: str, other: str) -> None:
    assert not is_same_site(home, other)
