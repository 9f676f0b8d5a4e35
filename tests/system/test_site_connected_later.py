"""The worker is there before any booking site: what the set-up page keeps, it takes up without a restart."""

from __future__ import annotations

from pathlib import Path

from latesync.latepoint.kept_address import SiteAddress, write_kept_address
from tests.site.builders import Site
from tests.system.google import PretendGoogle
from tests.system.installation import Installation, day
from tests.system.waiting import eventually

NO_SITE = {"LATESYNC_SITE_DATABASE_URL": "", "LATESYNC_TABLE_PREFIX": ""}


def keep(installation: Installation, prefix: str) -> None:
    home = Path(installation.environment["LATESYNC_HOME"])
    write_kept_address(home, SiteAddress(installation.environment["LATESYNC_SITE_DATABASE_URL"], prefix))


def test_worker_takes_up_a_site_that_is_connected_while_it_runs_and_follows_when_it_moves(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    booking = site.insert_booking(start_date=day(2))
    with installation.running("worker", **NO_SITE) as worker:
        eventually(lambda: "no_booking_site" in worker.said, "the worker waits", why=lambda: worker.said)
        keep(installation, "elsewhere_")
        eventually(lambda: "site cannot be read" in worker.said, "it looked", why=lambda: worker.said)
        keep(installation, site.prefix)
        eventually(
            lambda: google.bookings(calendar) == [booking], "the booking came", why=lambda: worker.said
        )
        assert worker.stop() == 0, worker.said


def test_worker_that_waits_for_a_site_ends_when_it_is_told_to(installation: Installation) -> None:
    with installation.running("worker", **NO_SITE) as worker:
        eventually(lambda: "no_booking_site" in worker.said, "the worker waits", why=lambda: worker.said)
        assert worker.stop() == 0, worker.said


def test_commands_without_a_site_say_what_is_to_be_done_and_blame_nobodys_typing(
    installation: Installation,
) -> None:
    for command in ("sync", "plan"):
        ended = installation.latesync(command, **NO_SITE)
        assert (ended.code, ended.out) == (1, "")
        assert "No booking site is connected yet" in ended.err
