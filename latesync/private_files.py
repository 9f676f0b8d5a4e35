"""Files in LateSync's home that only their owner may read: whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, text: str) -> None:
    """Replace the file by this text; it is on the disk when this returns. Two writers do no harm."""
    handle, draft = mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600, and nobody else's name
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let what was renamed in it outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
