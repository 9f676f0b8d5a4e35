"""What `doctor` and the set-up ask about the booking site: connection, rights, zone, what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from latesync import messages
from latesync.checks.findings import FINE, NOTE, WRONG, Finding, are_wrong, guarded
from latesync.checks.plugin import check_bridge_tables, check_busy_way, check_plugin
from latesync.errors import SchemaNotUnderstood, SiteUnavailable, StateUnavailable
from latesync.latepoint.counts import count_bookings_between
from latesync.latepoint.schema import SiteSchema, read_prefixes
from latesync.latepoint.settings import SiteSettings, read_agents, read_site_settings
from latesync.latepoint.trial import trouble_code
from latesync.sentences import readable_sentences, set_up_sentences
from latesync.sentences.error_sentences import sentence_for
from latesync.services import Services
from latesync.store.identity import site_in_use
from latesync.store.readable import read_lost
from latesync.times import day_in, window_around

SITE = "booking site"

Facts = tuple[SiteSchema, SiteSettings]


def examine_site(services: Services, *, has_own_tables: bool = True) -> list[Finding]:
    """Everything about the site; without LateSync's own tables only what does not stand on them."""
    findings = guarded(SITE, lambda: check_site(services))
    if has_own_tables and not are_wrong(findings, SITE):
        findings += guarded("busy times", lambda: check_bridge_tables(services))
        findings += guarded("WordPress plugin", lambda: check_plugin(services))
        findings += guarded("booking form", lambda: check_busy_way(services))
    return findings


def examine_connection(services: Services) -> list[Finding]:
    """Only what can be right before the plugin is there: connection, rights, zone, people, bookings."""
    return guarded(SITE, lambda: check_site(services, _known_facts))


def _fresh_facts(services: Services) -> Facts:
    """Read without `services.site`, which stands on LateSync's own tables."""
    schema = services.read_site_schema()
    return schema, read_site_settings(services.site_engine, schema)


def _known_facts(services: Services) -> Facts:
    """Fresh too, and known to the rest of the page; a site that just did not answer is not asked again."""
    facts = services.site.facts(anew=True)
    return facts.schema, facts.settings


def check_site(
    services: Services, read_facts: Callable[[Services], Facts] = _fresh_facts
) -> Iterable[Finding]:
    try:
        schema, settings = read_facts(services)
    except SiteUnavailable as exc:
        remedy = (
            _address_hint(services.site_database_url())
            or set_up_sentences.trial_message(trouble_code(exc)).text
        )
        yield Finding(SITE, WRONG, sentence_for(exc), remedy)
        return
    except SchemaNotUnderstood as exc:
        yield Finding(
            SITE, WRONG, f"missing or not granted: {', '.join(exc.missing)}", _rights_hint(services)
        )
        return
    yield Finding(SITE, FINE, f"{services.table_prefix()}latepoint_… tables are readable")
    lost = _lost(services, schema)
    if lost:
        yield Finding(
            SITE,
            WRONG,
            readable_sentences.missing_now(lost),
            "Bring the table or its grant back: `latesync doctor --print-grants USER` prints the grants.",
        )
    if set(schema.not_granted) - set(lost):
        yield Finding(
            SITE,
            NOTE,
            f"missing or not granted, and done without: "
            f"{', '.join(name for name in schema.not_granted if name not in lost)}",
            "`latesync doctor --print-grants USER` prints the grants.",
        )
    yield Finding("time zone", FINE, f"the site's zone is {settings.zone}")
    statuses = ", ".join(sorted(settings.blocking_statuses))
    yield Finding("statuses", FINE, f"bookings that are {statuses} go to the calendars")
    yield from _people_and_bookings(services, schema, settings)
    for addon in settings.official_addons:
        yield Finding(
            "official add-on",
            WRONG,
            f"LatePoint's own {addon.capitalize()} Calendar add-on is switched on: every booking would be "
            "pushed twice.",
            "Switch it off in LatePoint under Settings → Integrations → Calendars, or do not connect those "
            "agents here.",
        )


def _lost(services: Services, schema: SiteSchema) -> tuple[str, ...]:
    """What events were made from and cannot be read any more; () also where our own state does not answer."""
    if not schema.not_granted:
        return ()
    try:
        known = site_in_use(services.database)
        return read_lost(services.database, known[0], schema.not_granted) if known else ()
    except StateUnavailable:  # a finding of its own
        return ()


def _people_and_bookings(services: Services, schema: SiteSchema, settings: SiteSettings) -> Iterable[Finding]:
    agents = read_agents(services.site_engine, schema)
    found = messages.counted(len(agents), "agent") + " found"
    if agents:
        yield Finding("agents", FINE, found)
    else:
        yield Finding("agents", NOTE, found, "Add them in WordPress under LatePoint → Agents.")
    window = window_around(services.clock(), settings.zone)
    first, last = day_in(window.start, settings.zone), day_in(window.end, settings.zone)
    count = count_bookings_between(services.site_engine, schema, first, last, settings.blocking_statuses)
    yield Finding(
        "bookings", FINE, f"{messages.counted(count, 'booking')} found, from yesterday to a year ahead"
    )


def _rights_hint(services: Services) -> str:
    """Where LatePoint is seen under other prefixes, these are named."""
    try:
        prefixes = read_prefixes(services.site_engine)
    except SiteUnavailable:
        prefixes = []
    others = [prefix for prefix in prefixes if prefix != services.table_prefix()]
    if others:
        return f"Check LATESYNC_TABLE_PREFIX: LatePoint is there under {', '.join(others)}."
    return "Check LATESYNC_TABLE_PREFIX; `latesync doctor --print-grants USER` prints the grants."


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
