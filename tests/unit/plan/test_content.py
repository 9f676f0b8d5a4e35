from __future__ import annotations

import re
from dataclasses import replace

import pytest

from latesync.descriptions import NOTES_LINE, compose_description, split_description
from latesync.model import EventContent, Marker
from latesync.plan.content import Templates, content_hash, event_key, render_content
from latesync.times import Zone
from tests.builders.plan import BERLIN, SITE, a_booking, a_content, a_span


def rendered(templates: Templates, **fields: str | int) -> EventContent:
    return render_content(a_booking(**fields), BERLIN, site_id=SITE, generation=0, templates=templates)  # type: ignore[arg-type]


def test_event_says_what_and_who() -> None:
    assert a_content(a_booking()).summary == "Massage · Ada Byron"


def test_summary_of_a_booking_without_a_customer_name_has_no_dangling_separator() -> None:
    assert a_content(a_booking(customer_name="")).summary == "Massage"


def test_service_without_a_name_is_an_appointment() -> None:
    assert a_content(a_booking(service_name="")).summary == "Appointment · Ada Byron"


def test_description_leaves_out_lines_about_nothing() -> None:
    assert a_content(a_booking()).description == "Massage\nAda Byron\nBooking CODE4182"


def test_description_tells_everything_the_booking_tells() -> None:
    booking = a_booking(
        customer_phone="+49 30 1234", customer_email="ada@example.com", customer_comment="Door 3", attendees=4
    )
    assert a_content(booking).description.splitlines() == [
        "Massage",
        "Ada Byron",
        "+49 30 1234",
        "ada@example.com",
        "4 people",
        "Door 3",
        "Booking CODE4182",
    ]


def test_line_without_variables_stays() -> None:
    assert rendered(Templates(description="Please be on time")).description == "Please be on time"


def test_unknown_variables_are_empty() -> None:
    assert rendered(Templates(summary="{{nonsense}} {{ service_name }}")).summary == "Massage"


def test_what_a_customer_typed_is_no_template() -> None:
    content = rendered(Templates(), customer_comment="{{customer_email}}", customer_email="ada@example.com")
    assert "{{customer_email}}" in content.description


def test_what_a_customer_typed_is_no_markup() -> None:
    description = rendered(Templates(), customer_comment="<b>bold</b> & <script>").description
    assert not re.search("[<>]", description)


@pytest.mark.parametrize(
    "comment", [NOTES_LINE, f"before\n{NOTES_LINE}\nafter", NOTES_LINE[:20] + NOTES_LINE + NOTES_LINE[20:]]
)
def test_what_a_customer_typed_never_ends_our_part_of_the_description(comment: str) -> None:
    content = rendered(Templates(), customer_comment=comment)
    ours, notes = split_description(compose_description(content.description, "\nmine"))
    assert ours.endswith("Booking CODE4182")
    assert notes == "\nmine"


def test_location_is_the_address_or_else_the_name() -> None:
    assert a_content(a_booking(location_name="Studio", location_address="Main St 1")).location == "Main St 1"
    assert a_content(a_booking(location_name="Studio")).location == "Studio"


def test_booking_without_a_code_shows_its_number() -> None:
    assert a_content(a_booking(code="")).description.endswith("Booking 4182")


def test_site_with_a_fixed_offset_gives_the_event_no_zone() -> None:
    assert a_content(a_booking(), zone=Zone(None, 330)).zone is None


def test_marker_names_site_booking_and_generation() -> None:
    assert a_content(a_booking(), 3).marker == Marker(SITE, 4182, 3)


# --- hashes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"summary": "Other"},
        {"description": "Other"},
        {"location": "Other"},
        {"span": a_span("2026-03-02 09:15")},
        {"span": a_span(minutes=75)},
        {"marker": Marker("site-2", 4182, 0)},
        {"marker": Marker(SITE, 4183, 0)},
        {"marker": Marker(SITE, 4182, 1)},
    ],
    ids=["summary", "description", "location", "start", "end", "site", "booking", "generation"],
)
def test_every_field_of_ours_makes_a_difference(changed: dict[str, object]) -> None:
    content = a_content(a_booking())
    assert content_hash(replace(content, **changed)) != content_hash(content)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"summary": "  Massage ·\u00a0Ada Byron "},
        {"description": "Massage<br>Ada&nbsp;Byron<p>Booking CODE4182</p>"},
        {"description": "Massage\r\n\r\nAda Byron \r\nBooking CODE4182\r\n"},
        {"zone": "Europe/Vienna"},
        {"zone": None},
    ],
)
def test_what_looks_the_same_is_the_same(changed: dict[str, object]) -> None:
    content = a_content(a_booking())
    assert content_hash(replace(content, **changed)) == content_hash(content)  # type: ignore[arg-type]


# --- keys -------------------------------------------------------------------------------------


def test_key_is_one_google_accepts() -> None:
    assert re.fullmatch("[0-9a-v]{32}", event_key(SITE, 1, 7, "sub", 0))


def test_same_facts_give_the_same_key_for_ever() -> None:
    # Written down: a changed derivation would make every event a second time.
    assert event_key("site-1", 4182, 7, "110248495921238986420", 0) == "g62cnoklfcdgkshs0pn3itu5t4sa3onm"


def test_each_fact_gives_another_key() -> None:
    keys = {
        event_key("a", 1, 1, "s", 0),
        event_key("b", 1, 1, "s", 0),
        event_key("a", 2, 1, "s", 0),
        event_key("a", 1, 2, "s", 0),
        event_key("a", 1, 1, "t", 0),
        event_key("a", 1, 1, "s", 1),
    }
    assert len(keys) == 6
