"""`latesync admin create`: who may sign in, and where the digest goes."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from latesync.cli import main
from latesync.store.database import Database
from latesync.store.migrate import migrate
from latesync.store.people import count_admins

PASSWORD = "long enough for anybody"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def _as_installed(arguments: tuple[str, ...]) -> None:
    """With the sentences and exit codes that `main` makes of errors."""
    main(list(arguments))


@pytest.mark.parametrize(("email", "code", "admins"), [("dana@example.com", 0, 1), ("dana", 2, 0)])
def test_only_an_e_mail_address_makes_an_administrator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, email: str, code: int, admins: int
) -> None:
    monkeypatch.setenv("LATESYNC_HOME", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    outcome = CliRunner().invoke(
        _as_installed, ["admin", "create", email, "--password-stdin"], input=f"{PASSWORD}\n"
    )
    assert outcome.exit_code == code
    assert ("no e-mail address" in outcome.output) == (admins == 0)
    assert count_admins(database) == admins
    database.dispose()
