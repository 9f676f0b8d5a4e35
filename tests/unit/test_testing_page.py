"""docs/testing.md names tests that there are, and answers every complaint."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "testing.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


@cache
def functions_of(path: str) -> frozenset[str]:
    """Functions of a module and methods of its classes; nothing is imported."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def rows() -> dict[str, str]:
    """The page's table rows by their first cell."""
    return {cells[1].strip(): line for line in PAGE.splitlines() if len(cells := line.split("|")) > 2}


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_every_test_the_page_names_is_there(path: str) -> None:
    assert (TESTS / path).is_file(), f"{path} is not below tests/"
    named = {test for of, test in NAMED if of == path}
    assert named - functions_of(path) == set()


@pytest.mark.parametrize("complaint", [f"U{number}" for number in range(1, 41)])
def test_every_complaint_of_users_has_a_row_with_a_test(complaint: str) -> None:
    assert "::test_" in rows()[complaint]


def test_every_row_about_a_complaint_names_a_test() -> None:
    _, _, complaints = PAGE.partition("## What users complain of")
    lines = [line for line in complaints.splitlines() if line.startswith("| ") and "---" not in line]
    without = [line for line in lines if "::test_" not in line and not line.endswith("| tests |")]
    assert without == []
    assert len(lines) > 130


def test_every_test_on_the_page_is_written_in_full() -> None:
    """A name without its file, or a path the search above does not understand, would go unnoticed."""
    assert len(re.findall(r"::", PAGE)) == len(re.findall(r"`[\w/]+\.py::\w+`", PAGE))
