"""script/_venv, which script/demo and script/test start with, on trees with nothing to download."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "script" / "_venv"
Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "a clone"
    (tree / "script").mkdir(parents=True)
    shutil.copy(SCRIPT, tree / "script")
    (tree / "requirements.txt").touch()
    (tree / "latesync").mkdir()
    (tree / "latesync" / "__main__.py").write_text("import sys; print('latesync', *sys.argv[1:])")
    return tree


@pytest.fixture
def start(tree: Path) -> Start:
    def run(**settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-euc", f"root='{tree}'; . '{tree}/script/_venv'; ensure_venv run"],
            env={"PATH": os.environ["PATH"], "LATESYNC_PYTHON": sys.executable, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def a_python(path: Path, answers: str) -> str:
    """A Python that answers as told (branches of a shell `case` over its arguments), else for real."""
    path.write_text(f'#!/bin/sh\ncase "$*" in {answers} esac\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_the_first_start_makes_a_working_command(tree: Path, start: Start) -> None:
    assert start().returncode == 0
    answer = subprocess.check_output([tree / ".venv/bin/latesync", "status"], cwd="/", text=True)
    assert answer == "latesync status\n"


def test_a_later_start_does_nothing_until_the_requirements_change(tree: Path, start: Start) -> None:
    start()
    assert start().stdout == ""
    (tree / "requirements.txt").write_text("# changed\n")
    assert "Preparing" in start().stdout
    assert start().stdout == ""


def test_an_environment_whose_making_was_interrupted_is_made_again(tree: Path, start: Start) -> None:
    start()
    (tree / ".venv/.latesync-run").unlink()
    shutil.rmtree(next((tree / ".venv/lib").glob("python*/site-packages/pip")))
    assert start().returncode == 0
    subprocess.check_call([tree / ".venv/bin/python", "-m", "pip", "--version"])


def test_a_tree_that_was_moved_gets_a_new_environment(tree: Path, start: Start) -> None:
    start()
    (tree / ".venv/.latesync-run").write_text("for an older place\n")
    (tree / ".venv/made-for-the-older-place").touch()
    assert start().returncode == 0
    assert not (tree / ".venv/made-for-the-older-place").exists()


def test_a_folder_that_is_no_environment_is_left_alone(tree: Path, start: Start) -> None:
    photos = tree / "photos"
    photos.mkdir()
    (photos / "one").touch()
    answer = start(LATESYNC_VENV=str(photos))
    assert answer.returncode == 2
    assert "is not a virtual environment" in answer.stderr
    assert (photos / "one").exists()


def test_a_python_that_is_too_old_is_refused_with_its_name(tmp_path: Path, start: Start) -> None:
    old = a_python(tmp_path / "python3.10", answers='*"version_info <"*) exit 1;;')
    answer = start(LATESYNC_PYTHON=old)
    assert answer.returncode == 2
    assert f"{old}, which does not run or is older than Python 3.11" in answer.stderr


def test_without_any_python_it_says_what_to_install(tmp_path: Path, start: Start) -> None:
    for tool in ("cat", "cksum", "grep", "head", "ls", "rm"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    a_python(tmp_path / "python3", answers='*"version_info <"*) exit 1;;')
    answer = start(LATESYNC_PYTHON="", PATH=str(tmp_path))
    assert answer.returncode == 2
    assert "LateSync needs Python 3.11 or newer" in answer.stderr


def test_a_python_without_venv_that_no_package_completes_is_refused(tmp_path: Path, start: Start) -> None:
    bare = a_python(tmp_path / "python3", answers="*ensurepip*) exit 1;; *base_prefix*) exit 1;;")
    answer = start(LATESYNC_PYTHON=bare)
    assert answer.returncode == 2
    assert "lacks the venv or ensurepip module" in answer.stderr


def test_a_failing_install_is_reported_and_tried_again(tree: Path, start: Start) -> None:
    (tree / "requirements.txt").write_text("./no-such-package\n")
    answer = start()
    assert answer.returncode == 2
    assert "could not be installed" in answer.stderr
    (tree / "requirements.txt").write_text("")
    assert start().returncode == 0
