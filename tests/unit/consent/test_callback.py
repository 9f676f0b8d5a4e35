"""Google's rules for redirect URIs (google-calendar.md R1-R6), told before anybody meets them."""

from __future__ import annotations

import pytest

from latesync.consent.callback import callback_for, check_callback


@pytest.mark.parametrize(
    "base_url",
    [
        "https://sync.example.com",
        "https://sync.example.co.uk:8443/latesync/",
        "http://localhost:8080",
        "https://localhost",
        "http://127.0.0.1:5000",
        "http://[::1]:8080",
        "https://xn--mller-kva.de",
    ],
)
def test_an_address_google_accepts_is_no_problem(base_url: str) -> None:
    assert check_callback(base_url) == []


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("http://sync.example.com", "only for localhost"),
        ("https://192.168.1.20:5000", "no bare IP address"),
        ("https://[2001:db8::1]", "no bare IP address"),
        ("https://0.0.0.0:8080", "no bare IP address"),
        ("https://nas", "public domain names"),
        ("https://nas.local", "public domain names"),
        ("https://nas.lan.", "public domain names"),
        ("https://sync.test", "public domain names"),
        ("https://sync.internal", "public domain names"),
        ("https://sync.home", "public domain names"),
        ("https://sync.localhost", "public domain names"),
        ("https://me.googleusercontent.com", "public domain names"),
        ("https://dana@sync.example.com", "user name"),
        ("https://sync.example.com/?a=1", "plain address"),
        ("https://sync.example.com/#x", "plain address"),
        ("https://*.example.com", "plain address"),
        ("https://sync.example.com/a/../b", "plain address"),
        ("https://sync.example.com/a/%2e%2e/b", "plain address"),
        ("https://sync.example.com/?", "plain address"),
        ("https://sync.example.com/#", "plain address"),
        ("https://sync.example.com/a\\b", "plain address"),
        ("https://sync.example.com/50%", "begins no escaped character"),
        ("https://googleusercontent.com", "public domain names"),
        ("https://müller.de", "xn--"),
        ("sync.example.com", "must start with https://"),
        ("ftp://sync.example.com", "must start with https://"),
        ("https://", "must start with https://"),
        ("https://sync.example.com:port", "not an address"),
        ("https://[broken", "not an address"),
    ],
)
def test_an_address_google_refuses_is_explained(base_url: str, words: str) -> None:
    assert words in " ".join(check_callback(base_url))


def test_two_faults_get_two_sentences() -> None:
    assert len(check_callback("http://192.168.1.20:5000")) == 2


def test_the_callback_stands_under_the_base_address() -> None:
    assert callback_for("https://example.com/sync/") == "https://example.com/sync/oauth/google/callback"
