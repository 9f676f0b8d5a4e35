"""The encryption key is gone: one clear alarm, nothing crashes, and both ways out heal everything."""

from __future__ import annotations

from latesync.consent.flow import disconnect
from latesync.store.accounts import active_account
from tests.site.builders import Site
from tests.system.browsing import sign_in
from tests.system.google import PretendGoogle
from tests.system.installation import DANA, Installation, at, day
from tests.system.waiting import eventually


def lose_key(installation: Installation) -> str:
    """As when the home was restored without it; returns what was lost."""
    path = installation.folder / "home" / "encryption_key"
    lost = path.read_text()
    installation.secrets.add(lost.strip())
    path.unlink()
    return lost


def test_lost_key_is_one_alarm_and_signing_in_again_heals_everything(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    ben = site.insert_agent(first_name="Ben", last_name="Cho")
    danas, bens = installation.connect(), installation.connect(ben, "ben@example.test")
    own = site.insert_bookings(3, first_day=day(2))
    other = site.insert_booking(start_date=day(4), agent_id=ben)
    google.put_event(danas, at(10, 9), at(10, 10))
    installation.fine("sync")
    client_id = installation.json("client", "show")["client_id"]
    lose_key(installation)
    new = site.insert_booking(start_date=day(6))

    with installation.running("worker") as worker:
        eventually(lambda: "problem=secret_unreadable" in worker.said, "it was met", why=lambda: worker.said)
        assert worker.is_running
        status = installation.json("status", code=1)
        (remedy,) = status["remedies"]
        assert "sign-ins must be renewed: upload the client file again" in remedy["text"]
        assert "Dana" in remedy["text"]
        assert "Ben" in remedy["text"]
        assert "a key that is gone" in installation.latesync("doctor").out
        assert installation.latesync("sync").code == 1
        assert installation.json("keys", "show", code=1)["unreadable"] == 3
        assert installation.busy() == [(at(10, 9), at(10, 10))], "busy times stay as last known"
        assert google.bookings(danas) == own

        client = google.ask("GET", f"/clients/{client_id}")
        installation.fine("client", "import", installation.client_file(client))
        (remedy,) = installation.json("status", code=1)["remedies"]
        assert "upload" not in remedy["text"]
        with installation.web():
            for agent_id, email in ((DANA, danas), (ben, bens)):
                google.ask("PATCH", f"/users/{email}", {"auto_consent": True})
                page = sign_in(installation.fine("agents", "link", str(agent_id)).strip(), email)
                assert "Your calendar is connected" in page
        eventually(lambda: google.bookings(danas) == [*own, new], "it goes on", why=lambda: worker.said)
        assert worker.stop() == 0
    installation.fine("sync")
    assert google.bookings(bens) == [other]
    assert installation.json("plan")["operations"] == []
    assert installation.json("status")["needs_person"] is False


def test_old_key_put_back_heals_everything_under_the_running_worker(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    first = site.insert_booking(start_date=day(2))
    installation.fine("sync")
    lost = lose_key(installation)
    with installation.running("worker") as worker:
        second = site.insert_booking(start_date=day(3))
        eventually(lambda: "problem=secret_unreadable" in worker.said, "it was met", why=lambda: worker.said)
        path = installation.folder / "home" / "encryption_key"
        path.write_text(path.read_text() + lost)
        eventually(
            lambda: google.bookings(calendar) == [first, second], "it goes on", why=lambda: worker.said
        )
        assert worker.stop() == 0
    assert installation.json("status")["needs_person"] is False
    assert installation.json("keys", "show")["unreadable"] == 0


def test_agent_can_be_disconnected_and_a_backup_be_made_without_the_key(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    google.put_event(calendar, at(10, 9), at(10, 10))
    installation.fine("sync")
    lose_key(installation)
    passphrase = {"LATESYNC_BACKUP_PASSPHRASE": "correct horse battery"}
    ended = installation.latesync("backup", str(installation.folder / "x.backup"), **passphrase)
    assert ended.code == 0, ended.text
    with installation.services() as services:
        account = active_account(services.database, services.site_id, DANA)
        assert account is not None
        disconnect(services.consent_desk(), account)
    installation.latesync("sync")
    assert installation.busy() == []
    assert installation.json("status", code=1)["agents"][0]["state"] == "disconnected"
