from __future__ import annotations

import re
from dataclasses import replace

import pytest

from latesync.descriptions import NOTES_LINE, compose_description, split_description
from latesync.model import Business, EventContent, InitialLook, Marker, WallTimes
from latesync.plan.content import (
    LONGEST_LIST,
    booking_hash,
    content_hash,
    event_key,
    group_hash,
    is_same_booking,
    render_content,
)
from latesync.plan.event_settings import EventSettings, Privacy, Visibility
from latesync.plan.variables import NAMES
from latesync.times import Zone
from tests.builders.plan import BERLIN, SITE, a_booking, a_content, a_span


def rendered(settings: EventSettings, **fields: str | int) -> EventContent:
    return render_content(a_booking(**fields), BERLIN, site_id=SITE, generation=0, settings=settings)  # type: ignore[arg-type]


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
    assert rendered(EventSettings(description="Please be on time")).description == "Please be on time"


def test_unknown_variables_are_empty() -> None:
    assert rendered(EventSettings(summary="{{nonsense}} {{ service_name }}")).summary == "Massage"


def test_what_a_customer_typed_is_no_template() -> None:
    content = rendered(
        EventSettings(), customer_comment="{{customer_email}}", customer_email="ada@example.com"
    )
    assert "{{customer_email}}" in content.description


def test_what_a_customer_typed_is_no_markup() -> None:
    description = rendered(EventSettings(), customer_comment="<b>bold</b> & <script>").description
    assert not re.search("[<>]", description)


@pytest.mark.parametrize(
    "comment", [NOTES_LINE, f"before\n{NOTES_LINE}\nafter", NOTES_LINE[:20] + NOTES_LINE + NOTES_LINE[20:]]
)
def test_what_a_customer_typed_never_ends_our_part_of_the_description(comment: str) -> None:
    content = rendered(EventSettings(), customer_comment=comment)
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


# --- what an update must not rewrite ----------------------------------------------------------


def test_event_of_0_3_0_is_not_rewritten() -> None:
    # Written down, as 0.3.0 made them: a changed wording of ours would rewrite every event of every site.
    booking = a_booking(
        customer_phone="+49 30 1234",
        customer_email="ada@example.com",
        customer_comment="Door 3\nbell <2>",
        attendees=4,
        location_name="Studio",
        location_address="Main St 1",
    )
    assert (
        content_hash(a_content(booking)) == "6695f9e08fdd661436f5726e6a6597c384cb2fc0a6769aacab646c9f6c7e3ac0"
    )
    plain = a_booking(location_name="Studio")
    assert (
        content_hash(a_content(plain)) == "67cb139f3dd803628dfb32c94c38638da999747c267f1d142ec04044d3951120"
    )


def test_how_an_event_looks_at_first_is_no_difference_later() -> None:
    plain = rendered(EventSettings())
    looking = rendered(EventSettings(colour="sage", visibility=Visibility.PRIVATE, reminders=(10,)))
    assert looking.initial == InitialLook("sage", "private", (10,))
    assert content_hash(looking) == content_hash(plain)
    assert plain.initial is None


# --- wording ----------------------------------------------------------------------------------

FULL_BOOKING = {
    "customer_first_name": "Ada",
    "customer_last_name": "Byron",
    "customer_email": "ada@example.com",
    "customer_phone": "+49 30 1234",
    "customer_comment": "Door 3",
    "customer_notes": "likes tea",
    "service_category": "Body",
    "agent_first_name": "Dana",
    "agent_last_name": "Reyes",
    "agent_display_name": "Dana R.",
    "location_name": "Studio",
    "location_address": "Main St 1",
    "attendees": 2,
}
EVERY_VARIABLE = "\n".join(f"{name}={{{{{name}}}}}" for name in NAMES)


