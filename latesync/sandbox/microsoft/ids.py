"""Ids of events: two kinds (microsoft-graph.md E11), case-sensitive (E12)."""

import base64
import hashlib
import re
import secrets

from .graph_state import Mailbox

_OCCURRENCE = re.compile(r"(.+)FRAI(\d{4})(\d\d)(\d\d)==")
_OF_AN_ID = re.compile(r"AA[A-Za-z0-9_=-]{30,}")
_BYTES = 66  # 88 letters


def new_id(mailbox: Mailbox) -> str:
    """The immutable id of a new item. By a switch it is the last one's but for the case of one letter."""
    if mailbox.switches.ids_differ_by_case and mailbox.last_id:
        fresh = _with_another_case(mailbox)
    else:
        # From the mailbox's secret: with a chosen one, what a test found can be run again.
        drawn = hashlib.shake_256(f"{mailbox.secret} id {mailbox.next_number()}".encode()).digest(_BYTES)
        fresh = f"AAkALgAA{base64.urlsafe_b64encode(drawn).decode()}AAA="
    mailbox.last_id = fresh
    return fresh


def new_mutable_id() -> str:
    return f"AAMkAGI2{secrets.token_urlsafe(_BYTES)}AAA="


def occurrence_id(master_id: str, day: str) -> str:
    return f"{master_id}FRAI{day.replace('-', '')}=="


def of_occurrence(event_id: str) -> tuple[str, str] | None:
    """The master's id and the day, of an occurrence's id."""
    found = _OCCURRENCE.fullmatch(event_id)
    return None if found is None else (found[1], f"{found[2]}-{found[3]}-{found[4]}")


def is_well_formed(event_id: str) -> bool:
    """Whether Exchange could have given this id."""
    return _OF_AN_ID.fullmatch(event_id) is not None


def _with_another_case(mailbox: Mailbox) -> str:
    last = mailbox.last_id
    taken = {last, *mailbox.items, *(gone for one in mailbox.calendars.values() for gone in one.gone)}
    for place in range(len(last) // 2, len(last)):
        turned = last[:place] + last[place].swapcase() + last[place + 1 :]
        if turned not in taken:
            return turned
    raise ValueError("No further id differs from the last one by case only.")
