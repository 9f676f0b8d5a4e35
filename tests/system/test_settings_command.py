"""The owner's choices from a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from latesync.cli import commands
from latesync.store.database import Database
from latesync.store.migrate import migrate

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    database.dispose()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands, ["settings", *arguments], env={"LATESYNC_HOME": str(tmp_path)})

    return run


def shown(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_events_are_put_back_unless_something_else_was_chosen(run: Run) -> None:
    assert shown(run("--json"))["drift"] == "restore"
    assert "Put it back" in run().output


@pytest.mark.parametrize("policy", ["leave", "apply", "restore"])
def test_a_choice_is_kept(run: Run, policy: str) -> None:
    assert shown(run("--drift", policy, "--json"))["drift"] == policy
    assert shown(run("--json"))["drift"] == policy


def test_what_nobody_offers_is_wrong_use(run: Run) -> None:
    assert run("--drift", "forget").exit_code == 2
    assert shown(run("--json"))["drift"] == "restore"
