"""PHP for tests: its built-in web server for one site, and single scripts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.services.reaper import ended_with_us
from tests.services.server import HOST, NotInstalled, find_program

_SCRIPT_LIMIT_S = 60
_START_LIMIT_S = 30
_ATTEMPTS = 3  # another program may take the port between our choosing it and the server's start
# Beyond PHP's core, what WordPress and the plugins need; Debian has each in a package php-NAME.
_EXTENSIONS = {"mysqli": "php-mysql", "mbstring": "php-mbstring", "dom": "php-xml", "curl": "php-curl"}


class PhpFailed(Exception):
    """A script ended with an error; its text is PHP's."""


def find_php() -> str:
    """Raises NotInstalled."""
    php = find_program("php")
    if php is None:
        raise NotInstalled(
            "needs PHP 7.4 or newer: apt-get install php-cli php-mysql php-mbstring php-xml php-curl"
        )
    return php


def check_extensions() -> None:
    """Raises NotInstalled."""
    present = subprocess.run([find_php(), "-m"], capture_output=True, text=True, check=True).stdout.split()
    missing = [package for name, package in _EXTENSIONS.items() if name not in present]
    if missing:
        raise NotInstalled(f"needs PHP's extensions: apt-get install {' '.join(missing)}")


def php_command(log: Path, cache: Path) -> list[str]:
    """PHP that logs everything it could complain of, and keeps compiled files in a folder for others.

    opcache.revalidate_freq: a test that changes a file wants the change at the next request.
    """
    settings = {
        "error_reporting": "-1",
        "display_errors": "0",
        "log_errors": "1",
        "error_log": str(log),
        "memory_limit": "512M",
        "date.timezone": "UTC",
        "opcache.enable_cli": "1",
        "opcache.file_cache": str(cache),
        "opcache.revalidate_freq": "0",
    }
    return [find_php(), *(part for name, value in settings.items() for part in ("-d", f"{name}={value}"))]


def run_script(command: list[str], environment: Mapping[str, str], stdin: str = "") -> str:
    """What the script prints.

    Raises PhpFailed.
    """
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=_SCRIPT_LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise PhpFailed(done.stdout + done.stderr)
    return done.stdout


@contextmanager
def running_server(
    php: list[str], root: Path, router: Path, environment: Mapping[str, str], said: Path
) -> Iterator[int]:
    """Serve a folder with four workers for the length of the block; gives the port. said: its access log."""
    for _ in range(_ATTEMPTS):
        port = _free_port()
        with said.open("ab") as out:
            server = subprocess.Popen(
                [*php, "-S", f"{HOST}:{port}", "-t", str(root), str(router)],
                env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4", **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            with ended_with_us(server.pid):
                if _takes_connections(port, server):
                    yield port
                    return
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    raise RuntimeError(f"PHP's web server did not start:\n{said.read_text(errors='replace')[-2000:]}")


def _takes_connections(port: int, server: subprocess.Popen[bytes]) -> bool:
    for _ in range(_START_LIMIT_S * 50):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return server.poll() is None
        except OSError:
            try:
                server.wait(0.02)
                return False
            except subprocess.TimeoutExpired:
                continue
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
