"""Nothing that is said of an account at one provider names the other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import latesync
from latesync.notify.alarm_letters import agent_alarm_letter
from latesync.notify.letters import Letter
from latesync.notify.reminder import ReminderValues, invitation_letter, reminder_letter
from latesync.notify.texts import LANGUAGES
from latesync.options import ResetEvents
from latesync.plan.consent import Step
from latesync.plan.failures import CLIENT_PROBLEMS, Problem
from latesync.sentences import (
    alarm_sentences,
    calendar_sentences,
    client_sentences,
    consent_sentences,
    explain_sentences,
    history_sentences,
    key_sentences,
    problem_sentences,
    reset_sentences,
    secret_sentences,
    sign_in_sentences,
)
from latesync.sentences.alarm_sentences import Wrong
from latesync.sentences.explain_sentences import BookingWords
from latesync.sentences.provider_words import PROVIDERS, companies, company
from latesync.sentences.sign_in_refusals import REFUSALS
from latesync.store.history import What
from latesync.times import Zone

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BERLIN = Zone("Europe/Berlin")
DETAIL: dict[str, str | int] = {"starts_at": "2026-11-24T09:00:00+00:00"}
OTHERS = {"google": ("Microsoft", "Outlook", "Entra"), "microsoft": ("Google", "Gmail")}
ONLY_MICROSOFTS = {Problem.SECRET_EXPIRED, Problem.TENANT_MISMATCH, Problem.WRONG_PLATFORM}


def of_problems(provider: str) -> list[str]:
    said = []
    for problem in Problem:
        if provider == "google" and problem in ONLY_MICROSOFTS:
            continue
        said += [
            problem_sentences.account_problem(problem, name="Dana", provider=provider),
            problem_sentences.own_problem(problem, provider),
            problem_sentences.outcome(problem, provider),
            problem_sentences.lasting_problem(problem, "Dana", "2 hours ago", 3, provider),
            problem_sentences.set_aside(7, problem, provider),
        ]
        if problem in CLIENT_PROBLEMS:
            said.append(problem_sentences.client_problem(problem, provider))
    return [
        *said,
        problem_sentences.client_problem("no_client", provider),
        problem_sentences.client_problem("secret_unreadable", provider),
        problem_sentences.sign_in_needed("Dana", 3, provider),
    ]


def of_consents(provider: str) -> list[str]:
    return [
        consent_sentences.renewal_due("Dana", NOW, BERLIN, provider),
        consent_sentences.new_client("Dana", provider),
        consent_sentences.long_unused("Dana", NOW, NOW, BERLIN, provider),
        *(
            secret_sentences.secret_ends(provider, TODAY + timedelta(days=left), TODAY)
            for left in ((30, 1, 0, -3) if provider == "microsoft" else ())
        ),
    ]


def of_history(provider: str) -> list[str]:
    return [
        history_sentences.entry_text(what.value, why, result, DETAIL, BERLIN, provider)
        for what in What
        for why in ("booking cancelled", "")
        for result in ("refused", "invalid", "forbidden", "oddity", "")
    ]


def of_resets_and_sharing(provider: str) -> list[str]:
    return [
        reset_sentences.signed_out(provider),
        reset_sentences.waits_for_sign_in(provider),
        reset_sentences.stuck_leaving(3, provider),
        reset_sentences.progress(ResetEvents.KEEP, "waiting", 0, 3, 0, provider),
        calendar_sentences.sharing(["Dana", "Ben"], provider),
        calendar_sentences.own_sharing(["Ben"], provider),
        sign_in_sentences.shared_account(2, provider),
        key_sentences.sign_ins_must_be_renewed(["Dana"], lost_clients=[provider]),
    ]


def of_answers(provider: str) -> list[str]:
    words = [
        BookingWords("Dana", BERLIN, NOW, case, operation="adopt", problem="invalid", provider=provider)
        for case in sorted(explain_sentences.CASES)
    ]
    said = [explain_sentences.booking_answer(one, 7) for one in words]
    waits = [
        explain_sentences.waits(code, "Dana", "", provider=provider)
        for code in sorted(explain_sentences.WAITS)
    ]
    return [text for one in said for text in (one.title, one.text)] + waits


def of_sign_ins(provider: str) -> list[str]:
    codes = {*sign_in_sentences._SIGN_INS, *REFUSALS[provider], "other_identity"}
    pages = [sign_in_sentences.sign_in_refused(code, "d…@x.example", provider=provider) for code in codes]
    return [text for page in pages for text in (page.title, page.text)]


def of_alarms(provider: str) -> list[str]:
    kinds = {"google": ["client_refused"], "microsoft": ["app_refused"]}[provider]
    said = []
    for kind in (*kinds, "daily_limit", "bookings_wait", "plugin_silent"):
        wrong = Wrong(kind, NOW - timedelta(hours=1), cause="client_rejected", name="Dana", provider=provider)
        alarm = alarm_sentences.alarm(wrong, NOW, BERLIN)
        over = alarm_sentences.all_clear(kind, NOW, BERLIN, name="Dana")
        said += [alarm.title, alarm.text, over.title, over.text]
    return said


def of_clients(provider: str) -> list[str]:
    names = ["Dana"]
    return [
        *client_sentences.replacement_lines(
            "same_client", unnoticed=names, sign_in_again=names, cut_off=names, provider=provider
        ),
        client_sentences.question("first", provider).title,
        client_sentences.replaced("first", (), provider),
        client_sentences.no_client_yet(provider),
        *(client_sentences.provider_says(provider, verdict, "x") for verdict in ("accepted", "refused", "?")),
    ]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "sentences",
    [
        of_problems,
        of_consents,
        of_history,
        of_resets_and_sharing,
        of_answers,
        of_sign_ins,
        of_alarms,
        of_clients,
    ],
)
def test_no_sentence_about_one_provider_names_the_other(
    sentences: Callable[[str], list[str]], provider: str
) -> None:
    said = sentences(provider)
    assert said
    wrong = [text for text in said for name in OTHERS[provider] if name in text]
    assert wrong == []
    assert [text for text in said if "{" in text or "}" in text] == []


def words(letter: Letter) -> str:
    label = letter.button.label if letter.button else ""
    return " ".join((letter.subject, *letter.paragraphs, *letter.footer, label))


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_say_sign_in_with_microsoft_where_it_is(language: str) -> None:
    values = ReminderValues(
        "Dana Reyes", "Salon Linden", "Microsoft", email="d@x.example", ends_at=NOW, ended_at=NOW, waiting=2
    )
    url = "https://sync.example/connect/x"
    letters = [
        reminder_letter(step, values, language=language, zone=BERLIN, template=None, url=url) for step in Step
    ]
    letters.append(invitation_letter(values, language=language, zone=BERLIN, template=None, url=url))
    letters.append(agent_alarm_letter(values, language=language, zone=BERLIN, url=url))
    for letter in letters:
        assert "Google" not in words(letter)
        assert letter.button is not None
        assert "Microsoft" in letter.button.label


def test_an_agent_who_may_choose_is_told_both_names_in_any_language() -> None:
    assert companies(PROVIDERS) == "Google / Microsoft"
    assert company("microsoft") == "Microsoft"


def test_a_sign_in_whose_account_is_forgotten_names_nobody() -> None:
    text = history_sentences.entry_text("signed_out", "", "", {}, BERLIN)
    assert text == "The calendar’s provider no longer accepted the sign-in."


def providers_by_default() -> Iterator[str]:
    """Where a parameter or a field takes a provider by itself, as module:line."""
    package = Path(latesync.__file__).parent
    for path in package.rglob("*.py"):
        if "sandbox" in path.relative_to(package).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name, default in defaults_of(node):
                if name == "provider" and ast.unparse(default).strip("'").lower().endswith(PROVIDERS):
                    yield f"{path.relative_to(package)}:{default.lineno}"


def defaults_of(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.arguments):
        placed = [*node.posonlyargs, *node.args]
        first = len(placed) - len(node.defaults)
        yield from ((each.arg, default) for each, default in zip(placed[first:], node.defaults, strict=True))
        for each, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            if default is not None:
                yield each.arg, default
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def test_whoever_forgets_the_provider_is_told_by_the_type_checker() -> None:
    assert list(providers_by_default()) == []


@pytest.mark.parametrize(
    "written",
    [
        'def said(code: str, provider: str = "google") -> str: ...',
        "def said(*, provider: str = Provider.GOOGLE) -> str: ...",
        'class Words:\n    provider: str = "microsoft"',
    ],
)
def test_a_default_is_seen_wherever_it_stands(written: str) -> None:
    found = [pair for node in ast.walk(ast.parse(written)) for pair in defaults_of(node)]
    ((name, default),) = found
    assert name == "provider"
    assert ast.unparse(default).strip("'").lower().endswith(PROVIDERS)
