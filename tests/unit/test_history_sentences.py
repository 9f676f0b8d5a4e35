"""Every entry of the history, and every answer, is said in words."""

from __future__ import annotations

import pytest

from latesync.plan.explain import Case
from latesync.plan.operations import Reason
from latesync.sentences.explain_sentences import CASES, BookingWords, booking_answer, next_try
from latesync.sentences.history_sentences import dated, entry_text, refused_because, what_words
from latesync.store.history import What
from tests.builders.plan import BERLIN, utc

NOW = utc("2026-11-20 13:05")
TEN = {"starts_at": "2026-11-24T09:00:00+00:00", "ends_at": "2026-11-24T10:00:00+00:00"}


def said(what: str, why: str = "", result: str = "", **detail: str | int) -> str:
    return entry_text(what, why, result, detail, BERLIN, "google")


@pytest.mark.parametrize("what", list(What))
def test_every_kind_of_entry_has_a_sentence_and_shows_no_code(what: What) -> None:
    text = said(what)
    assert text.endswith(".")
    assert what.value not in text.replace(" ", "_") or "_" not in what.value
    assert what_words(what)


AT_TEN = "for Tue 24 Nov, 10:00"


@pytest.mark.parametrize(
    ("what", "why", "result", "expected"),
    [
        ("event_created", "new booking", "", f"Written into the calendar {AT_TEN}: the booking is new."),
        (
            *("event_deleted", "booking cancelled", ""),
            f"Taken out of the calendar {AT_TEN}: the booking was cancelled.",
        ),
        ("event_deleted", "reset", "", f"Taken out of the calendar {AT_TEN}: the calendar begins anew."),
        (
            *("event_deleted", "reset", "refused"),
            f"Google did not let its event {AT_TEN} be taken out: the calendar begins anew.",
        ),
        ("event_let_go", "past", "", "It is over; its event stays in the calendar as history."),
        (
            *("event_set_aside", "new booking", "invalid"),
            f"Not written {AT_TEN}, and set aside: Google did not accept one of its times or texts.",
        ),
        ("drift_seen", "deleted", "", f"The event {AT_TEN} was deleted in the calendar."),
    ],
)
def test_entry_says_what_to_when_and_why(what: str, why: str, result: str, expected: str) -> None:
    assert said(what, why, result, **TEN) == expected


def test_moved_event_says_from_where_to_where() -> None:
    text = said("drift_seen", "edited", **TEN, was_starts_at="2026-11-23T09:00:00+00:00")
    assert text == "The event was moved in the calendar, from Mon 23 Nov, 10:00 to Tue 24 Nov, 10:00."


def test_what_may_have_been_our_own_doing_is_not_said_to_be_the_agents() -> None:
    assert "LateSync’s own, unconfirmed change" in said("drift_seen", "edited", "unanswered", **TEN)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("plan_held", "A change waits for the owner, being one of unusually many at once"),
        ("plan_released", "The owner let a change go on that had waited"),
        ("plan_rejected", "The owner refused a change that had waited"),
    ],
)
def test_held_change_is_told_with_its_reason(what: str, text: str) -> None:
    assert said(what, "booking cancelled", operation="delete") == f"{text}: the booking was cancelled."


def test_comparison_says_how_much_differed() -> None:
    """users-ask.md U15."""
    assert "3 differences found and mended" in said("compared", events_wrong=1, busy_wrong=2, form_wrong=0)
    assert "all agree" in said("compared")


def test_code_of_google_s_nobody_knows_is_shown_as_one() -> None:
    """users-ask.md U10: "other" is said as such."""
    assert refused_because("eventTypeRestriction", "google") == "Google said “eventTypeRestriction”"
    assert refused_because("ErrorOddity", "microsoft") == "Microsoft said “ErrorOddity”"


@pytest.mark.parametrize("detail", [{"starts_at": "soon"}, {"starts_at": 5}, {}])
def test_entry_without_a_readable_time_is_said_without_it(detail: dict[str, str | int]) -> None:
    text = entry_text("event_created", "new booking", "", detail, BERLIN)
    assert text == "Written into the calendar: the booking is new."


def test_last_years_date_carries_its_year() -> None:
    assert dated(utc("2026-11-20 13:05"), NOW, BERLIN) == "Fri 20 Nov, 14:05"
    assert dated(utc("2025-11-20 13:05"), NOW, BERLIN) == "Thu 20 Nov 2025, 14:05"


# --- the answers ------------------------------------------------------------------------------


def test_every_case_has_its_answer() -> None:
    assert set(CASES) == set(Case)


@pytest.mark.parametrize("case", list(Case))
def test_every_answer_names_something_in_a_whole_sentence(case: Case) -> None:
    words = BookingWords(
        "Dana", BERLIN, NOW, case, status="no_show", wanted=["approved"], leader=5, provider="google"
    )
    answer = booking_answer(words, 7)
    assert answer.title.endswith(".")
    assert "None" not in f"{answer.title} {answer.text}"


@pytest.mark.parametrize(
    "operation", ["create", "adopt", "update", "delete", "retire", "move booking", "cancel booking"]
)
@pytest.mark.parametrize("reason", list(Reason))
def test_what_is_due_is_said_with_the_plans_reason(operation: str, reason: Reason) -> None:
    words = BookingWords(
        "Dana", BERLIN, NOW, "due", operation=operation, reason=reason.value, provider="google"
    )
    answer = booking_answer(words, 7)
    assert answer.title.endswith(".")
    assert answer.text.startswith("Why: ") or (operation, reason) == ("retire", Reason.PAST)


def test_next_try_says_when_and_how_often_it_failed() -> None:
    """users-ask.md U12."""
    later = utc("2026-11-20 14:00")
    assert (
        next_try(later, 3, BERLIN, NOW) == "LateSync tries again on Fri 20 Nov, 15:00. 3 tries failed so far."
    )
    assert next_try(None, 0, BERLIN, NOW) == "It is due now: LateSync does it within seconds."
