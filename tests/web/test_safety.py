"""Headers, CSRF, error pages, health, and secrets that must not reach a log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from flask import Flask

from latesync.errors import StateUnavailable
from latesync.logs import without_secrets
from tests.web.salon import DANA, Salon, open_salon, post

BUTTONS = [
    "/sign-in",
    "/sign-out",
    "/google",
    "/agents/3/link",
    "/agents/3/sync",
    "/agents/3/disconnect",
    "/connect/google",
    "/connect/calendars",
    "/connect/disconnect",
]


@pytest.mark.parametrize("path", BUTTONS)
def test_button_without_the_pages_token_changes_nothing(salon: Salon, path: str) -> None:
    salon.upload()
    salon.connect()
    client = salon.owner()
    client.get(salon.personal_link(DANA))
    answer = client.post(path, data={})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert salon.account() is not None


@pytest.mark.parametrize("path", ["/sign-in", "/connect", "/nope", "/livez", "/oauth/google/callback"])
def test_every_answer_carries_the_safety_headers(salon: Salon, path: str) -> None:
    headers = salon.visitor().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert f"form-action 'self' {salon.services.config.google_base_url}" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_pages_hold_no_inline_style_or_script(salon: Salon) -> None:
    page = salon.owner().get("/google").text
    assert "style=" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=")


def test_behind_an_https_proxy_cookies_are_secure_and_forms_work_without_a_referrer(
    tmp_path: Path, empty_state: Path
) -> None:
    with open_salon(tmp_path, "https://sync.example.com", state=empty_state) as salon:
        salon.upload()
        client = salon.visitor()
        client.environ_base |= {
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_X_FORWARDED_HOST": "sync.example.com",
        }
        opened = client.get(salon.personal_link(), base_url="https://sync.example.com")
        cookie = opened.headers["Set-Cookie"]
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Strict-Transport-Security" in opened.headers
        page = client.get("/connect", base_url="https://sync.example.com").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"csrf_token": token}
        answer = client.post("/connect/google", data=form, base_url="https://sync.example.com")
        assert answer.status_code == 302


def test_unknown_page_is_kind(salon: Salon) -> None:
    answer = salon.visitor().get("/nope")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_failing_page_is_kind_and_its_log_line_names_no_path(
    salon: Salon, caplog: pytest.LogCaptureFixture
) -> None:
    link = salon.personal_link()
    _fail_at(salon.app, "connect.personal_link", RuntimeError("broken"))
    answer = salon.visitor().get(link)
    assert answer.status_code == 500
    assert "nothing is lost" in answer.text
    assert "endpoint=connect.personal_link" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text


def test_own_database_away_is_said_as_such(salon: Salon) -> None:
    _fail_at(salon.app, "admin.dashboard", StateUnavailable("away"))
    answer = salon.owner().get("/")
    assert answer.status_code == 503
    assert "LateSync must wait" in answer.text


def test_process_is_alive_and_ready(salon: Salon) -> None:
    client = salon.visitor()
    assert client.get("/livez").json == {"alive": True}
    assert client.get("/readyz").json == {"ready": True}


def test_process_is_not_ready_with_old_tables(salon: Salon) -> None:
    with salon.services.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    answer = salon.visitor().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "latesync migrate" in answer.json["why"]


def test_whole_sign_in_leaves_no_secret_in_the_log(salon: Salon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = salon.personal_link()
    salon.upload()
    client = salon.visitor()
    client.get(link)
    address = salon.google_return(client)
    caplog.clear()  # the stand-in's own client was asked above
    client.get(address)
    post(client, "/connect/disconnect")
    secrets = [link.rpartition("/")[2], address.partition("code=")[2].partition("&")[0], "dana@example.com"]
    secrets += list(salon.google.refresh_tokens) + list(salon.google.access_tokens)
    ours = "\n".join(record.getMessage() for record in caplog.records)
    assert "account connected" in ours
    for secret in secrets:
        assert secret not in ours


def test_access_lines_lose_links_and_codes() -> None:
    line = '"GET /connect/abc.def HTTP/1.1" 302 "GET /oauth/google/callback?code=4/x&state=y HTTP/1.1"'
    line += ' "POST /mail/stop/ghi.jkl HTTP/1.1" 200'
    clean = without_secrets(line)
    assert "abc.def" not in clean
    assert "ghi.jkl" not in clean
    assert "/mail/stop/" in clean
    assert "4/x" not in clean


def _fail_at(app: Flask, endpoint: str, error: Exception) -> None:
    def failing(**arguments: object) -> str:
        raise error

    app.view_functions[endpoint] = failing
