"""What the site says about itself, and its agents."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, select

from latesync.errors import SchemaNotUnderstood
from latesync.latepoint.connection import site_errors
from latesync.latepoint.schema import SiteSchema, table_name
from latesync.model import Agent, Business
from latesync.times import Zone, wordpress_zone

# Fresh installations are seeded with this one (latepoint.md §2.1).
DEFAULT_BLOCKING_STATUSES = frozenset({"approved"})

_OPTIONS = (
    "timezone_string",
    "gmt_offset",
    "home",
    "siteurl",
    "blogname",
    "WPLANG",
    "latepoint_db_version",
    "active_plugins",
)
_BLOCKING = "timeslot_blocking_statuses"
_ADDONS_LIST = "active_addons"
_STATUSES = "additional_booking_statuses"
# LatePoint's own for texts, and what they are where nothing was chosen: OsSettingsHelper and OsReplacerHelper
# ([C5] lib/helpers/settings_helper.php, replacer_helper.php; latepoint.md's source keys).
_BUSINESS = ("business_name", "business_phone", "business_address", "date_format", "time_system")

# What a booking can be, besides what the owner added (latepoint.md §2.1).
BOOKING_STATUSES = ("approved", "pending", "payment_pending", "cancelled", "no_show", "completed")

# Folders of plugins, as they begin the paths in WordPress' list and are the slugs in LatePoint's.
_BRIDGE = "latesync-bridge"
_PRO_FEATURES = "latepoint-pro-features"
# Each blog of a network has its number in its prefix; plugins may then be active for the whole network,
# which stands in a table that is not the blog's (latepoint.md §1.1).
_BLOG_OF_NETWORK = re.compile(r"_\d+_$")

# Add-on → its switch in LatePoint's settings, the agent meta it pushes by (latepoint.md §0 item 10).
_ADDONS = {
    "google": ("enable_google_calendar", "google_cal_selected_calendar_id_for_push"),
    "outlook": ("enable_outlook_calendar", "outlook_cal_selected_calendar_id_for_push"),
}


@dataclass(frozen=True)
class SiteSettings:
    """The site's own words.

    blocking_statuses: the booking statuses that take up time.
    home_url: the site's address, without a slash at the end; "" when WordPress holds none.
    latepoint_db_version: the version of LatePoint's tables, for people; never to decide by.
    official_addons: LatePoint's own calendar add-ons that seem to push events too: "google", "outlook".
    statuses: keys of all that a booking can be here; only for people to choose from (latepoint.md §2.1).
    has_pro_features, has_bridge_plugin: whether WordPress lists that plugin among the active ones. None: it
      cannot be told. On a network False is no proof: a plugin active for all of it is listed elsewhere.
    """

    zone: Zone
    blocking_statuses: frozenset[str]
    home_url: str
    latepoint_db_version: str
    official_addons: tuple[str, ...]
    has_pro_features: bool | None = None
    has_bridge_plugin: bool | None = None
    site_name: str = ""
    language: str = ""
    business: Business = field(default_factory=Business)
    statuses: tuple[str, ...] = BOOKING_STATUSES


def read_site_settings(engine: Engine, schema: SiteSchema) -> SiteSettings:
    """Read WordPress' and LatePoint's settings; cheap enough for every run.

    Raises SiteUnavailable, SchemaNotUnderstood (also for a time zone nobody knows).
    """
    with site_errors(), engine.connect() as connection:
        options = _read_options(connection, schema)
        settings = _read_settings(
            connection,
            schema,
            [_BLOCKING, _ADDONS_LIST, _STATUSES, *_BUSINESS, *(switch for switch, _ in _ADDONS.values())],
        )
        pushing = _read_pushing_meta(connection, schema)
    return SiteSettings(
        zone=_zone(options, schema),
        blocking_statuses=blocking_statuses(settings.get(_BLOCKING)),
        home_url=(options.get("home") or options.get("siteurl") or "").strip().rstrip("/"),
        latepoint_db_version=options.get("latepoint_db_version", ""),
        official_addons=_official_addons(settings, pushing),
        has_pro_features=has_pro_features(
            options.get("active_plugins"), settings.get(_ADDONS_LIST), schema.prefix
        ),
        has_bridge_plugin=has_plugin(options.get("active_plugins"), _BRIDGE, schema.prefix),
        # WordPress keeps the name escaped for its pages ("Cut &amp; Colour").
        site_name=html.unescape(options.get("blogname", "")),
        language=options.get("WPLANG", ""),
        business=_business(settings),
        statuses=_statuses(settings.get(_STATUSES)),
    )


def read_agents(engine: Engine, schema: SiteSchema) -> list[Agent]:
    """Every agent of the site, disabled ones too, by id.

    Raises SiteUnavailable, SchemaNotUnderstood.
    """
    agents = schema.table("agents")
    with site_errors(), engine.connect() as connection:
        rows = connection.execute(select(agents).order_by(agents.c.id)).mappings().all()
    return [_agent(dict(row)) for row in rows]


def has_plugin(active_plugins: str | None, folder: str, prefix: str) -> bool | None:
    """Whether a plugin is in WordPress' serialized list of active ones; None when that cannot be told."""
    if active_plugins is None or not active_plugins.startswith("a:"):
        return None
    if f'"{folder}/' in active_plugins:  # …s:35:"latesync-bridge/latesync-bridge.php";…
        return True
    return None if _BLOG_OF_NETWORK.search(prefix) else False


