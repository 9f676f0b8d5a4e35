"""What people read where a part of the site's tables could be read before, and cannot be any more. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def column_names(columns: Sequence[str]) -> str:
    """`table.column`s in words; where several of one table are missing, the table's name says it shorter."""
    counts = Counter(_table(column) for column in columns)
    names = (column if counts[_table(column)] == 1 else _table(column) for column in columns)
    return ", ".join(dict.fromkeys(names))


def lost(columns: Sequence[str]) -> str:
    """The remedy on the overview and in the commands."""
    return (
        f"LateSync could read {column_names(columns)} in the site’s database before, and cannot any more: "
        "the table is missing, or its grant is. Events keep what they say; what would be taken out of them "
        "waits for you. Bring the table or the grant back, and it goes on by itself."
    )


def lost_from_events(columns: Sequence[str]) -> str:
    """Why changes wait, above them."""
    return (
        f"LateSync could read {column_names(columns)} in the site’s database before, and cannot any more. "
        "What it read there, such as names or places, would vanish from these events. Bring the table or its "
        "grant back, and this wait ends by itself. If it is gone for good, let the events be changed. "
    )


def not_readable(columns: Sequence[str]) -> str:
    """The same where nobody knows whether it could be read before."""
    return (
        f"LateSync cannot read {column_names(columns)} in the site’s database. If it could before, that is "
        "why: bring it back, and this wait ends by itself. Otherwise: "
    )


def missing_now(columns: Sequence[str]) -> str:
    """A finding of doctor and the page Health."""
    return f"could be read before, and is missing or not granted now: {column_names(columns)}"


def _table(column: str) -> str:
    return column.rpartition(".")[0]
