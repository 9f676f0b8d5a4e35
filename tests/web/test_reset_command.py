"""`latesync reset`: a preview first, a typed word, and the work done where no worker runs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from latesync.cli import commands
from latesync.errors import WrongInput
from latesync.model import MappingState
from latesync.options import NextSync, ResetEvents
from latesync.store import resets
from latesync.store.accounts import list_accounts
from latesync.store.history import Who
from latesync.store.left_out import count_left_out
from latesync.store.mappings import read_mappings
from latesync.store.resets import ResetWish
from latesync.sync.now import sync_now
from tests.web.salon import DANA, Salon

Run = Callable[..., Result]
DELETE = ("--events", "delete-from-calendar", "--next", "new")


@pytest.fixture
def run(salon: Salon) -> Run:
    """The command beside a salon whose agent Dana is connected, and whose bookings are written."""
    salon.upload()
    salon.connect()
    rows = list_accounts(salon.services.database, salon.services.site_id)
    sync_now(salon.services.sync_parts(), "test", rows)
    config = salon.services.config
    environment = {
        "LATESYNC_HOME": str(config.home),
        "LATESYNC_SITE_DATABASE_URL": str(config.site_database_url),
        "LATESYNC_GOOGLE_BASE_URL": str(config.google_base_url),
    }

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(commands, ["reset", str(DANA), *arguments], input=typed, env=environment)

    return run


def job(salon: Salon) -> resets.ResetRow | None:
    account = salon.account()
    assert account is not None
    return resets.last_reset(salon.services.database, account.id)


def test_preview_as_json_changes_nothing(salon: Salon, run: Run) -> None:
    result = run(*DELETE, "--json")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    account = salon.account()
    assert account is not None
    known = read_mappings(salon.services.database, account.id)
    assert shown["asked"] is False
    assert {row["booking_id"] for row in shown["preview"]["delete"]} == {row.booking_id for row in known}
    assert {row["reason"] for row in shown["preview"]["delete"]} == {"of_booking"}
    assert shown["preview"]["left_out"]
    assert job(salon) is None


def test_a_word_has_to_be_typed_before_anything_is_removed(salon: Salon, run: Run) -> None:
    result = run(*DELETE, typed="yes\n")
    assert "events of ours will be removed" in result.output
    assert isinstance(result.exception, WrongInput)
    assert job(salon) is None


@pytest.mark.parametrize("confirmed", [("--yes", ""), ("", "DELETE\n")])
def test_confirmed_it_is_done_at_once_where_no_worker_runs(
    salon: Salon, run: Run, confirmed: tuple[str, str]
) -> None:
    flag, typed = confirmed
    result = run(*DELETE, *([flag] if flag else []), typed=typed)
    assert result.exit_code == 0, result.output
    assert "Done:" in result.output
    account = salon.account()
    assert account is not None
    assert count_left_out(salon.services.database, account.id) > 2
    states = {row.state for row in read_mappings(salon.services.database, account.id)}
    assert states == {MappingState.LEFT_OUT}
    assert run("--show").output == "\n".join(result.output.splitlines()[-1:]) + "\n"


def test_what_removes_nothing_asks_yes_or_no(salon: Salon, run: Run) -> None:
    assert run("--events", "keep", "--next", "all", typed="n\n").exit_code == 1
    assert job(salon) is None
    assert run("--events", "clear-busy", "--next", "all", typed="y\n").exit_code == 0


def test_doubles_alone_are_looked_for(run: Run) -> None:
    """users-ask.md U28."""
    result = run("--doubles", "--yes")
    assert result.exit_code == 0, result.output
    assert "No event is removed from the calendar" in result.output


def test_one_under_way_is_shown_and_cancelled(salon: Salon, run: Run) -> None:
    account = salon.account()
    assert account is not None
    wish = ResetWish(ResetEvents.BOTH, NextSync.ALL)
    resets.ask_reset(salon.services.database, account.id, wish, Who.AGENT, salon.clock())
    assert "Waiting for the worker" in run("--show").output
    assert "Cancelled" in run("--cancel").output
    asked = job(salon)
    assert asked is not None
    assert asked.state == resets.CANCELLED
    assert isinstance(run("--cancel").exception, WrongInput)


@pytest.mark.parametrize(
    "arguments", [(), ("--events", "both"), ("--next", "new"), (*DELETE, "--doubles"), ("--show", "--cancel")]
)
def test_half_a_wish_is_no_wish(run: Run, arguments: tuple[str, ...]) -> None:
    assert isinstance(run(*arguments).exception, WrongInput)


def test_one_provider_may_be_named_and_one_that_is_not_used_is_refused(salon: Salon, run: Run) -> None:
    result = run(*DELETE, "--provider", "google", "--json")
    assert result.exit_code == 0, result.output
    assert [each["provider"] for each in json.loads(result.stdout)["previews"]] == ["google"]
    refused = run(*DELETE, "--provider", "microsoft", "--yes")
    assert isinstance(refused.exception, WrongInput)
    assert "uses no Microsoft account" in str(refused.exception)
    assert job(salon) is None
