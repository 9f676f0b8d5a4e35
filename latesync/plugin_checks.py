"""What `doctor` asks about WordPress: the plugin, and the way of busy time to the booking form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from latesync import busy_sentences, messages
from latesync.findings import FINE, NOTE, WRONG, Finding
from latesync.model import BusyWay
from latesync.services import Services

if TYPE_CHECKING:  # as in doctor.py, rooms are imported by the check that needs them
    from latesync.latepoint.settings import SiteSettings

_PLUGIN = "WordPress plugin"


_FORM = "booking form"


def check_bridge_tables(services: Services) -> Iterable[Finding]:
    from latesync.latepoint.bridge_tables import missing_bridge_tables
    from latesync.store.choices import read_busy_way

    missing = missing_bridge_tables(services.site_engine, services.config.table_prefix)
    is_needed = read_busy_way(services.database, services.site_id) is BusyWay.PLUGIN
    for table in missing:
        yield Finding(
            "busy times",
            WRONG if is_needed else NOTE,
            f"the table {table} is missing in the site's database, or not granted",
            "Activate the WordPress plugin (`latesync plugin` says how), or apply what `latesync doctor "
            "--print-sql` prints; `--print-grants USER` prints the grants.",
        )
    if not missing:
        yield Finding("busy times", FINE, "LateSync's two tables in the site's database are there")


def check_plugin(services: Services) -> Iterable[Finding]:
    from latesync.plugin import read_plugin

    state, now = read_plugin(services), services.clock()
    if state.heard is None:
        if services.site.facts().settings.has_bridge_plugin:
            yield Finding(
                _PLUGIN,
                NOTE,
                "it is active, but has never reached LateSync: new bookings are noticed later",
                "Paste the connection string (`latesync plugin --connection`) into the plugin's settings and "
                "press “Connect” there.",
            )
        else:
            yield Finding(
                _PLUGIN,
                NOTE,
                "it is not active: new bookings are noticed later",
                "`latesync plugin --zip latesync-bridge.zip` writes it. In WordPress: Plugins → Add New → "
                "Upload Plugin.",
            )
        return
    for problem in state.problems():
        yield Finding(_PLUGIN, WRONG, problem)
    heard = f"version {state.heard.plugin_version or 'unknown'}, heard from "
    heard += messages.age(state.heard.heard_at, now)
    if state.is_silent(now):
        yield Finding(
            _PLUGIN,
            NOTE,
            heard,
            "On a quiet site that may be all right; “Test connection” in the plugin's settings tells.",
        )
    elif not state.problems():
        yield Finding(_PLUGIN, FINE, heard)


def check_busy_way(services: Services) -> Iterable[Finding]:
    """How busy time reaches the booking form, and whether it does."""
    from latesync.store.choices import read_busy_way

    way = read_busy_way(services.database, services.site_id)
    chosen = _off_periods_way if way is BusyWay.OFF_PERIODS else _plugin_way
    return chosen(services)


def _off_periods_way(services: Services) -> Iterable[Finding]:
    from latesync.sync.busy_time import off_periods_obstacle

    obstacle = off_periods_obstacle(services.site)
    if obstacle is not None:
        yield Finding(_FORM, WRONG, obstacle)
    elif services.site.facts().settings.has_pro_features is None:
        yield Finding(_FORM, NOTE, busy_sentences.PRO_FEATURES_UNSURE)
    else:
        yield Finding(_FORM, FINE, f"busy time reaches it {busy_sentences.way_words(BusyWay.OFF_PERIODS)}")


def _plugin_way(services: Services) -> Iterable[Finding]:
    from latesync.store.bridges import read_bridge
    from latesync.store.off_periods import agents_with_off_periods

    settings = services.site.facts().settings
    if settings.has_bridge_plugin or read_bridge(services.database, services.site_id) is not None:
        yield Finding(_FORM, FINE, f"busy time reaches it {busy_sentences.way_words(BusyWay.PLUGIN)}")
    else:
        yield _not_shown(settings)
    left = agents_with_off_periods(services.database, services.site_id)
    if left:
        yield Finding(_FORM, NOTE, busy_sentences.left_behind(len(left)), "Start the worker.")


def _not_shown(settings: SiteSettings) -> Finding:
    """A note: bookings reach the calendars all the same, and an owner may want no more than that."""
    remedy = "Install the LateSync plugin and paste the connection string into its settings."
    if settings.has_pro_features:
        remedy += f" Where it cannot be installed, run `{busy_sentences.COMMAND}`."
    is_sure = settings.has_bridge_plugin is False
    return Finding(_FORM, NOTE, busy_sentences.not_shown(is_sure=is_sure), remedy)
