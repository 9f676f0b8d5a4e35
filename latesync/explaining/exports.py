"""The history as a file: CSV for a spreadsheet, JSON for a program; line by line, however long it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from latesync.explaining.answers import entry_text
from latesync.store.history import HistoryRow
from latesync.times import Zone

COLUMNS = ("when", "who", "what", "why", "result", "agent", "account", "booking", "run", "text", "detail")
# With one of these in front a spreadsheet takes a cell for a formula, or for the end of one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv writes to: keeps one line, and gives it away."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_lines(rows: Iterable[HistoryRow], zone: Zone) -> Iterator[str]:
    """Times are the site's, whose zone the first column's head names."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow((f"when ({zone})", *COLUMNS[1:]))
    yield line.text
    for row in rows:
        at = row.at.astimezone(zone.tzinfo).strftime("%Y-%m-%d %H:%M:%S")
        values = _values(row, zone)
        writer.writerow([_as_cell(value) for value in (at, *list(values.values())[1:])])
        yield line.text


def json_lines(rows: Iterable[HistoryRow], zone: Zone) -> Iterator[str]:
    """One array; times are UTC, in ISO 8601."""
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(as_dict(row, zone), ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def as_dict(row: HistoryRow, zone: Zone) -> dict[str, Any]:
    return _values(row, zone) | {"detail": dict(row.detail)}


def _values(row: HistoryRow, zone: Zone) -> dict[str, Any]:
    values = (
        *(row.at.isoformat(), row.who.value, row.what.value, row.why, row.result),
        *(row.agent_id, row.account_id, row.booking_id, row.run, entry_text(row, zone)),
        json.dumps(row.detail, sort_keys=True) if row.detail else "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _as_cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
