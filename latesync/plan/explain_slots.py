"""What stands in the calendars at one time, and which row of the table makes it block, or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.model import CalendarItem
from latesync.options import BlockingPolicy, EntryKind
from latesync.plan.blocking import RULES, passed_over_as
from latesync.plan.inbound import roots_of
from latesync.plan.occurrences import occurrences
from latesync.times import TimeRange, Zone

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EntryAt:
    """One entry of a calendar at the time asked about. kinds: what it is, of the table of plan/blocking.py.

    passed_over: the row that keeps it from blocking; None: it makes the agent busy.
    """

    span: TimeRange
    kinds: tuple[EntryKind, ...]
    passed_over: EntryKind | None
    is_repeated: bool


def entries_at(
    items: Mapping[str, CalendarItem], at: datetime, policy: BlockingPolicy, calendar_zone: Zone
) -> list[EntryAt]:
    """What covers the minute that begins at `at`, by its times; the same way plan/inbound.py makes slots."""
    minute = TimeRange(at, at + _MINUTE)
    exceptions: dict[str, list[CalendarItem]] = defaultdict(list)
    for item in items.values():
        if item.series_id is not None:
            exceptions[item.series_id].append(item)
    found = []
    for root_id in roots_of(items.values()):
        root = items.get(root_id)
        if root is not None and root.series_id is not None:
            continue  # an exception: it belongs to its series
        for _, item, span in occurrences(
            root, exceptions.get(root_id, ()), calendar_zone=calendar_zone, window=minute
        ):
            found.append(_entry(item, span, policy))
    return sorted(found, key=lambda entry: (entry.span, entry.kinds))


def _entry(item: CalendarItem, span: TimeRange, policy: BlockingPolicy) -> EntryAt:
    kinds = tuple(rule.kind for rule in RULES if rule.is_about(item))
    is_repeated = bool(item.recurrence) or item.series_id is not None
    return EntryAt(span, kinds, passed_over_as(item, policy), is_repeated)
