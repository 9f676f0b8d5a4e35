"""A LateSync that finds itself at a copied site: it stops, asks, and goes on as the person says."""

from __future__ import annotations

from tests.site.builders import Site
from tests.system.google import PretendGoogle
from tests.system.installation import Installation, at, day
from tests.system.waiting import eventually

HOME, STAGING, NEW = "https://spa.example.test", "https://staging.example.test", "https://new.example.test"


def test_a_copied_site_is_asked_about_and_each_answer_is_followed_without_a_restart(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    """odoo-calendar-sync.md PR 127729: a copied (test) database edits real calendars."""
    calendar = installation.connect()
    bookings = site.insert_bookings(3, first_day=day(2))
    google.put_event(calendar, at(20, 9), at(20, 10))
    installation.fine("sync")
    assert installation.json("site")["home_url"] == HOME

    # Copied: nothing is touched, by no command and no worker.
    site.set_option("home", STAGING)
    site.update("bookings", bookings[0], status="cancelled")
    added = site.insert_booking(start_date=day(30))
    assert installation.latesync("sync").code == 1
    assert installation.latesync("plan").code == 1
    assert installation.json("status", code=1)["site_stopped"] == "other_home"
    assert installation.json("site", code=1)["seen_home_url"] == STAGING
    assert google.bookings(calendar) == bookings
    with installation.running("worker") as worker:
        eventually(lambda: "identity standing=stopped" in worker.said, "it stopped", why=lambda: worker.said)
        assert google.bookings(calendar) == bookings

        # It had moved: everything is caught up, by the worker that waits.
        assert "It goes on." in installation.fine("site", "moved")
        remaining = [*bookings[1:], added]
        eventually(lambda: google.bookings(calendar) == remaining, "it goes on", why=lambda: worker.said)

        # Another copy, and this time it is one: the same worker begins anew, with nobody connected.
        before = installation.json("site")["site_id"]
        said = installation.latesync("site", "copy", "--yes")
        assert (said.code, "nothing to answer" in said.text) == (1, True)
        site.set_option("home", NEW)
        eventually(lambda: installation.latesync("site").code == 1, "it noticed", why=lambda: worker.said)
        said = installation.latesync("site", "copy", stdin="no\n")
        assert said.code == 2
        assert "type the word copy" in said.text
        assert "copied from the other site" in installation.fine("site", "copy", "--yes")
        after = installation.json("site")
        assert (after["home_url"], after["stopped_for"]) == (NEW, None)
        assert after["site_id"] != before
        eventually(
            lambda: worker.said.count("worker started") >= 2 and "standing=ours" in worker.said[-2000:],
            "the worker follows",
            why=lambda: worker.said,
        )
        assert worker.stop() == 0
    assert installation.busy() == []
    assert installation.json("status", code=1)["site_stopped"] is None
    assert google.bookings(calendar) == remaining
