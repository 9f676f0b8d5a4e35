"""The admins' passwords: argon2id, and the same time spent whether or not the admin exists."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from latesync.errors import WrongInput

LEAST_LENGTH = 12  # characters; length is what protects, so nothing else is demanded
MOST_LENGTH = 256  # keeps one request from hashing megabytes

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The stored form of a new password. Raises WrongInput when it is too short or too long."""
    if len(password) < LEAST_LENGTH:
        raise WrongInput(f"The password is too short. Take at least {LEAST_LENGTH} characters.")
    if len(password) > MOST_LENGTH:
        raise WrongInput(f"The password is too long. Take at most {MOST_LENGTH} characters.")
    return _HASHER.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; None (no such admin) takes as long as a wrong password."""
    try:
        fits = _HASHER.verify(password_hash or _nobodys_hash(), password[:MOST_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return fits and password_hash is not None and len(password) <= MOST_LENGTH


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
