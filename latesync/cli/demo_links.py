"""What the demo's start page needs from LateSync: its tables, its client, and the ways into it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from latesync.cli.demo_week import live_through
from latesync.config import Config
from latesync.consent.client_import import import_client
from latesync.consent.links import make_link_token
from latesync.consent.microsoft_client import MicrosoftClientForm, read_form, take_microsoft_client
from latesync.latepoint.settings import read_agents
from latesync.options import AccountType
from latesync.sandbox.demo_files import (
    CLIENT_FILE,
    LINKS_FILE,
    MICROSOFT_CLIENT_FILE,
    OWNER_FILE,
    forget_links,
    write_private,
)
from latesync.sandbox.pages.links import Links
from latesync.services import Services, open_services
from latesync.store.migrate import migrate
from latesync.store.people import link_serial
from latesync.store.set_up import FINISHED, add_mark
from latesync.web.owner_link import make_owner_link

OWNER_LINK_LIFE = timedelta(hours=1)
RENEW_AFTER_S = 50 * 60.0
# A new owner's link ends the one before, which a browser may still be about to open.
RENEW_TAKEN_AFTER_S = 5.0


class LinkKeeper:
    """Writes down the ways into LateSync, and a new owner's link whenever the last one was taken."""

    def __init__(self, services: Services, home: Path) -> None:
        self._services = services
        self._home = home
        self._renew_at_s = 0.0
        self._is_taken = False

    def write(self) -> None:
        links = Links(web=self._services.config.base_url, agents=self._agent_links())
        write_private(self._home / LINKS_FILE, json.dumps(asdict(links)))
        self._write_owner_link()

    def refresh(self) -> None:
        """Cheap; called several times a second."""
        if not self._is_taken and not (self._home / OWNER_FILE).exists():
            self._is_taken, self._renew_at_s = True, time.monotonic() + RENEW_TAKEN_AFTER_S
        if time.monotonic() >= self._renew_at_s:
            self._write_owner_link()

    def close(self) -> None:
        forget_links(self._home)
        self._services.close()

    def _write_owner_link(self) -> None:
        link = make_owner_link(self._services, self._services.clock(), OWNER_LINK_LIFE)
        write_private(self._home / OWNER_FILE, link)
        self._is_taken, self._renew_at_s = False, time.monotonic() + RENEW_AFTER_S

    def _agent_links(self) -> dict[str, str]:
        services = self._services
        links = {}
        for agent in read_agents(services.site_engine, services.read_site_schema()):
            serial = link_serial(services.database, services.site_id, agent.id)
            token = make_link_token(services.secret_key, services.site_id, agent.id, serial)
            links[agent.email or ""] = f"{services.config.base_url}/connect/{token}"
        return links


def prepare(config: Config, home: Path) -> LinkKeeper:
    """Tables up to date, both pretend clients taken over: what an operator would do by hand."""
    services = open_services(config, require_schema=False)
    migrate(services.database)
    import_client(services.consent_desk(), (home / CLIENT_FILE).read_bytes())
    _take_microsoft(services, home)
    add_mark(services.database, services.site_id, FINISHED)  # nothing is left for a guided set-up
    live_through(services, home)
    return LinkKeeper(services, home)


def _take_microsoft(services: Services, home: Path) -> None:
    """As if typed into the form: the file has what an admin copies from Microsoft's portal."""
    app = json.loads((home / MICROSOFT_CLIENT_FILE).read_text(encoding="utf-8"))
    form = MicrosoftClientForm(
        client_id=app["client_id"],
        tenant=app["tenant_id"],
        account_type=AccountType.SINGLE.value,
        secret=app["secret"],
        secret_ends_on=datetime.fromtimestamp(app["secret_ends_at"], UTC).date().isoformat(),
    )
    desk = services.consent_desk()
    take_microsoft_client(desk, read_form(desk, form))
