"""`backup` beside a running worker, `restore` on another machine: it goes on there, with nothing doubled."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from latesync.config import BACKUP_PASSPHRASE
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site
from tests.system.google import PretendGoogle
from tests.system.installation import DANA, Installation, at, day
from tests.system.programs import Ended
from tests.system.waiting import eventually

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def old(installation: Installation) -> Installation:
    installation.secrets.add(PASSPHRASE)
    return installation


@pytest.fixture
def new_state(mariadb: MariaDBServer) -> object:
    with mariadb.fresh_database() as url:
        yield url


def back_up(installation: Installation, file: Path, *arguments: str, **more: str) -> Ended:
    return installation.latesync("backup", str(file), *arguments, **{BACKUP_PASSPHRASE: PASSPHRASE, **more})


def restore(installation: Installation, file: Path, *arguments: str, **more: str) -> Ended:
    return installation.latesync("restore", str(file), *arguments, **{BACKUP_PASSPHRASE: PASSPHRASE, **more})


def move_out(installation: Installation, **environment: str) -> None:
    """From now on everything happens on another machine, which has a home of its own."""
    installation.environment = {
        **installation.environment,
        "LATESYNC_HOME": str(installation.folder / "new-home"),
        **environment,
    }


def test_another_machine_with_another_database_goes_on_where_the_old_one_was(
    old: Installation, google: PretendGoogle, site: Site, new_state: str, tmp_path: Path
) -> None:
    calendar = old.connect()
    bookings = site.insert_bookings(5, first_day=day(2))
    busy = google.put_event(calendar, at(20, 9), at(20, 10))
    file = tmp_path / "house.backup"
    with old.running("worker") as worker:
        eventually(lambda: google.bookings(calendar) == bookings, "all came", why=lambda: worker.said)
        ended = back_up(old, file)
        assert ended.code == 0, ended.text
        # What happens on the old machine after the backup, the restored state knows nothing of.
        later = site.insert_booking(start_date=day(30))
        site.update("bookings", bookings[0], start_time=900, end_time=960)
        site.update("bookings", bookings[1], status="cancelled")
        remaining = [booking for booking in [*bookings, later] if booking != bookings[1]]
        eventually(lambda: google.bookings(calendar) == remaining, "it came too", why=lambda: worker.said)
        worker.kill()
    link = old.fine("agents", "link", str(DANA)).strip()
    google.ask("DELETE", f"/calendars/{calendar}/events/{busy}")
    google.put_event(calendar, at(21, 9), at(21, 10))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    move_out(old, LATESYNC_DATABASE_URL=new_state)

    restored = restore(old, file)

    assert restored.code == 0, restored.text
    assert "LATESYNC_SITE_DATABASE_URL" not in restored.out, "it is set here already"
    old.fine("sync")
    assert google.bookings(calendar) == remaining
    assert old.busy() == [(at(21, 9), at(21, 10))]
    assert old.json("plan")["operations"] == []
    assert old.fine("agents", "link", str(DANA)).strip().partition(".")[0] == link.partition(".")[0]
    with old.running("worker") as worker:
        added = site.insert_booking(start_date=day(31))
        eventually(
            lambda: google.bookings(calendar) == [*remaining, added], "it goes on", why=lambda: worker.said
        )
        assert worker.stop() == 0
    assert old.json("plan")["operations"] == []
    home = tmp_path / "new-home"
    for name in ("encryption_key", "secret_key", "bridge_secret"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


def test_what_the_other_machine_lacks_is_named_and_no_value_is_printed(
    old: Installation, tmp_path: Path
) -> None:
    old.connect()
    file = tmp_path / "house.backup"
    assert back_up(old, file).code == 0
    move_out(old)
    site_url = old.environment.pop("LATESYNC_SITE_DATABASE_URL")
    ended = restore(old, file, LATESYNC_SECRET_KEY="s" * 40)
    old.environment["LATESYNC_SITE_DATABASE_URL"] = site_url
    assert ended.code == 1
    assert "Set as on the machine before: LATESYNC_SITE_DATABASE_URL." in ended.out
    assert "LATESYNC_SECRET_KEY is set here and is another one" in ended.err


def test_keys_from_the_environment_travel_and_contradicting_ones_are_said(
    old: Installation, tmp_path: Path
) -> None:
    file, key = tmp_path / "house.backup", old.fine("keys", "new").strip()
    old.ended.pop()  # it was asked for
    old.secrets.add(key)
    old_key = (tmp_path / "home" / "encryption_key").read_text().strip()
    old.environment["LATESYNC_ENCRYPTION_KEYS"] = f"{key},{old_key}"
    old.connect()
    assert old.latesync("keys", "rotate").code == 0
    assert back_up(old, file).code == 0
    other = "A" * 43 + "="

    move_out(old, LATESYNC_ENCRYPTION_KEYS=other)
    ended = restore(old, file)
    assert ended.code == 1
    assert "LATESYNC_ENCRYPTION_KEYS is set here and lacks the backup" in ended.err
    del old.environment["LATESYNC_ENCRYPTION_KEYS"]
    old.fine("sync")
    assert old.json("keys", "show")["secrets_by_key"][0] == 2


def test_a_restore_that_cannot_be_done_changes_nothing(old: Installation, tmp_path: Path) -> None:
    old.connect()
    file, cut, changed = (tmp_path / name for name in ("house.backup", "cut", "changed"))
    assert back_up(old, file).code == 0
    content = file.read_bytes()
    cut.write_bytes(content[:-1])
    changed.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    move_out(old)
    home = tmp_path / "new-home"

    refused = [
        restore(old, file, **{BACKUP_PASSPHRASE: "another horse battery"}),
        restore(old, cut),
        restore(old, changed),
        restore(old, Path(__file__)),
    ]

    for ended in refused:
        assert ended.code == 2, ended.text
        assert len(ended.err.strip().splitlines()) == 1, ended.err
    assert not home.exists()
    assert restore(old, file).code == 0


def test_a_state_that_is_there_is_given_up_only_when_that_is_said_twice(
    old: Installation, google: PretendGoogle, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "house.backup"
    assert back_up(old, file).code == 0
    calendar = old.connect()
    site.insert_booking(start_date=day(2))
    old.fine("sync")

    assert "--replace" in restore(old, file).err
    arguments = ("restore", str(file), "--replace")
    no = old.latesync(*arguments, stdin="no\n", **{BACKUP_PASSPHRASE: PASSPHRASE})
    assert (no.code, no.err.strip()) == (2, "Nothing was changed.")
    assert old.account_state() == "connected"

    yes = old.latesync(*arguments, stdin="replace\n", **{BACKUP_PASSPHRASE: PASSPHRASE})
    assert yes.code == 0, yes.text
    assert old.account_state() == "none"
    assert len(google.bookings(calendar)) == 1


def test_nothing_is_restored_under_a_worker_that_is_at_work(
    old: Installation, google: PretendGoogle, site: Site, tmp_path: Path
) -> None:
    calendar = old.connect()
    file = tmp_path / "house.backup"
    assert back_up(old, file).code == 0
    site.insert_bookings(40, first_day=day(2))
    with google.slow(0.2), old.running("worker") as worker:
        eventually(lambda: google.events(calendar), "it is at work", why=lambda: worker.said)
        ended = restore(old, file, "--replace", "--yes")
        assert worker.stop() == 0
    assert ended.code == 2
    assert "Stop web and worker first" in ended.err


def test_a_backup_is_written_whole_or_not_at_all_and_never_over_another(
    old: Installation, tmp_path: Path
) -> None:
    file, folder = tmp_path / "house.backup", tmp_path / "empty"
    folder.mkdir()
    assert back_up(old, file).code == 0
    before = file.read_bytes()
    again = back_up(old, file)
    assert again.code == 2
    assert "--force" in again.err
    assert file.read_bytes() == before
    assert back_up(old, file, "--force").code == 0
    assert file.read_bytes() != before
    assert back_up(old, tmp_path / "no" / "such" / "folder").code == 2
    short = back_up(old, folder / "x", **{BACKUP_PASSPHRASE: "too short"})
    assert "12 characters" in short.err
    none = old.latesync("backup", str(folder / "x"))
    assert none.code == 2
    assert BACKUP_PASSPHRASE in none.err
    assert list(folder.iterdir()) == []
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".house")]


def test_a_passphrase_may_come_from_a_file(old: Installation, tmp_path: Path) -> None:
    kept, file = tmp_path / "passphrase", tmp_path / "house.backup"
    kept.write_text(PASSPHRASE + "\n")
    ended = old.latesync("backup", str(file), **{f"{BACKUP_PASSPHRASE}_FILE": str(kept)})
    assert ended.code == 0, ended.text
    move_out(old)
    assert restore(old, file).code == 0
