"""PHP's command-line programs, as the tests start them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conftest import cannot_run
from tests.services.server import NotInstalled

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "wp_bridge" / "latesync-bridge"

_PACKAGES = {
    "php": "php-cli",
    "phpcs": "php-codesniffer",
    "phpunit": "phpunit",
    "xgettext": "gettext",
    "node": "nodejs",
    "npm": "npm",
}


def find_program(name: str) -> str:
    """Skips the test for a developer who runs pytest by hand; fails it where the whole suite is asked for."""
    found = shutil.which(name)
    if found is None:
        cannot_run(NotInstalled(f"needs {name}: apt-get install {_PACKAGES[name]}"))
    return found


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; what it printed, both ways, is text. command: its name, then arguments."""
    program = find_program(str(command[0]))
    arguments = [program, *(str(part) for part in command[1:])]
    return subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def plugin_files() -> list[Path]:
    return sorted(PLUGIN.rglob("*.php"))
