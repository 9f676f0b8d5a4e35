"""What somebody at a terminal sees of `sync`: its report, and none of the log's lines."""

from __future__ import annotations

import json
import os
import pty
import subprocess

from tests.site.builders import Site
from tests.system.installation import Installation
from tests.system.programs import COMMAND_LIMIT_S, LATESYNC, ROOT


def test_report_is_not_mixed_with_lines_of_the_log(installation: Installation, site: Site) -> None:
    installation.connect()
    site.execute("DROP TABLE wp_latesync_busy")
    reader, terminal = pty.openpty()
    ended = subprocess.run(
        [*LATESYNC, "sync", "--json"],
        env={**os.environ, **installation.environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=terminal,
        timeout=COMMAND_LIMIT_S,
        check=False,
    )
    os.write(terminal, b"\0")
    os.close(terminal)
    assert os.read(reader, 4096) == b"\0"
    os.close(reader)
    assert json.loads(ended.stdout)["agents"][0]["problem"] == "bridge_table_missing"
