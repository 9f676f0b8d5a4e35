"""The plugin's PHP, read by every checker that can be had without Composer, and the checkers' own tests.

`php -l`, Debian's phpcs with wp_bridge/phpcs-debian.xml, PHPUnit for the pure parts, and php_code_rules.php:
what is printed is escaped, what is asked of the database is prepared, and PHP 7.4 can run it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.wordpress.php_programs import PLUGIN, ROOT, plugin_files, run
from tests.wordpress.php_samples import ACCEPTED, CAUGHT

RULES = ROOT / "tests" / "wordpress" / "php_code_rules.php"
CODING_STANDARD = ROOT / "wp_bridge" / "phpcs-debian.xml"
PHPUNIT = ROOT / "tests" / "wordpress" / "phpunit"

GUARD = "<?php\ndefined( 'ABSPATH' ) || exit;\n"


def test_every_file_of_the_plugin_parses() -> None:
    troubles = [checked.stdout for path in plugin_files() if (checked := run("php", "-l", path)).returncode]
    assert not troubles


def test_the_plugin_keeps_wordpress_coding_standard_as_far_as_debian_can_check_it() -> None:
    checked = run("phpcs", f"--standard={CODING_STANDARD}", "--report=emacs", PLUGIN)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_plugin_keeps_our_own_rules() -> None:
    assert "\n".join(_findings(plugin_files())) == ""


def test_the_pure_parts_do_what_phpunit_asks_of_them() -> None:
    options = ("--no-configuration", "--do-not-cache-result", "--fail-on-warning", "--fail-on-risky")
    checked = run("phpunit", *options, "--bootstrap", PHPUNIT / "bootstrap.php", PHPUNIT)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "OK (" in checked.stdout


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the rules say of each snippet, all of them read by one PHP."""
    folder = tmp_path_factory.mktemp("php")
    places = {}
    for number, snippet in enumerate([*ACCEPTED, *(snippet for _rule, snippet in CAUGHT)]):
        places[f"{folder}/{number}.php"] = snippet
        Path(f"{folder}/{number}.php").write_text(GUARD + snippet + "\n")
    said: dict[str, list[str]] = {snippet: [] for snippet in places.values()}
    for finding in _report([Path(place) for place in places]):
        said[places[finding["file"]]].append(finding["rule"])
    return said


@pytest.mark.parametrize(("rule", "snippet"), CAUGHT)
def test_a_rule_catches(rule: str, snippet: str, complaints: dict[str, list[str]]) -> None:
    assert rule in complaints[snippet]


@pytest.mark.parametrize("snippet", ACCEPTED)
def test_the_rules_accept(snippet: str, complaints: dict[str, list[str]]) -> None:
    assert complaints[snippet] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("includes/class-link.php", "<?php\nfinal class LateSync_Bridge_Link {}\n"),
        ("uninstall.php", "<?php\ndefined( 'ABSPATH' ) || exit;\n"),
        ("includes/class-link.php", "<?php\nf();\ndefined( 'ABSPATH' ) || exit;\n"),
    ],
)
def test_a_file_without_its_guard_first_is_caught(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert "guard" in [finding["rule"] for finding in _report([path])]


def test_a_class_under_another_name_than_its_file_s_is_caught(tmp_path: Path) -> None:
    path = tmp_path / "class-busy-time.php"
    path.write_text(GUARD + "final class LateSync_Bridge_Busy {}\n")
    assert [finding["rule"] for finding in _report([path])] == ["class-name"]


@pytest.mark.parametrize(
    ("sniff", "text"),
    [
        ("Generic.Arrays.DisallowShortArraySyntax", "$x = [ 1 ];"),
        ("Generic.WhiteSpace.DisallowSpaceIndent", "if ( $a ) {\n    f();\n}"),
        ("PEAR.Functions.FunctionCallSignature", "f($a);"),
        ("Generic.Formatting.SpaceAfterNot", "if ( !$a ) {\n\tf();\n}"),
        ("Squiz.PHP.Eval", "eval( $a );"),
        ("Generic.PHP.ForbiddenFunctions", "error_log( 'x' );"),
        ("Generic.PHP.NoSilencedErrors", "@unlink( $a );"),
        ("Squiz.Commenting.FunctionComment", "class A {\n\tpublic function b() {}\n}"),
        ("Squiz.Commenting.FunctionComment", "/** Adds. */\nfunction b( $a ) {}"),
        ("PSR2.Files.ClosingTag", "f();\n?>"),
    ],
)
def test_the_coding_standard_catches(sniff: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "sample.php"
    path.write_text(GUARD + text + "\n")
    checked = run("phpcs", f"--standard={CODING_STANDARD}", "-s", "--report=emacs", path)
    assert f"({sniff}" in checked.stdout


def _findings(paths: Sequence[Path]) -> list[str]:
    return [
        f"{Path(found['file']).relative_to(ROOT)}:{found['line']}: {found['rule']}: {found['message']}"
        for found in _report(paths)
    ]


def _report(paths: Sequence[Path]) -> list[dict[str, Any]]:
    checked = run("php", "-d", "display_errors=stderr", "-d", "error_reporting=-1", RULES, *paths)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    assert checked.stderr == ""
    report: list[dict[str, Any]] = json.loads(checked.stdout)
    return report
