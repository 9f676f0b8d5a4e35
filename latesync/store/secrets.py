"""Secrets at rest: refresh tokens, client secrets, sign-in verifiers."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from latesync.errors import SecretUnreadable, WrongInput


def new_key() -> str:
    """A new encryption key, as LATESYNC_ENCRYPTION_KEYS takes it."""
    return Fernet.generate_key().decode("ascii")


class SecretBox:
    """Seals with the first key, opens with any. Raises WrongInput for keys that are none."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as exc:
            raise WrongInput(
                "LATESYNC_ENCRYPTION_KEYS does not hold usable keys. Give back the keys that were used "
                "before, newest first, or unset it to use the key in LateSync's home."
            ) from exc

    def __repr__(self) -> str:
        return "SecretBox(…)"

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode("utf-8")).decode("ascii")

    def open(self, token: str) -> str:
        """Raises SecretUnreadable when it was sealed with a key that is not among ours, or damaged."""
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode("utf-8")
        except (InvalidToken, ValueError) as exc:
            raise SecretUnreadable("a stored secret was sealed with another encryption key") from exc

    def sealed_anew(self, token: str) -> str:
        """The same secret under the first key. Raises SecretUnreadable."""
        return self.seal(self.open(token))
