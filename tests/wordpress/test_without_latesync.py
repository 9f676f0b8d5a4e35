"""A site whose LateSync is away books as if the plugin were not there, and nothing is lost meanwhile."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlsplit

from tests.system.waiting import eventually
from tests.wordpress.site import WordPress
from tests.wordpress.together import ANNA, LIKE_FPM, MY_CALENDAR, STATUS, Together, at, day

DAY = day()
BREAKER, TROUBLES = "latesync_bridge_breaker", "latesync_bridge_troubles"


def forget_failures(site: WordPress) -> None:
    """As if the minute were over in which a LateSync that does not answer is left alone."""
    site.run("DELETE FROM wp_options WHERE option_name IN (:one, :other)", one=BREAKER, other=TROUBLES)


def reason(site: WordPress) -> str | None:
    """What the plugin noted about the delivery of its last note."""
    troubles = site.option(TROUBLES) or {}
    return troubles["unreachable"]["detail"] if "unreachable" in troubles else None


@contextmanager
def listening(port: int = 0) -> Iterator[socket.socket]:
    """A port that takes connections; nobody accepts them unless the test does."""
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server


def hang_up(server: socket.socket) -> None:
    """Close each connection without a word, until the port is closed."""
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        return


def use_everything(site: WordPress, name: str, start: int) -> int:
    """What visitors and the owner do in a day; the booking that is there afterwards."""
    bookings = site.bookings
    assert "latepoint-book-form" in bookings.form_page()
    assert start in site.slots(DAY, ANNA)
    kept = bookings.book(DAY, start, name=name)
    assert kept.ok, kept.message
    assert start not in site.slots(DAY, ANNA)
    gone = bookings.admin_create(DAY, start + 60)
    assert bookings.edit(gone.order_id, gone.booking_id, start_time=start + 120).ok
    assert bookings.delete(gone.booking_id).ok
    assert "data-agent-id" in bookings.day_view(DAY)
    return kept.booking_id


def test_bookings_go_on_while_latesync_is_away_and_reach_the_calendar_afterwards(together: Together) -> None:
    both, site = together, together.site
    (site.content / "mu-plugins" / "like-fpm.php").unlink()  # PHP's own server: the visitor does wait
    cancelled = site.bookings.book(DAY, 480).booking_id
    eventually(lambda: both.bookings_in(ANNA) == [cancelled], "the event appeared", why=both.said)
    both.stop()
    port = urlsplit(both.address).port
    assert port is not None
    kept = []

    forget_failures(site)
    kept.append(use_everything(site, "Kim", 540))
    assert reason(site) == "connect"
    notes = both.notes()

    with listening(port):
        forget_failures(site)
        kept.append(use_everything(site, "Lou", 600))
        assert reason(site) == "timeout"

    with listening(port) as server:
        Thread(target=hang_up, args=[server], daemon=True).start()
        forget_failures(site)
        kept.append(use_everything(site, "Max", 660))
        assert reason(site) == "closed"
        server.shutdown(socket.SHUT_RDWR)

    site.bookings.cancel_by_link(cancelled)
    assert both.notes() == notes
    both.start()
    eventually(lambda: both.bookings_in(ANNA) == kept, "polling caught up", why=both.said)
    assert both.start_of_event(ANNA, kept[0]) == at(DAY, "09:00")
    assert both.notes() == notes

    # The minute is over: the next note gets through, and what was noted about the failure is forgotten.
    site.run("UPDATE wp_options SET option_value = '1' WHERE option_name = :name", name=BREAKER)
    site.add_code(LIKE_FPM, "like-fpm")
    site.bookings.cancel_by_link(kept[0])
    eventually(lambda: both.notes() == notes + 1, "a note came", why=both.said)
    eventually(lambda: both.bookings_in(ANNA) == kept[1:], "it was cancelled", why=both.said)
    assert reason(site) is None


def test_plugin_that_was_never_connected_sends_nothing(bridge: WordPress) -> None:
    with listening() as server:
        server.setblocking(False)
        # An address without a secret is no connection: whatever was sent would come here.
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for settings in ({}, {"address": address, "secret": ""}):
            bridge.php(
                f"LateSync_Bridge_Settings::set( json_decode( '{json.dumps(settings)}', true ) ); return 1;"
            )
            start = 540 if not settings else 720
            use_everything(bridge, "Kim", start)
            assert "not connected to LateSync yet" in bridge.get(STATUS, bridge.login("admin")).text
            assert "not connected to LateSync yet" in bridge.get(MY_CALENDAR, bridge.login("anna")).text
        assert not _was_called(server)
    left = bridge.rows("SELECT option_name FROM wp_options WHERE option_name LIKE 'latesync_bridge%'")
    assert {row["option_name"] for row in left} == {"latesync_bridge"}


def _was_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True
