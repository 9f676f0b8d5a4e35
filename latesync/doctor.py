"""Checks everything LateSync stands on, each finding with its remedy. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from latesync import busy_sentences, messages
from latesync.error_sentences import sentence_for
from latesync.errors import LateSyncError, SchemaNotUnderstood, SecretUnreadable, StateNotReady
from latesync.model import BusyWay
from latesync.services import Services

if TYPE_CHECKING:  # as elsewhere here, rooms are imported by the check that needs them
    from latesync.latepoint.settings import SiteSettings

# Signed links and OAuth need clocks that agree; Google allows some minutes.
CLOCK_TOLERANCE = timedelta(seconds=60)
SHORTEST_SECRET = 20  # characters; one that LateSync makes has 43
FINE, NOTE, WRONG = "fine", "note", "wrong"
_PLUGIN = "WordPress plugin"
_FORM = "booking form"


@dataclass(frozen=True, slots=True)
class Finding:
    """verdict: "fine", "note" (worth knowing) or "wrong" (needs a person)."""

    subject: str
    verdict: str
    sentence: str
    remedy: str = ""

    @property
    def needs_person(self) -> bool:
        return self.verdict == WRONG

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def examine(services: Services) -> list[Finding]:
    """Every check, also those that can say nothing because an earlier one failed."""
    findings: list[Finding] = []
    for check in (_state, _keys, _address, _site, _bridge_tables, _plugin, _busy_way, _client, _provider):
        findings += _guarded(services, check)
    return findings


def _guarded(services: Services, check: Callable[[Services], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check(services))
    except LateSyncError as exc:
        subject = check.__name__.strip("_").replace("_", " ")
        return [Finding(subject, WRONG, f"This cannot be checked: {sentence_for(exc)}")]


def _state(services: Services) -> Iterable[Finding]:
    from latesync.store.migrate import require_current

    kind = services.config.database_url.split(":", 1)[0].split("+", 1)[0]
    try:
        require_current(services.database)
    except StateNotReady as exc:
        yield Finding("LateSync's own tables", WRONG, str(exc), "Run `latesync migrate`.")
        return
    yield Finding("LateSync's own tables", FINE, f"up to date ({kind})")


def _keys(services: Services) -> Iterable[Finding]:
    home = services.config.home
    if home.stat().st_mode & 0o077:
        yield Finding(
            "home folder",
            WRONG,
            f"{home} can be read by other users of this machine; it holds keys.",
            f"Run `chmod 700 {home}`.",
        )
    else:
        yield Finding("home folder", FINE, f"{home} is closed to other users")
    if len(services.bridge_secret) < SHORTEST_SECRET:
        yield Finding(
            "bridge secret",
            NOTE,
            "it is short, and whoever guesses it can open LateSync as the owner",
            "Leave LATESYNC_BRIDGE_SECRET out and one is made; then connect the plugin anew.",
        )


def _address(services: Services) -> Iterable[Finding]:
    from latesync.consent.callback import check_callback

    problems = check_callback(services.config.base_url)
    for problem in problems:
        yield Finding("callback address", WRONG, problem)
    if not problems:
        yield Finding(
            "callback address", FINE, f"{services.config.google_callback} can be registered at Google"
        )


def _site(services: Services) -> Iterable[Finding]:
    from latesync.latepoint.settings import read_agents

    try:
        facts = services.site.facts()
    except SchemaNotUnderstood as exc:
        yield Finding(
            "booking site",
            WRONG,
            f"missing or not granted: {', '.join(exc.missing)}",
            "Check LATESYNC_TABLE_PREFIX; `latesync doctor --print-grants USER` prints the grants.",
        )
        return
    yield Finding("booking site", FINE, f"{services.config.table_prefix}latepoint_… tables are readable")
    if facts.schema.not_granted:
        yield Finding(
            "booking site",
            NOTE,
            f"missing or not granted, and done without: {', '.join(facts.schema.not_granted)}",
            "`latesync doctor --print-grants USER` prints the grants.",
        )
    yield Finding("time zone", FINE, f"the site's zone is {facts.settings.zone}")
    statuses = ", ".join(sorted(facts.settings.blocking_statuses))
    yield Finding("statuses", FINE, f"bookings that are {statuses} go to the calendars")
    agents = read_agents(services.site_engine, facts.schema)
    yield Finding("agents", FINE if agents else NOTE, messages.counted(len(agents), "agent") + " found")
    for addon in facts.settings.official_addons:
        yield Finding(
            "official add-on",
            WRONG,
            f"LatePoint's own {addon.capitalize()} Calendar add-on is switched on: every booking would be "
            "pushed twice.",
            "Switch it off in LatePoint under Settings → Integrations → Calendars, or do not connect those "
            "agents here.",
        )


def _bridge_tables(services: Services) -> Iterable[Finding]:
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


def _plugin(services: Services) -> Iterable[Finding]:
    from latesync.bridge.package import SLUG
    from latesync.latepoint.settings import is_plugin_active
    from latesync.plugin import read_plugin

    state, now = read_plugin(services), services.clock()
    if state.heard is None:
        if is_plugin_active(services.site_engine, services.site.facts().schema, SLUG):
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


def _busy_way(services: Services) -> Iterable[Finding]:
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


def _client(services: Services) -> Iterable[Finding]:
    from latesync.store.clients import current_client

    try:
        client = current_client(services.database, services.box, services.site_id, "google")
    except SecretUnreadable:
        yield Finding(
            "client file",
            WRONG,
            "it was stored with another key",
            "Put that key back, or upload the file again.",
        )
        return
    if client is None:
        yield Finding(
            "client file", WRONG, "none was uploaded", "`latesync client import FILE`, or the page Google."
        )
    elif client.problem:
        yield Finding("client file", WRONG, messages.client_problem(client.problem))
    elif not client.redirect_uris:
        yield Finding(
            "client file",
            NOTE,
            "it was downloaded before a redirect URI was registered",
            f"Make sure that {services.config.google_callback} is registered at Google.",
        )
    else:
        yield Finding("client file", FINE, f"client {client.client_id}")


def _provider(services: Services) -> Iterable[Finding]:
    """Reachable at all, and does its clock agree with ours?"""
    import requests

    try:
        answer = requests.get(services.google.token, timeout=10, allow_redirects=False)
    except requests.RequestException as exc:
        yield Finding(
            "Google",
            WRONG,
            f"does not answer ({type(exc).__name__})",
            "Check this machine's network, firewall and name resolution.",
        )
        return
    yield Finding("Google", FINE, "answers")
    yield _clock(answer.headers.get("Date", ""), services.clock())


def _clock(date_header: str, now: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date_header)
    except ValueError:
        return Finding("clock", NOTE, "Google's answer carried no time to compare with")
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    gap = abs(now - theirs)
    if gap <= CLOCK_TOLERANCE:
        return Finding("clock", FINE, "this machine's clock agrees with Google's")
    return Finding(
        "clock",
        WRONG,
        f"this machine's clock is {round(gap.total_seconds())} seconds off",
        "Switch on time synchronisation (timedatectl set-ntp true).",
    )
