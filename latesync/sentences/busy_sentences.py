"""What people read about how busy time reaches the booking form. Pure."""

from __future__ import annotations

from latesync.messages import Message, counted
from latesync.options import BusyWay

COMMAND = "latesync settings --busy-time off-periods"

WAYS = {
    BusyWay.PLUGIN: Message(
        "Through the LateSync plugin",
        "The plugin shows LatePoint the busy times that LateSync writes into a table of its own. It works "
        "with every LatePoint from 4.9 on, with and without Pro Features.",
    ),
    BusyWay.OFF_PERIODS: Message(
        "As off periods in LatePoint",
        "Where the plugin cannot be installed: LateSync writes rows of its own among LatePoint’s off "
        "periods, named “Busy (LateSync)”, and touches no others. Needs LatePoint’s Pro Features, which "
        "alone reads them.",
    ),
}

_WORDS = {BusyWay.PLUGIN: "through the LateSync plugin", BusyWay.OFF_PERIODS: "as off periods in LatePoint"}


def way_words(way: BusyWay) -> str:
    """For one line: "through the LateSync plugin"."""
    return _WORDS[way]


def form_line(way: BusyWay, *, is_shown: bool) -> str:
    """Under the dashboard: how busy time reaches the booking form, or that it does not."""
    if is_shown:
        return f"Busy time reaches the booking form {_WORDS[way]}."
    return f"Busy time is to reach the booking form {_WORDS[way]}, but does not do so now."


def way_chosen(way: BusyWay) -> str:
    if way is BusyWay.OFF_PERIODS:
        return (
            "Saved: busy time reaches the booking form as off periods in LatePoint. The worker writes them "
            "within a minute."
        )
    return (
        "Saved: busy time reaches the booking form through the LateSync plugin. The worker removes "
        "LateSync’s off periods within a minute."
    )


# --- why off periods cannot be the way --------------------------------------------------------

NO_PRO_FEATURES = (
    "Off periods close no times here: only LatePoint’s Pro Features reads them, and it is not active on this "
    "site. Activate Pro Features in WordPress, or install the LateSync plugin instead."
)
PRO_FEATURES_UNSURE = (
    "It cannot be told whether LatePoint’s Pro Features is active. Only Pro Features reads off periods: look "
    "in WordPress under Plugins."
)


def off_periods_missing(table: str) -> str:
    return (
        f"The table {table}, or a column of it, is missing: LatePoint has it from 5.1.8 on. Update "
        "LatePoint, or install the LateSync plugin instead."
    )


def off_periods_not_granted(table: str, grant: str) -> str:
    return (
        f"LateSync’s database user may not write {table} (LatePoint has that table from 5.1.8 on). Let a "
        f"database administrator run: {grant};"
    )


# --- what `doctor` finds ----------------------------------------------------------------------


def not_shown(*, was_heard: bool, is_sure: bool) -> str:
    """The plugin is the way, and WordPress lists it no more, or it was neither heard from nor seen."""
    if was_heard:
        why = "is switched off in WordPress"
    elif is_sure:
        why = "is not active in WordPress"
    else:
        why = "has not been heard from, and whether it is active cannot be told"
    return f"busy time is not shown on the booking form: the LateSync plugin {why}"


def left_behind(agents: int) -> str:
    """The plugin is the way, and rows of the other one still stand."""
    return f"off periods of {counted(agents, 'agent')} are still to be removed; the worker does it"
