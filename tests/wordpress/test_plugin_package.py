"""The plugin's zip file, and what script/build-plugin refuses to pack."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from latesync.bridge.package import build_zip, list_files, list_left_out, plugin_folder, zip_name
from tests.wordpress.php_programs import PLUGIN, ROOT, find_program


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(PLUGIN, copy, copy_function=shutil.copyfile)
    for path in copy.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    assert build_zip(copy) == build_zip(PLUGIN)


def test_the_zip_holds_the_plugin_as_it_is_and_nothing_else(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(PLUGIN, copy)
    for stray in (
        "composer.json",
        "phpunit.xml",
        "includes/class-link.php~",
        "tests/LinkTest.php",
        ".DS_Store",
    ):
        (copy / stray).parent.mkdir(exist_ok=True)
        (copy / stray).write_text("stray")
    with zipfile.ZipFile(BytesIO(build_zip(copy))) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    sources = (path for path in PLUGIN.rglob("*") if path.is_file())
    assert packed == {f"latesync-bridge/{path.relative_to(PLUGIN)}": path.read_bytes() for path in sources}
    assert len(list_left_out(copy)) == 5


def test_every_file_of_the_plugin_belongs_into_the_zip() -> None:
    assert list_left_out(PLUGIN) == []
    assert {Path("latesync-bridge.php"), Path("uninstall.php"), Path("LICENSE")} <= set(list_files(PLUGIN))


def test_the_zip_is_named_after_the_version_in_the_header(tmp_path: Path) -> None:
    (tmp_path / "latesync-bridge.php").write_text("<?php\n/**\n * Plugin Name: X\n * Version:   1.2.3\n */\n")
    assert zip_name(tmp_path) == "latesync-bridge-1.2.3.zip"


def test_the_sources_are_found_in_a_checkout() -> None:
    assert plugin_folder() == PLUGIN


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What script/build-plugin reads, to be spoilt at will."""
    find_program("xgettext")
    for part in ("script", "wp_bridge", "latesync/bridge"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "latesync/__init__.py"):
        shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def test_the_tree_as_it_is_can_be_packed(checkout: Path) -> None:
    built = build(checkout)
    assert built.returncode == 0, built.stderr
    assert (checkout / built.stdout.strip()).read_bytes() == build_zip(PLUGIN)


@pytest.mark.parametrize(
    ("place", "before", "after", "complaint"),
    [
        ("pyproject.toml", '\nversion = "', '\nversion = "9', "pyproject.toml is '9"),
        ("latesync/__init__.py", '__version__ = "', '__version__ = "9', "latesync/__init__.py is '9"),
        (
            "wp_bridge/latesync-bridge/readme.txt",
            "Stable tag: ",
            "Stable tag: 9",
            "Stable tag in readme.txt is '9",
        ),
        (
            "wp_bridge/latesync-bridge/latesync-bridge.php",
            "'LATESYNC_BRIDGE_VERSION', '",
            "'LATESYNC_BRIDGE_VERSION', '9",
            "LATESYNC_BRIDGE_VERSION in latesync-bridge.php is '9",
        ),
    ],
)
def test_a_version_that_differs_is_named(
    place: str, before: str, after: str, complaint: str, checkout: Path
) -> None:
    text = (checkout / place).read_text()
    assert text.count(before) == 1
    (checkout / place).write_text(text.replace(before, after))
    built = build(checkout)
    assert built.returncode == 1
    assert complaint in built.stderr
    assert not (checkout / "dist").exists()


def test_a_sentence_that_translators_would_not_get_is_named(checkout: Path) -> None:
    added = checkout / "wp_bridge" / "latesync-bridge" / "includes" / "class-added.php"
    added.write_text("<?php\n$x = _n( 'One – calendar', '%d – calendars', $n, 'latesync-bridge' );\n")
    built = build(checkout, "--check")
    assert built.returncode == 1
    assert '+msgid_plural "%d – calendars"' in built.stderr
    assert "script/build-plugin --pot" in built.stderr
    assert build(checkout, "--pot").returncode == 0
    assert build(checkout, "--check").returncode == 0


def test_a_file_that_would_be_left_out_is_named(checkout: Path) -> None:
    (checkout / "wp_bridge" / "latesync-bridge" / "notes.md").write_text("to do")
    built = build(checkout)
    assert built.returncode == 1
    assert "notes.md" in built.stderr


def build(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / "script" / "build-plugin"), *options]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
