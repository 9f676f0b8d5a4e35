"""A whole installation for measuring: the sandbox in its own process, a booking site, connected accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine

from latesync.config import read_config
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.services import Services, open_services
from latesync.store.migrate import migrate
from tests.bench.outside import VARIABLES, Outside, outside
from tests.site.builders import Site, create_site

BASE_URL = "http://localhost:18999"


@dataclass
class Setting:
    """environment: for whole processes. services: for measuring inside this one."""

    services: Services
    site: Site
    outside: Outside
    environment: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.outside.ask(method, path, body)

    def connect(self, agent_id: int) -> int:
        """A signed-in account for an agent; returns its id."""
        return self.outside.connect(self.services, agent_id)

    def forget_requests(self) -> None:
        self.outside.forget_requests()

    def count_requests(self) -> dict[str, int]:
        return self.outside.count_requests()


@contextmanager
def setting(*, latency_s: float, site_url: str | None = None, provider: str = "google") -> Iterator[Setting]:
    """A booking site made for it. site_url: an empty MariaDB database; a SQLite file otherwise."""
    with TemporaryDirectory(prefix="latesync-bench-site-") as folder:
        engine = create_engine(site_url or f"sqlite:///{folder}/site.db")
        site = create_site(engine, prefix="wp_")
        create_bridge_tables(engine, "wp_")
        try:
            with setting_beside(site, latency_s=latency_s, provider=provider) as world:
                yield world
        finally:
            engine.dispose()


@contextmanager
def setting_beside(
    site: Site, *, latency_s: float, base_url: str = BASE_URL, provider: str = "google"
) -> Iterator[Setting]:
    """LateSync and its pretend provider for a booking site that is there already."""
    with TemporaryDirectory(prefix="latesync-bench-") as folder, outside(provider, latency_s) as beyond:
        environment = {
            "LATESYNC_HOME": f"{folder}/home",
            "LATESYNC_SITE_DATABASE_URL": site.engine.url.render_as_string(hide_password=False),
            "LATESYNC_BASE_URL": base_url,
            VARIABLES[provider]: beyond.url,
        }
        services = open_services(read_config(environment), require_schema=False)
        migrate(services.database)
        beyond.register(services)
        try:
            yield Setting(services, site, beyond, environment)
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
