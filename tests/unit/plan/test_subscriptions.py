"""When a provider is asked to tell of changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.plan.subscriptions import LIFE, Due, Step, may_be_told, plan_subscriptions

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_account_without_a_subscription_gets_one() -> None:
    assert plan_subscriptions([7], {}, {}, NOW) == [Due(7, Step.SUBSCRIBE)]


def test_one_that_lasts_is_left_alone() -> None:
    assert plan_subscriptions([7], {7: NOW + LIFE}, {}, NOW) == []


def test_one_that_ends_within_a_day_is_renewed() -> None:
    assert plan_subscriptions([7], {7: NOW + 23 * HOUR}, {}, NOW) == [Due(7, Step.RENEW)]


def test_one_that_has_ended_is_made_anew() -> None:
    assert plan_subscriptions([7], {7: NOW}, {}, NOW) == [Due(7, Step.SUBSCRIBE)]


def test_a_refusal_rests_for_some_hours() -> None:
    assert plan_subscriptions([7], {}, {7: NOW - 5 * HOUR}, NOW) == []
    assert plan_subscriptions([7], {}, {7: NOW - 6 * HOUR}, NOW) == [Due(7, Step.SUBSCRIBE)]


def test_what_is_asked_for_is_taken_under_either_limit() -> None:
    """microsoft-graph.md S1: 10,080 minutes, in older texts 4,230."""
    assert timedelta(minutes=45) < LIFE < timedelta(minutes=4230)


@pytest.mark.parametrize(
    ("base_url", "standin", "may"),
    [
        ("https://sync.example.com", False, True),
        ("http://sync.example.com", False, False),
        ("https://localhost:8080", False, False),
        ("http://localhost:8080", False, False),
        ("http://localhost:8080", True, True),
    ],
)
def test_only_an_address_the_provider_can_reach_is_named(base_url: str, standin: bool, may: bool) -> None:
    """microsoft-graph.md S2."""
    assert may_be_told(base_url, standin=standin) is may
