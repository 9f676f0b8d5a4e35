"""The files in LateSync's home that hold keys: for their owner's eyes only, and never half written.

The encryption keys stand one a line, the newest first: it seals, all of them open.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from latesync.errors import WrongInput
from latesync.private_files import sync_folder, write_private


class KeyFile:
    """Encryption keys in a file; the keys' source of a SecretBox."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"KeyFile({str(self.path)!r})"

    def read(self) -> tuple[str, ...]:
        """Raises WrongInput when the file is away or empty."""
        try:
            keys = tuple(self.path.read_text(encoding="utf-8").replace(",", " ").split())
        except (OSError, UnicodeDecodeError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else "it is not text"
            raise WrongInput(f"The encryption keys in {self.path} cannot be read: {reason}.") from None
        if not keys:
            raise WrongInput(
                f"{self.path} is empty. Put its key back from a backup; where there is none, remove the "
                "file: LateSync makes a new key, and sign-ins must be renewed."
            )
        return keys

    def stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def replaced_at(self) -> float:
        """When its keys were last changed; seconds since 1970. Raises WrongInput."""
        try:
            return self.path.stat().st_mtime
        except OSError as exc:
            raise WrongInput(f"The encryption keys in {self.path} cannot be read: {exc.strerror}.") from None

    def replace(self, keys: Sequence[str]) -> None:
        """Write these keys instead, whole or not at all. Only inside `held_alone`."""
        write_private(self.path, "".join(f"{key}\n" for key in keys))

    @contextmanager
    def held_alone(self) -> Iterator[None]:
        """Nobody else replaces the keys meanwhile: of two who do, one would lose the other's new key.

        Raises WrongInput when another process is at it.
        """
        lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise WrongInput(
                "Another command is replacing the keys just now. Wait until it has ended, then try again."
            ) from None
        finally:
            os.close(lock)


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in a file only its owner can read; made whole or not at all, once for all processes.

    Raises WrongInput for a file that is empty: whatever is signed with nothing, anybody can sign.
    """
    if not path.exists():
        handle, draft = mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600, and nobody else's name
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make() + "\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first; its key is the one
                os.link(draft, path)
        finally:
            os.unlink(draft)
        sync_folder(path.parent)
    secret = path.read_text(encoding="utf-8").strip()
    if not secret:
        raise WrongInput(
            f"{path} is empty. Put it back from a backup; where there is none, remove the file: LateSync "
            "makes a new one, and what was sealed or signed with the old one must be renewed."
        )
    return secret
