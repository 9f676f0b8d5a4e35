"""Children of the demo: they end together, and leave no orphans whatever happens to their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from latesync.sandbox import guard
from latesync.sandbox.family import ChildDied, Family

# Says its own number, then waits for a signal that never comes; its child does the same.
SLEEPER = "import signal, os; print(os.getpid(), flush=True); signal.pause()"
PARENT_OF_SLEEPER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


def wait_for_line(log: Path) -> int:
    """The number a sleeper wrote."""
    limit = time.monotonic() + 30
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < limit, "The sleeper said nothing."
        os.sched_yield()
    return int(log.read_text())


def is_running(process_id: int) -> bool:
    """Zombies do not run."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(process_id: int) -> None:
    """A process that was told to end needs a moment for it."""
    limit = time.monotonic() + 30
    while is_running(process_id):
        assert time.monotonic() < limit, "The process goes on."
        os.sched_yield()


def test_children_and_theirs_are_gone_afterwards(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        child = family.start("one", ["-c", PARENT_OF_SLEEPER], dict(os.environ))
        grandchild = wait_for_line(child.log_file)
    assert child.process.returncode == -signal.SIGTERM
    wait_until_gone(grandchild)


def test_a_child_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    family = Family(tmp_path)
    child = family.start("one", ["-c", STUBBORN], dict(os.environ))
    wait_for_line(child.log_file)
    family.stop(patience_s=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_died_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        child = family.start("one", ["-c", "raise SystemExit('The port is taken.')"], dict(os.environ))
        child.process.wait()
        with pytest.raises(ChildDied, match=r"(?s)one process stopped by itself.*The port is taken\."):
            family.check()


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from latesync.sandbox.family import Family\n"
        f"Family(Path({str(tmp_path)!r})).start('one', ['-c', {PARENT_OF_SLEEPER!r}], dict(os.environ))\n"
        "sys.stdin.read()"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    grandchild = wait_for_line(tmp_path / "one.log")
    supervisor.kill()
    # The guard holds the pipe as long as it has work to do, so its end is the end of all.
    supervisor.communicate()
    wait_until_gone(grandchild)


def test_groups_that_are_gone_already_are_no_trouble() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    gone.wait()
    guard.end_groups([gone.pid])
    assert not guard.is_alive(gone.pid)
