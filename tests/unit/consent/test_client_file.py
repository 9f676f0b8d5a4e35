"""The uploaded client JSON: taken as Google gives it, and every other file gets its own sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from latesync.consent.client_file import ClientFile, client_file_text, read_client_file
from latesync.errors import WrongInput

CALLBACK = "https://sync.example.com/oauth/google/callback"

WEB: dict[str, Any] = {
    "client_id": "123-abc.apps.googleusercontent.com",
    "project_id": "salon-1",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
    "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
    "client_secret": "GOCSPX-shh",
    "redirect_uris": [CALLBACK],
}


def a_file(kind: str = "web", **changes: Any) -> bytes:
    client = {key: value for key, value in {**WEB, **changes}.items() if value is not None}
    return json.dumps({kind: client}).encode()


def taken(content: bytes, *, standin: bool = False) -> ClientFile:
    return read_client_file(content, callback=CALLBACK, standin=standin)


def refusal(content: bytes) -> str:
    with pytest.raises(WrongInput) as caught:
        taken(content)
    return str(caught.value)


def test_a_web_client_is_taken_without_a_word() -> None:
    client = taken(a_file())
    assert client == ClientFile(WEB["client_id"], WEB["client_secret"], "salon-1", (CALLBACK,), warnings=())


def test_the_secret_does_not_show() -> None:
    client = taken(a_file())
    assert "GOCSPX" not in repr(client)
    assert "GOCSPX" not in repr(client.client)


def test_a_byte_order_mark_and_unknown_fields_do_no_harm() -> None:
    assert taken(b"\xef\xbb\xbf" + a_file(something_new=[1])).client_id == WEB["client_id"]


def test_a_file_without_redirect_uris_is_taken_with_the_line_to_add() -> None:
    for content in (a_file(redirect_uris=None), a_file(redirect_uris=[])):
        (warning,) = taken(content).warnings
        assert warning.endswith(CALLBACK)


def test_a_file_without_project_is_taken() -> None:
    assert taken(a_file(project_id=None)).project_id is None


def test_a_file_that_waits_for_a_yes_is_the_same_afterwards() -> None:
    for file in (taken(a_file()), taken(a_file(project_id=None, redirect_uris=None))):
        assert taken(client_file_text(file).encode()) == file


def test_googles_habits_are_worth_a_warning_only() -> None:
    client = taken(a_file(client_id="my-client", client_secret="old-style"))
    assert len(client.warnings) == 2


def test_a_stand_in_s_file_may_name_its_own_hosts_and_ids() -> None:
    content = a_file(client_id="demo", client_secret="demo", auth_uri="http://127.0.0.1:8090/o/oauth2/auth")
    assert taken(content, standin=True).warnings == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (a_file("installed"), "Desktop app"),
        (b'{"type": "service_account", "private_key": "x", "client_id": "1"}', "service account"),
        (b'{"type": "authorized_user", "refresh_token": "x", "client_id": "1"}', "delete every copy"),
        (b'{"token": "x", "refresh_token": "y", "client_id": "1"}', "delete every copy"),
        (json.dumps(WEB).encode(), "part around the client is missing"),
        (b'{"web": "no object"}', "not an OAuth client"),
        (b"{}", "not an OAuth client"),
        (a_file(client_id=None), "no client_id"),
        (a_file(client_id=" "), "no client_id"),
        (a_file(client_id=7), "no client_id"),
        (a_file(client_secret=None), "Add secret"),
        (a_file(redirect_uris=CALLBACK), "not a list"),
        (a_file(redirect_uris=[3]), "not a list"),
        (a_file(client_id="x" * 300), "far too long"),
        (a_file(project_id="x" * 300), "far too long"),
        (a_file(client_secret="x" * 300), "far too long"),
        (a_file(redirect_uris=[CALLBACK] * 1000), "far too long"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[]", "holds no object"),
        (b'"text"', "holds no object"),
        (b" " + b"x" * 70_000, "too large"),
        (a_file().decode().encode("utf-16"), "encoding"),
        (a_file().decode().encode("utf-16-le"), "encoding"),
        (b"PK\x03\x04zip", "ZIP"),
        (b"%PDF-1.7 \xff\xfe\xfd", "not text"),
        (b"<html></html>", "not JSON"),
        (a_file(auth_uri="https://accounts.google.com.evil.example/auth"), "not Google's"),
        (a_file(token_uri="https://evil.example/token"), "not Google's"),
        (a_file(token_uri="http://oauth2.googleapis.com/token"), "not Google's"),
        (a_file(token_uri="https://oauth2.googleapis.com@evil.example/token"), "not Google's"),
        (a_file(token_uri="https://[broken"), "not Google's"),
    ],
)
def test_every_wrong_file_gets_the_sentence_for_what_it_is(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_no_refusal_repeats_a_secret() -> None:
    for content in (
        a_file("installed"),
        json.dumps(WEB).encode(),
        a_file(redirect_uris=["https://x.example"]),
    ):
        assert "GOCSPX" not in refusal(content)


@pytest.mark.parametrize(
    ("registered", "part"),
    [
        (CALLBACK + "/", "closing slash"),
        ("http://sync.example.com/oauth/google/callback", "scheme"),
        ("https://sync.example.com:8443/oauth/google/callback", "port"),
        ("https://www.example.com/oauth/google/callback", "host"),
        ("https://sync.example.com/oauth/callback", "path"),
        ("https://Sync.example.com/oauth/google/callback", "capital letters"),
    ],
)
def test_a_nearly_right_callback_is_named_with_its_difference(registered: str, part: str) -> None:
    sentence = refusal(a_file(redirect_uris=["https://elsewhere.example/x", registered]))
    assert f"{registered} differs only in its {part}" in sentence
    assert sentence.endswith(CALLBACK)


def test_a_callback_of_another_place_gets_the_line_to_paste() -> None:
    sentence = refusal(a_file(redirect_uris=["http://elsewhere.example/x"]))
    assert "differs" not in sentence
    assert sentence.endswith(CALLBACK)


def test_our_callback_among_others_is_enough() -> None:
    uris = ["http://localhost:8080/oauth/google/callback", CALLBACK]
    assert taken(a_file(redirect_uris=uris)).redirect_uris == tuple(uris)
