"""Every code has its sentence, every sentence names the remedy."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import latesync
from latesync import messages
from latesync.consent.google_sign_in import REFUSAL_CODES
from latesync.plan.failures import CLIENT_PROBLEMS, Problem
from latesync.plan.operations import Reason
from latesync.sentences import problem_sentences, sign_in_sentences
from latesync.sentences.provider_words import PROVIDERS
from latesync.times import Zone

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
BERLIN = Zone("Europe/Berlin")
ONLY_MICROSOFTS = {Problem.SECRET_EXPIRED, Problem.TENANT_MISMATCH, Problem.WRONG_PLATFORM}


def raised_codes() -> set[str]:
    """The first argument of every SignInRefused in the program."""
    codes = set()
    for path in Path(latesync.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "SignInRefused" and node.args:
                codes |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return codes


def test_every_refused_sign_in_has_a_page_of_its_own() -> None:
    fallback = sign_in_sentences.sign_in_refused("sign_in_failed", provider="google")
    codes = (raised_codes() | REFUSAL_CODES) - {"sign_in_failed"}
    assert len(codes) > 10
    pages = [sign_in_sentences.sign_in_refused(code, provider="google") for code in sorted(codes)]
    assert fallback not in pages
    assert len(set(pages)) == len(pages)


def test_unknown_refusal_still_says_what_to_do() -> None:
    assert "once more" in sign_in_sentences.sign_in_refused("something new", provider="google").text


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("problem", [problem.value for problem in Problem if problem not in ONLY_MICROSOFTS])
def test_every_problem_of_an_account_has_a_sentence(problem: str, provider: str) -> None:
    text = problem_sentences.account_problem(problem, name="Dana", provider=provider)
    assert "Something else" not in text
    assert problem not in text
    said = problem_sentences.outcome(problem, provider)
    assert said != problem.replace("_", " ") or problem in ("event_refused", *ONLY_MICROSOFTS)


@pytest.mark.parametrize("problem", sorted(CLIENT_PROBLEMS))
def test_every_problem_of_a_client_at_microsoft_says_what_to_do(problem: str) -> None:
    text = problem_sentences.client_problem(problem, "microsoft")
    assert "Something else" not in text
    assert "Google" not in text
    assert "Microsoft" in text or "Entra" in text


def test_where_nothing_is_set_up_one_sentence_names_both() -> None:
    text = problem_sentences.client_problem("no_client", "")
    assert "Google" in text
    assert "Microsoft" in text


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
def test_every_reason_of_a_plan_can_stand_after_because(reason: str) -> None:
    assert messages.reason(reason).startswith(("the ", "an ", "another "))


def test_unknown_problem_is_said_to_be_one_with_where_to_look() -> None:
    for text in (
        problem_sentences.account_problem("odd", name="Dana", provider="google"),
        messages.site_problem("odd"),
        problem_sentences.client_problem("odd", provider="google"),
    ):
        assert "odd" in text
        assert "latesync doctor" in text


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_age_is_told_in_one_unit(passed: timedelta, words: str) -> None:
    assert messages.age(NOW - passed, NOW) == words


@pytest.mark.parametrize(("hours", "soon"), [(49, False), (48, True), (1, True), (0, False), (-1, False)])
def test_renewal_is_asked_for_in_the_last_two_days(hours: int, soon: bool) -> None:
    assert messages.is_ending_soon(NOW + timedelta(hours=hours), NOW) is soon
    assert not messages.is_ending_soon(None, NOW)


def test_signed_out_agent_and_what_waits_for_them() -> None:
    assert "2 bookings wait" in problem_sentences.sign_in_needed("Dana", 2, provider="google")
    assert "1 booking waits" in problem_sentences.sign_in_needed("Dana", 1, provider="google")
    assert "wait" not in problem_sentences.sign_in_needed("Dana", 0, provider="google")
    assert "wait" not in problem_sentences.sign_in_needed("Dana", None, provider="google")
