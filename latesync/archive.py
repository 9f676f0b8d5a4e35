"""The format of a backup: only its passphrase opens it, and nothing of it can be cut, changed or swapped.

    LATESYNC-BACKUP 1 {"n": …, "r": …, "p": …, "salt": …, "chunk": …}⏎     plain: how the key is made
    chunk, chunk, …, last chunk                                          ChaCha20-Poly1305

The key comes from the passphrase through scrypt (RFC 7914) with a salt of the file's own. Each chunk is
sealed with its number and whether it is the last one as the nonce (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015, as the age format uses it), and with the plain header as associated
data. What is sealed is gzip. Neither writing nor reading holds more than a chunk or two.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from latesync.errors import WrongInput

MAGIC = b"LATESYNC-BACKUP "
VERSION = 1
SHORTEST_PASSPHRASE = 12
CHUNK = 1 << 20
TAG = 16  # bytes that sealing adds to a chunk
_LONGEST_HEADER = 1024
_LARGEST_CHUNK = 1 << 24
_MOST_MEMORY = 1 << 30  # of scrypt, in bytes: a header from elsewhere must not eat the machine's

_NO_BACKUP = "This is not a backup of LateSync's. Give the file that latesync backup wrote."
_NEWER = "A newer LateSync made this backup. Install that version here, then restore."
_WRONG = (
    "The passphrase is not the one this backup was made with, or the file was damaged. Try the passphrase "
    "again; if you are sure of it, use another copy of the file. Nothing was changed here."
)
_DAMAGED = "The backup is damaged or was cut short. Use another copy of the file; nothing was changed here."


@dataclass(frozen=True, slots=True)
class Cost:
    """What scrypt may cost whoever guesses; OWASP's advice of 2023: 128 MiB and a third of a second."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1


@contextmanager
def sealed_stream(
    target: BinaryIO, passphrase: str, *, cost: Cost | None = None, chunk: int = CHUNK
) -> Iterator[BinaryIO]:
    """A stream to write a backup into; it is complete only when the block ends without an error.

    Raises WrongInput for a passphrase that is too short.
    """
    check_passphrase(passphrase)
    cost, salt = cost or Cost(), os.urandom(16)
    settings = {**asdict(cost), "salt": base64.b64encode(salt).decode(), "chunk": chunk}
    header = MAGIC + f"{VERSION} {json.dumps(settings)}\n".encode()
    target.write(header)
    writer = _Writer(target, _key(passphrase, salt, cost), header, chunk)
    with gzip.GzipFile(fileobj=writer, mode="wb", compresslevel=6, mtime=0) as packed:
        yield packed  # type: ignore[misc]  # a GzipFile is a binary stream
    writer.finish()


@contextmanager
def opened_stream(source: BinaryIO, passphrase: str) -> Iterator[BinaryIO]:
    """What a backup holds, to be read once. Nothing is given out that was not made with the passphrase.

    Raises WrongInput: no backup, of a newer version, wrong passphrase, damaged. That it was cut short shows
    at the end only.
    """
    header, settings = _read_header(source)
    cost = Cost(settings["n"], settings["r"], settings["p"])
    key = _key(passphrase, base64.b64decode(settings["salt"]), cost)
    raw = _Reader(source, key, header, settings["chunk"])
    reader = io.BufferedReader(raw, buffer_size=settings["chunk"])
    try:
        with gzip.GzipFile(fileobj=reader, mode="rb") as unpacked:
            yield unpacked  # type: ignore[misc]
    except (EOFError, gzip.BadGzipFile, zlib.error) as exc:
        raise WrongInput(_DAMAGED) from exc


def check_passphrase(passphrase: str) -> None:
    """Raises WrongInput."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WrongInput(
            f"A backup's passphrase needs at least {SHORTEST_PASSPHRASE} characters: whoever guesses it has "
            "every sign-in. Four random words make a good one."
        )


def _key(passphrase: str, salt: bytes, cost: Cost) -> ChaCha20Poly1305:
    derived = Scrypt(salt=salt, length=32, n=cost.n, r=cost.r, p=cost.p).derive(passphrase.encode("utf-8"))
    return ChaCha20Poly1305(derived)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


def _read_header(source: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    header = source.readline(_LONGEST_HEADER)
    if not header.startswith(MAGIC):
        raise WrongInput(_NO_BACKUP)
    version, _, text = header[len(MAGIC) :].partition(b" ")
    if version.isdigit() and int(version) > VERSION:
        raise WrongInput(_NEWER)
    try:
        settings = json.loads(text)
        numbers = [settings[name] for name in ("n", "r", "p", "chunk")]
        is_whole = all(type(number) is int and number > 0 for number in numbers)
        is_whole &= len(base64.b64decode(settings["salt"], validate=True)) == 16
    except (ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole or not _is_affordable(*numbers):
        raise WrongInput(_DAMAGED)
    return header, settings


def _is_affordable(n: int, r: int, p: int, chunk: int) -> bool:
    is_power = n > 1 and n & (n - 1) == 0
    return is_power and 128 * n * r <= _MOST_MEMORY and p <= 16 and chunk <= _LARGEST_CHUNK


class _Writer(io.RawIOBase):
    """Seals what is written, chunk by chunk; the last one only when told so, never by being closed."""

    def __init__(self, target: BinaryIO, key: ChaCha20Poly1305, header: bytes, chunk: int) -> None:
        self._target, self._key, self._header, self._chunk = target, key, header, chunk
        self._waiting, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self._waiting += piece
        while len(self._waiting) > self._chunk:  # what may be the last one stays
            self._seal(bytes(self._waiting[: self._chunk]), is_last=False)
            del self._waiting[: self._chunk]
        return len(piece)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._target.write(self._key.encrypt(_nonce(self._number, is_last=is_last), chunk, self._header))
        self._number += 1


class _Reader(io.RawIOBase):
    """Opens chunk by chunk. The end of the file must be the end of the backup."""

    def __init__(self, source: BinaryIO, key: ChaCha20Poly1305, header: bytes, chunk: int) -> None:
        self._source, self._key, self._header, self._sealed_size = source, key, header, chunk + TAG
        self._number, self._opened, self._next = 0, b"", self._read_sealed()
        if not self._next:
            raise WrongInput(_DAMAGED)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._opened and self._next:
            self._opened = self._open_next()
        count = min(len(buffer), len(self._opened))
        buffer[:count], self._opened = self._opened[:count], self._opened[count:]
        return count

    def _open_next(self) -> bytes:
        sealed, self._next = self._next, self._read_sealed()
        nonce = _nonce(self._number, is_last=not self._next)
        try:
            chunk = self._key.decrypt(nonce, sealed, self._header)
        except InvalidTag as exc:
            raise WrongInput(_DAMAGED if self._number else _WRONG) from exc
        self._number += 1
        return chunk

    def _read_sealed(self) -> bytes:
        """A whole chunk, or what is left of the file."""
        sealed = bytearray()
        while piece := self._source.read(self._sealed_size - len(sealed)):
            sealed += piece
        return bytes(sealed)
