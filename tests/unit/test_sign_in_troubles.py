"""The table of sign-in troubles: whole, found by what people see, and sending nobody in circles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.consent import google_sign_in
from latesync.sentences import sign_in_sentences
from latesync.sign_in_troubles import (
    TROUBLES,
    Actor,
    Provider,
    Trouble,
    find_troubles,
    trouble_named,
    trouble_of_refusal,
    words,
)

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)

# microsoft-graph.md §5, and what its other sections name beside it.
AADSTS = """
50011 500113 900971 50020 50034 50057 50055 50076 50079 50173 50194 53003 530032 54005 65001 65004 70000
70008
700082 700084 700016 7000215 7000222 7000218 70011 28002 90094 90095 9002313 90006 90024 90033 90090 90055
9002332 700005 70043
"""
MICROSOFTS_WORDS = """
interaction_required invalid_grant basic_action invalid_request consent_required access_denied token_expired
bad_token unauthorized_client invalid_client invalid_scope temporarily_unavailable server_error
InvalidAuthenticationToken insufficient_claims MailboxNotEnabledForRESTAPI ErrorAccessDenied
Authorization_RequestDenied TooManyRequests ApplicationThrottled
"""

# google-calendar.md §6, §7 and §18, as far as signing in and permission are concerned.
GOOGLES_WORDS = """
access_denied redirect_uri_mismatch invalid_client deleted_client org_internal admin_policy_enforced
disallowed_useragent invalid_request origin_mismatch invalid_grant invalid_rapt rapt_required
unauthorized_client
invalid_scope unsupported_grant_type temporarily_unavailable server_error internal_failure accessNotConfigured
SERVICE_DISABLED insufficientPermissions authError rateLimitExceeded userRateLimitExceeded quotaExceeded
dailyLimitExceeded backendError internalError
"""


def keys(text: str) -> list[str]:
    return [trouble.key for trouble in find_troubles(text)]


@pytest.mark.parametrize("number", AADSTS.split())
def test_every_number_of_microsofts_has_its_row(number: str) -> None:
    [found] = find_troubles(
        f"Sorry, but we’re having trouble signing you in. AADSTS{number}: words in any language"
    )
    assert f"AADSTS{number}" in found.codes
    assert find_troubles(number) == (found,)


@pytest.mark.parametrize("word", MICROSOFTS_WORDS.split())
def test_every_word_of_microsofts_is_known(word: str) -> None:
    assert any(found.provider is Provider.MICROSOFT for found in find_troubles(f"Microsoft: {word}"))


@pytest.mark.parametrize("word", GOOGLES_WORDS.split())
def test_every_word_of_googles_has_a_row(word: str) -> None:
    [found, *_] = find_troubles(word)
    assert found.provider is Provider.GOOGLE
    assert word in found.codes


def test_keys_are_anchors_and_unique() -> None:
    found = [trouble.key for trouble in TROUBLES]
    assert len(set(found)) == len(found)
    assert all(key.replace("-", "").isalnum() and key == key.lower() for key in found)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.key)
def test_row_says_what_to_do_and_where_it_is_from(trouble: Trouble) -> None:
    assert trouble.steps
    assert trouble.title
    assert trouble.meaning.endswith(".")
    assert trouble.source.split()[0] in ("google-calendar.md", "microsoft-graph.md")
    assert all(step.text.endswith((".", ":")) for step in trouble.steps)
    assert bool(trouble.codes) or bool(trouble.shown)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.key)
def test_agent_whom_a_row_cannot_help_knows_what_to_send(trouble: Trouble) -> None:
    sent = words.letter(trouble, address="dana@example.com", client_id="42.apps")
    if trouble.actor in (Actor.OWNER, Actor.ORGANISATION):
        assert trouble.as_shown in sent
        assert "{" not in sent
    if trouble.actor is Actor.ORGANISATION:
        assert "42.apps" in sent


def test_letter_says_what_to_fill_in_where_nothing_is_known() -> None:
    row = trouble_named("not-a-tester")
    assert row
    assert "(write your address here)" in words.letter(row, address="", client_id="")
    assert "dana@example.com" in words.letter(row, address="dana@example.com", client_id="")


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.key)
def test_row_is_found_by_its_codes_and_first_by_its_words(trouble: Trouble) -> None:
    for code in trouble.codes:
        assert trouble in find_troubles(code)
        assert trouble_named(code) is not None
    for shown in trouble.shown:
        assert find_troubles(f"… {shown} …")[0] == trouble
    assert trouble_named(trouble.key) == trouble


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Fehler 403: access_denied", "not-a-tester"),
        ("Erreur 400 : redirect_uri_mismatch", "redirect-uri-mismatch"),
        ("エラー 401: deleted_client", "deleted-client"),
        ("error 400: REDIRECT_URI_MISMATCH", "redirect-uri-mismatch"),
        ("redirect uri mismatch", "redirect-uri-mismatch"),
        ("google hasn't\n verified this  app", "unverified-app"),
        ("?error=access_denied&state=x", "declined"),
        ("invalid_grant: Malformed auth code.", "code-spent"),
        ("invalid_grant: Token has been expired or revoked.", "sign-in-ended"),
        ("invalid_grant reauth related error (invalid_rapt)", "reauthentication"),
        ("AADSTS7000215: Invalid client secret provided. (invalid_client)", "microsoft-wrong-secret"),
        (
            "accounts.google.com/signin/oauth/error?authError=Cg5pbn Error 401: invalid_client",
            "invalid-client",
        ),
    ],
)
def test_text_of_a_page_finds_its_row_first(text: str, key: str) -> None:
    assert keys(text)[0] == key


def test_code_with_its_number_needs_no_second_guess() -> None:
    assert keys("Error 403: access_denied") == ["not-a-tester"]
    assert keys("access_denied") == ["not-a-tester", "declined"]


def test_number_alone_finds_the_pages_that_show_it() -> None:
    assert set(keys("403")) == {"not-a-tester", "org-internal", "disallowed-useragent"}


@pytest.mark.parametrize("text", ["", "   \n", "…!?", "hello", "AADSTS999999", "123", "日本語"])
def test_text_without_a_sign_finds_nothing(text: str) -> None:
    assert find_troubles(text) == ()


def test_every_reason_google_gives_for_a_refused_sign_in_has_its_row() -> None:
    for error, code in google_sign_in._CODES.items():
        row = trouble_of_refusal(code, error, provider="google")
        assert row is not None, error
        assert code in row.refusals
        assert error in row.codes or code == "client_rejected", error


def test_rows_name_refusals_that_exist() -> None:
    fallback = sign_in_sentences.sign_in_refused("sign_in_failed", provider="google")
    for trouble in TROUBLES:
        for code in trouble.refusals:
            assert sign_in_sentences.sign_in_refused(code, provider="google") != fallback


def test_error_that_stands_in_no_table_is_shown_and_nothing_else_is() -> None:
    assert trouble_of_refusal("sign_in_failed", "weird_error", provider="google") is None
    assert "weird_error" in words.unknown_error("weird_error", provider="google").text
    assert "<b>" not in words.unknown_error("<b>", provider="google").text
    assert "x" * 65 not in words.unknown_error("x" * 65, provider="google").text


def test_error_without_a_page_of_ours_still_finds_its_row() -> None:
    row = trouble_of_refusal("sign_in_failed", "invalid_scope", provider="google")
    assert row is not None
    assert row.key == "invalid-scope"


def test_waiting_is_advised_for_two_hours_after_an_upload() -> None:
    assert words.is_settling(NOW - timedelta(minutes=119), NOW)
    assert not words.is_settling(NOW - timedelta(hours=2), NOW)
    assert "12 minutes ago" in words.settling(NOW - timedelta(minutes=12), NOW)


def test_what_a_new_client_looks_like_until_it_is_in_effect() -> None:
    settling = {trouble.key for trouble in TROUBLES if trouble.may_settle}
    assert settling == {"redirect-uri-mismatch", "invalid-client"}
