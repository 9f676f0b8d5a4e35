"""A whole LateSync on SQLite beside a demo booking site and stand-ins for Google and Microsoft, for tests of
the pages.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from latesync.config import read_config
from latesync.consent import microsoft_client
from latesync.consent.client_import import import_client
from latesync.consent.links import make_link_token
from latesync.sandbox.google import GoogleWorld, served_google
from latesync.sandbox.microsoft import MicrosoftWorld
from latesync.sandbox.site.database import open_site
from latesync.sandbox.site.seed import prepare_site
from latesync.services import Services, open_services
from latesync.store.accounts import AccountRow, active_account
from latesync.store.migrate import migrate
from latesync.store.people import count_admins, create_admin, link_serial
from latesync.web.app import create_app
from tests.web.microsoft_server import housed

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)  # Friday, 14:05 in Berlin
ANNA, BEN, DANA = 1, 2, 3
OWNER, PASSWORD = "owner@salon-linden.example", "correct horse battery"


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Salon:
    """Salon Linden with its agents 1 to 3. Google knows dana@example.com and ben@example.com, Microsoft
    dana@outlook.example, at work, and ben@hotmail.example, privately.
    """

    services: Services
    google: GoogleWorld
    microsoft: MicrosoftWorld
    clock: Clock
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.services)
        self.app.jinja_env.bytecode_cache = _TEMPLATES

    # Ways in

    def visitor(self) -> FlaskClient:
        return self.app.test_client()

    def owner(self) -> FlaskClient:
        """A browser in which the owner has signed in."""
        self.make_owner()
        client = self.visitor()
        answer = post(client, "/sign-in", {"email": OWNER, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    def make_owner(self) -> None:
        if not count_admins(self.services.database):
            create_admin(self.services.database, OWNER, _password_hash(), self.clock())

    def agent(self, agent_id: int = DANA) -> FlaskClient:
        """A browser in which an agent has opened the personal link."""
        client = self.visitor()
        assert client.get(self.personal_link(agent_id)).status_code == 302
        return client

    def personal_link(self, agent_id: int = DANA) -> str:
        site_id = self.services.site_id
        serial = link_serial(self.services.database, site_id, agent_id)
        token = make_link_token(self.services.secret_key, site_id, agent_id, serial, now=self.clock())
        return f"/connect/{token}"

    # Google

    def client_json(self, **settings: Any) -> dict[str, Any]:
        return self.google.add_client([self.services.config.google_callback], **settings)

    def upload(self, **settings: Any) -> str:
        """Register a client at Google and take its file over; returns the client id."""
        content = json.dumps(self.client_json(**settings)).encode()
        return import_client(self.services.consent_desk(), content).client_id

    def connect(self, agent_id: int = DANA, email: str = "dana@example.com") -> FlaskClient:
        """An agent who has signed in with this Google account."""
        client = self.agent(agent_id)
        answer = self.sign_in(client, email)
        assert answer.status_code == 302, answer.text
        return client

    def sign_in(self, client: FlaskClient, email: str = "dana@example.com") -> TestResponse:
        """Press the button, let Google answer at once, and follow its redirect to us."""
        return client.get(self.google_return(client, email))

    def google_return(self, client: FlaskClient, email: str = "dana@example.com") -> str:
        """The path and query with which Google sends the browser back."""
        started = post(client, "/connect/google", page="/connect")
        assert started.status_code == 302, started.text
        return self.consent(started.location, email)

    def consent(self, address: str, email: str = "dana@example.com") -> str:
        """What Google answers to an authorization request, the person agreeing at once."""
        self.google.change_user(email, auto_consent=True)
        return _answer(address, email)

    # Microsoft

    def app_form(self, **settings: Any) -> dict[str, str]:
        """Register an app at Microsoft; what the owner then types into LateSync's form."""
        app = self.microsoft.add_client([self.services.config.microsoft_callback], **settings)
        ends = datetime.fromtimestamp(app["secret_ends_at"], UTC)
        return {
            "client_id": app["client_id"],
            "tenant": "",
            "account_type": "any_and_personal",
            "secret": app["secret"],
            "secret_ends_on": f"{ends:%Y-%m-%d}",
        }

    def register(self, **settings: Any) -> str:
        """Register an app at Microsoft and tell LateSync of it; returns the client id."""
        desk = self.services.consent_desk()
        form = microsoft_client.MicrosoftClientForm(**self.app_form(**settings))
        client = microsoft_client.read_form(desk, form)
        microsoft_client.take_microsoft_client(desk, client)
        return client.client_id

    def connect_outlook(self, agent_id: int = DANA, email: str = "dana@outlook.example") -> FlaskClient:
        """An agent who has signed in with this Microsoft account."""
        client = self.agent(agent_id)
        answer = self.sign_in_to_outlook(client, email)
        assert answer.status_code == 302, answer.text
        return client

    def sign_in_to_outlook(
        self, client: FlaskClient, email: str = "dana@outlook.example", **form: str
    ) -> TestResponse:
        """Press the button, let Microsoft answer at once, and follow its redirect to us."""
        return client.get(self.microsoft_return(client, email, **form))

    def microsoft_return(self, client: FlaskClient, email: str = "dana@outlook.example", **form: str) -> str:
        """The path and query with which Microsoft sends the browser back."""
        started = post(client, "/connect/microsoft", form, page="/connect")
        assert started.status_code == 302, started.text
        self.microsoft.change_person(email, auto_consent=True)
        return _answer(started.location, email)

    # What came of it

    def account(self, agent_id: int = DANA, provider: str | None = None) -> AccountRow | None:
        return active_account(self.services.database, self.services.site_id, agent_id, provider)


