"""Child processes that live and end together: own process groups, logs in files, no orphans."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from . import guard

LOG_LINES_SHOWN = 15
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class ChildDied(Exception):
    """A child ended by itself. The text is for people and shows the end of its log."""


@dataclass(frozen=True)
class Child:
    name: str
    process: "subprocess.Popen[bytes]"
    log_file: Path

    def last_lines(self) -> str:
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_LINES_SHOWN:]) or "    (it wrote nothing)"


class Family:
    """Starts children; leaving the `with` block ends them all, with their own children."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)
        # In a session of its own, so that Ctrl-C and a closed terminal do not end it first.
        self._guard = subprocess.Popen(
            [sys.executable, "-P", "-S", guard.__file__], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self) -> "Family":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, arguments: list[str], environment: dict[str, str]) -> Child:
        """Run this Python with the arguments, e.g. ["-m", "latesync", "worker"]; output goes to its log."""
        log_file = self._logs / f"{name}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=with_package(environment),
                start_new_session=True,
            )
        child = Child(name, process, log_file)
        self.children.append(child)
        self._tell_guard(str(process.pid))
        return child

    def check(self) -> None:
        """Raises ChildDied."""
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                raise ChildDied(
                    f"The {child.name} process stopped by itself (exit code {code}). "
                    f"The end of its log, {child.log_file}:\n{child.last_lines()}"
                )

    def stop(self, patience_s: float = guard.PATIENCE_S) -> None:
        for child in self.children:
            guard.tell(child.process.pid, signal.SIGTERM)
        limit = time.monotonic() + patience_s
        for child in self.children:
            try:
                child.process.wait(timeout=max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue  # ended below, with what it started
        for child in self.children:
            guard.tell(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self._tell_guard("done")
        self._guard.wait()

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin is not None and self._guard.poll() is None:
            self._guard.stdin.write(f"{line}\n".encode())
            self._guard.stdin.flush()


def with_package(environment: dict[str, str]) -> dict[str, str]:
    """The environment, such that a child finds this very package."""
    path = [str(_PACKAGE_PARENT), *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, "PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}
