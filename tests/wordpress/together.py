"""A real WordPress and a running LateSync that know each other: pages, worker, pretend Google, agents.

`joined(site, mariadb, folder)` starts everything and connects the plugin as an owner does, by pasting the
connection string into its settings. What is under test runs in processes of its own; the test looks at
LateSync's state through services of its own on the same database.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import func, select, update

from latesync.latepoint.grants import grant_statements
from latesync.options import DriftPolicy
from latesync.plugin import connection_string
from latesync.services import Services
from latesync.store.accounts import AccountRow, active_account
from latesync.store.choices import write_drift_policy
from latesync.store.fingerprints import pull_forward
from latesync.store.hints import read_hints
from latesync.store.mappings import read_mappings
from latesync.store.schema import accounts, seen_nonces
from latesync.sync.outbound import plan_account
from tests.services.mariadb import MariaDBServer
from tests.services.ports import free_port
from tests.site.builders import Site
from tests.system.browsing import forms_of
from tests.system.google import PretendGoogle, pretend_google, start_of
from tests.system.installation import SITE_PASSWORD, Installation
from tests.system.programs import Program
from tests.system.waiting import eventually
from tests.wordpress.site import WordPress

ANNA, BRUNO = 1, 2
EMAILS = {ANNA: "anna@example.test", BRUNO: "bruno@example.test"}
ZONE = ZoneInfo("America/New_York")  # the seeded site's
STATUS = "wp-admin/admin.php?page=latesync-bridge"
SETTINGS = f"{STATUS}&tab=settings"
MY_CALENDAR = "wp-admin/admin.php?page=latesync-my-calendar"
# As under PHP-FPM, where nobody waits when the note is sent: its limit is seconds then, which a busy machine
# keeps. Without it a note that took half a second would silence the plugin for a minute.
LIKE_FPM = "function fastcgi_finish_request() { return true; }"
_LONG_AGO, _FAR_AHEAD = timedelta(minutes=1), timedelta(hours=1)
_TAKEN = re.compile(r"hints taken bookings=1 agents=\d+ accounts=[1-9]")


@dataclass
class Together:
    """What a test works with. A clock is "10:30" in the site's zone."""

    site: WordPress
    installation: Installation
    services: Services
    stack: ExitStack
    web: Program | None = None
    worker: Program | None = None
    workers: list[Program] = field(default_factory=list)

    @property
    def google(self) -> PretendGoogle:
        return self.installation.google

    # Its processes

    def start(self, *, web: bool = True, worker: bool = True) -> None:
        if web:
            self.web = self.stack.enter_context(self.installation.running("web"))
        if worker:
            self.worker = self.stack.enter_context(self.installation.running("worker"))
            self.workers.append(self.worker)
        if self.web is not None:
            web_program = self.web
            eventually(self._is_ready, "the pages answered", why=lambda: web_program.said)

    def stop(self) -> None:
        """Pages and worker, in good order."""
        for program in (self.web, self.worker):
            if program is not None:
                program.stop()
        self.web = self.worker = None

    def _is_ready(self) -> bool:
        try:
            return ask("GET", f"{self.address}/readyz").ok
        except requests.ConnectionError:
            return False

    @property
    def address(self) -> str:
        return self.installation.environment["LATESYNC_BASE_URL"]

    # The agents' calendars

    def connect(self, *agents: int) -> None:
        for agent in agents:
            self.installation.connect(agent, EMAILS[agent])

    def put_event(self, agent: int, day: str, start: str, end: str) -> str:
        return self.google.put_event(EMAILS[agent], at(day, start), at(day, end))

    def change_event(self, agent: int, booking_id: int, day: str, start: str, minutes: int = 60) -> None:
        """The agent drags a booking's event to another time."""
        begins = at(day, start)
        times = {
            "start": {"dateTime": begins.isoformat()},
            "end": {"dateTime": (begins + timedelta(minutes=minutes)).isoformat()},
        }
        self.google.ask("PATCH", self._event_path(agent, booking_id), times)

    def delete_event(self, agent: int, booking_id: int) -> None:
        self.google.ask("DELETE", self._event_path(agent, booking_id))

    def start_of_event(self, agent: int, booking_id: int) -> datetime | None:
        event = self.google.event_of(EMAILS[agent], booking_id)
        return start_of(event) if event else None

    def bookings_in(self, agent: int) -> list[int]:
        return self.google.bookings(EMAILS[agent])

    def readings_of(self, agent: int) -> int:
        """How often Google was asked for an agent's events since the request log was emptied."""
        log = self.google.ask("GET", "/requests?log=true")["log"]
        wanted = (EMAILS[agent], "GET")
        listings = [request for request in log if request["path"].endswith("/events")]
        return sum((request["user"], request["method"]) == wanted for request in listings)

    def _event_path(self, agent: int, booking_id: int) -> str:
        event = self.google.event_of(EMAILS[agent], booking_id)
        assert event is not None
        return f"/calendars/{EMAILS[agent]}/events/{event['id']}"

    # LateSync's state

    def choose(self, policy: DriftPolicy) -> None:
        write_drift_policy(self.services.database, self.services.site_id, policy, self.services.clock())

    def account(self, agent: int) -> AccountRow:
        found = active_account(self.services.database, self.services.site_id, agent)
        assert found is not None
        return found

    def hints(self) -> set[int]:
        return {hint.booking_id for hint in read_hints(self.services.database, self.services.site_id)}

    def notes(self) -> int:
        """How many signed notes of the plugin's were taken."""
        with self.services.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(seen_nonces)) or 0

    def hints_taken(self) -> int:
        """How often a worker followed a note that named one booking, and found whose it is."""
        return sum(len(_TAKEN.findall(worker.said)) for worker in self.workers)

    def follows_notes(self) -> bool:
        """Whether a worker has seen to every note, also to those that the look at the site was ahead of."""
        return not read_hints(self.services.database, self.services.site_id)

    def read_calendars_now(self) -> None:
        """As if the time to look at them had come."""
        pull_forward(
            self.services.database,
            self.services.site_id,
            None,
            self.services.clock(),
            outbound=False,
            inbound=True,
        )

    def let_readings_age(self) -> None:
        """As if every calendar had been read a minute ago, and polling would come back in an hour."""
        eventually(self._age_readings, "every calendar was read and nobody was at it", why=self.said)
        self.google.ask("DELETE", "/requests")
        self.site.run("DELETE FROM wp_options WHERE option_name = 'latesync_bridge_looking'")

    def _age_readings(self) -> bool:
        now = self.services.clock()
        idle = (accounts.c.lease_owner.is_(None), accounts.c.inbound_good_at.is_not(None))
        aged = {"inbound_good_at": now - _LONG_AGO, "inbound_due_at": now + _FAR_AHEAD}
        with self.services.database.write() as connection:
            count = connection.scalar(select(func.count()).select_from(accounts))
            return connection.execute(update(accounts).where(*idle).values(aged)).rowcount == count

    def nothing_to_do(self, agent: int) -> bool:
        """Whether a plan for the agent would be empty and no mapping differs from its event (law L1)."""
        account = self.account(agent)
        plan, _, _ = plan_account(self.services.sync_parts(), account)
        drifted = [row for row in read_mappings(self.services.database, account.id) if row.drift]
        return not plan.operations and not drifted

    def said(self) -> str:
        return "\n".join(program.said for program in self.installation.programs)

    # WordPress' pages

    def press(
        self, user: str, page: str, action: str, follow: bool = True, **fields: str
    ) -> requests.Response:
        """Submit a form of the plugin's on a page, as a browser would."""
        return press(self.site, user, page, action, follow, **fields)

    def connect_plugin(self) -> None:
        """Paste the connection string into the plugin's settings."""
        line = connection_string(self.services)
        self.installation.secrets.add(line)
        answer = self.press("admin", SETTINGS, "connect", connection=line)
        assert "Saved. The connection works." in answer.text, answer.text

    def message_in_wordpress(self, agent: int) -> str:
        return str(
            self.site.value("SELECT message FROM wp_latesync_accounts WHERE agent_id = :agent", agent=agent)
        )


