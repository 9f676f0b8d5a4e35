"""`latesync pause` and `latesync resume`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from latesync.cli.pause import pause, resume
from latesync.errors import WrongInput
from latesync.store.pauses import read_resting
from tests.web.salon import DANA, Salon


@pytest.fixture
def shell(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> Salon:
    """The commands work on this salon's home."""
    config = salon.services.config
    monkeypatch.setenv("LATESYNC_HOME", str(config.home))
    monkeypatch.setenv("LATESYNC_SITE_DATABASE_URL", str(config.site_database_url))
    return salon


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)  # type: ignore[arg-type]


def test_everything_is_paused_and_goes_on(shell: Salon) -> None:
    assert "Everything is paused." in run(pause).output
    assert "already" in run(pause).output
    assert read_resting(shell.services.database, shell.services.site_id).everybody_since is not None
    ended = run(resume)
    assert "catches up" in ended.output
    assert "Nothing was paused" in run(resume).output
    assert read_resting(shell.services.database, shell.services.site_id).everybody_since is None


def test_one_agent_is_paused_by_their_id(shell: Salon) -> None:
    assert "Dana Reyes is paused." in run(pause, str(DANA)).output
    assert set(read_resting(shell.services.database, shell.services.site_id).agents) == {DANA}
    assert "Dana Reyes is not paused any more" in run(resume, str(DANA)).output


def test_going_on_says_who_stays_paused(shell: Salon) -> None:
    run(pause, str(DANA))
    run(pause)
    ended = run(resume)
    assert "Agent 3 stays paused" in ended.output
    assert isinstance(ended.exception, SystemExit)
    assert ended.exception.code == 1
    run(pause)
    alone = run(resume, str(DANA))
    assert "rests as long as everything is paused. `latesync resume` ends that." in alone.output


def test_an_agent_nobody_knows_is_refused_with_the_remedy(shell: Salon) -> None:
    ended = run(pause, "99")
    assert isinstance(ended.exception, WrongInput)
    assert "`latesync agents` lists them." in str(ended.exception)
