"""A small process that starts one server, and stops it as soon as the test run is over, however it ended.

    python -m tests.services.keeper mariadb FOLDER

It writes "ready PORT" once the server answers. The run holds a lock on FOLDER/run; the operating system
gives that lock away when the run ends, even by SIGKILL, and the keeper waits for nothing else.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy.exc import OperationalError

from tests.services.following import end_with_parent
from tests.services.mariadb import MariaDBServer
from tests.services.postgres import PostgresServer
from tests.services.server import HOST, Server

SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (MariaDBServer, PostgresServer)}
_START_LIMIT_S = 60  # a busy machine; usually one or two
_ATTEMPTS = 3  # another program may take the port between our choosing it and the server's start


def main(name: str, folder: Path) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ours = folder / f"{name}.keeper"
    with (folder / "run").open("rb") as run, _locked(ours), (folder / f"{name}.log").open("ab") as log:
        try:
            _prepare(SERVERS[name], folder / name, log)
            with _running(SERVERS[name], folder / name, log) as port:
                sys.stdout.write(f"ready {port}\n")
                sys.stdout.flush()
                fcntl.flock(run, fcntl.LOCK_SH)
        finally:
            shutil.rmtree(folder / name, ignore_errors=True)
            ours.unlink()
        # A run that was killed could not remove its folder: its last keeper does.
        if not list(folder.glob("*.keeper")):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepare(kind: type[Server], place: Path, log: IO[bytes]) -> None:
    place.mkdir(mode=0o700)
    account = kind.account()
    if account is not None:
        shutil.chown(place, account)
    for command in kind.prepare_commands(place):
        subprocess.run(command, check=True, stdout=log, stderr=log, **_surroundings(kind, place))


@contextmanager
def _running(kind: type[Server], place: Path, log: IO[bytes]) -> Iterator[int]:
    for _ in range(_ATTEMPTS):
        port = _free_port()
        server = subprocess.Popen(
            kind.start_command(place, port),
            stdout=log,
            stderr=log,
            preexec_fn=lambda: end_with_parent(kind.stop_signal),
            **_surroundings(kind, place),
        )
        try:
            if _answers(kind(port), server):
                yield port
                return
        finally:
            server.send_signal(kind.stop_signal)
            server.wait()
    raise RuntimeError(f"{kind.name} did not start; its own words are in {log.name}")


def _surroundings(kind: type[Server], place: Path) -> dict[str, Any]:
    return {"stdin": subprocess.DEVNULL, "cwd": place, "user": kind.account()}


def _answers(server: Server, process: subprocess.Popen[bytes]) -> bool:
    """Wait until it takes a connection; False if it ended instead, or does not in time."""
    for _ in range(_START_LIMIT_S * 10):
        try:
            server.connect().close()
            return process.poll() is None
        except OperationalError:
            if _ended_within(process, seconds=0.1):
                return False
    return False


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