@contextmanager
def joined(
    site: WordPress, mariadb: MariaDBServer, folder: Path, *agents: int, worker: bool = True
) -> Iterator[Together]:
    """site: our plugin is active in it. agents: who has signed in, else Anna. All ends with the block."""
    user = f"latesync_{secrets.token_hex(4)}"
    database = site.engine.url.database or ""
    has_orders = not site.latepoint.startswith("4.")
    mariadb.execute(
        f"CREATE USER '{user}'@'%' IDENTIFIED BY '{SITE_PASSWORD}'",
        *grant_statements(site.prefix, database, user, has_orders=has_orders),
    )
    try:
        with ExitStack() as stack:
            google = stack.enter_context(pretend_google())
            environment = {
                "LATESYNC_HOME": str(folder / "home"),
                "LATESYNC_SITE_DATABASE_URL": mariadb.url(database, user, SITE_PASSWORD),
                # Not "localhost": WordPress' own limits on where it may talk to name this one.
                "LATESYNC_BASE_URL": f"http://127.0.0.1:{free_port()}",
                "LATESYNC_GOOGLE_BASE_URL": google.url,
            }
            tables = Site(site.engine, site.latepoint, site.prefix)
            installation = Installation(folder, google, tables, environment, mariadb, user)
            installation.set_up()
            services = stack.enter_context(installation.services())
            both = Together(site, installation, services, stack)
            both.connect(*(agents or (ANNA,)))
            site.add_code(LIKE_FPM, "like-fpm")
            both.start(worker=worker)
            both.connect_plugin()
            yield both
            for program in installation.programs:  # all at once; the stack waits for each
                program.process.terminate()
        installation.check_nothing_secret_was_said()
    finally:
        mariadb.execute(f"DROP USER '{user}'@'%'")


