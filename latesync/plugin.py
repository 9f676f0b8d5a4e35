"""How the WordPress plugin does: one read model for its page, the command, `doctor` and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync import messages
from latesync.bridge.addresses import is_same_site
from latesync.bridge.connection import Connection, make_connection_string
from latesync.bridge.notes import PROTOCOL
from latesync.errors import SiteError, WrongInput
from latesync.services import Services
from latesync.store.bridges import BridgeRow, read_bridge
from latesync.store.sites import read_site

# It greets once a day when somebody is in WordPress' admin pages; a quiet site may be silent for longer.
SILENT_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PluginState:
    """heard: what it last said, None if it never did. home_url: as LateSync reads it; "": it could not."""

    heard: BridgeRow | None
    home_url: str

    @property
    def fits(self) -> bool:
        """Whether the two speak the same protocol; one that has not said is taken to."""
        return self.heard is None or self.heard.protocol in (None, PROTOCOL)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the plugin is on another site than the one LateSync reads: a copy, or a wrong database."""
        if self.heard is None or not self.heard.home_url or not self.home_url:
            return False
        return not is_same_site(self.heard.home_url, self.home_url)

    def is_silent(self, now: datetime) -> bool:
        return self.heard is not None and now - self.heard.heard_at > SILENT_AFTER

    def problems(self) -> list[str]:
        """What needs a person."""
        found = []
        if self.heard is not None and not self.fits:
            found.append(messages.plugin_does_not_fit(self.heard.plugin_version or ""))
        if self.heard is not None and self.is_elsewhere:
            found.append(messages.plugin_elsewhere(self.heard.home_url or "", self.home_url))
        return found


def read_plugin(services: Services) -> PluginState:
    """Raises StateUnavailable; a site that cannot be read is no error."""
    return PluginState(read_bridge(services.database, services.site_id), read_home_url(services))


def read_home_url(services: Services) -> str:
    """The site's address as its database has it; "" while that cannot be read.

    Where the worker could not read the site just now, nobody waits here for the same.
    """
    if read_site(services.database, services.site_id).problem:
        return ""
    try:
        return services.site.facts().settings.home_url
    except (SiteError, WrongInput):
        return ""


def connection_string(services: Services) -> str:
    """What the owner copies into the plugin's settings; it holds the secret."""
    return make_connection_string(
        Connection(services.config.base_url, services.site_id, services.bridge_secret)
    )
