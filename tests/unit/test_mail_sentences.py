"""Sentences about mails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from latesync.plan.consent import Step
from latesync.sentences.mail_sentences import end_of, last_mail, mail_problem, subject_of
from latesync.times import Zone

AT = datetime(2026, 11, 27, 13, 5, tzinfo=UTC)


def test_the_last_mail_to_somebody_is_told_in_the_sites_time() -> None:
    assert last_mail("reminder", "one_day", "sent", AT, Zone("Europe/Berlin")) == (
        "Last mail to this person, Fri 27 Nov, 14:05: the sign-in ends within a day (sent)."
    )


@pytest.mark.parametrize("step", [step.value for step in Step])
def test_every_step_is_said_in_words(step: str) -> None:
    assert subject_of("reminder", step) != step
    assert "_" not in subject_of("reminder", step)


@pytest.mark.parametrize(
    "ended_as",
    ["renewed", "superseded", "disconnected", "needless", "expired", "stopped", "no_mail", "no_address",
     "address_refused"],
)  # fmt: skip
def test_every_end_without_a_mail_says_so(ended_as: str) -> None:
    assert end_of(ended_as).startswith("not ")


def test_a_mail_that_waits_is_said_to() -> None:
    assert end_of(None) == "waits to be sent"


@pytest.mark.parametrize(
    "code", ["no_answer", "login", "site_unavailable", "mail_server_unreadable", "internal_error"]
)
def test_a_problem_is_told_with_what_follows(code: str) -> None:
    assert mail_problem(code).endswith(".")
    assert code not in mail_problem(code)
