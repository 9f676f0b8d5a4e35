"""What mutmut found: figures for each module, and the changes that no test noticed. For script/mutate.

Run in the folder that holds mutants/, by the interpreter mutmut is installed for:
  report.py figures [MODULE...]   exit code 1 where fewer than 90 % were noticed
  report.py names [MODULE...]     the survivors and what was not tried, for mutmut to try
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

WANTED = 0.9
FOLDER = Path("mutants/latesync/plan")

# mutmut's exit codes (mutmut/stats.py); a test that runs for ever has noticed the change as well.
_KILLED = {1, 3}
_TIMED_OUT = {24, -24, 36, 152, 255}
_UNTRIED = {None, 2}  # 2: interrupted


def main(arguments: Sequence[str]) -> int:
    command, *modules = arguments
    found = read_results(modules)
    if command == "names":
        untried = (name for each in found.values() for name, code in each.items() if code in _UNTRIED)
        sys.stdout.write("".join(f"{name}\n" for name in (*(name for _, name in survivors(found)), *untried)))
        return 0
    return show_figures(found)


def read_results(modules: Sequence[str]) -> dict[str, dict[str, int | None]]:
    """Exit codes by mutant, by module; of these modules, or of all."""
    found = {}
    for path in sorted(FOLDER.glob("*.py.meta")):
        module = path.name.removesuffix(".py.meta")
        results = json.loads(path.read_text())["exit_code_by_key"]
        if results and (not modules or module in modules):
            found[module] = results
    return found


def survivors(found: dict[str, dict[str, int | None]]) -> list[tuple[str, str]]:
    """(module, mutant) of what was tried and not noticed."""
    noticed = _KILLED | _TIMED_OUT
    return [
        (module, name)
        for module, results in found.items()
        for name, code in results.items()
        if code not in noticed and code not in _UNTRIED
    ]


def show_figures(found: dict[str, dict[str, int | None]]) -> int:
    for module, name in survivors(found):
        sys.stdout.write(f"{name.removeprefix(f'latesync.plan.{module}.')} in {module}.py\n")
        sys.stdout.write(_change(module, name))
    alive = Counter(module for module, _ in survivors(found))
    tried = {
        module: sum(code not in _UNTRIED for code in results.values()) for module, results in found.items()
    }
    for module, number in tried.items():
        if number:
            sys.stdout.write(f"{module:20} {_share_text(number - alive[module], number)}\n")
    total = sum(tried.values())
    untried = sum(map(len, found.values())) - total
    killed = total - alive.total()
    sys.stdout.write(_share_text(killed, total) + (f"; {untried} not tried yet" if untried else "") + "\n")
    return 0 if total and not untried and killed >= WANTED * total else 1


def _share_text(killed: int, total: int) -> str:
    return f"killed {killed} of {total} ({100 * killed / max(total, 1):.1f} %)"


def _change(module: str, name: str) -> str:
    """The lines the mutant takes out and puts in."""
    # Only where mutmut is installed; a process for each of hundreds of changes would take minutes.
    mutmut = importlib.import_module("mutmut.mutation.diff_apply")
    shown = mutmut.get_diff_for_mutant(name, path=f"latesync/plan/{module}.py")
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return "".join(f"    {line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
