"""What a mailbox remembers. Plain values only, so that the whole can be saved as JSON."""

import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..changes import ChangeLog
from .errors import Json
from .switches import Switches

MEETINGS = "teamsForBusiness"


class Surroundings(Protocol):
    """What a mailbox needs of the world it hangs in."""

    base_url: str
    switches: Switches

    @property
    def lock(self) -> AbstractContextManager[Any]: ...

    def now(self) -> float: ...

    def changing(self) -> Any: ...


@dataclass
class Item:
    """One event, series master or exception; an occurrence while it is shown.

    id: the immutable one (E11); mutable_id: what requests without the header see, new after every move.
    resource: fields as Graph keeps them, without ids, times and stamps.
    properties: extended properties by their canonical id (E9).
    day: of an occurrence or exception, the date that its series gives it.
    was: earlier rhythms of a series, to report occurrences that are gone.
    """

    id: str
    mutable_id: str
    calendar_id: str
    resource: Json
    start_ts: float
    end_ts: float
    start_zone: str
    end_zone: str
    created_ts: float
    changed_ts: float
    change_key: str
    kind: str = "singleInstance"
    properties: dict[str, str] = field(default_factory=dict)
    master_id: str = ""
    day: str = ""
    cancelled_days: list[str] = field(default_factory=list)
    exceptions: dict[str, str] = field(default_factory=dict)  # day → item id
    was: list[Json] = field(default_factory=list)

    @property
    def is_series(self) -> bool:
        return self.kind == "seriesMaster"

    @property
    def etag(self) -> str:
        return f'W/"{self.change_key}"'


@dataclass
class Calendar:
    """gone: items that are no longer here: immutable id → mutable id and former rhythms."""

    id: str
    name: str
    owner: Json
    is_default: bool = False
    can_edit: bool = True
    colour: str = "auto"
    change_key: str = ""
    meeting_providers: list[str] = field(default_factory=lambda: [MEETINGS])
    changes: ChangeLog = field(default_factory=ChangeLog)
    gone: dict[str, Json] = field(default_factory=dict)
    token_age: int = 0  # raising it kills every delta token (D7)

    @property
    def is_own(self) -> bool:
        return not self.owner.get("foreign", False)


@dataclass
class Subscription:
    """A request to be told (S1). calendar_id: empty for the whole mailbox."""

    id: str
    client_id: str
    resource: str
    calendar_id: str
    change_types: list[str]
    url: str
    lifecycle_url: str
    client_state: str
    ends_ts: float
    immutable: bool  # E11: the id type it was created with


@dataclass
class Mailbox:
    """The calendars of one person. Whoever changes it holds the world's lock: see `changing`."""

    time_zone: str = "UTC"
    address: str = ""
    name: str = ""
    oid: str = ""
    tid: str = ""
    enabled: bool = True  # §11: False has no Exchange mailbox
    calendars: dict[str, Calendar] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    transactions: dict[str, str] = field(default_factory=dict)  # transactionId → item id
    pending_meetings: list[str] = field(default_factory=list)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    deleted_items: dict[str, Item] = field(default_factory=dict)  # kept where `gets_find_what_moved`
    mails: list[Json] = field(default_factory=list)
    number: int = 0  # grows with every change
    last_id: str = ""
    secret: str = field(default_factory=lambda: secrets.token_hex(16))  # signs delta tokens
    world: Surroundings | None = field(default=None, repr=False, compare=False)
    mutable_ids: dict[str, str] = field(default_factory=dict, repr=False)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the world's lock, and save afterwards where saving is switched on."""
        if self.world is None:
            yield
            return
        with self.world.changing():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the world's lock."""
        with nullcontext() if self.world is None else self.world.lock:
            yield

    @property
    def switches(self) -> Switches:
        return Switches() if self.world is None else self.world.switches

    def now(self) -> float:
        return time.time() if self.world is None else self.world.now()

    def next_number(self) -> int:
        self.number += 1
        return self.number

    @property
    def primary(self) -> Calendar:
        return next(calendar for calendar in self.calendars.values() if calendar.is_default)

    def stored(self, event_id: str) -> Item | None:
        """By either kind of id. Ids are case-sensitive (E12)."""
        return self.items.get(self.mutable_ids.get(event_id, event_id))

    def keep(self, item: Item) -> None:
        self.items[item.id] = item
        self.mutable_ids[item.mutable_id] = item.id

    def drop(self, item: Item) -> None:
        self.items.pop(item.id, None)
        self.mutable_ids.pop(item.mutable_id, None)


def mailbox_json(mailbox: Mailbox) -> Json:
    plain = {name: value for name, value in vars(mailbox).items() if name not in ("world", "mutable_ids")}
    return {
        **plain,
        "calendars": [_calendar_json(calendar) for calendar in mailbox.calendars.values()],
        "items": [vars(item) for item in mailbox.items.values()],
        "deleted_items": [vars(item) for item in mailbox.deleted_items.values()],
        "subscriptions": [vars(subscription) for subscription in mailbox.subscriptions.values()],
    }


def read_mailbox(raw: Json) -> Mailbox:
    calendars = [_read_calendar(one) for one in raw["calendars"]]
    subscriptions = [Subscription(**one) for one in raw["subscriptions"]]
    items = [Item(**one) for one in raw["items"]]
    read = {
        "calendars": {calendar.id: calendar for calendar in calendars},
        "items": {item.id: item for item in items},
        "deleted_items": {one["id"]: Item(**one) for one in raw.get("deleted_items", [])},
        "subscriptions": {subscription.id: subscription for subscription in subscriptions},
        "mutable_ids": {item.mutable_id: item.id for item in items},
    }
    return Mailbox(**{**raw, **read})


def _calendar_json(calendar: Calendar) -> Json:
    changes = {"numbers": calendar.changes.numbers, "last": calendar.changes.last}
    return {**vars(calendar), "changes": changes}


def _read_calendar(raw: Json) -> Calendar:
    changes = ChangeLog(raw["changes"]["numbers"])
    changes.last = raw["changes"]["last"]
    return Calendar(**{**raw, "changes": changes})
