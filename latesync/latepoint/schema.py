"""Which of LatePoint's tables and columns this site has and grants us.

Detected by columns, never by version: an upgraded site holds both sets (latepoint.md §1.1, §1.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, FromClause, bindparam, column, inspect, table, text

from latesync.errors import SchemaNotUnderstood, WrongInput
from latesync.latepoint.connection import site_errors

# Without these nothing can be synced. `duration` is among them because the end of a booking hangs on
# it (latepoint.md §2.3, rule 5): reading it as "none" would shorten or lengthen events.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "bookings": (
        "id",
        "agent_id",
        "service_id",
        "customer_id",
        "status",
        "start_date",
        "end_date",
        "start_time",
        "end_time",
        "duration",
    ),
    "agents": ("id", "first_name", "status"),
    "services": ("id", "name", "duration"),
    "settings": ("name", "value"),
    "options": ("option_name", "option_value"),
}

# Read when they are there; an event then simply holds less. Existing in every version.
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "bookings": ("booking_code", "location_id", "buffer_before", "buffer_after", "updated_at"),
    "agents": ("last_name", "display_name", "email"),
    "customers": ("id", "first_name", "last_name", "email", "phone", "notes"),
    "services": ("category_id",),
    "service_categories": ("id", "name"),
    "locations": ("id", "name", "full_address"),
    "settings": ("id",),
    "agent_meta": ("object_id", "meta_key", "meta_value"),
}

# Of one generation only (latepoint.md §1.2, §1.6).
VERSION_4: Mapping[str, tuple[str, ...]] = {"bookings": ("total_attendies", "customer_comment")}
VERSION_5: Mapping[str, tuple[str, ...]] = {
    "bookings": ("total_attendees", "order_item_id"),
    "order_items": ("id", "order_id"),
    "orders": ("id", "customer_comment"),
}

# Of these nothing is in an event: without them an event says the same.
_IN_NO_EVENT: Mapping[str, tuple[str, ...]] = {
    "bookings": ("updated_at",),
    "agents": ("email",),
    "settings": ("id",),
    "agent_meta": ("object_id", "meta_key", "meta_value"),
}

_TABLES = (
    *("bookings", "agents", "services", "service_categories", "customers", "locations"),
    *("settings", "options", "agent_meta"),
)
_ORDER_TABLES = ("order_items", "orders")
_PREFIX = re.compile(r"[0-9A-Za-z$_]{0,40}")


@dataclass(frozen=True)
class SiteSchema:
    """What may be read here.

    columns: readable columns by LatePoint's short table name ("bookings"; "options" is WordPress' own).
    not_granted: optional `table.column`s that are missing or not granted; we carry on without them.
    """

    prefix: str
    columns: Mapping[str, frozenset[str]]
    not_granted: tuple[str, ...] = ()

    def has(self, short_name: str, *names: str) -> bool:
        return self.columns.get(short_name, frozenset()).issuperset(names)

    def table(self, short_name: str) -> FromClause:
        """The table with its readable columns, untyped: odd values arrive as the driver gives them."""
        names = sorted(self.columns.get(short_name, frozenset()))
        return table(table_name(self.prefix, short_name), *(column(name) for name in names))

    @property
    def readable_for_events(self) -> frozenset[str]:
        """The optional `table.column`s of this generation that may be read and of which events tell."""
        return frozenset(
            f"{table_name(self.prefix, short_name)}.{name}"
            for short_name, names in _expected_besides(self.columns).items()
            for name in names
            if self.has(short_name, name) and name not in _IN_NO_EVENT.get(short_name, ())
        )

    @property
    def seats_column(self) -> str | None:
        """`total_attendees`, on LatePoint 4 `total_attendies` (sic); an upgraded site has both."""
        for name in ("total_attendees", "total_attendies"):
            if self.has("bookings", name):
                return name
        return None

    @property
    def has_orders(self) -> bool:
        """The comment can be read from a booking's order."""
        return all(self.has(short_name, *names) for short_name, names in _ORDER_PATH.items())

    @property
    def has_customers(self) -> bool:
        return self.has("customers", "id")

    @property
    def has_locations(self) -> bool:
        return self.has("locations", "id") and self.has("bookings", "location_id")

    @property
    def has_categories(self) -> bool:
        return self.has("service_categories", "id", "name") and self.has("services", "category_id")

    @property
    def has_agent_meta(self) -> bool:
        return self.has("agent_meta", *OPTIONAL["agent_meta"])


