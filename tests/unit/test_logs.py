from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from latesync.logs import ScrubbingFilter, set_up_logging, without_secrets


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("latesync")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /connect/abc.def-123 HTTP/1.1", "GET /connect/… HTTP/1.1"),
        ("GET /setup/abc HTTP/1.1", "GET /setup/… HTTP/1.1"),
        ("GET /sign-in/abc HTTP/1.1", "GET /sign-in/… HTTP/1.1"),
        ("GET /connect/abc/calendars?x=1 HTTP/1.1", "GET /connect/…?… HTTP/1.1"),
        (
            '"GET /oauth/google/callback?state=s&code=4/0Ab HTTP/1.1" 302',
            '"GET /oauth/google/callback?… HTTP/1.1" 302',
        ),
        (
            '"-" "https://sync.example.com/connect/abc" "curl"',
            '"-" "https://sync.example.com/connect/…" "curl"',
        ),
        ("run finished account=7 created=1", "run finished account=7 created=1"),
        ("GET /connect HTTP/1.1", "GET /connect HTTP/1.1"),
    ],
)
def test_links_and_codes_are_taken_out(line: str, expected: str) -> None:
    assert without_secrets(line) == expected


def test_filter_scrubs_what_the_arguments_bring_in() -> None:
    record = logging.LogRecord("access", logging.INFO, __file__, 1, "%s %s", ("GET", "/connect/secret"), None)
    assert ScrubbingFilter().filter(record)
    assert record.getMessage() == "GET /connect/…"


def test_filter_leaves_a_percent_sign_alone() -> None:
    record = logging.LogRecord("access", logging.INFO, __file__, 1, "%s", ("GET /a%20b",), None)
    ScrubbingFilter().filter(record)
    assert record.getMessage() == "GET /a%20b"


@pytest.mark.usefixtures("logging_as_it_was")
def test_we_speak_and_libraries_only_warn(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    logging.getLogger("latesync.sync.run").info("run finished account=7")
    logging.getLogger("sqlalchemy.engine").info("SELECT secret")
    logging.getLogger("googleapiclient.http").warning("a body with a title")
    logging.getLogger("sqlalchemy.engine").warning("pool is exhausted")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "INFO run finished account=7",
        "WARNING pool is exhausted",
    ]


@pytest.mark.usefixtures("logging_as_it_was")
def test_setting_up_twice_says_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    set_up_logging()
    logging.getLogger("latesync").warning("once")
    assert capsys.readouterr().err.count("once") == 1


@pytest.mark.usefixtures("logging_as_it_was")
def test_decisions_are_shown_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(logging.DEBUG)
    logging.getLogger("latesync.plan").debug("decided")
    assert "decided" in capsys.readouterr().err
