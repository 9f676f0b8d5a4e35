"""A whole installation: a booking site on MariaDB, its column-granted user, a pretend Google, a home."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import select, text, update

from latesync.config import read_config
from latesync.consent.client_import import import_client
from latesync.services import Services, open_services
from latesync.store.accounts import active_account, record_consent
from latesync.store.clients import current_client
from latesync.store.migrate import migrate
from latesync.store.schema import accounts, mappings
from tests.services.mariadb import MariaDBServer
from tests.site.builders import Site
from tests.system.google import Json, PretendGoogle
from tests.system.programs import Ended, Program, run_command, running_command
from tests.system.waiting import eventually

BERLIN = ZoneInfo("Europe/Berlin")
DANA = 1  # the furnished site's agent
SITE_PASSWORD = "read me, please"
SCOPES = [
    "https://www.googleapis.com/auth/calendar",
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
]
# Codes and tokens as the pretend Google and Microsoft make them, and personal links.
_SECRET_SHAPES = re.compile(
    r"4/0[\w-]{20}|1//0[\w-]{20}|ya29\.[\w-]{20}|/connect/[\w.-]{20}"
    r"|M\.C5[\w-]{40}|\b[01]\.A[\w-]{40}|EwB4A8l6[\w-]{20}|[\w-]{80}\.[\w-]{300}"
)
_PERSONAL = ("Ruiz", "Weber", "Massage", "Dentist", "@example.test")


@dataclass
class Installation:
    """What a test works with. site: as the site's own database user sees it. base_url: for people."""

    folder: Path
    google: PretendGoogle
    site: Site
    environment: dict[str, str]
    server: MariaDBServer
    user: str
    ended: list[Ended] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    secrets: set[str] = field(default_factory=lambda: {SITE_PASSWORD})

    # Commands

    def latesync(self, *arguments: str, stdin: str = "", **more: str) -> Ended:
        """Run a command to its end. more: further environment."""
        ended = run_command(arguments, {**self.environment, **more}, stdin)
        assert "Traceback" not in ended.text, ended.text
        self.ended.append(ended)
        return ended

    def fine(self, *arguments: str, **more: str) -> str:
        """What a command prints that must succeed."""
        ended = self.latesync(*arguments, **more)
        assert ended.code == 0, ended.text
        return ended.out

    def json(self, *arguments: str, code: int = 0) -> Any:
        ended = self.latesync(*arguments, "--json")
        assert ended.code == code, ended.text
        return json.loads(ended.out)

    @contextmanager
    def running(self, *arguments: str, **more: str) -> Iterator[Program]:
        log = self.folder / f"{arguments[0]}-{len(self.programs)}.log"
        with running_command(arguments, {**self.environment, **more}, log) as program:
            self.programs.append(program)
            yield program

    @contextmanager
    def web(self) -> Iterator[Program]:
        """The pages, ready to be asked."""
        with self.running("web") as program:
            eventually(lambda: self._answers(program), "the pages answered", why=lambda: program.said)
            yield program

    # Setting up without going through commands, where a test is about something else

    def set_up(self) -> None:
        with self.services(require_schema=False) as services:
            migrate(services.database)
            import_client(services.consent_desk(), json.dumps(self.add_client()).encode())

    def add_client(self, **settings: Any) -> Json:
        """A client registered at Google: its JSON."""
        callback = f"{self.environment['LATESYNC_BASE_URL']}/oauth/google/callback"
        return self.keep_client(
            self.google.ask("POST", "/clients", {"redirect_uris": [callback], **settings})
        )

    def keep_client(self, client: Json) -> Json:
        """The JSON, its secret noted among those that nothing may print."""
        self.secrets.add(client["web"]["client_secret"])
        return client

    def client_file(self, client: Json) -> str:
        path = self.folder / "client.json"
        path.write_text(json.dumps(client))
        return str(path)

    def connect(self, agent_id: int = DANA, email: str = "dana@example.test") -> str:
        """A signed-in account for an agent; returns the address of its calendar."""
        user = self.google.add_user(email)
        with self.services() as services:
            client = current_client(services.database, services.box, services.site_id, "google")
            assert client is not None
            grant = {"email": email, "client_id": client.client_id, "scopes": SCOPES}
            token = self.google.ask("POST", "/grants", grant)["refresh_token"]
            now = services.clock()
            record_consent(
                services.database,
                services.box,
                services.site_id,
                agent_id,
                "google",
                str(user["sub"]),
                email,
                client.id,
                token,
                " ".join(SCOPES),
                now,
                None,
                email,
                now,
            )
        return email

    @contextmanager
    def services(self, *, require_schema: bool = True) -> Iterator[Services]:
        services = open_services(read_config(self.environment), require_schema=require_schema)
        try:
            yield services
        finally:
            services.close()

    def grant(self, statements: list[str]) -> None:
        self.server.execute(*statements)

    def shut_out(self) -> None:
        """The site's database refuses LateSync's user from now on, and cuts its connections."""
        self.server.execute(f"ALTER USER '{self.user}'@'%' ACCOUNT LOCK", f"KILL USER '{self.user}'")

    def let_in(self) -> None:
        self.server.execute(f"ALTER USER '{self.user}'@'%' ACCOUNT UNLOCK")

    # What came of it

    def busy(self, agent_id: int = DANA) -> list[tuple[datetime, datetime]]:
        """What the booking form is told."""
        table = f"{self.site.prefix}latesync_busy"
        query = text(f"SELECT starts_at, ends_at FROM {table} WHERE agent_id = :agent ORDER BY starts_at")
        with self.site.engine.connect() as connection:
            rows = connection.execute(query, {"agent": agent_id}).all()
        return [(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)) for start, end in rows]

    def mapping_states(self) -> list[str]:
        with self.services() as services, services.database.read() as connection:
            return sorted(connection.scalars(select(mappings.c.state)))

    def leases(self) -> int:
        """How many accounts somebody is at."""
        with self.services() as services, services.database.read() as connection:
            return len(
                connection.scalars(select(accounts.c.id).where(accounts.c.lease_owner.is_not(None))).all()
            )

    def let_leases_run_out(self) -> None:
        """As if those who held them had been dead for a while."""
        with self.services() as services, services.database.write() as connection:
            ended = services.clock() - timedelta(seconds=1)
            leased = update(accounts).where(accounts.c.lease_owner.is_not(None))
            connection.execute(leased.values(lease_until=ended))

    def account_state(self, agent_id: int = DANA) -> str:
        with self.services() as services:
            account = active_account(services.database, services.site_id, agent_id)
            return account.state.value if account else "none"

    def check_nothing_secret_was_said(self) -> None:
        """Whatever ran: no password, key, token or link anywhere, and nobody's name in a log."""
        home = Path(self.environment["LATESYNC_HOME"])
        kept = [home / name for name in ("encryption_key", "secret_key", "bridge_secret")]
        secrets = self.secrets | {key for path in kept if path.exists() for key in path.read_text().split()}
        logs = [program.said for program in self.programs] + [ended.err for ended in self.ended]
        asked_for = (("agents", "link"), ("plugin", "--connection"))
        printed = [ended.out for ended in self.ended if ended.arguments[:2] not in asked_for]
        for said in [*logs, *printed]:
            assert not [secret for secret in secrets if secret in said], said
            assert not _SECRET_SHAPES.search(said), said
        for said in logs:
            assert not [name for name in _PERSONAL if name in said], said

    def _answers(self, program: Program) -> bool:
        assert program.is_running, program.said
        http = requests.Session()
        http.trust_env = False
        try:
            return http.get(f"{self.environment['LATESYNC_BASE_URL']}/readyz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


def day(number: int) -> str:
    """So many days from now, as LatePoint writes it; early ones are in the window on every clock."""
    return (date.today() + timedelta(days=number)).isoformat()


def at(number: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time at the site, so many days from now."""
    return datetime.combine(date.fromisoformat(day(number)), datetime.min.time(), BERLIN).replace(
        hour=hour, minute=minute
    )