def press(
    site: WordPress, user: str, page: str, action: str, follow: bool = True, **fields: str
) -> requests.Response:
    """Submit one of the plugin's forms, found on a page by its action."""
    session = site.login(user)
    shown = site.get(page, session)
    assert shown.ok, shown.text
    wanted = ("action", f"latesync_bridge_{action}")
    form = next((form for form in forms_of(shown) if wanted in form.fields), None)
    assert form is not None, f"no form {action} on the page:\n{shown.text}"
    data = {**dict(form.fields), **fields}
    return site.post(urljoin(shown.url, form.action), data, session, allow_redirects=follow)


def ask(method: str, url: str, **options: Any) -> requests.Response:
    """A request of a visitor's without any session."""
    with requests.Session() as visitor:
        visitor.trust_env = False
        return visitor.request(method, url, timeout=60, **options)


def told_by_note(both: Together, act: Callable[[], Any]) -> None:
    """Do something on the site; it was the plugin's note that made the worker look at the booking."""
    notes, taken = both.notes(), both.hints_taken()
    act()
    eventually(lambda: both.notes() > notes, "a signed note came", why=both.said)
    followed = "a worker followed the note"
    eventually(lambda: both.hints_taken() > taken or both.follows_notes(), followed, why=both.said)


def day(number: int = 20) -> str:
    """So many days from now at the site: ahead, and inside LateSync's window whenever the tests run."""
    return (datetime.now(ZONE).date() + timedelta(days=number)).isoformat()


def at(on: str, clock: str) -> datetime:
    """A wall-clock time at the site."""
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=ZONE)


def as_stored(instant: datetime) -> datetime:
    """An instant as LatePoint's UTC columns hold it."""
    return instant.astimezone(UTC).replace(tzinfo=None)
