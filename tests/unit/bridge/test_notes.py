"""A note is read strictly where a number decides what happens, and kindly elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from latesync.bridge.notes import Hello, Note, read_note
from latesync.errors import MessageRefused


def note(**parts: Any) -> bytes:
    return json.dumps({"v": 1, **parts}).encode()


def greeting(**parts: Any) -> Hello:
    hello = read_note(note(hello=parts)).hello
    assert hello is not None
    return hello


def test_ids_are_taken_once_each() -> None:
    read = read_note(note(bookings=[12, 13, 12], looking_at=[3, 5]))
    assert read == Note(frozenset({12, 13}), frozenset({3, 5}))


def test_note_may_hold_nothing_and_keys_nobody_knows() -> None:
    assert read_note(note(weather="fine", bookings=[])) == Note()


def test_zero_stands_for_the_whole_site() -> None:
    assert read_note(note(bookings=[0])).bookings == {0}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"bookings=12",
        b"[1]",
        b'"v"',
        b"null",
        b"{}",
        b'{"v":2}',
        b'{"v":"1"}',
        b'{"v":true}',
        b'{"v":1.0}',
        b'{"v":1,"bookings":{"0":12}}',
        b'{"v":1,"bookings":"12"}',
        b'{"v":1,"bookings":null}',
        b'{"v":1,"bookings":[true]}',
        b'{"v":1,"bookings":[-1]}',
        b'{"v":1,"bookings":[12.0]}',
        b'{"v":1,"bookings":["12"]}',
        b'{"v":1,"bookings":[null]}',
        b'{"v":1,"bookings":[2147483648]}',
        b'{"v":1,"bookings":[NaN]}',
        b'{"v":1,"looking_at":["3; DROP TABLE accounts"]}',
        b'{"v":1,"hello":"0.2.0"}',
        b'{"v":1,"bookings":[' + b"9" * 5000 + b"]}",
        b'{"v":1,"bookings":[\xff]}',
        b"[" * 60_000,
        note(bookings=list(range(501))),
        note(looking_at=list(range(501))),
    ],
)
def test_everything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MessageRefused) as refused:
        read_note(body)
    assert refused.value.code == "malformed"


def test_five_hundred_ids_are_not_too_many() -> None:
    assert len(read_note(note(bookings=list(range(500)))).bookings) == 500


def test_greeting_says_what_the_plugin_is() -> None:
    told = {
        "plugin": "0.2.0",
        "protocol": 1,
        "wordpress": "6.1.9",
        "latepoint": "5.6.5",
        "home": "https://salon.example/",
        "rest": "https://salon.example/?rest_route=/latesync/v1",
    }
    assert greeting(**told) == Hello(
        "0.2.0",
        1,
        "6.1.9",
        "5.6.5",
        "https://salon.example",
        "https://salon.example/?rest_route=/latesync/v1",
    )


def test_words_of_a_greeting_are_made_fit_to_keep() -> None:
    hello = greeting(plugin="0.2\u0000.0\n", wordpress=6.1, latepoint="5" * 400, protocol=True)
    assert hello == Hello(plugin="0.2.0", latepoint="5" * 32)
    half_a_pair = read_note(b'{"v":1,"hello":{"plugin":"0.2\\ud800"}}').hello
    assert half_a_pair == Hello(plugin="0.2")


@pytest.mark.parametrize(
    "address",
    ["salon.example", "javascript:alert(1)", "file:///etc/passwd", "https://", "http://[::1", "", 7,
     "https://salon.example/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_web_address_is_not_kept_as_one(address: object) -> None:
    assert greeting(home=address, rest=address) == Hello()
