"""How the WordPress plugin does: one read model for its page, the command, `doctor` and the dashboard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync import __version__
from latesync.bridge.addresses import is_same_site
from latesync.bridge.connection import Connection, make_connection_string
from latesync.bridge.notes import PROTOCOL
from latesync.errors import SiteError, WrongInput
from latesync.latepoint.settings import SiteSettings, read_site_settings
from latesync.model import AccountState
from latesync.sentences import plugin_sentences
from latesync.services import Services
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.bridges import BridgeRow, read_bridge
from latesync.store.sites import read_site

# It greets once a day when somebody is in WordPress' admin pages; a quiet site may be silent for longer.
SILENT_AFTER = timedelta(days=1)
REJECTED, UNAVAILABLE = "plugin_rejected", "plugin_unavailable"  # plan/failures.py: Problem


@dataclass(frozen=True, slots=True)
class PluginState:
    """heard: what it last said, None if it never did. home_url: as LateSync reads it; "": it could not.

    is_listed: whether WordPress lists it among its active plugins; None: it cannot be told.
    trouble: REJECTED or UNAVAILABLE where asking it to change a booking ended so the last time.
    """

    heard: BridgeRow | None = None
    home_url: str = ""
    is_listed: bool | None = None
    trouble: str | None = None

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

    @property
    def is_off(self) -> bool:
        """WordPress' own list says that it does not run, whatever was heard of it before."""
        return self.is_listed is False

    @property
    def shows_busy_time(self) -> bool:
        """Whether it closes times on the booking form, as far as that can be told."""
        return not self.is_off and (bool(self.is_listed) or self.heard is not None)

    @property
    def is_refusing(self) -> bool:
        return self.heard is not None and not self.is_off and self.trouble == REJECTED

    def is_silent(self, now: datetime) -> bool:
        return self.heard is not None and now - self.heard.heard_at > SILENT_AFTER

    def standing(self, now: datetime) -> str:
        """One word: "never", "needs_person", "off", "no_answer", "silent" or "connected"."""
        if self.heard is None:
            return "never"
        if self.problems():
            return "needs_person"
        if self.is_off:
            return "off"
        if self.trouble == UNAVAILABLE:
            return "no_answer"
        return "silent" if self.is_silent(now) else "connected"

    def problems(self) -> list[str]:
        """What needs a person."""
        found = []
        if self.heard is not None and not self.fits:
            found.append(plugin_sentences.does_not_fit(self.heard.plugin_version or ""))
        if self.heard is not None and self.is_elsewhere:
            found.append(plugin_sentences.is_elsewhere(self.heard.home_url or "", self.home_url))
        if self.is_refusing and not found:
            found.append(plugin_sentences.REFUSES if self.is_listed else plugin_sentences.OFF_OR_REFUSES)
        return found

    def other_version(self) -> str | None:
        """A sentence where WordPress runs another version than the one that comes with this LateSync."""
        if self.heard is None or not self.fits:
            return None
        its, ours = _numbers(self.heard.plugin_version), _numbers(__version__)
        if its is None or ours is None or its == ours:
            return None
        return plugin_sentences.other_version(_dotted(its), _dotted(ours), is_older=its < ours)

    def problem_code(self, code: str | None) -> str | None:
        """An account's problem, told more exactly where WordPress' list tells what the plugin's is."""
        if code != REJECTED or self.is_listed is None:
            return code
        return "plugin_off" if self.is_off else "plugin_refuses"


def read_plugin(services: Services) -> PluginState:
    """Raises StateUnavailable; a site that cannot be read is no error."""
    return plugin_state(
        read_bridge(services.database, services.site_id),
        _read_settings(services),
        list_accounts(services.database, services.site_id),
    )


def plugin_state(
    heard: BridgeRow | None, settings: SiteSettings | None, accounts: Iterable[AccountRow]
) -> PluginState:
    """settings: what the site says now, None when it says nothing."""
    is_listed = settings.has_bridge_plugin if settings else None
    if is_listed is False and heard is not None and heard.is_unlisted:
        is_listed = None  # it ran without being listed: active for a whole network, most likely
    troubles = {row.problem for row in accounts if row.state is AccountState.CONNECTED}
    return PluginState(
        heard,
        settings.home_url if settings else "",
        is_listed,
        next((code for code in (REJECTED, UNAVAILABLE) if code in troubles), None),
    )


def read_home_url(services: Services) -> str:
    """The site's address as its database has it; "" while that cannot be read."""
    settings = _read_settings(services)
    return settings.home_url if settings else ""


def runs_unlisted(services: Services) -> bool:
    """For a plugin that speaks right now: whether WordPress' list of the site lacks it nevertheless.

    A plugin that is active for a whole network is listed elsewhere (latepoint.md §1.1), so that for such a
    site the list proves nothing. Read anew: the plugin may have been activated a moment ago.
    """
    known = _read_settings(services)
    if known is None or known.has_bridge_plugin is not False:
        return False
    try:
        fresh = read_site_settings(services.site_engine, services.site.facts().schema)
    except (SiteError, WrongInput):
        return False
    return fresh.has_bridge_plugin is False


def connection_string(services: Services) -> str:
    """What the owner copies into the plugin's settings; it holds the secret."""
    return make_connection_string(
        Connection(services.config.base_url, services.site_id, services.bridge_secret)
    )


def _read_settings(services: Services) -> SiteSettings | None:
    """Where the worker could not read the site just now, nobody waits here for the same."""
    if read_site(services.database, services.site_id).problem:
        return None
    try:
        return services.site.facts().settings
    except (SiteError, WrongInput):
        return None


def _numbers(version: str | None) -> tuple[int, int, int] | None:
    """major, minor, patch; None for what is no such version."""
    found = re.match(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", version or "")
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))
