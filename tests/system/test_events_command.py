"""What events say, from a shell: shown as it is taken, counted before it is saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from latesync.cli import commands
from latesync.errors import WrongInput
from latesync.sandbox.site.database import open_site
from latesync.sandbox.site.seed import prepare_site
from latesync.store.database import Database
from latesync.store.migrate import migrate

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    database.dispose()
    with closing(open_site(tmp_path / "site.db")) as site:
        prepare_site(site, datetime.now(UTC))
    environment = {
        "LATESYNC_HOME": str(tmp_path),
        "LATESYNC_SITE_DATABASE_URL": f"sqlite:///{tmp_path}/site.db",
    }

    def run(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(commands, ["events", *arguments], env=environment, input=answer)

    return run


def settings_in(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def a_file(tmp_path: Path, values: Any) -> str:
    (tmp_path / "wishes.json").write_text(json.dumps(values), "utf-8")
    return str(tmp_path / "wishes.json")


def test_what_is_shown_is_what_is_taken(run: Run, tmp_path: Path) -> None:
    shown = settings_in(run("show"))
    assert run("set", a_file(tmp_path, {**shown, "colour": "sage"}), "--service", "1", "--yes").exit_code == 0
    assert settings_in(run("show", "--service", "1")) == {**shown, "colour": "sage"}
    assert settings_in(run("show")) == shown
    assert run("set", "--standard", "--service", "1", "--yes").exit_code == 0
    assert settings_in(run("show", "--service", "1")) == shown


def test_a_service_the_site_does_not_have_is_named(run: Run) -> None:
    refused = run("show", "--service", "99")
    assert isinstance(refused.exception, WrongInput)
    assert "The site has no service 99. It has: 1 (" in str(refused.exception)


def test_nothing_is_saved_before_somebody_has_read_the_number(run: Run, tmp_path: Path) -> None:
    """users-ask.md U30."""
    refused = run("set", a_file(tmp_path, {"summary": "Booked"}), answer="n\n")
    assert refused.exit_code == 1
    assert "Saving rewrites no event." in refused.output
    assert settings_in(run("show"))["summary"] != "Booked"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1], "JSON object"),
        ({"sumary": "x"}, "no setting"),
        ({"summary": "{{servicename}}"}, "{{service_name}}"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, tmp_path: Path, values: object, said: str) -> None:
    result = run("set", a_file(tmp_path, values), "--yes")
    assert isinstance(result.exception, WrongInput)
    assert said in str(result.exception)


def test_statuses_are_chosen_and_shown(run: Run) -> None:
    """users-ask.md U27."""
    chosen = run("statuses", "--cancelled", "keep", "--also", "completed, no_show")
    assert "completed, no show" in chosen.output
    assert "marked" in run("statuses").output
    assert "no others" in run("statuses", "--also", "").output
    assert isinstance(run("statuses", "--also", "cancelled").exception, WrongInput)