def has_pro_features(active_plugins: str | None, active_addons: str | None, prefix: str) -> bool | None:
    """WordPress' list decides; LatePoint's own (JSON) is brought up to date only when an add-on is switched.

    Where the two contradict each other (active for the whole network, or removed by hand) nothing is sure.
    """
    listed = has_plugin(active_plugins, _PRO_FEATURES, prefix)
    if listed:
        return True
    is_addon = f'"{_PRO_FEATURES}"' in (active_addons or "")
    if active_plugins:
        return None if is_addon else listed
    return True if is_addon else None


def blocking_statuses(value: str | None) -> frozenset[str]:
    """The statuses in a comma list.

    To LatePoint an empty or missing list means that no booking blocks anything (latepoint.md §2.1). Here the
    set also says which bookings are events, and a cleared field must not empty every agent's calendar: what
    LatePoint itself starts with holds instead. An owner who wants other statuses chooses them in LateSync.
    """
    names = (part.strip() for part in (value or "").split(","))
    return frozenset(name for name in names if name) or DEFAULT_BLOCKING_STATUSES


def _read_options(connection: Connection, schema: SiteSchema) -> dict[str, str]:
    options = schema.table("options")
    rows = connection.execute(
        select(options.c.option_name, options.c.option_value).where(options.c.option_name.in_(_OPTIONS))
    )
    return {str(name): _text(value) for name, value in rows}


def _read_settings(connection: Connection, schema: SiteSchema, names: Collection[str]) -> dict[str, str]:
    """By name; of duplicates the first by id, as LatePoint reads them (latepoint.md §6)."""
    settings = schema.table("settings")
    query = select(settings.c.name, settings.c.value).where(settings.c.name.in_(names))
    if schema.has("settings", "id"):
        query = query.order_by(settings.c.id)
    found: dict[str, str] = {}
    for name, value in connection.execute(query):
        found.setdefault(str(name), _text(value))
    return found


def _read_pushing_meta(connection: Connection, schema: SiteSchema) -> frozenset[str]:
    """The add-ons' meta keys under which some agent has chosen a calendar."""
    if not schema.has_agent_meta:
        return frozenset()
    meta = schema.table("agent_meta")
    keys = [key for _, key in _ADDONS.values()]
    rows = connection.execute(select(meta.c.meta_key, meta.c.meta_value).where(meta.c.meta_key.in_(keys)))
    return frozenset(str(key) for key, value in rows if _text(value))


def _official_addons(settings: dict[str, str], pushing: frozenset[str]) -> tuple[str, ...]:
    """A switch that is off settles it: a chosen calendar outlives the add-on that asked for it."""
    return tuple(
        name
        for name, (switch, key) in _ADDONS.items()
        if settings.get(switch, "on" if key in pushing else "off") == "on"
    )


def _business(settings: dict[str, str]) -> Business:
    name, phone, address, date_format, time_system = (settings.get(key, "") for key in _BUSINESS)
    return Business(
        name=name,
        phone=phone,
        address=address,
        date_format=date_format or Business().date_format,
        is_24_hours=time_system == "24",
    )


def _statuses(additional: str | None) -> tuple[str, ...]:
    """LatePoint's keys: labels in lower case, with underscores for spaces (latepoint.md §2.1)."""
    labels = (label.strip() for label in (additional or "").split(","))
    own = [label.lower().replace(" ", "_") for label in labels if label]
    return tuple(dict.fromkeys((*BOOKING_STATUSES, *own)))


def _zone(options: dict[str, str], schema: SiteSchema) -> Zone:
    name = options.get("timezone_string")
    try:
        return wordpress_zone(name, options.get("gmt_offset"))
    except ValueError as exc:
        option = "timezone_string" if name else "gmt_offset"
        raise SchemaNotUnderstood([f"{table_name(schema.prefix, 'options')}.{option}"]) from exc


def _agent(row: dict[str, object]) -> Agent:
    agent_id = int(str(row["id"]))
    full_name = " ".join(f"{_text(row['first_name'])} {_text(row.get('last_name'))}".split())
    return Agent(
        id=agent_id,
        name=full_name or _text(row.get("display_name")) or f"Agent {agent_id}",
        email=_text(row.get("email")) or None,
        is_active=_text(row["status"]) == "active",
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
