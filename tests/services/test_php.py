"""PHP's web server ends with the test run, however that ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.conftest import cannot_run
from tests.services.php import find_php, php_command, running_server
from tests.services.server import NotInstalled

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux, whose pidfd says when a process ended"
)
ROOT = Path(__file__).parents[2]
A_RUN_OF_ITS_OWN = """
import sys
from pathlib import Path
from tests.services.php import php_command, running_server
folder = Path(sys.argv[1])
php = php_command(folder / "log", folder)
with running_server(php, folder, folder / "router.php", {}, folder / "said") as port:
    print(port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    try:
        find_php()
    except NotInstalled as absent:
        cannot_run(absent)
    (tmp_path / "router.php").write_text("<?php echo getmypid(), ' ', posix_getppid();")
    return tmp_path


def processes(port: int) -> list[int]:
    """A handle of the server's worker that answers, and one of its master.

    Taken while they run: on a busy machine their numbers may be somebody else's a moment later.
    """
    said = requests.get(f"http://127.0.0.1:{port}/", timeout=20).text.split()
    return [os.pidfd_open(process) for process in {int(number) for number in said}]


def wait_for_the_end(process: int) -> None:
    """Return when it is gone; raises TimeoutError."""
    is_gone, _, _ = select.select([process], [], [], 20)
    os.close(process)
    if not is_gone:
        raise TimeoutError("a process of the server goes on")


def test_the_server_and_its_workers_end_with_the_block(folder: Path) -> None:
    php = php_command(folder / "log", folder)
    with running_server(php, folder, folder / "router.php", {}, folder / "said") as port:
        running = processes(port)
    assert len(running) == 2
    for process in running:
        wait_for_the_end(process)


def test_the_server_and_its_workers_end_with_a_killed_run(folder: Path) -> None:
    command = [sys.executable, "-c", A_RUN_OF_ITS_OWN, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        running = processes(int(run.stdout.readline()))
        run.send_signal(signal.SIGKILL)
    for process in running:
        wait_for_the_end(process)
