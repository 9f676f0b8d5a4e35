"""One set of servers for the whole run: pytest itself and all its xdist workers share them.

The controller opens the run: a folder, and a lock in it that it holds as long as it lives. Whoever needs a
server first starts its keeper; the others find its port in the folder. With the lock gone, keepers stop.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from tests.services.server import Server

_REPOSITORY = Path(__file__).parents[2]
_keepers: list[subprocess.Popen[str]] = []  # held, because Python complains of a child it may not wait for

ServerKind = TypeVar("ServerKind", bound=Server)


class OwnedRun:
    """The run's folder and the lock that keeps its servers alive."""

    def __init__(self, folder: Path, lock: IO[bytes]) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls) -> OwnedRun:
        folder = Path(tempfile.mkdtemp(prefix="latesync-"))
        folder.chmod(0o711)  # PostgreSQL runs under another account when we are root
        lock = (folder / "run").open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(folder, lock)

    def close(self) -> None:
        """Stop all servers, wait until they are gone, and remove the folder."""
        keepers = list(self.folder.glob("*.keeper"))
        self._lock.close()
        for keeper in keepers:
            with suppress(FileNotFoundError), keeper.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
        shutil.rmtree(self.folder, ignore_errors=True)


def shared_server(kind: type[ServerKind], folder: Path) -> ServerKind:
    """Give the run's server of a kind; the first to ask starts it, the others wait for that.

    Raises NotInstalled.
    """
    kind.check_installed()
    port = folder / f"{kind.name}.port"
    with _locked(folder / f"{kind.name}.starting"):
        if not port.exists():
            port.write_text(str(_start(kind, folder)))
        return kind(int(port.read_text()))


def _start(kind: type[Server], folder: Path) -> int:
    log = folder / f"{kind.name}.log"
    with log.open("ab") as errors:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.services.keeper", kind.name, str(folder)],
            cwd=_REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest; the keeper follows it
        )
    _keepers.append(keeper)
    assert keeper.stdout is not None
    with keeper.stdout:
        answer = keeper.stdout.readline().split()
    if len(answer) != 2:
        raise RuntimeError(f"{kind.name} did not start:\n{log.read_text(errors='replace')[-4000:]}")
    return int(answer[1])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
