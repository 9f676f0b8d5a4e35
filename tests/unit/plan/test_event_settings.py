"""The owner's wishes for events: what is taken, what is refused with which words, what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from latesync.errors import WrongInput
from latesync.plan.event_settings import (
    EventChoices,
    EventSettings,
    Grouping,
    Privacy,
    Visibility,
    from_json,
    parse_reminders,
    parse_settings,
    to_json,
)
from latesync.plan.variables import NAMES
from latesync.sentences.event_sentences import (
    GROUPING,
    PRIVACY,
    VARIABLES,
    VISIBILITY,
    not_among,
    too_long,
)

EVERYTHING = EventSettings(
    summary="{{service_name}}",
    description="Booking {{booking_code}}",
    privacy=Privacy.INITIALS,
    colour="sage",
    visibility=Visibility.PRIVATE,
    reminders=(60, 10),
    location="{{location_name}}",
    group=Grouping.TOGETHER,
    invite=True,
    mail_on_create=False,
    mail_on_change=False,
    mail_on_cancel=False,
    meeting=True,
)


def refusal(**values: Any) -> str:
    with pytest.raises(WrongInput) as caught:
        parse_settings(values, EventSettings())
    return str(caught.value)


@pytest.mark.parametrize("settings", [EventSettings(), EVERYTHING, EventSettings(reminders=())])
def test_what_is_kept_is_read_back(settings: EventSettings) -> None:
    assert from_json(to_json(settings)) == settings


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", "null", '{"privacy": "x-ray", "colour": 7}'])
def test_what_cannot_be_understood_counts_as_not_chosen(text: str) -> None:
    assert from_json(text) == EventSettings()


@pytest.mark.parametrize("reminders", [(40320, 30, 20, 10, 0), (), None])
def test_reminders_up_to_what_google_takes_are_read_as_they_were_kept(
    reminders: tuple[int, ...] | None,
) -> None:
    """google-calendar.md E13."""
    kept = EventSettings(reminders=reminders)
    assert from_json(to_json(kept)) == kept


@pytest.mark.parametrize("reminders", ["[6, 5, 4, 3, 2, 1]", "[40321]", "[-1]", "[true]", '["5"]', "[1.5]"])
def test_kept_reminders_that_google_would_refuse_count_as_not_chosen(reminders: str) -> None:
    assert from_json(f'{{"reminders": {reminders}}}').reminders is None


def test_the_same_wishes_are_the_same_text_with_letters_as_typed() -> None:
    text = to_json(EventSettings(summary="Wellness für {{service_name}}"))
    assert "für" in text
    assert text.index('"buffers"') < text.index('"colour"') < text.index('"summary"')


def test_no_colour_and_the_calendars_own_reminders_may_be_chosen_again() -> None:
    settings = parse_settings({"colour": "", "reminders": None}, EVERYTHING)
    assert (settings.colour, settings.reminders) == ("", None)


def test_what_a_newer_program_added_is_passed_by() -> None:
    assert from_json('{"summary": "Booked", "sparkles": true}') == EventSettings(summary="Booked")


def test_a_service_without_wishes_of_its_own_follows_those_of_all() -> None:
    choices = EventChoices({0: EventSettings(summary="A"), 4: EventSettings(summary="B")})
    assert [choices.of_service(number).summary for number in (4, 5, 0, None)] == ["B", "A", "A", "A"]
    assert EventChoices().of_service(4) == EventSettings()


def test_what_is_not_given_stays() -> None:
    assert parse_settings({"colour": "grape"}, EVERYTHING).reminders == EVERYTHING.reminders


def test_unknown_variable_is_named_with_the_one_probably_meant() -> None:
    assert refusal(summary="{{custmer_name}}").endswith("Did you mean {{customer_last_name}}?") or (
        "{{customer_full_name}}" in refusal(summary="{{custmer_name}}")
    )
    assert "{{service_name}}" in refusal(description="{{servicename}}")
    assert "list beside" in refusal(location="{{qqqqqq}}")


@pytest.mark.parametrize("summary", ["", "  ", " · ", "\n"])
def test_event_without_a_title_is_refused(summary: str) -> None:
    assert "title is empty" in refusal(summary=summary)


def test_title_of_what_may_be_missing_is_refused() -> None:
    assert "may be missing" in refusal(summary="{{customer_full_name}} · {{customer_phone}}")
    assert parse_settings({"summary": "{{service_name}}"}, EventSettings()).summary == "{{service_name}}"


@pytest.mark.parametrize(("name", "length"), [("summary", 201), ("description", 4001), ("location", 301)])
def test_too_long_a_wording_is_refused(name: str, length: int) -> None:
    assert f"at most {length - 1}" in refusal(**{name: "x" * length})
    assert parse_settings({name: "x" * (length - 1)}, EventSettings())


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", ()),
        ("10", (10,)),
        ("10, 60", (60, 10)),
        ("5 5,0 40320", (40320, 5, 0)),
        ("1 2 3 4 5", (5, 4, 3, 2, 1)),
    ],
)
def test_reminders_are_minutes_before(text: str, minutes: tuple[int, ...]) -> None:
    assert parse_reminders(text) == minutes


@pytest.mark.parametrize(
    ("text", "said"), [("1,2,3,4,5,6", "five"), ("40321", "40320"), ("soon", "commas"), ("-5", "commas")]
)
def test_reminders_google_would_refuse_are_refused_before(text: str, said: str) -> None:
    """google-calendar.md E13."""
    with pytest.raises(WrongInput, match=said):
        parse_reminders(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("privacy", "x"),
        ("colour", "mauve"),
        ("group", 3),
        ("invite", "yes"),
        ("reminders", 5),
        ("summary", 5),
    ],
)
def test_value_there_is_not_is_refused_with_those_there_are(name: str, value: object) -> None:
    assert "has to be one of" in refusal(**{name: value})


def test_setting_there_is_not_is_refused() -> None:
    assert "no setting 'color'" in refusal(color="sage")


def test_every_variable_and_every_choice_has_its_words() -> None:
    assert set(VARIABLES) == set(NAMES)
    assert set(PRIVACY) == {each.value for each in Privacy}
    assert set(VISIBILITY) == {each.value for each in Visibility}
    assert set(GROUPING) == {each.value for each in Grouping}


def test_reminders_may_be_given_as_a_list_and_are_kept_longest_first() -> None:
    assert parse_settings({"reminders": [10, 60, 10]}, EventSettings()).reminders == (60, 10)
    assert "five" in refusal(reminders=[1, 2, 3, 4, 5, 6])


def test_a_refusal_names_what_is_wrong_and_what_may_stand_there() -> None:
    assert refusal(privacy="x") == not_among("privacy", ["full", "initials", "booked"])
    assert refusal(invite="yes") == not_among("invite", ["true", "false"])
    assert refusal(summary=5) == not_among("summary", ["a text"])
    assert refusal(location="x" * 301) == too_long("location", 300)


def test_a_title_of_one_letter_is_a_title() -> None:
    assert parse_settings({"summary": "X"}, EventSettings()).summary == "X"
