"""An agent moves or deletes a booking's event: what becomes of the booking under each of the owner's choices.

Only through the plugin is a booking changed, so that LatePoint checks, tells the customer and moves its
reminders (latepoint-live.md §5).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from latesync.latepoint.bridge_tables import MESSAGE_LENGTH
from latesync.options import DriftPolicy
from latesync.sentences.drift_sentences import RefusalText, booking_words
from latesync.sentences.drift_sentences import refused as refusal_text
from latesync.times import Zone
from tests.services.mariadb import MariaDBServer
from tests.system.waiting import eventually
from tests.wordpress.site import WordPress
from tests.wordpress.together import ANNA, MY_CALENDAR, STATUS, ZONE, Together, as_stored, at, day, joined

DAY, YESTERDAY = day(20), day(-1)

_TOLD = """
foreach ( array( 'booking_updated', 'booking_change_status' ) as $name ) {
    add_action( "latepoint_$name", static function ( $new, $old, $by = '' ) use ( $name ) {
        $times = array( (int) $old->start_time, (int) $new->start_time );
        $told  = json_encode( array( $name, ...$times, $old->status, $new->status, $by ) );
        file_put_contents( WP_CONTENT_DIR . '/told', "$told\\n", FILE_APPEND );
    }, 10, 3 );
}
"""

# LatePoint has saved and told everybody, and the answer is not sent until the test lets it go.
_HOLD_THE_ANSWER = """
add_action( 'latepoint_booking_updated', static function () {
    touch( WP_CONTENT_DIR . '/applied' );
    while ( file_exists( WP_CONTENT_DIR . '/hold' ) ) {
        usleep( 20000 );
        clearstatcache();
    }
}, 9999 );
"""


@dataclass
class Listener:
    """An add-on of LatePoint's that is told of changed bookings, as its reminders and mails are."""

    site: WordPress

    @classmethod
    def start(cls, site: WordPress) -> Listener:
        site.add_code(_TOLD, "listener")
        return cls(site)

    def take(self) -> list[list[Any]]:
        """[hook, old start, new start, old status, new status, on whose behalf] since the last time."""
        file = self.site.content / "told"
        if not file.exists():
            return []
        lines = file.read_text().splitlines()
        file.unlink()
        return [json.loads(line) for line in lines]


@pytest.fixture
def every_version(every_latepoint: WordPress, mariadb: MariaDBServer, tmp_path: Path) -> Iterator[Together]:
    every_latepoint.activate()
    with joined(every_latepoint, mariadb, tmp_path) as both:
        yield both


def book(both: Together, start: int) -> int:
    answer = both.site.bookings.book(DAY, start)
    assert answer.ok, answer.message
    eventually(
        lambda: both.start_of_event(ANNA, answer.booking_id) is not None, "the event appeared", why=both.said
    )
    return answer.booking_id


def move(both: Together, booking: int, to: str, on: str = DAY, minutes: int = 60) -> None:
    both.change_event(ANNA, booking, on, to, minutes)
    both.read_calendars_now()


def times_of(both: Together, booking: int) -> tuple[str, int, str, int]:
    row = both.site.bookings.row(booking)
    return str(row["start_date"]), row["start_time"], str(row["end_date"]), row["end_time"]


def utc_of(both: Together, booking: int) -> tuple[datetime, datetime]:
    row = both.site.bookings.row(booking)
    return row["start_datetime_utc"], row["end_datetime_utc"]


def quiet(both: Together) -> bool:
    return both.installation.leases() == 0 and both.nothing_to_do(ANNA)


def test_apply_moves_and_cancels_the_booking_through_latepoint(every_version: Together) -> None:
    both, site = every_version, every_version.site
    both.choose(DriftPolicy.APPLY)
    booking = book(both, 600)
    listener = Listener.start(site)

    move(both, booking, "14:00")
    eventually(lambda: times_of(both, booking)[1] == 840, "the booking was moved", why=both.said)
    eventually(lambda: quiet(both), "all was done", why=both.said)
    assert listener.take() == [["booking_updated", 600, 840, "approved", "approved", "latesync"]]
    assert times_of(both, booking) == (DAY, 840, DAY, 900)
    assert utc_of(both, booking) == (as_stored(at(DAY, "14:00")), as_stored(at(DAY, "15:00")))
    assert both.bookings_in(ANNA) == [booking]
    assert both.start_of_event(ANNA, booking) == at(DAY, "14:00")
    offered = site.slots(DAY, ANNA)
    assert 600 in offered
    assert 840 not in offered

    both.delete_event(ANNA, booking)
    both.read_calendars_now()
    eventually(lambda: site.bookings.row(booking)["status"] == "cancelled", "it was cancelled", why=both.said)
    eventually(lambda: quiet(both), "all was done", why=both.said)
    assert listener.take() == [
        ["booking_updated", 840, 840, "approved", "cancelled", "latesync"],
        ["booking_change_status", 840, 840, "approved", "cancelled", "latesync"],
    ]
    assert times_of(both, booking) == (DAY, 840, DAY, 900)
    assert both.bookings_in(ANNA) == []
    assert 840 in site.slots(DAY, ANNA)


