"""Checks everything LateSync stands on, each finding with its remedy. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from latesync import messages
from latesync.error_sentences import sentence_for
from latesync.errors import LateSyncError, SchemaNotUnderstood, SecretUnreadable, StateNotReady
from latesync.findings import FINE, NOTE, WRONG, Finding
from latesync.plugin_checks import check_bridge_tables, check_busy_way, check_plugin
from latesync.services import Services

if TYPE_CHECKING:  # as elsewhere here, rooms are imported by the check that needs them
    pass

# Signed links and OAuth need clocks that agree; Google allows some minutes.
CLOCK_TOLERANCE = timedelta(seconds=60)
SHORTEST_SECRET = 20  # characters; one that LateSync makes has 43


def examine(services: Services) -> list[Finding]:
    """Every check, also those that can say nothing because an earlier one failed."""
    findings: list[Finding] = []
    for check in (
        _state,
        _keys,
        _address,
        _site,
        check_bridge_tables,
        check_plugin,
        check_busy_way,
        _client,
        _provider,
    ):
        findings += _guarded(services, check)
    return findings


def _guarded(services: Services, check: Callable[[Services], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check(services))
    except LateSyncError as exc:
        subject = check.__name__.removeprefix("check_").strip("_").replace("_", " ")
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
