"""What fills an agent's calendar is not offered on the form; opening the form makes LateSync look."""

from __future__ import annotations

from tests.system.waiting import eventually
from tests.wordpress.together import ANNA, BRUNO, Together, day

DAY, NEXT_DAY = day(20), day(21)
EVERY_HOUR = list(range(480, 1020, 60))
YOGA = 3


def without(*minutes: int) -> list[int]:
    return [minute for minute in EVERY_HOUR if minute not in minutes]


def look_at_form(both: Together, agent: int | str = ANNA) -> None:
    """A visitor opens the form; polling would not read any calendar for another hour."""
    both.let_readings_age()
    notes = both.notes()
    both.site.month(DAY[:7], agent)
    eventually(lambda: both.notes() == notes + 1, "the plugin told who is looked at", why=both.said)


def test_event_closes_its_slots_as_soon_as_somebody_looks_at_the_form(together: Together) -> None:
    site = together.site
    together.connect(BRUNO)
    assert site.slots(DAY, ANNA) == EVERY_HOUR

    together.let_readings_age()
    event = together.put_event(ANNA, DAY, "10:30", "12:00")
    together.put_event(BRUNO, DAY, "15:00", "16:00")
    look_at_form(together)
    eventually(lambda: site.slots(DAY, ANNA) == without(600, 660), "its slots closed", why=together.said)
    assert site.slots(NEXT_DAY, ANNA) == EVERY_HOUR
    # By cause: her calendar was read because she was looked at, and nobody looked at his.
    assert (together.readings_of(ANNA), together.readings_of(BRUNO)) == (1, 0)
    assert site.slots(DAY, BRUNO) == EVERY_HOUR

    refused = site.bookings.book(DAY, 660)
    assert (refused.ok, refused.message) == (False, "Selected booking slot is not available anymore")
    assert site.value("SELECT COUNT(*) FROM wp_latepoint_bookings") == 0
    assert site.bookings.book(DAY, 660, "any").agent_id == BRUNO

    look_at_form(together, "any")
    eventually(lambda: site.slots(DAY, BRUNO) == without(660, 900), "his slots closed too", why=together.said)

    path = f"/calendars/anna@example.test/events/{event}"
    together.google.ask("PATCH", path, {"transparency": "transparent"})
    look_at_form(together)
    eventually(lambda: site.slots(DAY, ANNA) == EVERY_HOUR, "what is free closes nothing", why=together.said)


def test_a_booking_s_own_event_closes_nothing(together: Together) -> None:
    """A group has seats left; its event read back as busy would close them (latepoint-live.md §1b)."""
    site = together.site
    booking = site.bookings.book(DAY, 600, service=YOGA).booking_id
    eventually(lambda: together.bookings_in(ANNA) == [booking], "the event appeared", why=together.said)
    together.put_event(ANNA, DAY, "13:00", "14:00")
    look_at_form(together)
    eventually(
        lambda: site.slots(DAY, ANNA, YOGA) == without(780), "the calendar was read", why=together.said
    )
    second = site.bookings.book(DAY, 600, service=YOGA, name="Sam")
    assert second.ok
    eventually(
        lambda: together.bookings_in(ANNA) == [booking, second.booking_id],
        "so did its event",
        why=together.said,
    )
