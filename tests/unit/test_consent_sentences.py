"""What people read about the life of a consent: every code has its words, and guesses are said to be ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from latesync.options import Publishing
from latesync.sentences import consent_sentences
from latesync.sentences.consent_sentences import (
    LEAVE_TESTING,
    PUBLISHING,
    cannot_mail,
    consent_end,
    judgement_words,
    quota_line,
    renewal_due,
)
from latesync.times import Zone

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
ENDS_AT = datetime(2026, 11, 27, 13, 5, tzinfo=UTC)
BERLIN = Zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("ends_at", "is_inferred", "now", "words"),
    [
        (ENDS_AT, False, NOW, "signs out on Fri 27 Nov, 14:05"),
        (ENDS_AT, True, NOW, "probably signs out on Fri 27 Nov, 14:05"),
        (ENDS_AT, False, ENDS_AT, "still signed in; was to end on Fri 27 Nov, 14:05"),
        (None, False, NOW, "stays signed in"),
    ],
)
def test_end_of_a_consent_reads_as_people_say_it(
    ends_at: datetime | None, is_inferred: bool, now: datetime, words: str
) -> None:
    assert consent_end(ends_at, now, BERLIN, is_inferred=is_inferred) == words


def test_the_owner_is_asked_for_a_renewal_and_told_when_the_end_is_a_guess() -> None:
    known, guessed = (
        renewal_due("Dana", ENDS_AT, BERLIN, is_inferred=guess, provider="google") for guess in (False, True)
    )
    assert known.startswith("Google signs Dana out on Fri 27 Nov, 14:05. Ask Dana")
    assert guessed.startswith("Google will probably sign Dana out on Fri 27 Nov, 14:05. Ask Dana")


def test_every_way_of_publishing_is_offered_with_its_consequences() -> None:
    assert list(PUBLISHING) == list(Publishing)
    assert "seven days" in PUBLISHING[Publishing.TESTING].text
    assert all("stay" in PUBLISHING[way].text for way in (Publishing.PRODUCTION, Publishing.INTERNAL))


def test_nobody_is_asked_to_be_verified() -> None:
    """users-ask.md U3."""
    texts = [text for text in vars(consent_sentences).values() if isinstance(text, str)]
    texts += [*LEAVE_TESTING, *(words.text for words in PUBLISHING.values())]
    about = [text for text in texts if "verif" in text]
    assert len(about) >= 3
    assert all(
        any(word in text for word in ("no verification", "No verification", "leave that out"))
        for text in about
    )


def test_how_many_sign_ins_are_left_to_renew_is_counted() -> None:
    one, three = (judgement_words("published_midway", number) for number in (1, 3))
    assert one is not None
    assert three is not None
    assert "1 sign-in was made before" in one.text
    assert "3 sign-ins were made before" in three.text
    assert judgement_words("long_lived", 0) is None


@pytest.mark.parametrize(
    ("cause", "remedy"),
    [
        ("not_configured", "LATESYNC_SMTP_URL"),
        ("no_address", "WordPress"),
        ("refused", "latesync mail check"),
    ],
)
def test_a_mail_that_cannot_be_written_names_the_remedy(cause: str, remedy: str) -> None:
    assert cannot_mail(cause, name="Dana").startswith("LateSync cannot write")
    assert remedy in cannot_mail(cause, name="Dana")
    assert "{" not in cannot_mail(cause, name="Dana")


@pytest.mark.parametrize(("used", "share"), [(0, "0 %"), (5, "under 1 %"), (500_000, "50 %")])
def test_quota_is_shown_as_a_share(used: int, share: str) -> None:
    assert f"({share})" in quota_line(used, 1_000_000, 120, 10_000)
