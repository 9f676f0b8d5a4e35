"""`latesync sandbox`: its help says how to use it, and what it says to do works."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import requests

from latesync.consent.client_file import read_client_file
from latesync.sandbox.google import GoogleWorld, served_google
from latesync.sandbox.microsoft import MicrosoftWorld, served_microsoft

PRINTED = "http://127.0.0.1:8090"  # where the help takes the sandbox to be
MICROSOFTS = "http://127.0.0.1:8091"
CALLBACK = "http://localhost:8080/oauth/google/callback"
_CURL = re.compile(r"curl (?P<url>http://\S+)(?:[^'\n\\]|\\\n)*(?:'(?P<body>[^']*)')?")


def help_said_to(*options: str) -> str:
    command = [sys.executable, "-m", "latesync", "sandbox", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_the_sandboxs_own(option: str) -> None:
    shown = help_said_to(option)
    assert "usage: latesync sandbox" in shown
    assert "--latency SECONDS" in shown
    assert f"LATESYNC_GOOGLE_BASE_URL={PRINTED}" in shown


def test_what_the_help_tells_a_newcomer_works_from_top_to_bottom() -> None:
    steps = list(_CURL.finditer(help_said_to("--help")))
    with served_google(GoogleWorld()) as server:
        user, client, event, events = (
            _follow(step["url"].replace(PRINTED, server.url), step["body"]) for step in steps
        )
        file = read_client_file(json.dumps(client).encode(), callback=CALLBACK, standin=True)
        listed = requests.get(f"{server.url}/sandbox/", timeout=10)
    assert user["email"] == "dana@example.com"
    assert CALLBACK in file.redirect_uris
    assert [each["id"] for each in events] == [event["id"]]
    assert "POST   /sandbox/clients" in listed.text


def test_the_help_of_the_pretend_microsoft_works_as_well() -> None:
    shown = help_said_to("microsoft", "--help")
    assert "usage: latesync sandbox microsoft" in shown
    assert f"LATESYNC_MICROSOFT_BASE_URL={MICROSOFTS}" in shown
    with served_microsoft(MicrosoftWorld()) as server:
        person, client = (
            _follow(step["url"].replace(MICROSOFTS, server.url), step["body"])
            for step in _CURL.finditer(shown)
        )
    assert person["email"] == "dana@example.com"
    assert {"client_id", "tenant_id", "secret"} <= client.keys()


def test_the_sign_in_pages_ask_for_no_icon() -> None:
    with served_google(GoogleWorld()) as server:
        assert '<link rel="icon" href="data:,">' in requests.get(server.url, timeout=10).text


def _follow(url: str, body: str | None) -> Any:
    """What curl does: --json posts, without it the address is only read."""
    answer = requests.request(
        "POST" if body else "GET", url, json=json.loads(body) if body else None, timeout=10
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
