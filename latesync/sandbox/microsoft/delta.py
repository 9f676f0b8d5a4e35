"""calendarView/delta (microsoft-graph.md D2-D7). Callers hold the world's lock."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .delta_tokens import Token, check_alive
from .errors import Json
from .graph_state import Calendar, Item, Mailbox
from .ids import occurrence_id
from .listing import in_window
from .series import days, expanded, lost_days, overlaps
from .shown import View, bare, removed, show, shown_id


@dataclass(frozen=True)
class Row:
    """One entry of a round. key: where it stands in the round, the same on every page of it."""

    key: str
    item: Item | None = None
    gone_id: tuple[str, str] = ("", "")  # immutable, mutable


def first_token(mailbox: Mailbox, calendar: Calendar, window: tuple[float, float]) -> Token:
    """Where a new round begins: with everything in the window, which the token keeps (D3)."""
    upto = calendar.changes.last
    return Token("skip", calendar.id, *window, None, upto, "", False, mailbox.now(), calendar.token_age)


def one_page(mailbox: Mailbox, calendar: Calendar, token: Token, view: View, size: int, address: str) -> Json:
    """The page a token stands for. Raises GraphError 410, 400 or 404 for a dead one (D7)."""
    check_alive(mailbox, calendar, token, address)
    if token.kind == "delta":
        token = replace(
            token, kind="skip", since=token.upto, upto=calendar.changes.last, after="", was_empty=False
        )
    if mailbox.switches.delta_empty_pages and not token.was_empty:
        link = _link(mailbox, replace(token, was_empty=True), address)
        return {"value": [], "@odata.nextLink": link}
    rows = sorted((row for row in _rows(mailbox, calendar, token) if row.key > token.after), key=_key)
    shown = [one for row in rows[:size] for one in _shown(mailbox, row, view)]
    if len(rows) > size:
        following = replace(token, after=rows[size - 1].key, was_empty=False)
        return {"value": shown, "@odata.nextLink": _link(mailbox, following, address)}
    end = replace(token, kind="delta", after="", was_empty=False, made_ts=mailbox.now())
    return {"value": shown, "@odata.deltaLink": _link(mailbox, end, address)}


def _key(row: Row) -> str:
    return row.key


def _link(mailbox: Mailbox, token: Token, address: str) -> str:
    name = "$deltatoken" if token.kind == "delta" else "$skiptoken"
    return f"{address}?{name}={token.text(mailbox.secret)}"


def _rows(mailbox: Mailbox, calendar: Calendar, token: Token) -> Iterator[Row]:
    found = (
        _everything(mailbox, calendar, token) if token.since is None else _changes(mailbox, calendar, token)
    )
    rows = {
        row.item.id if row.item else row.gone_id[0]: row for row in found
    }  # D5, D6: each once, the last wins
    yield from rows.values()


def _everything(mailbox: Mailbox, calendar: Calendar, token: Token) -> Iterator[Row]:
    masters: set[str] = set()
    for item in in_window(mailbox, calendar, token.after_ts, token.before_ts):
        masters.add(item.master_id)
        yield _row(mailbox, item)
    if _shows_masters(mailbox):
        yield from (_row(mailbox, mailbox.items[master]) for master in masters if master)


def _changes(mailbox: Mailbox, calendar: Calendar, token: Token) -> Iterator[Row]:
    """What changed since the round began may be told in it already; the next round tells it again (D6)."""
    for event_id, _ in calendar.changes.since(token.since or 0):
        item = mailbox.items.get(event_id)
        if item is None or item.calendar_id != calendar.id:
            yield from _gone(mailbox, calendar, token, event_id)
        elif item.is_series:
            yield from _series(mailbox, token, item)
        elif overlaps(item.start_ts, item.end_ts, token.after_ts, token.before_ts):
            yield _row(mailbox, item)
        else:
            yield _removed(item.id, item.mutable_id)  # D5: changed outside the window


def _series(mailbox: Mailbox, token: Token, master: Item) -> Iterator[Row]:
    """A changed series: what it has in the window, and what it has there no longer."""
    window = (token.after_ts, token.before_ts)
    for earlier in master.was:
        for day in lost_days(master, earlier, *window):
            yield _removed(occurrence_id(master.id, day), occurrence_id(master.mutable_id, day))
    found = list(expanded(mailbox, master, *window))
    yield from (_row(mailbox, item) for item in found)
    if not found:
        yield _removed(master.id, master.mutable_id)
    elif _shows_masters(mailbox):
        yield _row(mailbox, master)


def _gone(mailbox: Mailbox, calendar: Calendar, token: Token, event_id: str) -> Iterator[Row]:
    left: Json = calendar.gone.get(event_id, {})
    mutable_id = left.get("mutable_id", event_id)
    for earlier in left.get("was", ()):
        for day, _, _ in days(earlier, token.after_ts, token.before_ts):
            yield _removed(occurrence_id(event_id, day), occurrence_id(mutable_id, day))
    yield _removed(event_id, mutable_id)


def _shows_masters(mailbox: Mailbox) -> bool:
    return mailbox.switches.delta_occurrences == "bare" and mailbox.switches.delta_shows_masters


def _row(mailbox: Mailbox, item: Item) -> Row:
    return Row(_place(mailbox, item.id, item.start_ts), item)


def _removed(event_id: str, mutable_id: str) -> Row:
    return Row(_shuffled(event_id), None, (event_id, mutable_id))


def _place(mailbox: Mailbox, event_id: str, start_ts: float) -> str:
    """D6: order is not guaranteed; but it stays the same within a round."""
    shuffled = _shuffled(event_id)
    return shuffled if mailbox.switches.delta_order == "shuffled" else f"{int(start_ts):015d}{shuffled}"


@lru_cache(maxsize=65_536)
def _shuffled(event_id: str) -> str:
    return hashlib.blake2b(event_id.encode(), digest_size=12).hexdigest()


def _shown(mailbox: Mailbox, row: Row, view: View) -> list[Json]:
    """The entry; by a switch an outdated one before it, which does not count (D6)."""
    if row.item is None:
        entry = removed(row.gone_id[0] if view.immutable else row.gone_id[1])
        return [entry, entry] if mailbox.switches.delta_duplicates else [entry]
    entry = _entry(mailbox, row.item, view)
    if not mailbox.switches.delta_duplicates:
        return [entry]
    hour = 3600.0
    outdated = replace(
        row.item, start_ts=row.item.start_ts - hour, end_ts=row.item.end_ts - hour, change_key="old"
    )
    return [_entry(mailbox, outdated, view), entry]


def _entry(mailbox: Mailbox, item: Item, view: View) -> Json:
    if item.kind == "occurrence" and mailbox.switches.delta_occurrences == "bare":
        return bare(mailbox, item, view)
    entry: dict[str, Any] = {"@odata.type": "#microsoft.graph.event", **show(mailbox, item, view)}
    return {**entry, "id": shown_id(item, view)}
