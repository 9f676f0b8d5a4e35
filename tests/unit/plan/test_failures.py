"""Law L8: every failure ends with one answer to "who acts next?"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from latesync import errors
from latesync.errors import LateSyncError
from latesync.plan.failures import (
    CLIENT_PROBLEMS,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    LOST_KEY_PAUSE,
    OPERATOR_PAUSE,
    TOKEN_LIFE,
    USAGE_PAUSE,
    Problem,
    Verdict,
    Who,
    client_problem,
    client_works_for_others,
    pause_after,
    who_acts_next,
)
from latesync.sentences.problem_sentences import account_problem
from latesync.sentences.problem_sentences import client_problem as problem_sentence

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

ARGUMENTS: dict[str, tuple[object, ...]] = {
    "ConfigurationInvalid": (["something"],),
    "SchemaNotUnderstood": (["wp_latepoint_bookings.status"],),
    "BridgeTableMissing": ("wp_latesync_busy",),
    "SignInRefused": ("declined",),
    "MessageRefused": ("clock",),
}


def every_error() -> Iterator[LateSyncError]:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, LateSyncError):
            default = ("google",) if issubclass(kind, errors.ProviderError) else ()
            yield kind(*ARGUMENTS.get(kind.__name__, default))


def verdict_of(error: LateSyncError, *, failures: int = 1, spread: float = 0.0) -> Verdict:
    return who_acts_next(error, now=NOW, failures=failures, spread=spread)


@pytest.mark.parametrize("error", list(every_error()), ids=lambda error: type(error).__name__)
def test_every_error_ends_in_one_answer(error: LateSyncError) -> None:
    verdict = verdict_of(error)
    assert isinstance(verdict.who, Who)
    assert isinstance(verdict.problem, Problem)
    if verdict.who is Who.MACHINE:
        assert verdict.retry_at is not None
        assert verdict.retry_at > NOW


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_sentence_of_its_own(problem: Problem) -> None:
    assert problem.value not in account_problem(problem.value, name="Dana", provider="microsoft")


@pytest.mark.parametrize(
    ("error", "who", "problem"),
    [
        (errors.AuthorizationLost("google"), Who.AGENT, Problem.SIGN_IN_AGAIN),
        (errors.AuthorizationLost("microsoft", reason="AADSTS700082"), Who.AGENT, Problem.SIGN_IN_AGAIN),
        (errors.AuthorizationLost("microsoft", reason="AADSTS53003"), Who.OPERATOR, Problem.ORG_BLOCKED),
        (errors.ClientRejected("microsoft", reason="AADSTS90002"), Who.OPERATOR, Problem.TENANT_MISMATCH),
        (errors.ClientRejected("microsoft", reason="AADSTS7000222"), Who.OPERATOR, Problem.SECRET_EXPIRED),
        (errors.CalendarLost("google"), Who.AGENT, Problem.CALENDAR_LOST),
        (errors.ClientRejected("google"), Who.OPERATOR, Problem.CLIENT_REJECTED),
        (errors.SecretUnreadable(), Who.OPERATOR, Problem.SECRET_UNREADABLE),
        (errors.SchemaNotUnderstood(["a.b"]), Who.OPERATOR, Problem.SCHEMA_NOT_UNDERSTOOD),
        (errors.BridgeTableMissing("t"), Who.OPERATOR, Problem.BRIDGE_TABLE_MISSING),
        (errors.BridgeRejected("key"), Who.OPERATOR, Problem.PLUGIN_REJECTED),
        (errors.EventRefused("google"), Who.NOBODY, Problem.EVENT_REFUSED),
        (errors.UsageLimited("google"), Who.MACHINE, Problem.USAGE_LIMITED),
        (errors.UsageLimited("google", reason="dailyLimitExceeded"), Who.OPERATOR, Problem.DAILY_LIMIT),
        (errors.ClientRejected("google", reason="accessNotConfigured"), Who.OPERATOR, Problem.API_DISABLED),
        (errors.RateLimited("google"), Who.MACHINE, Problem.RATE_LIMITED),
        (errors.RateLimited("google", retry_at=NOW), Who.MACHINE, Problem.RATE_LIMITED),
        (errors.SyncTokenExpired("google"), Who.MACHINE, Problem.PROVIDER_UNAVAILABLE),
        (errors.ProviderUnavailable("google"), Who.MACHINE, Problem.PROVIDER_UNAVAILABLE),
        (errors.SiteUnavailable(), Who.MACHINE, Problem.SITE_UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, LateSyncError) else "",
)
def test_who_acts_next(error: LateSyncError, who: Who, problem: Problem) -> None:
    verdict = verdict_of(error)
    assert (verdict.who, verdict.problem) == (who, problem)


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("invalid_client", Problem.CLIENT_REJECTED),
        ("deleted_client", Problem.CLIENT_DELETED),
        ("disabled_client", Problem.CLIENT_DELETED),
        ("unauthorized_client", Problem.CLIENT_UNAUTHORIZED),
        ("SERVICE_DISABLED", Problem.API_DISABLED),
        ("CONSUMER_SUSPENDED", Problem.PROJECT_CLOSED),
        ("admin_policy_enforced", Problem.ORG_BLOCKED),
        ("domainPolicy", Problem.ORG_BLOCKED),
        ("org_internal", Problem.ORG_INTERNAL),
        ("redirect_uri_mismatch", Problem.REDIRECT_MISMATCH),
        ("invalid_scope", Problem.REQUEST_REFUSED),
        ("something new", Problem.CLIENT_REJECTED),
    ],
)
def test_a_refused_client_is_the_operators_and_each_cause_has_its_own_click(
    reason: str, problem: Problem
) -> None:
    verdict = verdict_of(errors.ClientRejected("google", reason=reason))
    assert (verdict.who, verdict.problem) == (Who.OPERATOR, problem)
    assert problem in CLIENT_PROBLEMS
    others = {problem_sentence(each, "google") for each in CLIENT_PROBLEMS - {problem}}
    assert client_problem(reason) is problem
    assert problem_sentence(problem, "google") not in others


@pytest.mark.parametrize(
    "reason", ["invalid_client", "deleted_client", "unauthorized_client", "SERVICE_DISABLED"]
)
def test_a_refused_client_that_is_out_of_use_asks_for_a_new_sign_in(reason: str) -> None:
    error = errors.ClientRejected("google", reason=reason)
    verdict = who_acts_next(error, now=NOW, failures=1, spread=0.0, new_sign_in_helps=True)
    assert verdict == Verdict(Who.AGENT, Problem.SIGN_IN_AGAIN, None)


def test_a_request_of_ours_that_google_refuses_signs_nobody_out() -> None:
    error = errors.ClientRejected("google", reason="invalid_scope")
    verdict = who_acts_next(error, now=NOW, failures=1, spread=0.0, new_sign_in_helps=True)
    assert (verdict.who, verdict.problem) == (Who.OPERATOR, Problem.REQUEST_REFUSED)


def test_a_client_works_for_others_only_when_no_old_token_can_explain_it() -> None:
    assert client_works_for_others(NOW, NOW + TOKEN_LIFE + timedelta(seconds=1))
    assert not client_works_for_others(NOW, NOW + TOKEN_LIFE)
    assert not client_works_for_others(NOW, None)
    assert not client_works_for_others(None, NOW)


def test_lost_consent_waits_for_the_agent_alone() -> None:
    assert verdict_of(errors.AuthorizationLost("google")).retry_at is None


@pytest.mark.parametrize(
    "error",
    [errors.ClientRejected("google"), errors.BridgeTableMissing("t"), errors.SchemaNotUnderstood(["a.b"])],
    ids=lambda error: type(error).__name__,
)
def test_what_the_operator_mends_is_noticed_without_a_restart(error: LateSyncError) -> None:
    retries = [verdict_of(error, failures=failures, spread=1.0).retry_at for failures in (1, 3, 1000)]
    for retry_at in retries:
        assert retry_at is not None
        assert NOW < retry_at <= NOW + OPERATOR_PAUSE
    assert retries[-1] == NOW + OPERATOR_PAUSE


def test_rate_limit_waits_as_long_as_the_provider_asks() -> None:
    error = errors.RateLimited("google", retry_at=NOW + timedelta(minutes=7))
    assert verdict_of(error).retry_at == NOW + timedelta(minutes=7)
    assert verdict_of(error, spread=1.0).retry_at == NOW + timedelta(minutes=7) + FIRST_PAUSE


def test_rate_limit_that_is_over_already_is_not_in_the_past() -> None:
    error = errors.RateLimited("google", retry_at=NOW - timedelta(hours=1))
    assert verdict_of(error).retry_at == NOW


def test_rate_limit_without_a_time_backs_off() -> None:
    first, fourth = (verdict_of(errors.RateLimited("google"), failures=n).retry_at for n in (1, 4))
    assert first is not None
    assert fourth is not None
    assert fourth - NOW == 8 * (first - NOW)


def test_spent_usage_waits_an_hour_or_two() -> None:
    assert verdict_of(errors.UsageLimited("google")).retry_at == NOW + USAGE_PAUSE
    assert verdict_of(errors.UsageLimited("google"), spread=1.0).retry_at == NOW + 2 * USAGE_PAUSE


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_pause_grows_and_is_never_longer_than_a_quarter_of_an_hour(spread: float) -> None:
    pauses = [pause_after(failures, spread) for failures in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE


def test_pause_without_a_failure_is_the_first() -> None:
    assert pause_after(0, 1.0) == pause_after(1, 1.0) == FIRST_PAUSE


def test_very_many_failures_are_no_problem() -> None:
    assert pause_after(10**9, 1.0) == LONGEST_PAUSE


def test_accounts_that_fail_together_do_not_come_back_together() -> None:
    assert pause_after(5, 0.1) != pause_after(5, 0.9)


def test_a_lost_key_is_not_tried_again_and_again() -> None:
    """Only the agent's new sign-in or the old key heals it, and both make the account due at once."""
    verdict = who_acts_next(errors.SecretUnreadable(), now=NOW, failures=1, spread=0.0)
    assert verdict.retry_at is not None
    assert verdict.retry_at - NOW >= timedelta(hours=6)


