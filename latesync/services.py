"""Puts the parts together from the configuration. Only this module and the entry points read it."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from latesync.config import Config
from latesync.errors import AuthorizationLost, WrongInput
from latesync.store.database import Database
from latesync.store.migrate import require_current
from latesync.store.secrets import SecretBox, new_key
from latesync.store.sites import ensure_site

if TYPE_CHECKING:  # heavy imports are made where they are used
    from sqlalchemy import Engine

    from latesync.bridge.client import BridgeAddress, WriteBackClient
    from latesync.consent.flow import ConsentDesk
    from latesync.latepoint.schema import SiteSchema
    from latesync.providers.base import CalendarProvider
    from latesync.providers.google.endpoints import GoogleEndpoints
    from latesync.store.accounts import AccountRow
    from latesync.store.clients import ClientRow
    from latesync.store.leases import Claim
    from latesync.sync.parts import Progress, SyncParts
    from latesync.sync.site import BookingSite


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

    @cached_property
    def site_id(self) -> str:
        return ensure_site(self.database, self.clock())

    @cached_property
    def google(self) -> GoogleEndpoints:
        from latesync.providers.google.endpoints import google_endpoints

        return google_endpoints(self.config.google_base_url)

    @cached_property
    def site_engine(self) -> Engine:
        """The booking site's database. Raises WrongInput when none is configured."""
        from latesync.latepoint.connection import open_site_database

        if self.config.site_database_url is None:
            raise WrongInput(
                "No booking site is configured. Set LATESYNC_SITE_DATABASE_URL to the WordPress database, "
                "for example mysql://latesync:password@localhost/wordpress."
            )
        return open_site_database(self.config.site_database_url)

    def read_site_schema(self) -> SiteSchema:
        from latesync.latepoint.schema import read_schema

        return read_schema(self.site_engine, self.config.table_prefix)

    @cached_property
    def site(self) -> BookingSite:
        from latesync.sync.site import BookingSite

        return BookingSite(self.site_engine, self.config.table_prefix, self.site_id, self.clock)

    @cached_property
    def calendars(self) -> CalendarConnections:
        return CalendarConnections(self)

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
        )

    def consent_desk(self) -> ConsentDesk:
        from latesync.consent.flow import ConsentDesk

        return ConsentDesk(
            database=self.database,
            box=self.box,
            site_id=self.site_id,
            endpoints=self.google,
            callback=self.config.google_callback,
            standin=self.config.google_base_url is not None,
            clock=self.clock,
        )

    def close(self) -> None:
        self.database.dispose()
        if "site_engine" in self.__dict__:
            self.site_engine.dispose()


class CalendarConnections:
    """Opens accounts' calendars for runs and pages; keeps what is costly to make."""

    def __init__(self, services: Services) -> None:
        from latesync.consent.google_tokens import CredentialCache
        from latesync.providers.google.client import GoogleProviderFactory

        self._services = services
        self._google = GoogleProviderFactory(services.google, now=services.clock)
        self._credentials = CredentialCache()

    def connect(self, claim: Claim) -> CalendarProvider:
        """The calendars of a claimed account. Raises SecretUnreadable, AuthorizationLost."""
        if claim.refresh_token is None:
            raise AuthorizationLost("google", account_id=claim.account.id, reason="no_refresh_token")
        return self.open(claim.account, claim.client.open(self._services.box), claim.refresh_token)

    def open(self, account: AccountRow, client: ClientRow, sealed_token: str) -> CalendarProvider:
        from latesync.consent.google_tokens import build_credentials
        from latesync.consent.oauth_client import OAuthClient

        token = self._services.box.open(sealed_token)
        credentials = self._credentials.credentials(
            account.id,
            token,
            lambda: build_credentials(
                self._services.google,
                OAuthClient(client.client_id, client.client_secret),
                token,
                account.scopes.split(),
            ),
        )
        return self._google.calendar(account.id, credentials, person=account.subject)


def open_services(config: Config, *, require_schema: bool = True) -> Services:
    """Open LateSync's own state; make the home and its keys at the first start.

    Raises StateNotReady when the tables are not at this program's version.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = config.encryption_keys or (_kept(config.home / "encryption_key", new_key),)
    services = Services(
        config=config,
        database=Database(config.database_url),
        box=SecretBox(keys),
        secret_key=config.secret_key or _kept(config.home / "secret_key", secrets.token_urlsafe),
        bridge_secret=config.bridge_secret or _kept(config.home / "bridge_secret", secrets.token_urlsafe),
    )
    if require_schema:
        require_current(services.database)
    return services


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in a file only its owner can read; made whole or not at all, once for all processes."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make() + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its key is the one
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
