"""Every language has every text, fills the same gaps, and counts rightly."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import pytest

from latesync.notify.language import Draft, Language
from latesync.notify.templates import check_template
from latesync.notify.texts import LANGUAGES, language_of, match_language, site_language
from latesync.plan.consent import Step
from latesync.plan.content import VARIABLE
from latesync.times import Zone

EVERY = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
LETTERS = {*Step, "invitation"}
BERLIN = Zone("Europe/Berlin")


def texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a language, by where it stands."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from texts(part, f"{name}.{index}")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, f"{name}.{key}")
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name), f"{name}.{one.name}")


def gaps(text: str) -> set[str]:
    """What a text is filled with: its {{variables}}, or else its {fields}."""
    if "{{" in text:
        return set(VARIABLE.findall(text))
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@EVERY
def test_every_text_is_there_with_the_same_gaps(language: Language) -> None:
    english, own = dict(texts(LANGUAGES["en"])), dict(texts(language))
    assert own.keys() == english.keys()
    assert {name: gaps(text) for name, text in own.items()} == {
        name: gaps(text) for name, text in english.items()
    }
    assert [name for name, text in own.items() if not text.strip()] == []


@EVERY
def test_no_text_was_left_in_english(language: Language) -> None:
    if language.code == "en":
        return
    english = dict(texts(LANGUAGES["en"]))
    same = {name for name, text in texts(language) if text == english[name]}
    # Months and days that happen to be called alike, and how a first of the month is written.
    assert {name for name in same if not name.startswith((".months", ".weekdays"))} <= {".first_day"}


@EVERY
def test_every_letter_there_can_be_has_its_wording(language: Language) -> None:
    assert language.letters.keys() == LETTERS
    for draft in language.letters.values():
        assert isinstance(draft, Draft)
        assert check_template(draft.subject, draft.body) == []


@EVERY
def test_nothing_is_said_of_waiting_bookings_where_none_waits(language: Language) -> None:
    assert language.waiting_words(0) == language.waiting_words(None) == ""


@pytest.mark.parametrize(
    ("code", "one", "three"),
    [
        ("en", "1 booking is not yet in your calendar", "3 bookings are not yet in your calendar"),
        (
            "de",
            "1 Buchung steht noch nicht in Ihrem Kalender",
            "3 Buchungen stehen noch nicht in Ihrem Kalender",
        ),
        (
            "fr",
            "1 réservation n’est pas encore dans votre agenda",
            "3 réservations ne sont pas encore dans votre agenda",
        ),
        ("es", "1 reserva aún no está en su calendario", "3 reservas aún no están en su calendario"),
        (
            "it",
            "1 prenotazione non è ancora nel Suo calendario",
            "3 prenotazioni non sono ancora nel Suo calendario",
        ),
        ("nl", "1 boeking staat nog niet in uw agenda", "3 boekingen staan nog niet in uw agenda"),
    ],
)
def test_one_booking_and_several_are_counted_as_the_language_does(code: str, one: str, three: str) -> None:
    language = LANGUAGES[code]
    assert (language.waiting_words(1), language.waiting_words(3)) == (one, three)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "Tuesday 1 December, 09:05 (Europe/Berlin)"),
        ("de", "Dienstag, 1. Dezember, 09:05 Uhr (Europe/Berlin)"),
        ("fr", "mardi 1er décembre à 09 h 05 (Europe/Berlin)"),
        ("es", "martes 1 de diciembre, 09:05 h (Europe/Berlin)"),
        ("it", "martedì 1º dicembre, ore 09:05 (Europe/Berlin)"),
        ("nl", "dinsdag 1 december om 09:05 uur (Europe/Berlin)"),
    ],
)
def test_a_moment_is_told_in_the_sites_zone_which_is_named(code: str, words: str) -> None:
    assert LANGUAGES[code].moment_words(datetime(2026, 12, 1, 8, 5, tzinfo=UTC), BERLIN) == words


def test_a_zone_without_a_name_is_told_as_its_offset() -> None:
    words = LANGUAGES["en"].moment_words(datetime(2026, 12, 1, 20, 5, tzinfo=UTC), Zone(None, 330))
    assert words == "Wednesday 2 December, 01:35 (UTC+05:30)"


@EVERY
def test_days_and_months_are_all_different(language: Language) -> None:
    assert len(set(language.weekdays)) == 7
    assert len(set(language.months)) == 12


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR, fr-CA;q=0.7, en;q=0.8", "en"),
        ("nl", "nl"),
        ("IT-ch", "it"),
        ("en;q=0.1, es;q=0.2", "es"),
        ("de;q=0, fr", "fr"),
        ("de;q=much, fr", "fr"),
        ("de;q=0", None),
        ("pt-BR,pt;q=0.9", None),
        ("*", None),
        ("", None),
        (None, None),
        (";;,=,q", None),
    ],
)
def test_the_language_a_browser_likes_best_is_taken(header: str | None, code: str | None) -> None:
    assert match_language(header) == code


@pytest.mark.parametrize(
    ("wplang", "code"),
    [("de_DE_formal", "de"), ("fr_CA", "fr"), ("", "en"), ("nl_NL", "nl"), ("pt_BR", None), (None, None)],
)
def test_the_sites_language_is_wordpress_own(wplang: str | None, code: str | None) -> None:
    assert site_language(wplang) == code


def test_english_stands_in_for_every_other_language() -> None:
    assert language_of("pt") is language_of(None) is LANGUAGES["en"]
