"""What happens to bookings on the site is in the agent's calendar at once, because the plugin's note says so.

Each step waits for a signed note to be taken and for a worker to follow it ("hints taken" in its log): the
cause, and not how long it took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.mariadb import MariaDBServer
from tests.system.waiting import eventually
from tests.wordpress.site import WordPress
from tests.wordpress.together import ANNA, BRUNO, Together, at, day, joined, told_by_note

DAY = day()


def book(both: Together, start: int, service: int = 1, name: str = "Robin") -> int:
    """A visitor books on the form; its event is there when this returns."""
    answer = both.site.bookings.book(DAY, start, ANNA, service, name=name)
    assert answer.ok, answer.message
    eventually(lambda: answer.booking_id in both.bookings_in(ANNA), "the event appeared", why=both.said)
    return answer.booking_id


@pytest.fixture
def unattended(bridge: WordPress, mariadb: MariaDBServer, tmp_path: Path) -> Iterator[Together]:
    """LateSync's pages run, and no worker does yet."""
    with joined(bridge, mariadb, tmp_path, ANNA, BRUNO, worker=False) as both:
        yield both


def test_booking_is_in_the_calendar_and_follows_every_change_of_it(unattended: Together) -> None:
    both, bookings = unattended, unattended.site.bookings
    # While no worker runs, what a note said stands in LateSync's own table.
    booking = bookings.book(DAY, 600).booking_id
    eventually(lambda: both.hints() == {booking}, "the note named the booking and no other", why=both.said)
    both.start(web=False)
    eventually(lambda: both.bookings_in(ANNA) == [booking], "the event appeared", why=both.said)
    assert both.start_of_event(ANNA, booking) == at(DAY, "10:00")
    assert both.hints_taken() == 1

    told_by_note(both, lambda: bookings.reschedule_by_link(booking, DAY, 840))
    eventually(lambda: both.start_of_event(ANNA, booking) == at(DAY, "14:00"), "it was moved")

    order = both.site.value("SELECT MAX(id) FROM wp_latepoint_orders")
    told_by_note(both, lambda: bookings.edit(order, booking, agent_id=BRUNO))
    eventually(lambda: both.bookings_in(BRUNO) == [booking], "it came to the other agent")
    eventually(lambda: both.bookings_in(ANNA) == [], "it left the first one")

    told_by_note(both, lambda: bookings.change_status(booking, "pending"))
    eventually(lambda: both.bookings_in(BRUNO) == [], "what holds no time has no event")
    told_by_note(both, lambda: bookings.change_status(booking, "approved"))
    eventually(lambda: both.bookings_in(BRUNO) == [booking], "it is wanted again")
    told_by_note(both, lambda: bookings.cancel_by_link(booking))
    eventually(lambda: both.bookings_in(BRUNO) == [], "it was cancelled")
    eventually(lambda: both.hints() == set(), "every hint was seen to")


def test_every_way_to_delete_a_booking_takes_its_event_along(together: Together) -> None:
    """All of latepoint.md §2.8: most fire no hook of the booking's own."""
    site = together.site

    def row(booking: int) -> dict[str, Any]:
        return site.bookings.row(booking)

    def order_of(booking: int) -> int:
        item = row(booking)["order_item_id"]
        return int(site.value("SELECT order_id FROM wp_latepoint_order_items WHERE id = :id", id=item))

    ways: dict[str, Callable[[int], Any]] = {
        "bulk delete": site.bookings.delete,
        "order": lambda booking: site.bookings.delete_order(order_of(booking)),
        "order item": lambda booking: site.bookings.remove_order_item(row(booking)["order_item_id"]),
        "customer": lambda booking: site.bookings.delete_customer(row(booking)["customer_id"]),
        "Abilities API": site.bookings.ability_delete,
    }
    kept = book(together, 540)
    for way, delete in ways.items():
        booking = book(together, 660, name="Kim")
        told_by_note(together, lambda delete=delete, booking=booking: delete(booking))  # type: ignore[misc]
        eventually(lambda: together.bookings_in(ANNA) == [kept], f"its event went ({way})", why=together.said)

    # Of a service's bookings nothing names one; the note says: look at everything.
    book(together, 660, service=3)
    notes = together.notes()
    site.bookings.delete_service(3)
    eventually(lambda: together.notes() == notes + 1, "a signed note came", why=together.said)
    eventually(lambda: together.bookings_in(ANNA) == [kept], "its event went (service)", why=together.said)
    assert together.nothing_to_do(ANNA)
