"""The owner's choices from a shell."""

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
from latesync.store.bridges import record_heard
from latesync.store.database import Database
from latesync.store.migrate import migrate
from latesync.store.sites import ensure_site

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    database.dispose()

    def run(*arguments: str, **environment: str) -> Result:
        environment["LATESYNC_HOME"] = str(tmp_path)
        return CliRunner().invoke(commands, ["settings", *arguments], env=environment)

    return run


def shown(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_events_are_put_back_unless_something_else_was_chosen(run: Run) -> None:
    assert shown(run("--json"))["drift"] == "restore"
    assert "Put it back" in run().output


@pytest.mark.parametrize("policy", ["leave", "apply", "restore"])
def test_a_choice_is_kept(run: Run, policy: str) -> None:
    assert shown(run("--drift", policy, "--json"))["drift"] == policy
    assert shown(run("--json"))["drift"] == policy


def test_applying_without_the_plugin_is_kept_with_a_warning_and_its_remedy(run: Run) -> None:
    chosen = run("--drift", "apply", "--json")
    assert shown(chosen)["drift"] == "apply"
    assert "was never heard from" in chosen.stderr
    assert "`latesync plugin` says how" in chosen.stderr
    assert run("--drift", "leave").stderr == ""
    assert run().stderr == ""


@pytest.mark.parametrize(
    ("plugins", "said"),
    [
        ('a:1:{i:0;s:35:"latesync-bridge/latesync-bridge.php";}', ""),
        ('a:1:{i:0;s:23:"latepoint/latepoint.php";}', "switched off in WordPress"),
    ],
)
def test_applying_with_a_plugin_that_was_heard_is_warned_of_when_it_is_switched_off(
    run: Run, tmp_path: Path, plugins: str, said: str
) -> None:
    with closing(open_site(tmp_path / "site.db")) as site:
        prepare_site(site, datetime.now(UTC))
        site.execute(
            "UPDATE wp_options SET option_value = ? WHERE option_name = 'active_plugins'", (plugins,)
        )
    database = Database(f"sqlite:///{tmp_path}/state.db")
    record_heard(database, ensure_site(database, datetime.now(UTC)), datetime.now(UTC))
    database.dispose()
    chosen = run("--drift", "apply", LATESYNC_SITE_DATABASE_URL=f"sqlite:///{tmp_path}/site.db")
    assert chosen.exit_code == 0
    assert said in chosen.stderr
    assert bool(chosen.stderr) == bool(said)


def test_waking_hours_are_shown_and_kept(run: Run) -> None:
    assert shown(run("--json"))["waking_hours"] == "08:00-20:00"
    assert shown(run("--waking-hours", "9:00-18:30", "--json"))["waking_hours"] == "09:00-18:30"
    assert "--waking-hours 09:00-18:30" in run().output


def test_waking_hours_that_cannot_be_read_change_nothing_else(run: Run) -> None:
    refused = run("--waking-hours", "20:00-08:00", "--drift", "leave")
    assert isinstance(refused.exception, WrongInput)
    assert shown(run("--json")) == {
        "drift": "restore",
        "busy_time": "plugin",
        "waking_hours": "08:00-20:00",
        "unreadable_calendar": "warn",
        "after_hours": 24,
        "hold_above": "20%",
        "hold_count": 5,
    }


def test_what_nobody_offers_is_wrong_use(run: Run) -> None:
    assert run("--drift", "forget").exit_code == 2
    assert shown(run("--json"))["drift"] == "restore"


def test_what_follows_an_unreadable_calendar_is_kept_in_both_parts(run: Run) -> None:
    """users-ask.md U11: after a time the owner sets: warn, close or stay open."""
    before = shown(run("--json"))
    assert (before["unreadable_calendar"], before["after_hours"]) == ("warn", 24)
    chosen = shown(run("--unreadable-calendar", "close", "--after-hours", "6", "--json"))
    assert (chosen["unreadable_calendar"], chosen["after_hours"]) == ("close", 6)
    later = shown(run("--unreadable-calendar", "stay-open", "--json"))
    assert (later["unreadable_calendar"], later["after_hours"]) == ("stay-open", 6)
    assert "--unreadable-calendar stay-open --after-hours 6" in run().output


@pytest.mark.parametrize("hours", ["0", "745"])
def test_hours_out_of_reach_change_nothing(run: Run, hours: str) -> None:
    refused = run("--unreadable-calendar", "close", "--after-hours", hours)
    assert refused.exit_code != 0
    assert shown(run("--json"))["unreadable_calendar"] == "warn"
