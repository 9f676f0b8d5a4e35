"""What PHP complained of, as far as it is ours."""

from __future__ import annotations

import re
from pathlib import Path

_ENTRY = re.compile(r"(?m)^\[\d\d-\w{3}-\d{4} [^\]]+\] ")
_OURS = re.compile(
    r"plugins/(latesync-bridge|latepoint)/|latesync_|latepoint_|LateSync_Bridge", re.IGNORECASE
)
# WordPress' own deprecations may pass through our hooks; what counts is where they were found.
_FOREIGN_DEPRECATION = re.compile(r"PHP Deprecated: .* in \S*/wp-(includes|admin)/\S+ on line \d+$")


def troubles_in(log: Path, expected: list[str]) -> list[str]:
    """Entries (with their stack traces) that name our plugin or the stand-in, without those expected."""
    if not log.exists():
        return []
    entries = [entry.strip() for entry in _ENTRY.split(log.read_text(errors="replace")) if entry.strip()]
    return [
        entry
        for entry in entries
        if _OURS.search(entry)
        and not _FOREIGN_DEPRECATION.search(entry)
        and not any(re.search(pattern, entry) for pattern in expected)
    ]
