"""What `doctor` asks about WordPress: the plugin, and the way of busy time to the booking form."""

from __future__ import annotations

from collections.abc import Iterable

from latesync import messages
from latesync.checks.findings import FINE, NOTE, WRONG, Finding
from latesync.errors import SiteError, WrongInput
from latesync.options import BusyWay
from latesync.sentences import busy_sentences, plugin_sentences
from latesync.services import Services

_PLUGIN = "WordPress plugin"
_FORM = "booking form"

_INSTALL = (
    "`latesync plugin --zip latesync-bridge.zip` writes it. In WordPress: Plugins → Add New → Upload Plugin."
)
_NOT_ACTIVE = Finding(_PLUGIN, NOTE, "it is not active: new bookings are noticed later", _INSTALL)
_NEVER_CONNECTED = Finding(
    _PLUGIN,
    NOTE,
    "it is active, but has never reached LateSync: new bookings are noticed later",
    "Paste the connection string (`latesync plugin --connection`) into the plugin's settings and press "
    "“Connect” there.",
)


def check_bridge_tables(services: Services) -> Iterable[Finding]:
    from latesync.latepoint.bridge_tables import missing_bridge_tables
    from latesync.store.choices import read_busy_way

    missing = missing_bridge_tables(services.site_engine, services.table_prefix())
    is_needed = read_busy_way(services.database, services.site_id) is BusyWay.PLUGIN
    for table in missing:
        yield Finding(
            "busy times",
            WRONG if is_needed else NOTE,
            f"the table {table} is missing in the site's database, or not granted",
            "Install the WordPress plugin (`latesync plugin` says how), also where it was there before. Only "
            "where that cannot be done, apply what `latesync doctor --print-sql` prints; `--print-grants "
            "USER` prints the grants.",
        )
    if not missing:
        yield Finding("busy times", FINE, "LateSync's two tables in the site's database are there")


def missing_table_lines(services: Services) -> tuple[str, ...]:
    """What an administrator runs to make LateSync's own tables; none where they are there or not needed."""
    from sqlalchemy import make_url

    from latesync.latepoint.bridge_tables import missing_bridge_tables
    from latesync.latepoint.grants import granted_user, own_table_statements
    from latesync.store.choices import read_busy_way

    engine, prefix = services.site_engine, services.table_prefix()
    if read_busy_way(services.database, services.site_id) is not BusyWay.PLUGIN:
        return ()
    try:
        if not missing_bridge_tables(engine, prefix):
            return ()
        database = make_url(services.site_database_url() or "").database or ""
        return tuple(f"{line};" for line in own_table_statements(prefix, database, granted_user(engine)))
    except (SiteError, WrongInput):
        return ()


def check_plugin(services: Services) -> Iterable[Finding]:
    from latesync.plugin import read_plugin

    state, now = read_plugin(services), services.clock()
    if state.heard is None:
        yield _NEVER_CONNECTED if state.is_listed else _NOT_ACTIVE
        return
    for problem in state.problems():
        yield Finding(_PLUGIN, WRONG, problem)
    age = messages.age(state.heard.heard_at, now)
    heard = f"version {state.heard.plugin_version or 'unknown'}, heard from {age}"
    match state.standing(now):
        case "off":
            yield Finding(
                _PLUGIN,
                NOTE,
                f"it is switched off in WordPress (last heard from {age}): new bookings are noticed later",
                f"Activate it in WordPress under Plugins; if it is gone, install it again: {_INSTALL}",
            )
            return
        case "no_answer":
            yield Finding(_PLUGIN, NOTE, plugin_sentences.NO_ANSWER)
        case "silent":
            yield Finding(
                _PLUGIN,
                NOTE,
                heard,
                "On a quiet site that may be all right; “Test connection” in the plugin's settings tells.",
            )
        case "connected" if state.other_version() is None:
            yield Finding(_PLUGIN, FINE, heard)
    other_version = state.other_version()
    if other_version is not None:
        yield Finding(_PLUGIN, NOTE, other_version, _INSTALL)


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
    from latesync.plugin import read_plugin
    from latesync.store.off_periods import agents_with_off_periods

    state = read_plugin(services)
    if state.shows_busy_time:
        yield Finding(_FORM, FINE, f"busy time reaches it {busy_sentences.way_words(BusyWay.PLUGIN)}")
    else:
        # A note: bookings reach the calendars all the same, and an owner may want no more than that.
        sentence = busy_sentences.not_shown(was_heard=state.heard is not None, is_sure=state.is_off)
        yield Finding(_FORM, NOTE, sentence, _remedy_for_form(services, was_heard=state.heard is not None))
    left = agents_with_off_periods(services.database, services.site_id)
    if left:
        yield Finding(_FORM, NOTE, busy_sentences.left_behind(len(left)), "Start the worker.")


def _remedy_for_form(services: Services, *, was_heard: bool) -> str:
    remedy = "Install the LateSync plugin and paste the connection string into its settings."
    if was_heard:
        remedy = "Activate the LateSync plugin in WordPress under Plugins, or install it again."
    if services.site.facts().settings.has_pro_features:
        remedy += f" Where it cannot be installed, run `{busy_sentences.COMMAND}`."
    return remedy