def test_restore_puts_back_leave_lets_it_be_and_neither_touches_the_booking(together: Together) -> None:
    both, site = together, together.site
    booking = book(both, 600)
    listener = Listener.start(site)
    before = site.bookings.row(booking)

    move(both, booking, "14:00")
    eventually(
        lambda: both.start_of_event(ANNA, booking) == at(DAY, "10:00"), "it was put back", why=both.said
    )
    both.delete_event(ANNA, booking)
    both.read_calendars_now()
    eventually(lambda: both.bookings_in(ANNA) == [booking], "it was made again", why=both.said)
    eventually(lambda: quiet(both), "all was done", why=both.said)

    both.choose(DriftPolicy.LEAVE)
    move(both, booking, "14:00")
    shown = f"Booking {booking} of Anna Adler: the calendar says"
    eventually(
        lambda: shown in both.press("admin", STATUS, "open").text, "the owner's page says so", why=both.said
    )
    assert both.start_of_event(ANNA, booking) == at(DAY, "14:00")
    assert site.bookings.row(booking) == before
    assert listener.take() == []

    site.bookings.reschedule_by_link(booking, DAY, 960)
    eventually(
        lambda: both.start_of_event(ANNA, booking) == at(DAY, "16:00"),
        "it follows the booking",
        why=both.said,
    )
    eventually(lambda: quiet(both), "all was done", why=both.said)
    assert shown not in both.press("admin", STATUS, "open").text


def test_what_latepoint_refuses_is_put_back_and_the_agent_is_told(together: Together) -> None:
    both, site = together, together.site
    both.choose(DriftPolicy.APPLY)
    booking = book(both, 600)
    other = book(both, 780)
    both.put_event(ANNA, DAY, "15:00", "16:00")
    both.read_calendars_now()
    eventually(lambda: 900 not in site.slots(DAY, ANNA), "her own event closed its slot", why=both.said)
    listener = Listener.start(site)
    before = site.bookings.row(booking), site.bookings.row(other)
    code, ten = str(before[0]["booking_code"]), at(DAY, "10:00")
    refused: list[RefusalText] = []
    wishes = [
        (DAY, "13:00", "not_bookable"),  # another booking
        (DAY, "15:00", "busy"),  # her own event
        (DAY, "11:20", "not_bookable"),  # between the slots
        (DAY, "20:00", "not_bookable"),  # after work
        (YESTERDAY, "10:00", "past"),
    ]
    for on, clock, reason in wishes:
        move(both, booking, clock, on)
        eventually(
            lambda: both.start_of_event(ANNA, booking) == at(DAY, "10:00") and quiet(both),
            f"it was put back from {on} {clock}",
            why=both.said,
        )
        named = booking_words(booking, code, ten, Zone(ZONE.key))
        refused.insert(0, refusal_text(named, "move", at(on, clock), reason, Zone(ZONE.key)))
        eventually(
            lambda: both.message_in_wordpress(ANNA) == refused[0].within(MESSAGE_LENGTH, len(refused) - 1),
            "WordPress says so",
            why=both.said,
        )
    assert (site.bookings.row(booking), site.bookings.row(other)) == before
    assert listener.take() == []
    assert both.bookings_in(ANNA) == [booking, other]

    assert refused[0].what in site.get(MY_CALENDAR, site.login("anna")).text
    own_page = both.press("anna", MY_CALENDAR, "open_own", agent="1")
    assert own_page.url == f"{both.address}/connect"
    assert own_page.text.count(f"Booking {code} (") == len(wishes)
    for text in refused:
        assert f"{text.what.partition(' was ')[2]} {text.why} {text.remedy}" in own_page.text

    move(both, booking, "14:00")
    eventually(lambda: times_of(both, booking)[1] == 840, "the booking was moved", why=both.said)
    eventually(lambda: both.message_in_wordpress(ANNA) == "", "nothing is said of it any more", why=both.said)
    assert code not in both.press("anna", MY_CALENDAR, "open_own", agent="1").text


def test_wish_survives_a_plugin_that_is_away_and_a_worker_that_is_killed(together: Together) -> None:
    both, site = together, together.site
    both.choose(DriftPolicy.APPLY)
    booking = book(both, 600)
    listener = Listener.start(site)

    site.deactivate()
    move(both, booking, "14:00")
    eventually(
        lambda: both.account(ANNA).problem == "plugin_rejected", "the plugin was missed", why=both.said
    )
    assert times_of(both, booking)[1] == 600
    assert both.start_of_event(ANNA, booking) == at(DAY, "14:00")
    site.activate()
    eventually(lambda: times_of(both, booking)[1] == 840, "it was tried again by itself", why=both.said)
    eventually(lambda: quiet(both) and both.account(ANNA).problem is None, "all was done", why=both.said)
    assert [told[:3] for told in listener.take()] == [["booking_updated", 600, 840]]

    hold, applied = site.content / "hold", site.content / "applied"
    hold.touch()
    site.add_code(_HOLD_THE_ANSWER, "hold-the-answer")
    move(both, booking, "11:00")
    eventually(applied.exists, "LatePoint moved it", why=both.said)
    assert both.worker is not None
    both.worker.kill()
    hold.unlink()
    assert both.installation.leases() == 1
    both.installation.let_leases_run_out()
    both.start(web=False)
    eventually(lambda: quiet(both), "the next worker brought it in step", why=both.said)
    assert times_of(both, booking) == (DAY, 660, DAY, 720)
    assert both.bookings_in(ANNA) == [booking]
    assert both.start_of_event(ANNA, booking) == at(DAY, "11:00")
    assert [told[:3] for told in listener.take()] == [["booking_updated", 840, 660]]
    ended = at(DAY, "11:00") + timedelta(hours=1)
    assert utc_of(both, booking) == (as_stored(at(DAY, "11:00")), as_stored(ended))
