"""Google no longer accepts something: who is asked to act, and that nothing is lost meanwhile."""

from __future__ import annotations

from latesync.consent.flow import disconnect
from latesync.latepoint.bridge_tables import busy_table_name
from latesync.store.accounts import active_account
from tests.site.builders import Site
from tests.system.browsing import sign_in
from tests.system.google import PretendGoogle
from tests.system.installation import DANA, Installation, at, day


def test_revoked_sign_in_asks_for_a_new_one_after_which_everything_is_written(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    kept, cancelled = site.insert_bookings(2, first_day=day(2))
    google.put_event(calendar, at(10, 9), at(10, 10))
    installation.fine("sync")
    google.ask("POST", f"/users/{calendar}/revoke")
    site.update("bookings", cancelled, status="cancelled")
    new = site.insert_booking(start_date=day(5))
    before = installation.json("status")["agents"][0]

    assert installation.json("sync", code=1)["agents"][0]["state"] == "needs_sign_in"
    status = installation.json("status", code=1)
    for direction in ("outbound_good_at", "inbound_good_at"):
        assert status["agents"][0][direction] == before[direction], "nothing was looked at since"
    assert [(agent["state"], agent["waiting"]) for agent in status["agents"]] == [("needs_sign_in", 2)]
    assert "sign in again" in status["remedies"][0]["text"]
    assert status["client_problem"] is None
    assert google.bookings(calendar) == [kept, cancelled]
    assert installation.busy() == [(at(10, 9), at(10, 10))], "busy times stay as last known"
    later = site.insert_booking(start_date=day(6))

    google.ask("PATCH", f"/users/{calendar}", {"auto_consent": True})
    with installation.web():
        page = sign_in(installation.fine("agents", "link", str(DANA)).strip(), calendar)
    assert "Your calendar is connected" in page
    installation.fine("sync")
    assert google.bookings(calendar) == [kept, new, later]
    assert installation.busy() == [(at(10, 9), at(10, 10))]
    assert installation.json("plan")["operations"] == []


def test_rotated_secret_is_the_operators_trouble_and_signs_nobody_out(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    client_id = installation.json("client", "show")["client_id"]
    first = site.insert_booking(start_date=day(2))
    installation.fine("sync")
    rotated = installation.keep_client(google.ask("POST", f"/clients/{client_id}/rotate-secret", {}))
    second = site.insert_booking(start_date=day(3))

    synced = installation.json("sync", code=1)

    assert synced["client_problem"]
    assert installation.account_state() == "connected"
    status = installation.json("status", code=1)
    assert "client file" in status["remedies"][0]["text"]
    assert installation.json("client", "show")["problem"]
    assert google.bookings(calendar) == [first]

    installation.fine("client", "import", installation.client_file(rotated))
    assert installation.json("sync")["client_problem"] is None
    assert google.bookings(calendar) == [first, second]
    assert installation.json("status")["needs_person"] is False


def test_disconnected_agent_is_offered_on_the_booking_form_again(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    booking = site.insert_booking(start_date=day(2))
    google.put_event(calendar, at(10, 9), at(10, 10))
    installation.fine("sync")
    busy, aside = busy_table_name(site.prefix), "set_aside_for_a_while"
    site.execute(f"RENAME TABLE {busy} TO {aside}")
    with installation.services() as services:
        account = active_account(services.database, services.site_id, DANA)
        assert account is not None
        disconnect(services.consent_desk(), account)
    assert installation.json("sync", code=1)["missing_tables"] == [busy]
    site.execute(f"RENAME TABLE {aside} TO {busy}")
    assert installation.busy() == [(at(10, 9), at(10, 10))]

    installation.fine("sync")

    assert installation.busy() == []
    assert google.bookings(calendar) == [booking], "the events are the agent's to keep"
    assert installation.json("status")["agents"][0]["state"] == "disconnected"
