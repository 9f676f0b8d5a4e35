"""What an app's sign-ins tell of how it is published at Google."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from latesync.options import Publishing
from latesync.past_consent import PastConsent
from latesync.plan.consent import WEEK
from latesync.plan.publishing import Judgement, infer_end, judge
from latesync.sentences.consent_sentences import judgement_words
from tests.builders.plan import utc

TESTING, PRODUCTION, INTERNAL = Publishing.TESTING, Publishing.PRODUCTION, Publishing.INTERNAL
START = utc("2026-11-01 09:00")
ANNA, BEN, CARO = 1, 2, 3


def on_day(number: float) -> datetime:
    return START + timedelta(days=number)


def a_consent(
    given: float,
    *,
    agent: int = ANNA,
    told: timedelta | None = None,
    ended: float | None = None,
    by: str = "refused",
) -> PastConsent:
    """given, ended: days after the start. It is held now unless it ended."""
    return PastConsent(
        account_id=10 * agent,
        agent_id=agent,
        consented_at=on_day(given),
        told_ends_at=None if told is None else on_day(given) + told,
        ended_at=None if ended is None else on_day(ended),
        ended_by=None if ended is None else by,
        is_current=ended is None,
    )


NAMED = timedelta(seconds=604_799)


@pytest.mark.parametrize(
    ("history", "now", "seen"),
    [
        ([], 0, None),
        ([a_consent(0)], 1, None),
        ([a_consent(0, told=NAMED)], 1, TESTING),
        ([a_consent(0, told=NAMED - timedelta(minutes=50))], 1, TESTING),
        ([a_consent(0, told=timedelta(days=30))], 40, None),  # a grant with a limit of its own
        ([a_consent(0, told=timedelta(days=7, hours=2))], 40, None),
        ([a_consent(0, told=timedelta(days=7, hours=1))], 1, TESTING),
        ([a_consent(0, ended=6.4)], 7, None),  # withdrawn, perhaps
        ([a_consent(0, ended=6.5)], 7, TESTING),
        ([a_consent(0, ended=7.02)], 8, TESTING),
        ([a_consent(0, ended=8)], 9, TESTING),
        ([a_consent(0, ended=9)], 10, None),  # nobody looked for days: dead since when?
        ([a_consent(0, ended=7, by="disconnected")], 8, None),
        ([a_consent(0, ended=7, by="replaced")], 8, None),
        ([a_consent(0)], 8, None),
        ([a_consent(0)], 8.1, PRODUCTION),
        ([a_consent(0, ended=20, by="replaced")], 21, PRODUCTION),
    ],
)
def test_what_one_sign_in_tells(history: list[PastConsent], now: float, seen: Publishing | None) -> None:
    assert judge(None, history, on_day(now)).seen is seen


@pytest.mark.parametrize(
    ("history", "now", "seen"),
    [
        # An end was named earlier and none is now: published in between.
        ([a_consent(0, told=NAMED), a_consent(3, agent=BEN)], 3.1, PRODUCTION),
        # … and back to testing.
        ([a_consent(0), a_consent(20, agent=BEN, told=NAMED)], 21, TESTING),
        # The first died on day 7, the second outlived it.
        ([a_consent(0, ended=7), a_consent(7)], 8, TESTING),
        ([a_consent(0, ended=7), a_consent(7)], 16, PRODUCTION),
        # None was named, and it died after a week all the same.
        ([a_consent(0, told=NAMED, ended=7), a_consent(7, ended=14)], 15, TESTING),
    ],
)
def test_the_newest_evidence_counts(history: list[PastConsent], now: float, seen: Publishing) -> None:
    assert judge(None, history, on_day(now)).seen is seen
    assert judge(None, list(reversed(history)), on_day(now)).seen is seen


TOLD = (a_consent(0, told=NAMED),)
LASTING = (a_consent(-30),)
MIDWAY = (a_consent(0, told=NAMED), a_consent(3, agent=BEN))


@pytest.mark.parametrize(
    ("said", "history", "code", "testing"),
    [
        (None, (), "unknown", False),
        (TESTING, (), "testing", True),
        (PRODUCTION, (), "said_published", False),
        (INTERNAL, (), "said_published", False),
        (None, TOLD, "testing_not_said", True),
        (TESTING, TOLD, "testing", True),
        (PRODUCTION, TOLD, "said_published_but_testing", True),
        (INTERNAL, TOLD, "said_published_but_testing", True),
        (None, LASTING, "long_lived", False),
        (TESTING, LASTING, "said_testing_but_lasts", False),
        (PRODUCTION, LASTING, "long_lived", False),
        (INTERNAL, LASTING, "long_lived", False),
        (None, MIDWAY, "published_midway", False),
        (TESTING, MIDWAY, "published_midway", False),
        (PRODUCTION, MIDWAY, "published_midway", False),
    ],
)
def test_what_the_owner_says_is_compared_with_what_is_seen(
    said: Publishing | None, history: tuple[PastConsent, ...], code: str, testing: bool
) -> None:
    judgement = judge(said, history, on_day(4))
    assert (judgement.code, judgement.is_testing) == (code, testing)
    has_words = judgement_words(code, len(judgement.renew_once)) is not None
    assert has_words is (code not in ("said_published", "long_lived"))


def test_sign_ins_made_before_publishing_must_be_renewed_once() -> None:
    """Anna and Ben signed in while testing; the app was published; Caro signed in, then Anna once more."""
    before = [a_consent(0, told=NAMED), a_consent(1, agent=BEN, told=NAMED), a_consent(3, agent=CARO)]
    assert judge(None, before, on_day(4)).renew_once == (ANNA, BEN)
    renewed = a_consent(0, told=NAMED, ended=4, by="replaced")
    assert judge(None, [renewed, *before[1:], a_consent(4)], on_day(5)).renew_once == (BEN,)
    assert judge(None, [renewed, *before[1:], a_consent(4)], on_day(9)).renew_once == ()
    assert judge(None, [renewed, *before[1:], a_consent(4)], on_day(9)).code == "long_lived"


def test_who_publishes_is_told_whom_to_ask_before_anybody_has_signed_in_anew() -> None:
    assert judge(PRODUCTION, TOLD, on_day(1)).renew_once == (ANNA,)
    assert judge(TESTING, TOLD, on_day(1)).renew_once == ()


def test_where_ends_are_never_named_the_first_death_marks_those_who_signed_in_before_it() -> None:
    history = [
        a_consent(1, agent=BEN),
        a_consent(2, ended=9),
        a_consent(-20, agent=CARO, ended=-2, by="replaced"),
    ]
    judgement = judge(PRODUCTION, history, on_day(7.5))
    assert (judgement.seen, judgement.renew_once) == (TESTING, (BEN,))
    assert judge(PRODUCTION, history, on_day(8)).renew_once == ()  # the seventh day of Ben's is over


def test_a_named_end_is_the_end() -> None:
    named = on_day(7)
    for judgement in (judge(TESTING, (), START), judge(None, LASTING, START)):
        assert infer_end(START, named, judgement) == named


def test_an_end_nobody_named_is_a_week_away_where_the_app_is_testing() -> None:
    assert infer_end(START, None, judge(TESTING, (), START)) == START + WEEK
    assert infer_end(START, None, judge(None, [a_consent(-8, ended=-1)], START)) == START + WEEK
    assert infer_end(START, None, judge(PRODUCTION, (), START)) is None
    assert infer_end(START, None, Judgement(None, None, "unknown")) is None


def test_a_sign_in_of_the_very_moment_that_still_showed_testing_must_be_renewed() -> None:
    """Whose death on day seven is the last sign of Testing gave their consent together with Ben."""
    history = [a_consent(0, ended=7), a_consent(0, agent=BEN)]
    assert judge(PRODUCTION, history, on_day(6.9)).renew_once == (BEN,)


def test_whose_end_has_come_need_not_renew_before_it() -> None:
    assert judge(PRODUCTION, TOLD, on_day(0) + NAMED - timedelta(seconds=1)).renew_once == (ANNA,)
    assert judge(PRODUCTION, TOLD, on_day(0) + NAMED).renew_once == ()


def test_a_replaced_sign_in_that_has_not_ended_is_nobodys_to_renew() -> None:
    replaced = replace(a_consent(0, told=NAMED), is_current=False)
    assert judge(PRODUCTION, [replaced], on_day(1)).renew_once == ()