def test_every_variable_says_something() -> None:
    business = Business("Salon Blau", "+49 40 5", "Harbour 1", "d.m.Y", is_24_hours=True)
    content = render_content(
        a_booking(**FULL_BOOKING),  # type: ignore[arg-type]
        BERLIN,
        site_id=SITE,
        generation=0,
        settings=EventSettings(description=EVERY_VARIABLE),
        business=business,
    )
    said = dict(line.split("=", 1) for line in content.description.splitlines())
    assert set(said) == set(NAMES)
    assert all(said.values())
    assert (said["start_date"], said["start_time"], said["end_time"]) == ("02.03.2026", "10:00", "11:00")
    assert (said["customer_initials"], said["booking_duration"]) == ("A. B.", "60 minutes")
    assert (said["agent_full_name"], said["business_name"]) == ("Dana Reyes", "Salon Blau")


@pytest.mark.parametrize(
    ("date_format", "is_24_hours", "shown"),
    [
        ("m/d/Y", False, "03/02/2026 10:00am"),
        ("j. n. y", True, "2. 3. 26 10:00"),
        ("l jS F", True, "2026-03-02 10:00"),
        ("", True, "2026-03-02 10:00"),
    ],
)
def test_dates_are_written_as_latepoint_does(date_format: str, is_24_hours: bool, shown: str) -> None:
    content = render_content(
        a_booking(),
        BERLIN,
        site_id=SITE,
        generation=0,
        settings=EventSettings(summary="{{start_date}} {{start_time}}"),
        business=Business(date_format=date_format, is_24_hours=is_24_hours),
    )
    assert content.summary == shown


def test_initials_only_names_nobody() -> None:
    """users-ask.md U40."""
    settings = EventSettings(
        privacy=Privacy.INITIALS, location="{{location_name}} for {{customer_full_name}}"
    )
    content = rendered(settings, **FULL_BOOKING)  # type: ignore[arg-type]
    assert content.summary == "Massage · A. B."
    text = f"{content.summary}\n{content.description}\n{content.location}"
    assert not [word for word in ("Ada", "Byron", "1234", "example.com", "Door", "tea") if word in text]


def test_booked_says_nothing_of_anybody() -> None:
    """users-ask.md U40."""
    settings = EventSettings(privacy=Privacy.BOOKED, location="{{customer_initials}}{{location_name}}")
    content = rendered(settings, **FULL_BOOKING)  # type: ignore[arg-type]
    assert (content.summary, content.description) == ("Booked", "Booking CODE4182")
    assert content.location == "Studio"


def test_place_can_be_left_empty_and_worded() -> None:
    places = {"location_name": "Studio", "location_address": "Main St 1"}
    assert rendered(EventSettings(location=""), **places).location == ""
    assert rendered(EventSettings(location="at {{location_name}}"), **places).location == "at Studio"


def test_cancelled_booking_that_is_kept_is_marked_and_free() -> None:
    """users-ask.md U27."""
    content = render_content(a_booking(), BERLIN, site_id=SITE, generation=0, is_cancelled=True)
    assert content.summary == "Cancelled: Massage · Ada Byron"
    assert content.is_free


# --- groups -----------------------------------------------------------------------------------


def together(*names: str, settings: EventSettings | None = None) -> EventContent:
    group = [a_booking(number, customer_name=name, attendees=2) for number, name in enumerate(names, 1)]
    return render_content(
        group[0], BERLIN, site_id=SITE, generation=0, settings=settings or EventSettings(), group=group
    )


def test_event_of_a_group_counts_its_customers_and_lists_them() -> None:
    content = together("Ada Byron", "Bo Chen")
    assert content.summary == "Massage · 2 customers"
    assert content.description.split("\n\n") == [
        "Massage",
        "Ada Byron\n2 people\nBooking CODE1",
        "Bo Chen\n2 people\nBooking CODE2",
    ]


def test_seats_of_a_group_are_added_up_where_nobody_is_named() -> None:
    settings = EventSettings(summary="{{service_name}}: {{total_attendees_if_group}}")
    assert together("Ada", "Bo", "Cy", settings=settings).summary == "Massage: 6 people"


def test_group_that_nobody_may_read_says_booked() -> None:
    content = together("Ada", "Bo", settings=EventSettings(privacy=Privacy.BOOKED))
    assert content.summary == "Booked"
    assert "Ada" not in content.description