_ORDER_PATH: Mapping[str, tuple[str, ...]] = {**VERSION_5, "bookings": ("order_item_id",)}


def table_name(prefix: str, short_name: str) -> str:
    """`wp_latepoint_bookings`; but `wp_options`, which is WordPress' own."""
    return f"{prefix}options" if short_name == "options" else f"{prefix}latepoint_{short_name}"


def checked_prefix(prefix: str) -> str:
    """The prefix, fit to be put into SQL. Raises WrongInput."""
    if not _PREFIX.fullmatch(prefix):
        raise WrongInput(
            f"{prefix!r} cannot be a table prefix: only letters, digits, underscore and $ may be in it. "
            "It is $table_prefix in the site's wp-config.php; on a multisite the number of the site "
            "follows, as in wp_2_."
        )
    return prefix


def read_schema(engine: Engine, prefix: str) -> SiteSchema:
    """What of LatePoint (4.9 to 5.6) stands in this database and is granted to us.

    Raises SchemaNotUnderstood naming every missing required `table.column`, SiteUnavailable, WrongInput.
    Under column grants information_schema hides what is not granted, so the two look alike.
    """
    checked_prefix(prefix)
    with site_errors(), engine.connect() as connection:
        columns = _readable_columns(connection, prefix)
    missing = _missing(prefix, columns, REQUIRED)
    if missing:
        raise SchemaNotUnderstood(missing)
    return SiteSchema(prefix, columns, tuple(_missing(prefix, columns, _expected_besides(columns))))


def read_prefixes(engine: Engine) -> list[str]:
    """The table prefixes under which LatePoint's bookings are visible, for the remedy of a wrong one.

    Raises SiteUnavailable.
    """
    ending = table_name("", "bookings")
    with site_errors(), engine.connect() as connection:
        names = inspect(connection).get_table_names()
    return sorted(name.removesuffix(ending) for name in names if name.endswith(ending))


def _expected_besides(columns: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """The optional columns this generation of LatePoint has."""
    bookings = columns.get("bookings", frozenset())
    is_version_4 = "total_attendies" in bookings and not bookings & {"total_attendees", "order_item_id"}
    own = VERSION_4 if is_version_4 else VERSION_5
    names = {*OPTIONAL, *own}
    return {name: OPTIONAL.get(name, ()) + own.get(name, ()) for name in names}


def _missing(
    prefix: str, columns: Mapping[str, frozenset[str]], expected: Mapping[str, tuple[str, ...]]
) -> list[str]:
    return [
        f"{table_name(prefix, short_name)}.{name}"
        for short_name in sorted(expected)
        for name in expected[short_name]
        if name not in columns.get(short_name, frozenset())
    ]


def _readable_columns(connection: Connection, prefix: str) -> dict[str, frozenset[str]]:
    short_names = {table_name(prefix, short_name): short_name for short_name in (*_TABLES, *_ORDER_TABLES)}
    if connection.dialect.name == "sqlite":
        pairs = _sqlite_columns(connection, list(short_names))
    else:
        pairs = _mysql_columns(connection, list(short_names))
    # lower_case_table_names (Windows, macOS) stores names in lower case.
    short_names |= {name.lower(): short_name for name, short_name in short_names.items()}
    found: dict[str, set[str]] = {}
    for name, column_name in pairs:
        if name in short_names:
            found.setdefault(short_names[name], set()).add(column_name.lower())
    return {short_name: frozenset(names & _wanted(short_name)) for short_name, names in found.items()}


def _wanted(short_name: str) -> frozenset[str]:
    """Only what we read: the rest (password hashes, private notes) never gets into a statement."""
    return frozenset(
        name for kind in (REQUIRED, OPTIONAL, VERSION_4, VERSION_5) for name in kind.get(short_name, ())
    )


_MYSQL_COLUMNS = text(
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name IN :names"
    " AND (privileges = '' OR privileges LIKE '%select%')"
).bindparams(bindparam("names", expanding=True))


def _mysql_columns(connection: Connection, names: list[str]) -> list[tuple[str, str]]:
    rows = connection.execute(_MYSQL_COLUMNS, {"names": names})
    return [(str(row[0]), str(row[1])) for row in rows]


def _sqlite_columns(connection: Connection, names: list[str]) -> list[tuple[str, str]]:
    inspector = inspect(connection)
    there = set(inspector.get_table_names()).intersection(names)
    return [(name, str(found["name"])) for name in there for found in inspector.get_columns(name)]
