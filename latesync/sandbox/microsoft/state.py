"""What the sandbox Microsoft remembers. Plain values only, so that the whole can be saved as JSON."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from ..clock import Clock
from .faults import Faults
from .persons import Person
from .switches import Switches

DAY_S = 86_400.0


@dataclass
class Secret:
    """One of a client's secrets. value: what is sent; id: what people paste by mistake (M1)."""

    id: str
    value: str
    ends_ts: float


@dataclass
class Client:
    """An app registration (M1-M7)."""

    id: str
    tid: str  # the tenant it is registered in
    secrets: list[Secret]
    redirect_uris: list[str]
    audience: str = "AzureADandPersonalMicrosoftAccount"  # M4
    platform: str = "web"  # M5: or "spa", "public"
    name: str = "LateSync"
    withheld: list[str] = field(default_factory=list)  # scopes left out although asked for (C4)
    admin_consent_needed: bool = False  # M6: 90094
    admin_consents: list[str] = field(default_factory=list)  # tenants whose admin agreed for everybody
    verified: bool = True  # T5
    refusal: str = ""  # as Person.refusal, for everybody who uses this client


@dataclass
class Code:
    client_id: str
    oid: str
    scopes: list[str]
    redirect_uri: str
    tenant: str  # the path it was given at (H3)
    ends_ts: float
    challenge: str | None
    nonce: str | None
    used: bool = False


@dataclass
class RefreshToken:
    value: str
    client_id: str
    oid: str
    scopes: list[str]
    issued_ts: float
    signed_in_ts: float
    ended_by: str = ""  # name of a refusal, once revoked


@dataclass
class AccessToken:
    client_id: str
    oid: str
    scopes: list[str]
    ends_ts: float


class Request(NamedTuple):
    time: float
    method: str
    path: str
    status: int
    user: str | None


class State:
    """Everything, behind one lock. Nobody sleeps while holding it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.switches = Switches()
        self.faults = Faults()
        self.latency_s = 0.0
        self.base_url = "http://127.0.0.1:8091"  # token endpoint and Graph
        self.page_url: str | None = None  # where the authorize page is, if elsewhere (P3)
        self.number = 0  # grows with every change; ids and change keys come from it
        self.tenants: dict[str, str] = {}  # domain → tenant id
        self.persons: dict[str, Person] = {}  # by oid
        self.clients: dict[str, Client] = {}
        self.grants: dict[str, dict[str, list[str]]] = {}  # client id → oid → scopes
        self.codes: dict[str, Code] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.requests: deque[Request] = deque(maxlen=20_000)
        self.request_counts: Counter[str] = Counter()
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

    def now(self) -> float:
        return self.clock.now()

    def person(self, who: str) -> Person:
        """By oid or address. Raises KeyError with a sentence when there is no such account."""
        found = self.persons.get(who) or self.find_person(who)
        if found is None:
            raise KeyError("The sandbox has no such Microsoft account. Add it first.")
        return found

    def find_person(self, email: str) -> Person | None:
        wanted = email.casefold()
        return next((one for one in self.persons.values() if one.email.casefold() == wanted), None)

    def note_request(self, request: Request, name: str) -> None:
        with self.lock:
            self.requests.append(request)
            self.request_counts[f"{name} {request.status}"] += 1
