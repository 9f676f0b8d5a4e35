"""Another client file from a shell: what is said of each account, and when the old client is gone."""

from __future__ import annotations

from tests.site.builders import Site
from tests.system.browsing import sign_in
from tests.system.google import PretendGoogle
from tests.system.installation import DANA, Installation, at, day


def test_bookings_go_on_with_the_old_client_until_it_is_deleted_at_google(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    old_id = installation.json("client", "show")["client_id"]
    first = site.insert_booking(start_date=day(2))
    installation.fine("sync")
    new = installation.add_client()
    file = installation.client_file(new)

    previewed = installation.fine("client", "import", file, "--preview")
    assert installation.json("client", "show")["client_id"] == old_id
    done = installation.fine("client", "import", file)

    for said in (previewed, done):
        assert "must sign in again, once. Until then" in said
        assert new["web"]["client_secret"] not in said
    assert "Nothing was changed" in previewed
    assert "To sign in again, once:" in done
    shown = installation.json("client", "show")
    assert shown["client_id"] == new["web"]["client_id"]
    assert [(row["client_id"], row["accounts"]) for row in shown["clients"]] == [
        (shown["client_id"], 0),
        (old_id, 1),
    ]
    second = site.insert_booking(start_date=day(3))
    installation.latesync("sync")
    assert google.bookings(calendar) == [first, second]

    google.ask("PATCH", f"/clients/{old_id}", {"deleted": True})
    google.put_event(calendar, at(10, 9), at(10, 10))
    synced = installation.json("sync", code=1)
    assert synced["agents"][0]["state"] == "needs_sign_in"
    assert synced["client_problem"] is None
    assert installation.account_state(DANA) == "needs_sign_in"

    google.ask("PATCH", f"/users/{calendar}", {"auto_consent": True})
    with installation.web():
        sign_in(installation.fine("agents", "link", str(DANA)).strip(), calendar)
    installation.fine("client", "import", file)  # the very same file: said so, and taken no second time
    assert "in use already" in installation.ended[-1].out
    installation.fine("sync")
    assert google.bookings(calendar) == [first, second]
    assert installation.busy() == [(at(10, 9), at(10, 10))]


def test_publishing_is_said_and_shown_from_a_shell(installation: Installation) -> None:
    assert "not said" in installation.fine("client", "publishing")
    installation.fine("client", "publishing", "internal")
    assert "internal" in installation.fine("client", "publishing")
    assert installation.json("client", "show")["publishing_status"] == "internal"
    installation.fine("client", "publishing", "unknown")
    assert installation.json("client", "show")["publishing_status"] is None
    assert installation.latesync("client", "publishing", "secret").code == 2


def test_what_a_sync_asked_of_google_is_counted(installation: Installation, site: Site) -> None:
    installation.connect()
    site.insert_booking(start_date=day(2))
    installation.fine("sync")
    quota = installation.json("client", "show")["quota"]
    assert quota["used"] >= 2
    assert 0 < quota["busiest_minute"] <= quota["used"]
    assert (quota["a_day"], quota["a_minute"]) == (1_000_000, 10_000)
