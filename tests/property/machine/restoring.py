"""A copy of everything LateSync knows, as a backup has it, and that copy put back in place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from latesync.store.comparisons import ask_all_for_comparison
from tests.property.machine.town import Town


def keep_state(town: Town) -> Path:
    kept = Path(str(town.database.url.database)).with_name("kept.db")
    _copy(Path(str(town.database.url.database)), kept)
    return kept


def put_back(town: Town, kept: Path) -> None:
    """The old state in place of what was learnt since; whoever worked with that is gone."""
    town.database.dispose()
    _copy(kept, Path(str(town.database.url.database)))
    ask_all_for_comparison(town.database)
    town.process = town.new_process()
    town.note_site()


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
