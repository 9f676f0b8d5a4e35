"""How a new event looks at Google, and that it is said once only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import EventContent, InitialLook
from latesync.options import COLOURS
from latesync.providers.google.events import insert_body, patch_body
from tests.builders.plan import a_booking, a_content

LOOK = InitialLook("tomato", "private", (60, 10))


def looking(look: InitialLook | None) -> EventContent:
    return replace(a_content(a_booking()), initial=look)


def test_a_new_event_has_the_chosen_look() -> None:
    body = insert_body("abc12", looking(LOOK))
    assert (body["colorId"], body["visibility"]) == ("11", "private")
    assert body["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "popup", "minutes": 60}, {"method": "popup", "minutes": 10}],
    }


def test_colour_visibility_and_reminders_of_an_event_that_stands_are_its_agents() -> None:
    """users-ask.md U31; google-calendar.md E12, E13."""
    assert patch_body(looking(LOOK), "") == patch_body(looking(None), "")


@pytest.mark.parametrize("look", [None, InitialLook()])
def test_nothing_is_said_about_what_was_not_chosen(look: InitialLook | None) -> None:
    assert not {"colorId", "visibility", "reminders"} & insert_body("abc12", looking(look)).keys()


def test_no_reminder_at_all_can_be_chosen() -> None:
    reminders = insert_body("abc12", looking(InitialLook(reminders=())))["reminders"]
    assert reminders == {"useDefault": False, "overrides": []}


def test_every_colour_has_a_number_of_its_own() -> None:
    numbers = [insert_body("abc12", looking(InitialLook(colour)))["colorId"] for colour in COLOURS]
    assert numbers == [str(number) for number in range(1, 12)]


def test_cancelled_booking_that_is_kept_is_shown_as_free() -> None:
    """users-ask.md U27."""
    kept = replace(a_content(a_booking()), is_free=True)
    assert patch_body(kept, "")["transparency"] == "transparent"
    assert patch_body(replace(kept, is_free=False), "")["transparency"] == "opaque"
