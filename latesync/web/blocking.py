"""The table of what makes an agent busy, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from latesync.errors import WrongInput
from latesync.options import AllDay, BlockingPolicy, EntryKind
from latesync.plan.blocking import RULES, lets_block
from latesync.sentences import blocking_sentences


@dataclass(frozen=True, slots=True)
class BlockingRow:
    """name: of the form's field; "" where there is nothing to choose. chosen: how all-day events count."""

    title: str
    text: str
    blocks: bool
    name: str = ""
    chosen: str = ""

    @property
    def is_all_day(self) -> bool:
        return bool(self.chosen)


@dataclass(frozen=True, slots=True)
class BlockingTable:
    """all_day_ways: (value, words) of each way all-day events may count."""

    rows: tuple[BlockingRow, ...]
    intro: str = blocking_sentences.INTRO
    never: str = blocking_sentences.NEVER
    all_day_ways: tuple[tuple[str, str], ...] = tuple(
        (way.value, words) for way, words in blocking_sentences.ALL_DAY.items()
    )


def blocking_table(policy: BlockingPolicy) -> BlockingTable:
    """The rows of plan/blocking.py in words, with what was chosen."""
    rows = (
        BlockingRow(
            title=blocking_sentences.KINDS[rule.kind].title,
            text=blocking_sentences.KINDS[rule.kind].text,
            blocks=lets_block(rule, policy),
            name=rule.kind.value if rule.switch else "",
            chosen=policy.all_day.value if rule.kind is EntryKind.ALL_DAY else "",
        )
        for rule in RULES
    )
    return BlockingTable(tuple(rows))


def chosen_blocking(form: Mapping[str, str]) -> BlockingPolicy:
    """What a person ticked. Raises WrongInput."""
    try:
        all_day = AllDay(form.get(EntryKind.ALL_DAY, ""))
    except ValueError:
        raise WrongInput(blocking_sentences.CHOOSE_ALL_DAY) from None
    ticked = {
        rule.switch: form.get(rule.kind.value) == "yes"
        for rule in RULES
        if rule.switch and rule.kind is not EntryKind.ALL_DAY
    }
    return BlockingPolicy(all_day=all_day, **ticked)
