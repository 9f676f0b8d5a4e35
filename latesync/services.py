"""Puts the parts together from the configuration. Only this module and the entry points read it."""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from latesync.config import Config
from latesync.errors import WrongInput
from latesync.store.database import Database
from latesync.store.identity import site_in_use
from latesync.store.key_file import KeyFile, keep_secret
from latesync.store.migrate import require_current
from latesync.store.secrets import FixedKeys, KeySource, SecretBox, new_key
from latesync.store.sites import ensure_site

if TYPE_CHECKING:  # heavy imports are made where they are used
    from sqlalchemy import Engine

    from latesync.bridge.client import BridgeAddress, WriteBackClient
    from latesync.consent.connections import CalendarConnections
    from latesync.consent.flow import ConsentDesk
    from latesync.latepoint.kept_address import SiteAddress
    from latesync.latepoint.schema import SiteSchema
    from latesync.notify.mail_server import MailServer
    from latesync.notify.mailer import Mailer
    from latesync.providers.base import CalendarProvider
    from latesync.providers.google.endpoints import GoogleEndpoints
    from latesync.providers.microsoft.endpoints import MicrosoftEndpoints
    from latesync.store.accounts import AccountRow
    from latesync.sync.parts import Progress, SyncParts
    from latesync.sync.site import BookingSite

# Files in the home; each is passed over where its variable is set.
ENCRYPTION_KEY, SECRET_KEY, BRIDGE_SECRET = "encryption_key", "secret_key", "bridge_secret"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Services:
    """What the entry points hand to the rooms. One per process; safe to use from several threads."""

    config: Config
    database: Database
    box: SecretBox
    secret_key: str = field(repr=False)
    bridge_secret: str = field(repr=False)
    clock: Callable[[], datetime] = utc_now
    _site_id: str | None = field(default=None, repr=False, compare=False)
    _opened_site: OpenedSite | None = field(default=None, repr=False, compare=False)
    _site_lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def site_id(self) -> str:
        """The site's id, made at first use; `follow_site` notices where it became another."""
        if self._site_id is None:
            self._site_id = ensure_site(self.database, self.clock())
        return self._site_id

    def follow_site(self) -> str | None:
        """Why the site is stopped, None where it is not. From here on the site's id is the one it has now:
        another process may have begun anew with it, as a copy. One statement. Raises StateUnavailable.
        """
        found = site_in_use(self.database)
        if found is None:
            return None
        site_id, stopped_for = found
        with self._site_lock:
            if self._site_id not in (None, site_id):
                self.__dict__.pop("write_back", None)
                if self._opened_site is not None:
                    self._opened_site.site = None
            self._site_id = site_id
        return stopped_for

    @cached_property
    def google(self) -> GoogleEndpoints:
        from latesync.providers.google.endpoints import google_endpoints

        return google_endpoints(self.config.google_base_url)

    @cached_property
    def microsoft(self) -> MicrosoftEndpoints:
        from latesync.providers.microsoft.endpoints import microsoft_endpoints

        return microsoft_endpoints(self.config.microsoft_base_url)

    def site_address(self) -> SiteAddress | None:
        """Where the booking site is now: the set-up page may change it at any time. Raises WrongInput."""
        return find_site_address(self.config)

    def has_site_address(self) -> bool:
        """Whether somebody said where the booking site is, though it may be unusable."""
        try:
            return self.site_address() is not None
        except WrongInput:
            return True

    def site_database_url(self) -> str | None:
        """Raises WrongInput."""
        address = self.site_address()
        return address.url if address else None

    def table_prefix(self) -> str:
        """Raises WrongInput."""
        address = self.site_address()
        return address.prefix if address else self.config.table_prefix

    @property
    def site_engine(self) -> Engine:
        """The booking site's database. Raises WrongInput when none is configured."""
        return self._site_now().engine

    def read_site_schema(self) -> SiteSchema:
        from latesync.latepoint.schema import read_schema

        return read_schema(self.site_engine, self.table_prefix())

    @property
    def site(self) -> BookingSite:
        """Raises WrongInput when none is configured."""
        opened = self._site_now()
        with self._site_lock:
            if opened.site is None:
                from latesync.sync.site import BookingSite

                opened.site = BookingSite(opened.engine, opened.address.prefix, self.site_id, self.clock)
            return opened.site

    def _site_now(self) -> OpenedSite:
        from latesync.latepoint.connection import open_site_database

        address = self.site_address()
        if address is None:
            raise WrongInput(
                "No booking site is configured. Connect it on LateSync's page Set-up, or set "
                "LATESYNC_SITE_DATABASE_URL to the WordPress database, "
                "for example mysql://latesync:password@localhost/wordpress."
            )
        with self._site_lock:
            before = self._opened_site
            if before is not None and before.address == address:
                return before
            opened = self._opened_site = OpenedSite(address, open_site_database(address.url))
        if before is not None:
            before.engine.dispose()  # who is in the middle of a statement keeps that connection
        return opened

    def notify_urls(self) -> dict[str, str]:
        """Where providers may tell us of changes, by provider; none where they could not reach us."""
        from latesync.plan.subscriptions import may_be_told

        standin = self.config.microsoft_base_url is not None
        if not may_be_told(self.config.base_url, standin=standin):
            return {}
        return {"microsoft": f"{self.config.base_url}/hooks/microsoft"}

    @cached_property
    def calendars(self) -> CalendarConnections:
        from latesync.consent.connections import CalendarConnections, ProviderAddresses

        config = self.config
        return CalendarConnections(
            self.database,
            self.box,
            lambda: self.clock(),
            google=lambda: ProviderAddresses(
                self.google, config.google_callback, config.google_base_url is not None
            ),
            microsoft=lambda: ProviderAddresses(
                self.microsoft, config.microsoft_callback, config.microsoft_base_url is not None
            ),
        )

    @cached_property
    def write_back(self) -> WriteBackClient:
        from latesync.bridge.client import WriteBackClient

        return WriteBackClient(self.site_id, self.bridge_secret, self._bridge_address, self.clock)

    def _bridge_address(self) -> BridgeAddress:
        """Where the plugin said it is, and where WordPress' own option says the site is.

        Raises BridgeRejected where the two are different sites: one of them is a copy, and what is wished on
        the one must not happen on the other.
        """
        from latesync.bridge.addresses import is_same_site
        from latesync.bridge.client import BridgeAddress
        from latesync.errors import BridgeRejected
        from latesync.store.bridges import read_bridge

        bridge, home_url = read_bridge(self.database, self.site_id), self.site.facts().settings.home_url
        if bridge and bridge.home_url and home_url and not is_same_site(bridge.home_url, home_url):
            raise BridgeRejected("other_site")
        return BridgeAddress(bridge.rest_url if bridge else None, home_url)

    def mail_server(self) -> MailServer | None:
        """Through which mails go out now: the set-up page may change it at any time. Raises WrongInput."""
        return find_mail_server(self.config)

    def has_mail_server(self) -> bool:
        """Whether somebody said what the mail server is, though it may be unusable."""
        try:
            return self.mail_server() is not None
        except WrongInput:
            return True

    @property
    def mailer(self) -> Mailer | None:
        """None where no mail server is configured. Raises WrongInput where what is kept is unreadable."""
        from latesync.notify.mailer import Mailer

        server = self.mail_server()
        return Mailer(server.address, server.sender) if server else None

    def sync_parts(self, progress: Progress | None = None) -> SyncParts:
        from latesync.sync.parts import NobodyWatches, SyncParts

        return SyncParts(
            database=self.database,
            site_id=self.site_id,
            site=self.site,
            connect=self.calendars.connect,
            clock=self.clock,
            spread=random.random,
            progress=progress or NobodyWatches(),
            write_back=self.write_back,
            disconnect=self._disconnect,
            open_account=self._open_account,
        )

    def _open_account(self, account: AccountRow) -> CalendarProvider | None:
        """Another account of the agent whose events move. None: it is signed out. Raises SecretUnreadable."""
        from latesync.consent.flow import open_calendars

        return open_calendars(self.consent_desk(), account)

    def _disconnect(self, account: AccountRow) -> None:
        """At the end of a reset that removed our events: whoever asked for it is in the history there."""
        from latesync.consent.flow import disconnect
        from latesync.store.history import Who

        disconnect(self.consent_desk(), account, who=Who.LATESYNC)

    def consent_desk(self) -> ConsentDesk:
        from latesync.consent.flow import ConsentDesk

        return ConsentDesk(
            database=self.database,
            box=self.box,
            site_id=self.site_id,
            clock=self.clock,
            provider=self.calendars.provider,
        )

    def close(self) -> None:
        self.database.dispose()
        if self._opened_site is not None:
            self._opened_site.engine.dispose()


