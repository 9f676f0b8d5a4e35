from __future__ import annotations

import base64
import json

import pytest

from latesync.bridge.connection import Connection, make_connection_string, read_connection_string
from latesync.errors import WrongInput

CONNECTION = Connection("https://sync.example.com", "0123456789ab", "s3cret-ü/+")


def packed(content: object) -> str:
    return "latesync:" + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_string_is_read_back_with_blanks_around_it() -> None:
    text = make_connection_string(CONNECTION)
    assert read_connection_string(f"\n  {text} ") == CONNECTION


def test_string_is_one_word_that_survives_every_form_field() -> None:
    start, _, rest = make_connection_string(CONNECTION).partition(":")
    assert start == "latesync"
    assert rest
    assert not set(rest) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_string_holds_exactly_what_the_plugin_reads() -> None:
    rest = make_connection_string(CONNECTION).partition(":")[2]
    content = json.loads(base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4)))
    assert content == {
        "address": "https://sync.example.com",
        "site": "0123456789ab",
        "secret": "s3cret-ü/+",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://sync.example.com",
        "latesync:",
        "latesync:é",
        make_connection_string(CONNECTION)[:-3],
        make_connection_string(CONNECTION).replace("latesync:", "other:"),
        packed([1]),
        packed({"address": "https://a", "site": "x"}),
        packed({"address": "https://a", "site": 7, "secret": "x"}),
        packed({"address": "https://a", "site": "", "secret": "x"}),
    ],
)
def test_other_text_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(WrongInput, match="not a connection string") as refused:
        read_connection_string(text)
    assert not text or text not in str(refused.value)


def test_secret_is_not_shown() -> None:
    assert CONNECTION.secret not in repr(CONNECTION)
