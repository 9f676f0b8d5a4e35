"""A backup's file: what it lets through, and that nothing of it can be cut, changed or swapped."""

from __future__ import annotations

import io
import random

import pytest

from latesync.archive import TAG, Cost, opened_stream, sealed_stream
from latesync.errors import WrongInput

PASSPHRASE = "four random words here"
CHEAP = Cost(n=2)
CHUNK = 64
# Incompressible, so that it fills several chunks.
CONTENT = random.Random(7).randbytes(400)


def sealed(content: bytes = CONTENT, passphrase: str = PASSPHRASE) -> bytes:
    target = io.BytesIO()
    with sealed_stream(target, passphrase, cost=CHEAP, chunk=CHUNK) as stream:
        stream.write(content)
    return target.getvalue()


def opened(backup: bytes, passphrase: str = PASSPHRASE) -> bytes:
    with opened_stream(io.BytesIO(backup), passphrase) as stream:
        return stream.read()


def parts(backup: bytes) -> tuple[bytes, list[bytes]]:
    """The header, and the sealed chunks."""
    header, _, rest = backup.partition(b"\n")
    size = CHUNK + TAG
    return header + b"\n", [rest[start : start + size] for start in range(0, len(rest), size)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 10 * CHUNK, 5000])
def test_what_was_put_in_comes_out(size: int) -> None:
    content = random.Random(size).randbytes(size)
    assert opened(sealed(content)) == content


def test_nothing_of_the_content_or_the_passphrase_can_be_read() -> None:
    backup = sealed(b"refresh-token-1 " * 20)
    assert b"refresh-token" not in backup
    assert PASSPHRASE.encode() not in backup


def test_the_same_content_is_another_file_each_time() -> None:
    assert sealed() != sealed()


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(WrongInput, match="passphrase is not the one"):
        opened(sealed(), "four other words here")


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    backup = sealed()
    for length in range(len(backup)):
        with pytest.raises(WrongInput, match=r"damaged|not a backup"):
            opened(backup[:length])


def test_a_file_without_its_last_chunks_is_refused() -> None:
    header, chunks = parts(sealed())
    assert len(chunks) > 3
    for kept in range(len(chunks)):
        with pytest.raises(WrongInput):
            opened(header + b"".join(chunks[:kept]))


def test_chunks_in_another_order_are_refused() -> None:
    header, chunks = parts(sealed())
    chunks[1], chunks[2] = chunks[2], chunks[1]
    with pytest.raises(WrongInput, match="damaged"):
        opened(header + b"".join(chunks))


def test_a_chunk_of_another_backup_with_the_same_passphrase_is_refused() -> None:
    header, chunks = parts(sealed())
    chunks[1] = parts(sealed())[1][1]
    with pytest.raises(WrongInput, match="damaged"):
        opened(header + b"".join(chunks))


def test_anything_behind_the_end_is_refused() -> None:
    with pytest.raises(WrongInput):
        opened(sealed() + b"x")


def test_a_changed_byte_is_refused_wherever_it_is() -> None:
    backup = bytearray(sealed())
    for place in range(0, len(backup), 7):
        changed = bytearray(backup)
        changed[place] ^= 1
        with pytest.raises(WrongInput):
            opened(bytes(changed))


def test_a_header_that_asks_for_more_than_a_machine_has_is_refused() -> None:
    header, chunks = parts(sealed())
    greedy = header.replace(b'"n": 2,', b'"n": 1073741824,')
    assert greedy != header
    with pytest.raises(WrongInput, match="damaged"):
        opened(greedy + b"".join(chunks))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a backup"),
        (b"PK\x03\x04 some zip", "not a backup"),
        (b"LATESYNC-BACKUP 2 {}\nxxx", "newer LateSync"),
        (b"LATESYNC-BACKUP 1 {}\nxxx", "damaged"),
        (b"LATESYNC-BACKUP 1 []\nxxx", "damaged"),
        (b"LATESYNC-BACKUP x\xff\nxxx", "damaged"),
    ],
)
def test_what_is_no_backup_is_said_to_be_none(content: bytes, sentence: str) -> None:
    with pytest.raises(WrongInput, match=sentence):
        opened(content)


def test_a_short_passphrase_is_refused_before_anything_is_written() -> None:
    target = io.BytesIO()
    with pytest.raises(WrongInput, match="12 characters"), sealed_stream(target, "eleven char"):
        pass
    assert target.getvalue() == b""


def test_an_archive_that_was_broken_off_is_no_backup() -> None:
    target = io.BytesIO()

    def break_off() -> None:
        with sealed_stream(target, PASSPHRASE, cost=CHEAP, chunk=CHUNK) as stream:
            stream.write(CONTENT)
            raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        break_off()
    with pytest.raises(WrongInput):
        opened(target.getvalue())


def test_neither_way_holds_more_than_a_few_chunks() -> None:
    class Counting(io.BytesIO):
        largest = 0

        def write(self, piece: bytes) -> int:  # type: ignore[override]
            self.largest = max(self.largest, len(piece))
            return super().write(piece)

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 <= size <= CHUNK + TAG
            return super().read(size)

    target = Counting()
    with sealed_stream(target, PASSPHRASE, cost=CHEAP, chunk=CHUNK) as stream:
        for _ in range(100):
            stream.write(random.Random(1).randbytes(100))
    assert target.largest < 4 * CHUNK
    target.seek(0)
    with opened_stream(target, PASSPHRASE) as stream:
        assert sum(len(piece) for piece in iter(lambda: stream.read(50), b"")) == 10_000
