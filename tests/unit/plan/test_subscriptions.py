"""When a provider is asked to tell of changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.plan.subscriptions import (
    BETWEEN_RENEWALS,
    LIFE,
    Due,
    Step,
    Told,
    may_be_told,
    plan_subscriptions,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def due(*accounts: Told, rests: datetime | None = None, renewed: datetime | None = None) -> list[Due]:
    """rests, renewed: of account 7."""
    return plan_subscriptions(accounts, {7: rests} if rests else {}, {7: renewed} if renewed else {}, NOW)


def told(account_id: int = 7, ends_at: datetime | None = None, **changes: object) -> Told:
    values: dict[str, object] = {"mailbox": f"person {account_id}", **changes}
    return Told(account_id, ends_at=ends_at, **values)  # type: ignore[arg-type]


def test_an_account_without_a_subscription_gets_one() -> None:
    assert due(told()) == [Due(7, Step.SUBSCRIBE)]


def test_one_that_lasts_is_left_alone() -> None:
    assert due(told(ends_at=NOW + LIFE)) == []


def test_one_that_ends_within_a_day_is_renewed() -> None:
    assert due(told(ends_at=NOW + 23 * HOUR)) == [Due(7, Step.RENEW)]


def test_one_that_has_ended_is_made_anew() -> None:
    assert due(told(ends_at=NOW)) == [Due(7, Step.SUBSCRIBE)]


def test_one_that_tells_a_former_address_of_ours_is_replaced() -> None:
    assert due(told(ends_at=NOW + LIFE, tells_us=False)) == [Due(7, Step.REPLACE)]


def test_whoever_rests_is_not_asked() -> None:
    assert due(told(), rests=NOW + MINUTE) == []
    assert due(told(), rests=NOW) == [Due(7, Step.SUBSCRIBE)]


def test_a_provider_that_grants_less_than_a_day_is_not_asked_all_the_time() -> None:
    """microsoft-graph.md S1: it may choose an earlier end; S5: not twice within ten minutes."""
    short = told(ends_at=NOW + 40 * MINUTE)
    assert timedelta(minutes=10) < BETWEEN_RENEWALS < timedelta(minutes=45)
    assert due(short, renewed=NOW - BETWEEN_RENEWALS + MINUTE) == []
    assert due(short, renewed=NOW - BETWEEN_RENEWALS) == [Due(7, Step.RENEW)]


def test_a_renewal_in_the_future_of_a_clock_that_was_set_back_stops_nothing() -> None:
    assert due(told(ends_at=NOW + HOUR), renewed=NOW + 5 * HOUR) == [Due(7, Step.RENEW)]


def test_a_subscription_that_was_lost_after_a_renewal_is_made_anew_at_once() -> None:
    assert due(told(), renewed=NOW) == [Due(7, Step.SUBSCRIBE)]


def test_of_two_accounts_with_one_mailbox_one_is_told() -> None:
    """microsoft-graph.md S6: a second subscription of the same is refused."""
    two = [told(8, mailbox="salon"), told(7, mailbox="salon")]
    assert due(*two) == [Due(7, Step.SUBSCRIBE)]
    assert due(told(8, mailbox="salon", ends_at=NOW + LIFE), told(7, mailbox="salon")) == []
    ended = told(8, mailbox="salon", ends_at=NOW + LIFE, tells_us=False)
    assert due(ended, told(7, mailbox="salon", ends_at=NOW + LIFE)) == []


def test_what_is_asked_for_is_taken_under_either_limit() -> None:
    """microsoft-graph.md S1: 10,080 minutes, in older texts 4,230."""
    assert timedelta(minutes=45) < LIFE < timedelta(minutes=4230)


@pytest.mark.parametrize(
    ("base_url", "standin", "may"),
    [
        ("https://sync.example.com", False, True),
        ("https://sync.example.com:8443/latesync", False, True),
        ("https://93.184.215.14", False, True),
        ("http://sync.example.com", False, False),
        ("https://localhost:8080", False, False),
        ("https://127.0.0.2", False, False),
        ("https://[::1]:8080", False, False),
        ("https://192.168.1.20", False, False),
        ("https://nas", False, False),
        ("https://salon.local", False, False),
        ("http://localhost:8080", False, False),
        ("http://localhost:8080", True, True),
    ],
)
def test_only_an_address_the_provider_can_reach_is_named(base_url: str, standin: bool, may: bool) -> None:
    """microsoft-graph.md S2."""
    assert may_be_told(base_url, standin=standin) is may
