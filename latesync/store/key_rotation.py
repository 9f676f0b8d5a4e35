"""Replacing the encryption key while everything runs."""

from __future__ import annotations

from dataclasses import dataclass

from latesync.store.database import Database
from latesync.store.key_file import KeyFile
from latesync.store.sealed import KeyUse, count_key_use, reseal
from latesync.store.secrets import FixedKeys, SecretBox, new_key


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
    seals at this very moment with the keys it had read. A key that is still needed is never dropped. A
    crash at any point loses nothing, and a repeat ends what was begun.
    Raises WrongInput when another process is at it, or the file cannot be read; StateUnavailable.
    """
    with file.held_alone():
        keys = (new_key(), *file.read())
        file.replace(keys)
        use, moved = reseal_under_first(db, keys)
        kept = _still_wanted(keys, use)
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
