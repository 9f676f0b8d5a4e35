"""One server a provider and one set of Google's client, for all tests; each example has worlds of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine

from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.providers.google.client import GoogleProviderFactory
from latesync.providers.google.endpoints import GoogleEndpoints, google_endpoints
from latesync.providers.microsoft.endpoints import MicrosoftEndpoints, microsoft_endpoints
from latesync.sandbox.google import GoogleWorld, create_google_app
from latesync.sandbox.microsoft.app import create_microsoft_app
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.sandbox.serving import Served
from latesync.store.database import Database
from latesync.store.migrate import migrate
from latesync.store.secrets import SecretBox, new_key
from tests.site.builders import create_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "wp_"


class Stand:
    """folder: the empty state and site, made once and copied for each example."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app: WSGIApplication | None = None
        self._wordpress: WSGIApplication | None = None
        self._microsoft: WSGIApplication | None = None
        self.wordpress = Served(self._answer_as_wordpress)
        self.served = Served(self._answer)
        self.served_microsoft = Served(self._answer_as_microsoft)
        self.microsoft: MicrosoftEndpoints = microsoft_endpoints(self.served_microsoft.url)
        self.endpoints: GoogleEndpoints = google_endpoints(self.served.url)
        self.google = GoogleProviderFactory(
            self.endpoints, now=lambda: datetime.now(UTC), pause=lambda seconds: None
        )
        self.box = SecretBox([new_key()])
        self._make_templates()

    def show(self, world: GoogleWorld) -> None:
        world.base_url = self.served.url
        self._app = create_google_app(world)

    def show_microsoft(self, world: MicrosoftWorld) -> None:
        world.base_url = self.served_microsoft.url
        self._microsoft = create_microsoft_app(world)

    def show_wordpress(self, plugin: WSGIApplication) -> str:
        """Its home address."""
        self._wordpress = plugin
        return self.wordpress.url

    def copy_files(self, folder: Path) -> tuple[str, str]:
        """(state, site): addresses of an example's own databases."""
        for name in ("state.db", "site.db"):
            shutil.copy(self._folder / name, folder / name)
        return f"sqlite:///{folder}/state.db", f"sqlite:///{folder}/site.db"

    def close(self) -> None:
        self.google.http().close()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert self._app is not None
        return self._app(environ, start_response)

    def _answer_as_microsoft(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        assert self._microsoft is not None
        return self._microsoft(environ, start_response)

    def _answer_as_wordpress(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        assert self._wordpress is not None
        return self._wordpress(environ, start_response)

    def _make_templates(self) -> None:
        database = Database(f"sqlite:///{self._folder}/state.db")
        migrate(database)
        database.dispose()
        engine = create_engine(f"sqlite:///{self._folder}/site.db")
        site = create_site(engine, prefix=PREFIX)
        for name in ("Ben", "Cleo", "Nobody"):
            site.insert_agent(first_name=name)
        create_bridge_tables(engine, PREFIX)
        engine.dispose()


@contextmanager
def opened_stand(folder: Path) -> Iterator[Stand]:
    stand = Stand(folder)
    with stand.served, stand.served_microsoft, stand.wordpress:
        yield stand
        stand.close()
