"""Processes that are killed at any moment: no event twice, none lost, and the lease they held runs out."""

from __future__ import annotations

from random import Random

from tests.site.builders import Site
from tests.system.google import PretendGoogle
from tests.system.installation import Installation, day
from tests.system.programs import Program
from tests.system.waiting import eventually

KILLS = 5
MOST_EVENTS_BETWEEN = 8


def test_killed_again_and_again_every_booking_has_one_event_in_the_end(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    seed = Random().randrange(10**6)
    moments = Random(seed)
    calendar = installation.connect()
    bookings = site.insert_bookings(60, first_day=day(2))
    with google.slow(0.02):
        for number in range(KILLS):
            installation.let_leases_run_out()
            wanted = len(google.events(calendar)) + moments.randint(0, MOST_EVENTS_BETWEEN)
            with installation.running(("sync", "worker")[number % 2]) as program:
                _wait_for(google, calendar, wanted, program, seed)
                program.kill()
        assert len(google.events(calendar)) < len(bookings), f"seed {seed}: nobody was killed at work"
        for booking in bookings[:3]:
            site.update("bookings", booking, status="cancelled")
    # The last one killed still has its lease: the next run waits for it, as a person's would.
    assert installation.leases() == 1

    synced = installation.json("sync")

    assert google.bookings(calendar) == bookings[3:], f"seed {seed}"
    assert synced["needs_person"] is False
    assert installation.json("plan")["operations"] == []
    assert set(installation.mapping_states()) <= {"live", "gone"}


def _wait_for(google: PretendGoogle, calendar: str, wanted: int, program: Program, seed: int) -> None:
    """Until that many events stand there, the process's own run having begun."""
    google.ask("DELETE", "/requests")
    eventually(
        lambda: len(google.events(calendar)) >= wanted and google.ask("GET", "/requests")["counts"],
        f"{wanted} events came (seed {seed})",
        why=lambda: program.said,
    )
