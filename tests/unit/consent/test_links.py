"""Personal and set-up links: what they prove, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.consent.links import (
    LinkClaim,
    make_link_token,
    make_setup_token,
    read_link_token,
    read_setup_token,
)
from latesync.errors import WrongInput

KEY = "a key"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def a_token(key: str = KEY) -> str:
    return make_link_token(key, "site1", 7, 3, now=NOW)


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


def test_one_kind_of_link_does_not_pass_as_the_other() -> None:
    with pytest.raises(WrongInput):
        read_setup_token(KEY, a_token(), now=NOW)
    with pytest.raises(WrongInput):
        read_link_token(KEY, make_setup_token(KEY, "site1", now=NOW), now=NOW)
