"""LateSync's own commands as processes, and everything they say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.following import end_with_parent

ROOT = Path(__file__).parents[2]
LATESYNC = (sys.executable, "-m", "latesync")
COMMAND_LIMIT_S = 120
END_LIMIT_S = 40


@dataclass(frozen=True)
class Ended:
    """A command that ran to its end."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Program:
    """A process that is running; all it says goes into one file."""

    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait for the end and give the exit code."""
        self.process.send_signal(by)
        return self.wait()

    def kill(self) -> int:
        return self.stop(signal.SIGKILL)

    def wait(self) -> int:
        return self.process.wait(END_LIMIT_S)


def run_command(arguments: tuple[str, ...], environment: Mapping[str, str], stdin: str = "") -> Ended:
    done = subprocess.run(
        [*LATESYNC, *arguments],
        env=full_environment(environment),
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=COMMAND_LIMIT_S,
        check=False,
    )
    return Ended(arguments, done.returncode, done.stdout, done.stderr)


@contextmanager
def running_command(
    arguments: tuple[str, ...], environment: Mapping[str, str], log: Path
) -> Iterator[Program]:
    """The command in the background, for the length of the block; killed if it is still there then."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*LATESYNC, *arguments],
            env=full_environment(environment),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(signal.SIGKILL),
        )
    try:
        yield Program(arguments, process, log)
    finally:
        _end_group(process)


def full_environment(own: Mapping[str, str]) -> dict[str, str]:
    """A wide terminal, so that tables show whole words."""
    return {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1", **own}


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Gunicorn's workers too: nothing outlives a test."""
    try:
        os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)
        process.wait(END_LIMIT_S)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(END_LIMIT_S)
