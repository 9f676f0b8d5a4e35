"""What people read about which entries of a calendar make an agent busy. Pure."""

from __future__ import annotations

from latesync.messages import Message
from latesync.options import AllDay, BlockingPolicy, EntryKind

# One for each row of plan/blocking.py; title: for the agent. text: what else is to know, or "".
KINDS = {
    EntryKind.FREE: Message(
        "Events marked “free”",
        "Each event can be marked “free” or “busy” where you write it in your calendar.",
    ),
    EntryKind.TENTATIVE: Message("Events I answered with “maybe”", ""),
    EntryKind.UNANSWERED: Message("Invitations I have not answered yet", ""),
    EntryKind.ALL_DAY: Message(
        "All-day events", "Holidays and trips. They cover whole days, as your calendar counts them."
    ),
    EntryKind.OUT_OF_OFFICE: Message("Out of office", ""),
    EntryKind.FOCUS_TIME: Message("Focus time", ""),
    EntryKind.FROM_MAIL: Message("Entries made from my mail", "Flights, tables and tickets it found there."),
    EntryKind.WORKING_ELSEWHERE: Message("Working elsewhere", "Outlook offers it in each event."),
    EntryKind.DECLINED: Message("Invitations I declined", ""),
    EntryKind.CANCELLED: Message("Cancelled events", ""),
    EntryKind.WORKING_LOCATION: Message("Working location", ""),
    EntryKind.BIRTHDAY: Message("Birthdays", ""),
}

ALL_DAY = {
    AllDay.AS_MARKED: "as each is marked, free or busy",
    AllDay.ALWAYS: "always, also when marked free",
    AllDay.NEVER: "never",
}

INTRO = "Whatever stands in the calendars chosen above makes you busy. About these entries you decide."
NEVER = "These never make me busy"
SAVED = "Saved. The booking form follows within a minute."
CHOOSE_ALL_DAY = "Say for all-day events whether they count as marked, always or never, and save again."

# In one line, for the owner: what an entry is called there.
_FOR_OWNER = {
    EntryKind.FREE: "events marked “free”",
    EntryKind.TENTATIVE: "events answered with “maybe”",
    EntryKind.UNANSWERED: "unanswered invitations",
    EntryKind.OUT_OF_OFFICE: "out of office",
    EntryKind.FOCUS_TIME: "focus time",
    EntryKind.FROM_MAIL: "entries from mail",
    EntryKind.WORKING_ELSEWHERE: "working elsewhere",
}


def what_blocks(policy: BlockingPolicy) -> str:
    """For the owner, in one sentence or two: what makes an agent busy, and what does not."""
    chosen = {
        EntryKind.FREE: policy.free_blocks,
        EntryKind.TENTATIVE: policy.tentative_blocks,
        EntryKind.UNANSWERED: policy.unanswered_blocks,
        EntryKind.OUT_OF_OFFICE: policy.out_of_office_blocks,
        EntryKind.FOCUS_TIME: policy.focus_time_blocks,
        EntryKind.FROM_MAIL: policy.from_mail_blocks,
        EntryKind.WORKING_ELSEWHERE: policy.working_elsewhere_blocks,
    }
    left_out = [words for kind, words in _FOR_OWNER.items() if not chosen[kind]]
    counted_in = " Events marked “free” count too." if policy.free_blocks else ""
    but = f", but not {_listed(left_out)}" if left_out else ""
    return f"Everything{but}.{counted_in} All-day events: {ALL_DAY[policy.all_day]}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