@pytest.mark.parametrize(
    ("error", "earliest", "latest"),
    [
        (errors.CalendarLost("google"), LONGEST_PAUSE, LONGEST_PAUSE),
        (errors.SecretUnreadable(), LOST_KEY_PAUSE, 2 * LOST_KEY_PAUSE),
        (errors.UsageLimited("google"), USAGE_PAUSE, 2 * USAGE_PAUSE),
        (errors.UsageLimited("google", reason="dailyLimitExceeded"), USAGE_PAUSE, 2 * USAGE_PAUSE),
        (errors.SyncTokenExpired("google"), FIRST_PAUSE, FIRST_PAUSE),
        (errors.BridgeRejected("key"), FIRST_PAUSE / 2, FIRST_PAUSE),
        (errors.BridgeTableMissing("t"), FIRST_PAUSE / 2, FIRST_PAUSE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, LateSyncError) else "",
)
def test_each_cause_is_tried_again_at_its_own_time(
    error: LateSyncError, earliest: timedelta, latest: timedelta
) -> None:
    assert verdict_of(error, spread=0.0).retry_at == NOW + earliest
    assert verdict_of(error, spread=1.0).retry_at == NOW + latest


def test_a_lost_sync_token_is_asked_for_anew_at_once_however_often_the_account_failed() -> None:
    assert verdict_of(errors.SyncTokenExpired("google"), failures=9).retry_at == NOW + FIRST_PAUSE
