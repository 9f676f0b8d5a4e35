"""Replacing the encryption key while everything runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from latesync.store.database import Database
from latesync.store.key_file import KeyFile
from latesync.store.sealed import KeyUse, count_key_use, reseal
from latesync.store.secrets import FixedKeys, SecretBox, new_key

# What was read, or sealed, with a key before it was replaced has been opened, or written, long since: a web
# request is ended after two minutes, a run's lease after one.
IN_USE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rotation:
    """resealed: secrets that are under the new key now. unreadable: under none we have. kept: keys now."""

    resealed: int
    unreadable: int
    kept: int
    dropped: int


def rotate_key_file(db: Database, file: KeyFile) -> Rotation:
    """Make a new key, seal everything under it, and drop what is older than the key before it.

    The new key is in the file before anything is sealed with it; the old one stays, for what a process
    holds at this very moment: read from the database and not yet opened, or sealed and not yet written.
    For the same reason nothing is dropped within an hour of the rotation before, and a key that is still
    needed never is. A crash at any point loses nothing, and a repeat ends what was begun.
    Raises WrongInput when another process is at it, or the file cannot be read; StateUnavailable.
    """
    with file.held_alone():
        # A time ahead of ours is a clock set back: who knows when that was.
        is_quiet = time.time() - file.replaced_at() > IN_USE.total_seconds()
        keys = (new_key(), *file.read())
        file.replace(keys)
        use, moved = reseal_under_first(db, keys)
        kept = _still_wanted(keys, use) if is_quiet else keys
        if kept != keys:
            file.replace(kept)
    return Rotation(moved, use.unreadable, len(kept), len(keys) - len(kept))


def reseal_under_first(db: Database, keys: tuple[str, ...]) -> tuple[KeyUse, int]:
    """Seal everything under the first of these keys; which keys are needed now, and how many were sealed."""
    done = reseal(db, SecretBox(FixedKeys(keys)), keys[0])
    return count_key_use(db, keys), done.moved


def _still_wanted(keys: tuple[str, ...], use: KeyUse) -> tuple[str, ...]:
    """The new one, the one before, and older ones only while a secret needs them."""
    older = [key for key, count in list(zip(keys, use.by_key, strict=True))[2:] if count]
    return (*keys[:2], *older)
