"""A pretend Google or Microsoft in a process of its own, as benchmarks ask it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from latesync.options import AccountType
from latesync.services import Services
from latesync.store.accounts import record_consent
from latesync.store.clients import record_client

VARIABLES = {"google": "LATESYNC_GOOGLE_BASE_URL", "microsoft": "LATESYNC_MICROSOFT_BASE_URL"}
PROVIDERS = tuple(VARIABLES)
GRAPH = "https://graph.microsoft.com/"
_SCOPES = {
    "google": [
        "https://www.googleapis.com/auth/calendar",
        "openid",
        "https://www.googleapis.com/auth/userinfo.email",
    ],
    "microsoft": [
        f"{GRAPH}Calendars.ReadWrite",
        f"{GRAPH}User.Read",
        "offline_access",
        "openid",
        "profile",
    ],
}


def email_of(agent_id: int) -> str:
    return f"agent{agent_id}@example.test"


@dataclass(frozen=True)
class Person:
    """Who signed in. calendar_id: of the primary calendar."""

    subject: str
    email: str
    calendar_id: str


@dataclass
class Outside:
    """provider: whose stand-in answers at url. client_id, client_ref: once LateSync is registered."""

    provider: str
    url: str
    client_id: str = ""
    client_ref: int = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = _http().request(method, f"{self.url}/sandbox{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def register(self, services: Services) -> None:
        callback = f"{services.config.base_url}/oauth/{self.provider}/callback"
        made = self.ask("POST", "/clients", {"redirect_uris": [callback]})
        client = made.get("web", made)
        is_google = self.provider == "google"
        self.client_id = client["client_id"]
        self.client_ref = record_client(
            services.database,
            services.box,
            services.site_id,
            self.provider,
            self.client_id,
            client["client_secret"] if is_google else client["secret"],
            "bench" if is_google else None,
            (callback,),
            services.clock(),
            account_type=None if is_google else AccountType.ANY_AND_PERSONAL,
        )

    def connect(self, services: Services, agent_id: int) -> int:
        """A signed-in account for an agent; returns its id."""
        email, now = email_of(agent_id), services.clock()
        person = self._person(email)
        scopes = _SCOPES[self.provider]
        # The pretend Microsoft keeps permissions by their short names.
        grant = {"client_id": self.client_id, "scopes": [scope.removeprefix(GRAPH) for scope in scopes]}
        name = {"email": email} if self.provider == "google" else {"who": email}
        tokens = self.ask("POST", "/grants", grant | name)
        return record_consent(
            services.database,
            services.box,
            services.site_id,
            agent_id,
            self.provider,
            person.subject,
            person.email,
            self.client_ref,
            tokens["refresh_token"],
            " ".join(scopes),
            now,
            None,
            person.calendar_id,
            now,
        )

    def _person(self, email: str) -> Person:
        if self.provider == "google":
            user = self.ask("POST", "/users", {"email": email, "time_zone": "Europe/Berlin"})
            return Person(str(user["sub"]), email, email)
        user = self.ask("POST", "/persons", {"email": email})
        calendars = self.ask("GET", f"/persons/{email}/calendars")
        primary = next(one["id"] for one in calendars if one["isDefaultCalendar"])
        return Person(f"{user['oid']}.{user['tid']}", email, primary)

    def forget_requests(self) -> None:
        self.ask("DELETE", "/requests")

    def count_requests(self) -> dict[str, int]:
        counts: dict[str, int] = self.ask("GET", "/requests")["counts"]
        return counts


@contextmanager
def outside(provider: str, latency_s: float) -> Iterator[Outside]:
    module = f"latesync.sandbox.{provider}"
    command = [sys.executable, "-m", module, "--port", "0", "--latency", str(latency_s)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield Outside(provider, process.stdout.readline().rsplit(" ", 1)[1].strip())
        finally:
            process.terminate()


def _http() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
