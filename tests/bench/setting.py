"""A whole installation for measuring: the sandbox in its own process, a booking site, connected accounts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from sqlalchemy import Engine, create_engine

from latesync.config import read_config
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.services import Services, open_services
from latesync.store.accounts import record_consent
from latesync.store.clients import record_client
from latesync.store.migrate import migrate
from tests.site.builders import Site, create_site

SCOPES = [
    "https://www.googleapis.com/auth/calendar",
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
]
BASE_URL = "http://localhost:18999"


@dataclass
class Setting:
    """environment: for whole processes. services: for measuring inside this one."""

    services: Services
    site: Site
    google: str
    environment: dict[str, str]
    client: dict[str, Any]
    client_ref: int

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = _http().request(method, f"{self.google}/sandbox{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def connect(self, agent_id: int) -> int:
        """A signed-in account for an agent; returns its id."""
        email = email_of(agent_id)
        user = self.ask("POST", "/users", {"email": email, "time_zone": "Europe/Berlin"})
        grant = {"email": email, "client_id": self.client["client_id"], "scopes": SCOPES}
        tokens = self.ask("POST", "/grants", grant)
        now = self.services.clock()
        return record_consent(
            self.services.database,
            self.services.box,
            self.services.site_id,
            agent_id,
            "google",
            str(user["sub"]),
            email,
            self.client_ref,
            tokens["refresh_token"],
            " ".join(SCOPES),
            now,
            None,
            email,
            now,
        )

    def forget_requests(self) -> None:
        self.ask("DELETE", "/requests")

    def count_requests(self) -> dict[str, int]:
        counts: dict[str, int] = self.ask("GET", "/requests")["counts"]
        return counts


def email_of(agent_id: int) -> str:
    return f"agent{agent_id}@example.test"


@contextmanager
def setting(*, latency_s: float, site_url: str | None = None) -> Iterator[Setting]:
    """A booking site made for it. site_url: an empty MariaDB database; a SQLite file otherwise."""
    with TemporaryDirectory(prefix="latesync-bench-site-") as folder:
        engine = create_engine(site_url or f"sqlite:///{folder}/site.db")
        site = create_site(engine, prefix="wp_")
        create_bridge_tables(engine, "wp_")
        try:
            with setting_beside(site, latency_s=latency_s) as world:
                yield world
        finally:
            engine.dispose()


@contextmanager
def setting_beside(site: Site, *, latency_s: float, base_url: str = BASE_URL) -> Iterator[Setting]:
    """LateSync and its pretend Google for a booking site that is there already."""
    with TemporaryDirectory(prefix="latesync-bench-") as folder, _sandbox(latency_s) as google:
        environment = {
            "LATESYNC_HOME": f"{folder}/home",
            "LATESYNC_SITE_DATABASE_URL": site.engine.url.render_as_string(hide_password=False),
            "LATESYNC_BASE_URL": base_url,
            "LATESYNC_GOOGLE_BASE_URL": google,
        }
        services = open_services(read_config(environment), require_schema=False)
        migrate(services.database)
        client, client_ref = _register_client(services, google)
        try:
            yield Setting(services, site, google, environment, client, client_ref)
        finally:
            services.close()


def fill(site: Site, *, agents: int, bookings: int) -> list[int]:
    """Spread bookings evenly over agents and the coming weeks; returns the agents' ids."""
    service, customer = site.insert_service(), site.insert_customer()
    agent_ids = [site.insert_agent(first_name=f"Agent{n}", last_name="Bench") for n in range(agents)]
    today = date.today()
    rows = []
    for number in range(bookings):
        turn = number // agents
        rows.append(
            {
                "agent_id": agent_ids[number % agents],
                "service_id": service,
                "customer_id": customer,
                "start_date": today + timedelta(days=1 + turn // 16 % 360),
                "start_time": 480 + turn % 16 * 30,
            }
        )
    insert_bookings(site.engine, site, rows)
    return agent_ids


def insert_bookings(engine: Engine, site: Site, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        site.insert_booking(**row)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _register_client(services: Services, google: str) -> tuple[dict[str, Any], int]:
    callback = f"{services.config.base_url}/oauth/google/callback"
    answer = _http().post(f"{google}/sandbox/clients", json={"redirect_uris": [callback]}, timeout=30)
    client: dict[str, Any] = answer.json()["web"]
    reference = record_client(
        services.database,
        services.box,
        services.site_id,
        "google",
        client["client_id"],
        client["client_secret"],
        "bench",
        (callback,),
        services.clock(),
    )
    return client, reference


def _http() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@contextmanager
def _sandbox(latency_s: float) -> Iterator[str]:
    command = [sys.executable, "-m", "latesync.sandbox.google", "--port", "0", "--latency", str(latency_s)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rsplit(" ", 1)[1].strip()
        finally:
            process.terminate()
