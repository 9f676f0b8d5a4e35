"""The signature is the same as PHP makes, and nothing else passes for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from latesync.bridge.signature import (
    CLOCK_LIMIT_S,
    SEAL_HEADERS,
    Seal,
    read_seal,
    seal_headers,
    sign,
    verify,
)
from latesync.errors import MessageRefused

VECTORS = json.loads((Path(__file__).parents[2] / "wordpress/signature_vectors.json").read_text())
SECRET, NONCE, AT = "a shared secret", "0123456789abcdef" * 2, 1_795_000_000
BODY = b'{"v":1,"bookings":[12]}'


def a_seal(*, body: bytes = BODY, timestamp: int = AT, path: str = "/hooks/site") -> Seal:
    return Seal("", timestamp, NONCE, sign(SECRET, "POST", path, timestamp, NONCE, body))


def refusal_of(seal: Seal, **changes: Any) -> str:
    told: dict[str, Any] = {
        "secret": SECRET,
        "method": "POST",
        "path": "/hooks/site",
        "body": BODY,
        "now_s": AT,
    }
    told |= changes
    with pytest.raises(MessageRefused) as refused:
        verify(told["secret"], told["method"], told["path"], seal, told["body"], now_s=told["now_s"])
    return refused.value.code


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_shared_vectors_hold(vector: dict[str, Any]) -> None:
    made = sign(
        vector["secret"],
        vector["method"],
        vector["path"],
        int(vector["timestamp"]),
        vector["nonce"],
        vector["body"].encode(),
    )
    assert made == vector["signature"]


def test_what_was_signed_is_taken_within_five_minutes_either_way() -> None:
    for late in (-CLOCK_LIMIT_S, 0, CLOCK_LIMIT_S):
        verify(SECRET, "POST", "/hooks/site", a_seal(), BODY, now_s=AT + late)


@pytest.mark.parametrize("late", [-CLOCK_LIMIT_S - 1, CLOCK_LIMIT_S + 1, 86_400])
def test_older_and_newer_messages_are_refused_for_the_clock(late: int) -> None:
    assert refusal_of(a_seal(), now_s=AT + late) == "clock"


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another secret"},
        {"method": "GET"},
        {"path": "/enter/owner"},
        {"body": BODY + b" "},
        {"body": b""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_of_a_message_can_be_exchanged(changes: dict[str, Any]) -> None:
    assert refusal_of(a_seal(), **changes) == "signature"


def test_timestamp_and_nonce_are_signed_too() -> None:
    seal = a_seal()
    assert refusal_of(Seal("", AT + 1, NONCE, seal.signature)) == "signature"
    assert refusal_of(Seal("", AT, "f" * 32, seal.signature)) == "signature"


def test_old_message_with_a_wrong_signature_learns_nothing_of_the_clock() -> None:
    assert refusal_of(a_seal(timestamp=AT), secret="another secret", now_s=AT + 9999) == "signature"


def test_headers_that_were_made_are_read_back() -> None:
    headers = seal_headers(SECRET, "0123456789ab", "POST", "/hooks/site", BODY, timestamp=AT, nonce=NONCE)
    seal = read_seal(*(headers[name] for name in SEAL_HEADERS))
    assert (seal.site, seal.timestamp, seal.nonce) == ("0123456789ab", AT, NONCE)
    verify(SECRET, "POST", "/hooks/site", seal, BODY, now_s=AT)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (0, "two words"),
        (0, "a" * 256),
        (0, "line\n"),
        (1, ""),
        (1, "-1"),
        (1, "1795000000.5"),
        (1, "١٧٩٥"),
        (1, "9" * 5000),
        (2, ""),
        (2, "0123456789ABCDEF" * 2),
        (2, "0" * 31),
        (2, "0" * 32 + "\n"),
        (3, ""),
        (3, "g" * 64),
        (3, "é" * 64),
        (3, "a" * 65),
    ],
)
def test_parts_of_another_shape_are_malformed(place: int, text: str) -> None:
    parts = ["", str(AT), NONCE, "a" * 64]
    read_seal(*parts)
    parts[place] = text
    with pytest.raises(MessageRefused) as refused:
        read_seal(*parts)
    assert refused.value.code == "malformed"


def test_signature_is_not_shown() -> None:
    assert a_seal().signature not in repr(a_seal())


def test_a_plugin_may_name_the_site_in_words_of_its_own() -> None:
    assert (
        read_seal("https://salon.example/shop", str(AT), NONCE, "a" * 64).site == "https://salon.example/shop"
    )
