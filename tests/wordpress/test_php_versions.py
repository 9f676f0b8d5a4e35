"""The plugin under the real PHP 7.4, 8.0, … 8.4, compiled to WebAssembly (npm's @php-wasm).

Opt-in: the interpreters are 340 MB, and the six of them take a minute and a half. Each version opens every
file of the plugin directly and runs the PHPUnit tests of its pure classes. Without this, php_code_rules.php
keeps out what PHP 7.4 does not know.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.wordpress.php_programs import ROOT, plugin_files, run

pytestmark = pytest.mark.skipif(
    os.environ.get("LATESYNC_TEST_PHP_VERSIONS") != "1",
    reason="opt-in, because it downloads 340 MB: set LATESYNC_TEST_PHP_VERSIONS=1 (needs node, npm)",
)

PROJECT = Path(__file__).with_name("php_versions")
VERSIONS = ("7.4", "8.0", "8.1", "8.2", "8.3", "8.4")


@pytest.fixture(scope="session")
def interpreters() -> None:
    """node_modules as package-lock.json wants them; kept for the next run, shared by parallel workers."""
    wanted = (PROJECT / "package-lock.json").read_bytes()
    done = PROJECT / "node_modules" / ".latesync-lock"
    with (PROJECT / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and done.read_bytes() == wanted:
            return
        installed = run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=PROJECT)
        assert installed.returncode == 0, installed.stderr
        done.write_bytes(wanted)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("interpreters")
def test_the_plugin_runs_on_every_php_it_promises(version: str) -> None:
    report = _check(version)
    assert report["version"].startswith(version)
    assert {file: said for file, said in report["files"].items() if said} == {}
    assert report["tests"]["passed"], report["tests"]["printed"]
    # PHPUnit itself is older than PHP 8.4 and says so; what is said of our files is what counts.
    ours = [line for line in report["tests"]["printed"].splitlines() if "wp_bridge/" in line]
    assert ours == []


@pytest.mark.usefixtures("interpreters")
def test_the_oldest_php_complains_of_what_is_newer(tmp_path: Path) -> None:
    """The check can fail: each of these is an error on PHP 7.4 and none on PHP 8.4."""
    newer = tmp_path / "newer.php"
    newer.write_text("<?php\nfunction f( int|string $a ) { return match ( $a ) { default => 1 }; }\n")
    assert "syntax error" in _check("7.4", tmp_path, [newer])["files"][str(newer)]
    assert _check("8.4", tmp_path, [newer])["files"][str(newer)] == ""


def _check(version: str, root: Path = ROOT, files: list[Path] | None = None) -> dict[str, Any]:
    places = (root, _phpunit_folder(), *(files or plugin_files()))
    checked = run("node", PROJECT / "check.mjs", version, *places, cwd=PROJECT)
    assert checked.returncode == 0, checked.stderr
    report: dict[str, Any] = json.loads(checked.stdout)
    return report


def _phpunit_folder() -> Path:
    """Where Debian keeps PHPUnit and what it needs."""
    found = run("php", "-r", "echo stream_resolve_include_path('PHPUnit/Autoload.php');").stdout
    if not found:
        pytest.skip("needs PHPUnit on PHP's include path: apt-get install phpunit")
    return Path(found).parents[1]
