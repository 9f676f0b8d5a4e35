"""What a booking that is not written yet waits for, how often it was tried, and when the next try is."""

from __future__ import annotations

import re

from latesync.model import FOUGHT_OVER, Booking
from latesync.store.explaining import mappings_of_booking
from latesync.store.mappings import record_set_aside
from latesync.sync.now import sync_now
from tests.web.salon import DANA, NOW, Salon, post


def sync(salon: Salon) -> None:
    account = salon.account()
    assert account is not None
    sync_now(salon.services.sync_parts(), "test", [account])


def next_booking(salon: Salon) -> Booking:
    snapshot = salon.services.site.read_snapshot(DANA)
    return min(
        (each for each in snapshot.bookings.values() if each.span.start > NOW),
        key=lambda each: each.span,
    )


def page_of(salon: Salon, booking: Booking) -> str:
    page = salon.owner().get(f"/bookings/{booking.id}").text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main", 1)[-1]))


def test_a_write_that_failed_says_how_often_and_when_it_is_tried_again(salon: Salon) -> None:
    """users-ask.md U12: failed once, and never tried again."""
    salon.upload()
    salon.connect()
    salon.google.add_fault("status", method="POST", path="/events$", times=None, status=503)
    sync(salon)
    booking = next_booking(salon)
    page = page_of(salon, booking)
    assert "Google does not answer." in page
    assert re.search(r"LateSync tries again on Fri 20 Nov, 14:\d\d\. 1 try failed so far\.", page)

    salon.google.faults.clear()
    owner = salon.owner()
    assert post(owner, f"/agents/{DANA}/sync", page=f"/agents/{DANA}").status_code == 302
    account = salon.account()
    assert account is not None
    assert account.outbound_due_at == NOW
    sync(salon)
    assert "It is in Dana Reyes’s calendar, as it should be." in page_of(salon, booking)


def test_an_event_somebody_keeps_changing_is_not_laid_at_googles_door(salon: Salon) -> None:
    """odoo-calendar-sync.md §4, PR 215449: two programs that correct each other."""
    salon.upload()
    salon.connect()
    sync(salon)
    booking = next_booking(salon)
    (mapping,) = mappings_of_booking(salon.services.database, salon.services.site_id, booking.id)
    record_set_aside(
        salon.services.database,
        mapping.account_id,
        booking.id,
        content_hash=mapping.content_hash,
        span=booking.span,
        problem=FOUGHT_OVER,
        now=NOW,
    )
    page = page_of(salon, booking)
    assert "Its event in Dana Reyes’s calendar is left as somebody else put it." in page
    assert "for example another calendar sync" in page
    assert "Try again" in page
    agent_page = salon.owner().get(f"/agents/{DANA}").text
    assert f"changes the event of booking {booking.id} again each time LateSync puts it back" in agent_page
    assert "Google refused" not in agent_page + page
