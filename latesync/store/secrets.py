"""Secrets at rest: refresh tokens, client secrets, sign-in verifiers, client files under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from latesync.errors import SecretUnreadable, WrongInput


def new_key() -> str:
    """A new encryption key, as LATESYNC_ENCRYPTION_KEYS takes it."""
    return Fernet.generate_key().decode("ascii")


class KeySource(Protocol):
    """Where encryption keys come from, newest first; they may be replaced while a process runs."""

    def read(self) -> tuple[str, ...]:
        """The keys as they are now. Raises WrongInput when there are none to be read."""
        ...

    def stamp(self) -> object:
        """Cheap, and another one whenever the keys were replaced."""
        ...


class FixedKeys:
    """Keys that stay as long as the process lives, as those from the environment do."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)

    def __repr__(self) -> str:
        return f"FixedKeys({len(self._keys)} keys)"

    def read(self) -> tuple[str, ...]:
        return self._keys

    def stamp(self) -> object:
        return None


class SecretBox:
    """Seals with the first key, opens with any, and follows its keys when they are replaced.

    So a process that runs seals with a new key from its next secret on, and opens what others have sealed
    with one it did not know. Keys that cannot be read any more stay in use: a running process does not
    fail because a file is away. Safe to share between threads. Raises WrongInput for keys that are none.
    """

    def __init__(self, keys: KeySource | Sequence[str]) -> None:
        self.source: KeySource = FixedKeys(keys) if isinstance(keys, Sequence) else keys
        self._stamp = self.source.stamp()  # before the keys: what is replaced in between is read again
        self._fernet = fernet_of(self.source.read())

    def __repr__(self) -> str:
        return "SecretBox(…)"

    def seal(self, text: str) -> str:
        self._follow()
        return self._fernet.encrypt(text.encode("utf-8")).decode("ascii")

    def open(self, token: str) -> str:
        """Raises SecretUnreadable when it was sealed with a key that is not among ours, or damaged."""
        try:
            return opened(self._fernet, token)
        except SecretUnreadable:
            if not self._follow():
                raise
        return opened(self._fernet, token)

    def sealed_anew(self, token: str) -> str:
        """The same secret under the first key. Raises SecretUnreadable."""
        return self.seal(self.open(token))

    def _follow(self) -> bool:
        """Take up keys that were replaced; whether there were such."""
        stamp = self.source.stamp()
        if stamp == self._stamp:
            return False
        try:
            self._fernet = fernet_of(self.source.read())
        except WrongInput:
            return False
        self._stamp = stamp
        return True


def fernet_of(keys: Sequence[str]) -> MultiFernet:
    """Raises WrongInput for keys that are none."""
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # Without its cause: a fault's text must not quote what stands where a key should.
        raise WrongInput(
            "LATESYNC_ENCRYPTION_KEYS, or where that is not set the file encryption_key in LateSync's home, "
            "does not hold usable keys. Give back the keys that were used before, newest first."
        ) from None


def opened(fernet: Fernet | MultiFernet, token: str) -> str:
    """Raises SecretUnreadable."""
    try:
        return fernet.decrypt(token.encode("ascii")).decode("utf-8")
    except (InvalidToken, ValueError):
        raise SecretUnreadable("a stored secret was sealed with another encryption key") from None