@dataclass
class OpenedSite:
    """The booking site as it was last found to be configured."""

    address: SiteAddress
    engine: Engine
    site: BookingSite | None = None


def find_site_address(config: Config) -> SiteAddress | None:
    """The environment's where it names one, else what the set-up page kept. Raises WrongInput."""
    from latesync.latepoint.kept_address import SiteAddress, read_kept_address

    if config.site_database_url is not None:
        return SiteAddress(config.site_database_url, config.table_prefix)
    return read_kept_address(config.home)


def find_mail_server(config: Config) -> MailServer | None:
    """The environment's where it names one, else what the set-up page kept. Raises WrongInput.

    The sender of the environment counts for both.
    """
    from latesync.notify.address import parse_smtp_address
    from latesync.notify.kept_server import read_kept_server
    from latesync.notify.mail_server import MailServer

    if config.smtp_url is not None:
        return MailServer(parse_smtp_address(config.smtp_url), config.mail_sender)
    kept = read_kept_server(config.home)
    return replace(kept, sender=config.mail_from) if kept and config.mail_from else kept


def open_services(config: Config, *, require_schema: bool = True) -> Services:
    """Open LateSync's own state; make the home and its keys at the first start.

    Raises StateNotReady when the tables are not at this program's version.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    services = Services(
        config=config,
        database=Database(config.database_url),
        box=SecretBox(_encryption_keys(config)),
        secret_key=config.secret_key or keep_secret(config.home / SECRET_KEY, secrets.token_urlsafe),
        bridge_secret=config.bridge_secret or keep_secret(config.home / BRIDGE_SECRET, secrets.token_urlsafe),
    )
    if require_schema:
        require_current(services.database)
    return services


def _encryption_keys(config: Config) -> KeySource:
    """From the environment, else from the home's file, which may be replaced while we run."""
    if config.encryption_keys:
        return FixedKeys(config.encryption_keys)
    path = config.home / ENCRYPTION_KEY
    keep_secret(path, new_key)
    return KeyFile(path)
