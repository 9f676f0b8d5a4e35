"""Time zones by either of their names, Windows' or the IANA's (microsoft-graph.md E1). Pure.

Read only: what we write is in UTC, which has the same name in both.
"""

from __future__ import annotations

from tzlocal.windows_tz import win_tz

from latesync.times import Zone, zone_named

_UTC = frozenset({"utc", "tzone://microsoft/utc", "etc/utc", "etc/gmt", "gmt"})
_BY_WINDOWS_NAME = {name.lower(): iana for name, iana in win_tz.items()}


def zone_by_any_name(name: object) -> Zone | None:
    """The zone Graph means; None for one nobody knows, a customised one of Outlook's for example."""
    if not isinstance(name, str) or not name:
        return None
    if name.lower() in _UTC:
        return Zone("UTC")
    try:
        return zone_named(_BY_WINDOWS_NAME.get(name.lower(), name))
    except ValueError:
        return None
