"""What makes an agent busy: one table, for the planner, for the page people see and for the docs. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from latesync.model import CalendarItem, EventKind
from latesync.options import AllDay, BlockingPolicy, EntryKind


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table. switch: the field of BlockingPolicy that decides; None: such entries never block.

    An entry that several rows are about makes the agent busy only if each of these rows lets it.
    """

    kind: EntryKind
    is_about: Callable[[CalendarItem], bool]
    switch: str | None = None


def is_all_day(item: CalendarItem) -> bool:
    return item.starts is not None and not isinstance(item.starts, datetime)


RULES = (
    Rule(EntryKind.FREE, lambda item: item.is_free, "free_blocks"),
    Rule(EntryKind.TENTATIVE, lambda item: item.is_tentative, "tentative_blocks"),
    Rule(EntryKind.UNANSWERED, lambda item: item.is_unanswered, "unanswered_blocks"),
    Rule(EntryKind.ALL_DAY, is_all_day, "all_day"),
    Rule(EntryKind.OUT_OF_OFFICE, lambda item: item.kind is EventKind.OUT_OF_OFFICE, "out_of_office_blocks"),
    Rule(EntryKind.FOCUS_TIME, lambda item: item.kind is EventKind.FOCUS_TIME, "focus_time_blocks"),
    Rule(EntryKind.FROM_MAIL, lambda item: item.kind is EventKind.FROM_MAIL, "from_mail_blocks"),
    # Outlook alone knows it (microsoft-graph.md E3). Who works elsewhere cannot serve here, as it comes.
    Rule(
        EntryKind.WORKING_ELSEWHERE,
        lambda item: item.kind is EventKind.WORKING_ELSEWHERE,
        "working_elsewhere_blocks",
    ),
    Rule(EntryKind.DECLINED, lambda item: item.is_declined),
    Rule(EntryKind.CANCELLED, lambda item: item.is_cancelled),
    Rule(EntryKind.WORKING_LOCATION, lambda item: item.kind is EventKind.WORKING_LOCATION),
    Rule(EntryKind.BIRTHDAY, lambda item: item.kind is EventKind.BIRTHDAY),
)


def blocks(item: CalendarItem, policy: BlockingPolicy) -> bool:
    """Whether an item makes the agent busy."""
    return passed_over_as(item, policy) is None


def passed_over_as(item: CalendarItem, policy: BlockingPolicy) -> EntryKind | None:
    """The first row of the table that keeps an item from making the agent busy; None: it does.

    Of an all-day event "always" means: also where it is marked free, as holidays are (users-ask.md U18).
    """
    counts_always = is_all_day(item) and policy.all_day is AllDay.ALWAYS
    for rule in RULES:
        is_lifted = counts_always and rule.kind is EntryKind.FREE
        if rule.is_about(item) and not lets_block(rule, policy) and not is_lifted:
            return rule.kind
    return None


def lets_block(rule: Rule, policy: BlockingPolicy) -> bool:
    """Whether entries of this row may make the agent busy."""
    if rule.switch is None:
        return False
    chosen = getattr(policy, rule.switch)
    return chosen is not AllDay.NEVER if isinstance(chosen, AllDay) else bool(chosen)
