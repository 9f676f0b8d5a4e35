"""The JSON of our own that stands in for the file Microsoft does not give (microsoft-graph.md M1)."""

from __future__ import annotations

import json

import pytest

from latesync.consent.microsoft_client import MicrosoftClientForm
from latesync.consent.microsoft_file import read_microsoft_file
from latesync.errors import WrongInput

WHOLE = {
    "client_id": "11111111-2222-3333-4444-555555555555",
    "tenant": "salon.example",
    "account_type": "single",
    "client_secret": "a~secret.Value_of-40-characters",
    "secret_ends_on": "2028-11-20",
}


def test_a_file_says_what_could_be_typed() -> None:
    assert read_microsoft_file(json.dumps(WHOLE).encode()) == MicrosoftClientForm(
        WHOLE["client_id"], "salon.example", "single", WHOLE["client_secret"], "2028-11-20"
    )


def test_what_is_left_out_or_null_is_empty() -> None:
    found = read_microsoft_file(b'\xef\xbb\xbf{"client_id": "x", "tenant": null}')
    assert (found.client_id, found.tenant, found.secret) == ("x", "", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no json", "It looks like this"),
        (b"[]", "It looks like this"),
        (b"\xff\xfe", "It looks like this"),
        (b'{"web": {"client_id": "x"}}', "client file of Google's"),
        (b'{"secret": "x"}', "There is no “secret” in such a file"),
        (b'{"client_id": 5}', "“client_id” must be text"),
    ],
)
def test_a_mistake_is_named(content: bytes, said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        read_microsoft_file(content)


def test_every_mistake_is_named_at_once_and_no_secret_with_them() -> None:
    content = {"client_secret": "hidden-value", "tenant": 7, "id": "x"}
    with pytest.raises(WrongInput) as refused:
        read_microsoft_file(json.dumps(content).encode())
    assert "“id”" in str(refused.value)
    assert "“tenant”" in str(refused.value)
    assert "hidden-value" not in str(refused.value)
