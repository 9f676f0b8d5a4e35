"""The production server: where it listens, what it refuses to start with, what it keeps out of its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from latesync.store.database import Database
from latesync.store.migrate import migrate
from latesync.web.gunicorn_config import choose_bind

CONFIG, APP = "python:latesync.web.gunicorn_config", "latesync.web.wsgi:app"
COMMAND = [sys.executable, "-m", "gunicorn", "--config", CONFIG, APP]


@pytest.mark.parametrize(
    ("environ", "bind"),
    [
        ({}, "127.0.0.1:8080"),
        ({"PORT": "5000"}, "0.0.0.0:5000"),
        ({"LATESYNC_BASE_URL": "http://localhost:9000"}, "127.0.0.1:9000"),
        ({"LATESYNC_BASE_URL": "http://192.168.1.20:5000"}, "192.168.1.20:5000"),
        ({"LATESYNC_BASE_URL": "http://[::1]:5000"}, "[::1]:5000"),
        ({"LATESYNC_BASE_URL": "https://sync.example.com"}, "127.0.0.1:8080"),
        ({"LATESYNC_BASE_URL": "nonsense"}, "127.0.0.1:8080"),
    ],
)
def test_server_listens_where_it_is_told(environ: dict[str, str], bind: str) -> None:
    assert choose_bind({"LATESYNC_HOME": "/nowhere", **environ}) == bind


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "LATESYNC_HOME": str(home), **more}


def test_tables_that_were_never_made_stop_it_with_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "--bind", "127.0.0.1:0"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert (
        "LateSync cannot start: LateSync's tables have not been made yet. Run: latesync migrate"
        in ended.stderr
    )
    assert "Traceback" not in ended.stderr


def test_every_fault_of_the_configuration_is_named(tmp_path: Path) -> None:
    ended = subprocess.run(
        COMMAND,
        env=environment(tmp_path, LATESYNC_BASE_URL="nonsense", LATESYNC_SECRET_KEY="short"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "LATESYNC_BASE_URL" in ended.stderr
    assert "LATESYNC_SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_first_start_prints_a_set_up_link_and_the_access_log_holds_no_secret(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    database.dispose()
    with running(tmp_path) as (url, lines):
        link = next(line.strip() for line in lines if "/setup/" in line)
        path = link.partition("://")[2].partition("/")[2]
        assert requests.get(f"{url}/{path}", timeout=30).status_code == 200
        assert requests.get(f"{url}/connect/secret-token", timeout=30).status_code == 410
        assert requests.get(f"{url}/oauth/google/callback?code=secret-code", timeout=30).status_code == 400
        assert requests.get(f"{url}/readyz", timeout=30).json() == {"ready": True}
    log = "".join(lines)
    assert "GET /connect/" in log
    assert "secret-token" not in log
    assert "secret-code" not in log
    assert log.count(path.rpartition("/")[2]) == 1  # the printed link itself


@contextmanager
def running(home: Path) -> Iterator[tuple[str, list[str]]]:
    """Gunicorn with its access log on: its address, and its lines (all of them after the block)."""
    process = subprocess.Popen(
        [*COMMAND, "--bind", "127.0.0.1:0", "--workers", "1", "--access-logfile", "-", "--log-file", "-"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "Listening at: " in line:
                yield line.partition("Listening at: ")[2].split()[0], lines
                break
    finally:
        process.send_signal(signal.SIGTERM)
        lines += process.stdout.readlines()
        process.wait(timeout=30)