def test_list_of_a_large_group_ends() -> None:
    description = together(*["x" * 500] * 40).description
    assert len(description) < 7000
    assert description.endswith("more bookings")


def test_list_of_a_group_ends_at_its_length_and_says_how_many_more_there_are() -> None:
    settings = EventSettings(description="{{customer_full_name}}")
    third = LONGEST_LIST // 3
    fitting = ["x" * third, "y" * third, "z" * third]
    assert together(*fitting, settings=settings).description == "\n\n".join(fitting)
    too_long = together(*fitting[:2], "z" * (third + 1), "Bo", settings=settings).description
    assert too_long == "\n\n".join([*fitting[:2], "… and 2 more bookings"])


def test_first_of_a_group_is_listed_however_long() -> None:
    settings = EventSettings(description="{{customer_full_name}}")
    description = together("x" * (LONGEST_LIST + 1), "Bo", settings=settings).description
    assert description.endswith("x\n\n… and 1 more booking")


def test_wording_without_a_customer_is_the_same_for_a_group() -> None:
    assert together("Ada", "Bo", settings=EventSettings(description="Be on time")).description == "Be on time"


def test_somebody_else_in_the_event_is_no_change_of_the_booking() -> None:
    alone, other = a_booking(1), a_booking(2)
    assert is_same_booking(group_hash(alone), group_hash(alone, [alone, other]))
    assert group_hash(alone) != group_hash(alone, [alone, other])
    assert not is_same_booking(group_hash(alone), group_hash(other))


def test_a_booking_is_the_same_while_its_wall_clock_is_whatever_the_site_s_zone() -> None:
    """Another zone moves every span at once, and no customer has changed anything."""
    here, there = (
        a_booking(start=start, wall=WallTimes("2026-03-02", 600, "2026-03-02", 660))
        for start in ("2026-03-02 09:00", "2026-03-02 15:00")
    )
    assert booking_hash(here) == booking_hash(there)
    later = replace(here, wall=WallTimes("2026-03-02", 630, "2026-03-02", 690))
    assert booking_hash(here) != booking_hash(later)


def test_a_minute_more_is_another_booking() -> None:
    assert len({booking_hash(a_booking(minutes=minutes)) for minutes in (60, 61, 62)}) == 3


def test_content_knows_its_zone_and_what_of_the_booking_it_was_made_of() -> None:
    booking = a_booking()
    content = a_content(booking)
    assert (content.zone, content.booking_hash) == ("Europe/Berlin", group_hash(booking))
    pair = [booking, a_booking(9)]
    shared = render_content(booking, BERLIN, site_id=SITE, generation=0, settings=EventSettings(), group=pair)
    assert shared.booking_hash == group_hash(booking, pair)


def test_a_booking_s_number_may_stand_in_its_title() -> None:
    assert rendered(EventSettings(summary="No. {{booking_id}}")).summary == "No. 4182"


def test_what_stands_below_the_customers_of_a_group_stays_there() -> None:
    settings = EventSettings(description="Hello\n{{customer_full_name}}\nBe on time\nBring {{service_name}}")
    assert together("Ada", "Bo", settings=settings).description == (
        "Hello\n\nAda\n\nBo\n\nBe on time\nBring Massage"
    )


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-03-01 23:00", "12:00am"),
        ("2026-03-02 08:05", "9:05am"),
        ("2026-03-02 10:59", "11:59am"),
        ("2026-03-02 11:00", "12:00pm"),
        ("2026-03-02 12:00", "1:00pm"),
        ("2026-03-02 22:30", "11:30pm"),
    ],
)
def test_times_of_twelve_hours_read_as_people_write_them(start: str, said: str) -> None:
    settings = EventSettings(summary="At {{start_time}}")
    content = render_content(
        a_booking(start=start), BERLIN, site_id=SITE, generation=0, settings=settings, business=Business()
    )
    assert content.summary == f"At {said}"


def test_seats_are_counted_though_nobody_is_with_the_customer() -> None:
    assert rendered(EventSettings(summary="For {{total_attendees}}")).summary == "For 1"
