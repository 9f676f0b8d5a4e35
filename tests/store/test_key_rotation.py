"""The key in the home is replaced while everything runs, and after a crash at any point."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from latesync.errors import WrongInput
from latesync.private_files import write_private
from latesync.store.accounts import read_refresh_token
from latesync.store.clients import read_client
from latesync.store.database import Database
from latesync.store.key_file import KeyFile, keep_secret
from latesync.store.key_rotation import rotate_key_file
from latesync.store.schema import accounts
from latesync.store.sealed import count_key_use
from latesync.store.secrets import SecretBox, new_key
from tests.store.builders import Site


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    keep_secret(tmp_path / "encryption_key", new_key)
    return KeyFile(tmp_path / "encryption_key")


@pytest.fixture
def box(file: KeyFile) -> SecretBox:
    """The one of a process that runs all the time."""
    return SecretBox(file)


def hours_pass(file: KeyFile) -> None:
    before = file.replaced_at() - 2 * 3600
    os.utime(file.path, (before, before))


class Crash(BaseException):
    """The process ends here."""


class CrashingFile(KeyFile):
    def __init__(self, path: Path, step: Callable[[], None]) -> None:
        super().__init__(path)
        self._step = step

    def replace(self, keys: Sequence[str]) -> None:
        self._step()
        super().replace(keys)
        self._step()


class CrashingDatabase(Database):
    def __init__(self, database: Database, step: Callable[[], None]) -> None:
        self.url, self.engine, self._database, self._step = database.url, database.engine, database, step

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._step()
        with self._database.write() as connection:
            yield connection
            self._step()
        self._step()


def test_everything_is_under_a_new_key_and_the_one_before_stays(
    site: Site, file: KeyFile, box: SecretBox
) -> None:
    account_id = site.connect()
    (old,) = file.read()

    done = rotate_key_file(site.database, file)

    new, kept = file.read()
    assert kept == old
    assert new != old
    assert (done.resealed, done.unreadable, done.kept) == (2, 0, 2)
    assert count_key_use(site.database, [new, old]).by_key == (2, 0)
    assert read_refresh_token(site.database, box, account_id) == "token-1"
    assert SecretBox([new]).open(box.seal("sealed by the running process")) == "sealed by the running process"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_second_rotation_drops_the_oldest_key(site: Site, file: KeyFile, box: SecretBox) -> None:
    account_id = site.connect()
    (oldest,) = file.read()
    rotate_key_file(site.database, file)
    hours_pass(file)
    assert rotate_key_file(site.database, file).dropped == 1
    assert oldest not in file.read()
    assert read_refresh_token(site.database, SecretBox(file), account_id) == "token-1"


def test_what_a_process_had_read_before_rotations_in_a_row_is_still_opened(site: Site, file: KeyFile) -> None:
    """It opens late, on a busy machine: after the secret it read was sealed anew twice."""
    site.connect()
    with site.database.read() as connection:
        read_before = connection.scalars(select(accounts.c.refresh_token)).one()
    for _ in range(3):
        rotate_key_file(site.database, file)
    assert SecretBox(file).open(read_before) == "token-1"


def test_a_file_from_a_time_to_come_gives_up_no_key(site: Site, file: KeyFile) -> None:
    rotate_key_file(site.database, file)
    ahead = file.replaced_at() + 7200
    os.utime(file.path, (ahead, ahead))
    assert rotate_key_file(site.database, file).dropped == 0


def test_a_crash_between_any_two_steps_loses_nothing_and_a_repeat_ends_it(
    site: Site, file: KeyFile, box: SecretBox
) -> None:
    account_id = site.connect()
    steps = 0
    while True:
        steps += 1
        left = steps

        def step() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash

        try:
            rotate_key_file(CrashingDatabase(site.database, step), CrashingFile(file.path, step))
        except Crash:
            readable_by_all(site, account_id, box, file)
        else:
            break
    assert steps > 8
    hours_pass(file)
    rotate_key_file(site.database, file)
    readable_by_all(site, account_id, box, file)
    assert len(file.read()) == 2
    assert count_key_use(site.database, file.read()).by_key == (2, 0)


def readable_by_all(site: Site, account_id: int, running: SecretBox, file: KeyFile) -> None:
    for each in (running, SecretBox(file)):
        assert read_refresh_token(site.database, each, account_id) == "token-1"
        assert read_client(site.database, each, site.client_ref).client_secret == "secret-1"


def test_a_key_that_is_still_needed_is_not_dropped(site: Site, file: KeyFile) -> None:
    """A process seals with an older key in the very moment after everything was sealed anew."""
    (oldest,) = file.read()
    site.connect()
    rotate_key_file(site.database, file)
    hours_pass(file)

    class Late(Database):
        def __init__(self, database: Database) -> None:
            self.url, self.engine, self._database = database.url, database.engine, database

        @contextmanager
        def write(self) -> Iterator[Connection]:
            with self._database.write() as connection:
                yield connection
            Site(site.database, SecretBox([oldest]), site.client_ref).connect(refresh_token="token-2")

    rotate_key_file(Late(site.database), file)
    assert oldest in file.read()
    hours_pass(file)
    rotate_key_file(site.database, file)
    assert oldest not in file.read()


def test_two_rotations_at_once_are_refused(site: Site, file: KeyFile) -> None:
    with file.held_alone(), pytest.raises(WrongInput, match="Another command"):
        rotate_key_file(site.database, file)
    assert len(file.read()) == 1


def test_an_empty_or_missing_key_file_is_explained_without_a_key(tmp_path: Path) -> None:
    path = tmp_path / "encryption_key"
    with pytest.raises(WrongInput, match="cannot be read"):
        KeyFile(path).read()
    write_private(path, "\n")
    with pytest.raises(WrongInput, match="is empty"):
        KeyFile(path).read()


def test_a_draft_of_somebody_who_died_does_no_harm(file: KeyFile) -> None:
    (file.path.parent / ".encryption_key.draft").write_text("half of a k")
    before = set(file.path.parent.iterdir())
    with file.held_alone():
        file.replace([new_key()])
    assert len(file.read()[0]) == 44
    left = set(file.path.parent.iterdir()) - before
    assert {path.name for path in left} <= {".encryption_key.lock"}, "no draft of its own stays"


def test_a_secret_is_made_although_somebody_died_over_it_under_the_same_process_number(
    tmp_path: Path,
) -> None:
    """In a container every process may have the same number."""
    (tmp_path / f".secret_key.{os.getpid()}").write_text("half")
    assert keep_secret(tmp_path / "secret_key", lambda: "whole") == "whole"
    assert keep_secret(tmp_path / "secret_key", lambda: "another") == "whole"
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_nothing_is_signed_with_an_empty_secret(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch(mode=0o600)
    with pytest.raises(WrongInput, match="is empty"):
        keep_secret(tmp_path / "secret_key", new_key)
