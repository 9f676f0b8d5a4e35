"""What the sandbox Google remembers. Plain values only, so that the whole can be saved as JSON."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from ..changes import ChangeLog
from ..clock import Clock
from .errors import Json, not_found
from .faults import Faults
from .switches import Switches
from .windows import Window

ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")  # K2


@dataclass
class Event:
    """One event, series master or exception, as stored in one calendar.

    resource: fields as Google keeps them, defaults left out, times in UTC.
    was: earlier (start, end, recurrence) of a series, to report instances that are gone.
    """

    resource: Json
    start_ts: float
    end_ts: float
    updated_ts: float
    was: list[Json] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.resource["id"])

    @property
    def cancelled(self) -> bool:
        return bool(self.resource["status"] == "cancelled")

    @property
    def master_id(self) -> str | None:
        return self.resource.get("recurringEventId")

    @property
    def is_series(self) -> bool:
        return bool(self.resource.get("recurrence"))


@dataclass
class Calendar:
    id: str
    owner: str
    summary: str
    time_zone: str
    primary: bool = False
    description: str = ""
    roles: dict[str, str] = field(default_factory=dict)  # e-mail → role, beside the owner
    made_by_project: str | None = None
    etag: str = '"0"'
    events: dict[str, Event] = field(default_factory=dict)
    exceptions: dict[str, set[str]] = field(default_factory=dict)  # master id → exception ids
    changes: ChangeLog = field(default_factory=ChangeLog)
    vanished: set[str] = field(default_factory=set)
    vanished_through: int = 0  # a sync token older than this missed a deletion
    token_age: int = 0  # raising it kills every sync token (Y9)
    pending_meetings: list[str] = field(default_factory=list)  # events whose link is not made yet (E18)

    def role_of(self, email: str) -> str:
        return "owner" if email == self.owner else self.roles.get(email, "none")


@dataclass
class User:
    """A Google account. What the person would do on the consent page is kept here too."""

    email: str
    name: str
    sub: str
    organisation: str = ""  # Workspace domain; empty for a personal account
    auto_consent: bool = False
    declines: bool = False
    unticks: list[str] = field(default_factory=list)  # scopes left out at automatic consent (T8)
    needs_reauthentication: bool = False  # L10
    admin_blocks: bool = False  # L9
    advanced_protection: bool = False  # §7: unverified apps are kept out
    listed: dict[str, Json] = field(default_factory=dict)  # calendar id → list settings (K3)
    list_changes: ChangeLog = field(default_factory=ChangeLog)


@dataclass
class Client:
    id: str
    project: str
    secrets: list[str]
    redirect_uris: list[str]
    kind: str = "web"  # or "installed" (J3)
    mode: str = "production"  # or "testing", "internal" (A1-A4)
    name: str = "LateSync"
    verified: bool = True
    test_users: list[str] = field(default_factory=list)
    organisation: str = ""
    deleted: bool = False
    used_ts: float = 0.0
    javascript_origins: list[str] = field(default_factory=list)  # R8
    known_from_ts: float = 0.0  # R9: not in effect before
    settles_ts: float = 0.0  # R9: until then the redirect URIs are still `settling_from`
    settling_from: list[str] = field(default_factory=list)
    newcomers: list[str] = field(default_factory=list)  # passed the "unverified" screen (A3)


@dataclass
class Code:
    client_id: str
    email: str
    scopes: list[str]
    redirect_uri: str
    ends_ts: float
    offline: bool
    consented: bool
    challenge: str | None
    challenge_method: str
    nonce: str | None
    used: bool = False


@dataclass
class RefreshToken:
    value: str
    client_id: str
    project: str
    email: str
    scopes: list[str]
    issued_ts: float
    used_ts: float
    ends_ts: float | None = None


@dataclass
class AccessToken:
    client_id: str
    project: str
    email: str
    scopes: list[str]
    ends_ts: float


class Request(NamedTuple):
    time: float
    method: str
    path: str
    status: int
    user: str | None
    units: int


class State:
    """Everything, behind one lock. Nobody sleeps while holding it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.switches = Switches()
        self.faults = Faults()
        self.latency_s = 0.0
        self.base_url = "http://127.0.0.1:8090"
        self.number = 0  # grows with every change; etags and ids come from it
        self.users: dict[str, User] = {}
        self.clients: dict[str, Client] = {}
        self.calendars: dict[str, Calendar] = {}
        self.grants: dict[str, dict[str, list[str]]] = {}  # project → e-mail → scopes
        self.codes: dict[str, Code] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.mails: deque[Json] = deque(maxlen=10_000)
        self.requests: deque[Request] = deque(maxlen=20_000)
        self.request_counts: Counter[str] = Counter()
        self.windows: dict[str, Window] = {}  # quotas; not saved
        self.on_change: Callable[[], None] | None = None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; afterwards save, where saving is switched on."""
        with self.lock:
            yield
            if self.on_change:
                self.on_change()

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def next_etag(self) -> str:
        return f'"{3_500_000_000_000_000 + 2 * self.next_number()}"'

    def now(self) -> float:
        return self.clock.now()

    def user(self, email: str) -> User:
        """Raises KeyError with a sentence when there is no such account."""
        try:
            return self.users[email]
        except KeyError:
            raise KeyError("The sandbox has no such Google account. Add it first.") from None

    def calendar_for(self, email: str, calendar_id: str) -> Calendar:
        """The calendar a path names, `primary` included (K1); 404 when the user has no part in it."""
        calendar = self.calendars.get(email if calendar_id == "primary" else calendar_id)
        if calendar is None or calendar.role_of(email) == "none":
            raise not_found()
        return calendar

    def note_request(self, request: Request, name: str) -> None:
        with self.lock:
            self.requests.append(request)
            self.request_counts[f"{name} {request.status}"] += 1


def has_role(role: str, least: str) -> bool:
    return ROLES.index(role) >= ROLES.index(least)
