"""Checks everything LateSync stands on, each finding with its remedy. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from latesync import messages
from latesync.error_sentences import sentence_for
from latesync.errors import (
    LateSyncError,
    SchemaNotUnderstood,
    SecretUnreadable,
    SiteUnavailable,
    StateNotReady,
)
from latesync.findings import FINE, NOTE, WRONG, Finding
from latesync.plugin_checks import check_bridge_tables, check_busy_way, check_plugin
from latesync.services import Services

# Signed links and OAuth need clocks that agree; Google allows some minutes.
CLOCK_TOLERANCE = timedelta(seconds=60)
SHORTEST_SECRET = 20  # characters; one that LateSync makes has 43


def examine(services: Services) -> list[Finding]:
    """Every check whose ground is there: some stand on LateSync's own tables, some on the site."""
    state = _guarded(services, _OWN_TABLES, _state)
    findings = state + _guarded(services, "keys", _keys) + _guarded(services, "callback address", _address)
    site = _guarded(services, _SITE, _site)
    findings += site
    has_tables, has_site = not _are_wrong(state, _OWN_TABLES), not _are_wrong(site, _SITE)
    if has_tables and has_site:
        findings += _guarded(services, "busy times", check_bridge_tables)
        findings += _guarded(services, "WordPress plugin", check_plugin)
        findings += _guarded(services, "booking form", check_busy_way)
    if has_tables:
        findings += _guarded(services, "client file", _client) + _guarded(services, "worker", _worker)
    else:
        findings.append(_NOT_CHECKED)
    return findings + _guarded(services, "Google", _provider)


_OWN_TABLES, _SITE = "LateSync's own tables", "booking site"
_NOT_CHECKED = Finding(
    "further checks",
    NOTE,
    "plugin, busy time, client file and worker are looked at once LateSync's own tables are ready",
)


def _guarded(
    services: Services, subject: str, check: Callable[[Services], Iterable[Finding]]
) -> list[Finding]:
    try:
        return list(check(services))
    except LateSyncError as exc:
        return [Finding(subject, WRONG, sentence_for(exc))]


def _are_wrong(findings: Iterable[Finding], subject: str) -> bool:
    return any(finding.needs_person and finding.subject == subject for finding in findings)


def _state(services: Services) -> Iterable[Finding]:
    from latesync.store.migrate import require_current

    kind = services.config.database_url.split(":", 1)[0].split("+", 1)[0]
    try:
        require_current(services.database)
    except StateNotReady as exc:
        yield Finding(_OWN_TABLES, WRONG, str(exc))  # it names the remedy
        return
    yield Finding(_OWN_TABLES, FINE, f"up to date ({kind})")


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
    """Read without `services.site`, which stands on LateSync's own tables."""
    from latesync.latepoint.settings import read_agents, read_site_settings

    try:
        schema = services.read_site_schema()
        settings = read_site_settings(services.site_engine, schema)
    except SiteUnavailable as exc:
        yield Finding(_SITE, WRONG, sentence_for(exc), _address_hint(services.config.site_database_url))
        return
    except SchemaNotUnderstood as exc:
        yield Finding(
            _SITE,
            WRONG,
            f"missing or not granted: {', '.join(exc.missing)}",
            "Check LATESYNC_TABLE_PREFIX; `latesync doctor --print-grants USER` prints the grants.",
        )
        return
    yield Finding(_SITE, FINE, f"{services.config.table_prefix}latepoint_… tables are readable")
    if schema.not_granted:
        yield Finding(
            _SITE,
            NOTE,
            f"missing or not granted, and done without: {', '.join(schema.not_granted)}",
            "`latesync doctor --print-grants USER` prints the grants.",
        )
    yield Finding("time zone", FINE, f"the site's zone is {settings.zone}")
    statuses = ", ".join(sorted(settings.blocking_statuses))
    yield Finding("statuses", FINE, f"bookings that are {statuses} go to the calendars")
    agents = read_agents(services.site_engine, schema)
    yield Finding("agents", FINE if agents else NOTE, messages.counted(len(agents), "agent") + " found")
    for addon in settings.official_addons:
        yield Finding(
            "official add-on",
            WRONG,
            f"LatePoint's own {addon.capitalize()} Calendar add-on is switched on: every booking would be "
            "pushed twice.",
            "Switch it off in LatePoint under Settings → Integrations → Calendars, or do not connect those "
            "agents here.",
        )


def _address_hint(url: str | None) -> str:
    """For an address that reads as if a character of the password had ended it; it is not repeated."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url or "")
    except (ArgumentError, ValueError):
        return ""
    if "@" not in f"{parsed.host or ''}{parsed.database or ''}":
        return ""
    return (
        "The address holds more than one @. If the password has one, write it as %40 in "
        "LATESYNC_SITE_DATABASE_URL (and /, #, % as %2F, %23, %25)."
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


def _worker(services: Services) -> Iterable[Finding]:
    """Whether due work is taken up; a worker that has nothing to do leaves no trace."""
    from latesync.model import AccountState
    from latesync.overview import late_since
    from latesync.store.accounts import list_accounts

    accounts, now = list_accounts(services.database, services.site_id), services.clock()
    since = late_since(accounts, now)
    if since is not None:
        yield Finding("worker", WRONG, messages.worker_silent(since, now))
        return
    connected = [account for account in accounts if account.state is AccountState.CONNECTED]
    good = [at for row in connected for at in (row.outbound_good_at, row.inbound_good_at) if at is not None]
    if not connected:
        yield Finding("worker", NOTE, "nothing is due yet: nobody has connected a calendar")
    elif not good:
        yield Finding("worker", NOTE, "no calendar was synchronised yet", "`latesync worker` must run.")
    else:
        yield Finding("worker", FINE, f"no work is late; the last was done {messages.age(max(good), now)}")


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
