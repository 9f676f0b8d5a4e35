"""Where Microsoft is, where its stand-in is, and where our token never goes."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from latesync.providers.microsoft.endpoints import MICROSOFT, microsoft_endpoints
from latesync.providers.microsoft.quiet import quieten_libraries
from latesync.providers.microsoft.sync_token import SyncToken, read_token, write_token
from latesync.providers.microsoft.transport import authority, http_session
from latesync.times import TimeRange

WINDOW = TimeRange(datetime(2027, 2, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC))
LOCAL = microsoft_endpoints("http://127.0.0.1:8090/")


def test_a_stand_in_has_all_its_addresses_under_one() -> None:
    assert (LOCAL.login, LOCAL.graph) == ("http://127.0.0.1:8090", "http://127.0.0.1:8090/v1.0/")
    assert LOCAL.standin


def test_without_a_stand_in_microsoft_itself_is_asked() -> None:
    assert microsoft_endpoints(None) is MICROSOFT
    assert (MICROSOFT.standin, MICROSOFT.is_on_loopback) == (False, False)


@pytest.mark.parametrize(
    ("link", "is_graphs"),
    [
        ("https://graph.microsoft.com/v1.0/me/calendarView/delta?$deltatoken=1", True),
        ("https://graph.microsoft.com/beta/me", False),
        ("https://graph.microsoft.com.evil.example/v1.0/me", False),
        ("https://graph.microsoft.com@evil.example/v1.0/me", False),
        ("https://evil.example/v1.0/me", False),
        ("http://graph.microsoft.com/v1.0/me", False),
        ("https://graph.microsoft.com:444/v1.0/me", False),
        ("//graph.microsoft.com/v1.0/me", False),
        ("/v1.0/me", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_our_token_goes_to_graph_alone(link: str, is_graphs: bool) -> None:
    assert MICROSOFT.is_graphs(link) is is_graphs


@pytest.mark.parametrize(
    ("base_url", "is_on_loopback"),
    [
        ("https://127.0.0.1:8090", True),
        ("https://localhost:8090", True),
        ("https://[::1]:8090", True),
        ("https://sandbox.example", False),
        ("https://127.0.0.1.example", False),
        ("https://localhost@sandbox.example", False),
        (None, False),
    ],
)
def test_only_a_stand_in_on_loopback_is_not_verified(
    base_url: str | None, is_on_loopback: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/somewhere/else.pem")
    session = http_session(microsoft_endpoints(base_url))
    assert session.verify is not is_on_loopback
    assert session.trust_env is not is_on_loopback


def test_msal_is_shown_https_whatever_the_stand_in_speaks() -> None:
    """microsoft-graph.md P3, P4."""
    assert authority(LOCAL, "common") == "https://login.microsoftonline.com/common"
    assert authority(MICROSOFT, "a-tenant") == "https://login.microsoftonline.com/a-tenant"


def test_libraries_say_nothing_that_names_anybody() -> None:
    names = ("urllib3", "urllib3.connectionpool", "msal", "msal.application", "requests")
    before = {name: logging.getLogger(name).level for name in names}
    try:
        quieten_libraries()
        assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)
        assert not logging.getLogger("msal.application").isEnabledFor(logging.ERROR)
        assert not logging.getLogger("requests").isEnabledFor(logging.DEBUG)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def test_a_token_keeps_the_window_it_was_made_for() -> None:
    token = SyncToken("https://graph.microsoft.com/v1.0/me?$deltatoken=1", WINDOW)
    assert read_token(write_token(token)) == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no token",
        "5",
        "[]",
        "{}",
        '{"link": 5, "start": "2027-01-01T00:00:00+00:00", "end": "2028-01-01T00:00:00+00:00"}',
        '{"link": "x", "start": "2028-01-01T00:00:00+00:00", "end": "2027-01-01T00:00:00+00:00"}',
        '{"link": "x", "start": 5, "end": null}',
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert read_token(text) is None


def test_a_netrc_on_the_machine_does_not_replace_our_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine graph.microsoft.com login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = http_session(MICROSOFT)
    asked = requests.Request("GET", f"{MICROSOFT.graph}me", headers={"Authorization": "Bearer token"})
    assert session.prepare_request(asked).headers["Authorization"] == "Bearer token"
