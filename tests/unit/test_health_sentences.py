from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.plan.alarms import Kind
from latesync.sentences import alarm_sentences, health_sentences
from latesync.sentences.alarm_sentences import Wrong
from latesync.times import Zone

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
BERLIN = Zone("Europe/Berlin")
OWNERS = [kind for kind in Kind if kind is not Kind.CALENDAR_LOST]


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (3, "0.1 s"),
        (1234, "1.2 s"),
        (9960, "10 s"),
        (34_000, "34 s"),
        (130_000, "2 min"),
        (9_000_000, "2.5 h"),
    ],
)
def test_delays_read_in_the_unit_that_fits(milliseconds: int, words: str) -> None:
    assert health_sentences.duration(milliseconds) == words


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (0, "In the last 24 hours no booking changed while LateSync watched, so nothing was measured."),
        (1, "Bookings reached calendars in 1.2 s (the only one in the last 24 hours)."),
        (19, "Bookings reached calendars in 1.2 s (all 19 in the last 24 hours)."),
        (1200, "Bookings reached calendars in 1.2 s (95 of 100, 1,200 measured in the last 24 hours)."),
    ],
)
def test_the_promise_says_what_it_rests_on(measured: int, words: str) -> None:
    assert health_sentences.bookings_arrived(1234, measured) == words


@pytest.mark.parametrize("kind", OWNERS)
def test_every_alarm_of_the_owners_says_what_is_wrong_and_that_it_is_over(kind: Kind) -> None:
    cause = "2026-11-27" if kind is Kind.SECRET_ENDS else "provider_unavailable"
    wrong = Wrong(
        kind, NOW - timedelta(minutes=40), count=2, cause=cause, name="Dana Reyes", provider="google"
    )
    said = alarm_sentences.alarm(wrong, NOW, BERLIN)
    assert said.title != "something needs you"
    assert "Something else is wrong" not in said.text or kind in (
        "site_unreachable",
        "client_refused",
        "app_refused",
    )
    assert "{" not in said.text
    over = alarm_sentences.all_clear(kind, NOW, BERLIN, name="Dana Reyes")
    assert "What was wrong" not in over.text
    assert "Fri 20 Nov, 14:05" in over.text


def test_waiting_bookings_are_told_with_their_number_and_time() -> None:
    """users-ask.md U14."""
    wrong = Wrong(
        "bookings_wait", NOW - timedelta(minutes=40), count=2, cause="provider_unavailable", provider="google"
    )
    said = alarm_sentences.alarm(wrong, NOW, BERLIN)
    assert said.text.startswith("2 bookings have waited for 40 minutes (Google did not answer).")


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(0), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_what_lasts_is_told_in_one_unit(passed: timedelta, words: str) -> None:
    assert alarm_sentences.lasting(NOW - passed, NOW) == words
