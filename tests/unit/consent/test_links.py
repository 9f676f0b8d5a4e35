"""Links to pages, in mails and at the first start: what they prove, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from latesync.consent.links import (
    LinkClaim,
    MailClaim,
    consent_stamp,
    make_link_token,
    make_mail_token,
    make_setup_token,
    make_stop_token,
    read_agent_token,
    read_link_token,
    read_mail_token,
    read_setup_token,
    read_stop_token,
)
from latesync.errors import LinkExpired, WrongInput

KEY = "a key"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def a_token(key: str = KEY) -> str:
    return make_link_token(key, "site1", 7, 3, now=NOW)


def a_mail_token(key: str = KEY) -> str:
    return make_mail_token(key, "site1", 7, 3, account_id=12, consent=1_234_567, now=NOW)


def test_a_link_says_whose_it_is() -> None:
    assert read_link_token(KEY, a_token(), now=NOW) == LinkClaim("site1", 7, 3)


def test_a_link_lives_thirty_days() -> None:
    read_link_token(KEY, a_token(), now=NOW + timedelta(days=30))
    with pytest.raises(WrongInput, match="expired"):
        read_link_token(KEY, a_token(), now=NOW + timedelta(days=30, seconds=1))


def test_without_a_given_moment_the_clock_counts() -> None:
    assert read_link_token(KEY, make_link_token(KEY, "site1", 7, 3)).agent_id == 7


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é", a_token()[:-1], a_token("another key"), a_token() + "x"]
)
def test_a_changed_or_foreign_link_is_refused(token: str) -> None:
    with pytest.raises(WrongInput, match="ask for a new one"):
        read_link_token(KEY, token, now=NOW)


def test_a_set_up_link_names_its_site_and_lives_a_day() -> None:
    token = make_setup_token(KEY, "site1", now=NOW)
    assert read_setup_token(KEY, token, now=NOW) == "site1"
    with pytest.raises(WrongInput, match="expired"):
        read_setup_token(KEY, token, now=NOW + timedelta(days=2))


def test_a_mails_link_says_which_account_it_is_for_and_at_which_consent() -> None:
    assert read_mail_token(KEY, a_mail_token(), now=NOW) == MailClaim("site1", 7, 3, 12, 1_234_567)


def test_a_mails_link_lives_thirty_days() -> None:
    read_mail_token(KEY, a_mail_token(), now=NOW + timedelta(days=30))
    with pytest.raises(LinkExpired, match="newer message"):
        read_mail_token(KEY, a_mail_token(), now=NOW + timedelta(days=30, seconds=1))


def test_either_kind_of_an_agents_links_is_told_from_the_other() -> None:
    assert isinstance(read_agent_token(KEY, a_token(), now=NOW), LinkClaim)
    assert isinstance(read_agent_token(KEY, a_mail_token(), now=NOW), MailClaim)


@pytest.mark.parametrize("token", [a_token(), a_mail_token()])
def test_either_kind_is_said_to_have_expired(token: str) -> None:
    with pytest.raises(LinkExpired):
        read_agent_token(KEY, token, now=NOW + timedelta(days=31))


@pytest.mark.parametrize("token", ["", "x", "é", a_mail_token() + "x", a_mail_token("another key")])
def test_what_is_neither_kind_is_refused(token: str) -> None:
    with pytest.raises(WrongInput, match="incomplete or was changed"):
        read_agent_token(KEY, token, now=NOW)


def test_a_stop_link_names_whom_it_stops_and_never_expires() -> None:
    token = make_stop_token(KEY, "site1", "agent:3")
    assert read_stop_token(KEY, token) == ("site1", "agent:3")
    assert token == make_stop_token(KEY, "site1", "agent:3")


@pytest.mark.parametrize("token", ["", "x", "é", make_stop_token("another key", "site1", "agent:3")])
def test_a_changed_or_foreign_stop_link_is_refused(token: str) -> None:
    with pytest.raises(WrongInput, match="message"):
        read_stop_token(KEY, token)


def test_consents_a_microsecond_apart_are_two() -> None:
    assert consent_stamp(NOW + timedelta(microseconds=1)) == consent_stamp(NOW) + 1
    assert consent_stamp(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000
    assert consent_stamp(None) == 0


READERS: dict[str, Callable[[str], object]] = {
    "link": lambda token: read_link_token(KEY, token, now=NOW),
    "mail": lambda token: read_mail_token(KEY, token, now=NOW),
    "stop": lambda token: read_stop_token(KEY, token),
    "setup": lambda token: read_setup_token(KEY, token, now=NOW),
}
TOKENS = {
    "link": a_token(),
    "mail": a_mail_token(),
    "stop": make_stop_token(KEY, "site1", "agent:7"),
    "setup": make_setup_token(KEY, "site1", now=NOW),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", TOKENS)
def test_one_kind_of_link_does_not_pass_as_another(kind: str, reader: str) -> None:
    if kind == reader:
        READERS[reader](TOKENS[kind])
        return
    with pytest.raises(WrongInput):
        READERS[reader](TOKENS[kind])