def _answer(address: str, email: str) -> str:
    """Where a provider's page sends this person on to, who agrees without being asked."""
    address = (
        re.sub(r"&(?:login_hint=[^&]*|prompt=select_account(?=&|$))", "", address) + f"&login_hint={email}"
    )
    answer = requests.get(address, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


@cache
def _password_hash() -> str:
    """As cheap as argon2id gets, so that checking it is cheap; test_entrance.py looks at the real thing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class _CompiledTemplates(BytecodeCache):
    """Each test has an application of its own; its templates are compiled once for all of them."""

    def __init__(self) -> None:
        self._by_key: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._by_key:
            bucket.bytecode_from_string(self._by_key[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._by_key[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _CompiledTemplates()


def post(
    client: FlaskClient, path: str, data: dict[str, Any] | None = None, *, page: str | None = None
) -> TestResponse:
    """Post a form as a browser would: with the hidden field of the page it stands on."""
    shown = client.get(page or path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert token, shown.text
    return client.post(path, data={"csrf_token": token[1], **(data or {})})


@contextmanager
def open_salon(
    home: Path, base_url: str = "http://localhost:8080", *, state: Path | None = None, **environ: str
) -> Iterator[Salon]:
    """state: an empty database of LateSync's, copied; without it the tables are made first."""
    clock = Clock()
    world = GoogleWorld()
    world.freeze(NOW)
    world.add_user("dana@example.com", "Dana Reyes", time_zone="Europe/Berlin")
    world.add_user("ben@example.com", "Ben Cho", time_zone="Europe/Berlin")
    outlook = MicrosoftWorld()
    outlook.freeze(NOW)
    outlook.add_person("dana@outlook.example", "Dana Reyes", time_zone="Europe/Berlin")
    outlook.add_person("ben@hotmail.example", "Ben Cho", kind="personal", time_zone="Europe/Berlin")
    site_file = home / "site.db"
    with closing(open_site(site_file)) as site:
        prepare_site(site, NOW)
    with served_google(world) as google, housed(outlook) as microsoft:
        config = read_config(
            {
                "LATESYNC_HOME": str(home / "latesync"),
                "LATESYNC_SITE_DATABASE_URL": f"sqlite:///{site_file}",
                "LATESYNC_BASE_URL": base_url,
                "LATESYNC_GOOGLE_BASE_URL": google.url,
                "LATESYNC_MICROSOFT_BASE_URL": microsoft,
                **environ,
            }
        )
        config.home.mkdir()
        if state is not None:
            shutil.copy(state, config.home / "state.db")
        services = open_services(config, require_schema=False)
        services.clock = clock
        if state is None:
            migrate(services.database)
        try:
            yield Salon(services, world, outlook, clock)
        finally:
            services.close()
