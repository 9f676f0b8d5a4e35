"""LatePoint's tables as its versions create them, in our own words (latepoint.md §1).

Only tables LateSync reads, with all their columns of interest, the neighbours it must never read, and
LatePoint's indexes. `tables_of` gives one version; an upgraded site is made as LatePoint makes it: columns
and tables are added, none is removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

UPGRADED = "4.9.91 upgraded to 5.6.5"
VERSIONS = ("4.9.91", "5.0.15", "5.1.0", "5.6.5", UPGRADED)
NEWEST = "5.6.5"

# latepoint_db_version in WordPress' options (latepoint.md §1.1).
DB_VERSIONS = {"4.9.91": "1.4.92", "5.0.15": "2.1.4", "5.1.0": "2.1.5", "5.6.5": "2.3.1", UPGRADED: "2.3.1"}

_STAMPS = ("created_at datetime", "updated_at datetime")


@dataclass(frozen=True)
class TableShape:
    columns: tuple[str, ...]
    indexed: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


def tables_of(version: str) -> dict[str, TableShape]:
    """Short table name → shape; "options" is WordPress' own."""
    if version == UPGRADED:
        return _merged(tables_of("4.9.91"), tables_of("5.6.5"))
    tables = {
        "bookings": _bookings(version),
        "agents": _AGENTS,
        "services": _SERVICES,
        "service_categories": _SERVICE_CATEGORIES,
        "locations": _LOCATIONS,
        "customers": _customers(version),
        "settings": _SETTINGS,
        "agent_meta": _META,
        "booking_meta": _META,
        "options": _OPTIONS,
    }
    if version == "5.6.5":  # from 5.1.8 on
        tables |= {"blocked_periods": _BLOCKED_PERIODS}
    if version != "4.9.91":
        tables |= {"orders": _orders(version), "order_items": _ORDER_ITEMS}
    return tables


def create_statements(version: str, prefix: str, dialect: str) -> list[str]:
    """CREATE statements for "mysql" or "sqlite"."""
    statements: list[str] = []
    for short_name, shape in tables_of(version).items():
        name = f"{prefix}options" if short_name == "options" else f"{prefix}latepoint_{short_name}"
        statements += _sqlite(name, shape) if dialect == "sqlite" else [_mysql(name, shape)]
    return statements


def _bookings(version: str) -> TableShape:
    is_version_4 = version == "4.9.91"
    has_recurrences = version == "5.6.5"  # from 5.1.8 on
    columns = (
        "id int(11) NOT NULL AUTO_INCREMENT",
        "booking_code varchar(10)",
        "start_date date",
        "end_date date",
        "start_time mediumint(9)",
        "end_time mediumint(9)",
        "start_datetime_utc datetime",
        "end_datetime_utc datetime",
        "buffer_before mediumint(9) NOT NULL",
        "buffer_after mediumint(9) NOT NULL",
        "duration mediumint(9)",
        "status varchar(30) NOT NULL DEFAULT 'pending'",
        "customer_id mediumint(9) NOT NULL",
        "service_id mediumint(9) NOT NULL",
        "agent_id mediumint(9) NOT NULL",
        "location_id mediumint(9)",
        *(_ONLY_4 if is_version_4 else ("order_item_id mediumint(9)", "total_attendees mediumint(4)")),
        *(_RECURRENCE if has_recurrences else ()),
        *_STAMPS,
    )
    indexed = ("start_date", "end_date", "status", "customer_id", "service_id", "agent_id", "location_id")
    return TableShape(columns, (*indexed, "recurrence_id") if has_recurrences else indexed)


_ONLY_4 = (
    "total_attendies mediumint(4)",
    "subtotal decimal(20,4)",
    "price decimal(20,4)",
    "payment_status varchar(30) NOT NULL DEFAULT 'not_paid'",
    "payment_method varchar(55)",
    "payment_portion varchar(55)",
    "ip_address varchar(55)",
    "source_id varchar(100)",
    "source_url text",
    "coupon_code varchar(100)",
    "coupon_discount decimal(20,4)",
    "customer_comment text",
)
_RECURRENCE = (
    "recurrence_id mediumint(9)",
    "customer_timezone varchar(100)",
    "server_timezone varchar(100)",
)
_AGENTS = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "avatar_image_id int(11)",
        "first_name varchar(255) NOT NULL",
        "last_name varchar(255)",
        "display_name varchar(255)",
        "title varchar(255)",
        "bio text",
        "features text",
        "email varchar(110) NOT NULL",
        "phone varchar(255)",
        "password varchar(255)",
        "custom_hours boolean",
        "wp_user_id int(11)",
        "status varchar(20) NOT NULL",
        "extra_emails text",
        "extra_phones text",
        *_STAMPS,
    ),
    ("email",),
)
_SERVICES = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "name varchar(255) NOT NULL",
        "short_description text",
        "charge_amount decimal(20,4)",
        "override_default_booking_status varchar(255)",
        "duration int(11) NOT NULL",
        "buffer_before int(11)",
        "buffer_after int(11)",
        "category_id int(11)",
        "timeblock_interval int(11)",
        "capacity_min int(4)",
        "capacity_max int(4)",
        "status varchar(20) NOT NULL",
        "visibility varchar(20) NOT NULL",
        *_STAMPS,
    ),
    ("category_id", "status"),
)
_SERVICE_CATEGORIES = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "name varchar(100) NOT NULL",
        "short_description text",
        "parent_id mediumint(9)",
        *_STAMPS,
    )
)
_LOCATIONS = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "name varchar(255) NOT NULL",
        "full_address text",
        "status varchar(20) NOT NULL",
        "category_id int(11)",
        *_STAMPS,
    ),
    ("status",),
)


def _customers(version: str) -> TableShape:
    is_phone_enough = version == "5.6.5"  # from 5.2.0 on
    columns = (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "first_name varchar(255)",
        "last_name varchar(255)",
        "email varchar(320)" if is_phone_enough else "email varchar(110) NOT NULL",
        "phone varchar(255)",
        "status varchar(50) NOT NULL",
        "password varchar(255)",
        "activation_key varchar(255)",
        "account_nonse varchar(255)",
        "wordpress_user_id int(11)",
        "is_guest boolean",
        "notes text",
        "admin_notes text",
        *(("uuid varchar(36)",) if is_phone_enough else ()),
        *_STAMPS,
    )
    return TableShape(columns, ("email", "status", "wordpress_user_id"), ("uuid",) if is_phone_enough else ())


def _orders(version: str) -> TableShape:
    columns = (
        "id bigint(20) unsigned NOT NULL AUTO_INCREMENT",
        "subtotal decimal(20,4)",
        "total decimal(20,4)",
        "status varchar(30) NOT NULL DEFAULT 'open'",
        "fulfillment_status varchar(30) NOT NULL DEFAULT 'not_fulfilled'",
        "payment_status varchar(30) NOT NULL DEFAULT 'not_paid'",
        "ip_address varchar(55)",
        "customer_id int(11) NOT NULL",
        "customer_comment text",
        "confirmation_code varchar(10)",
        "price_breakdown text",
        *(("initial_payment_data text",) if version != "5.0.15" else ()),
        *_STAMPS,
    )
    return TableShape(columns, ("customer_id",))


_ORDER_ITEMS = TableShape(
    (
        "id bigint(20) unsigned NOT NULL AUTO_INCREMENT",
        "order_id int(11) NOT NULL",
        "variant varchar(55)",
        "item_data text",
        "subtotal decimal(20,4)",
        "total decimal(20,4)",
        *_STAMPS,
    ),
    ("order_id",),
)
_BLOCKED_PERIODS = TableShape(
    (
        "id int(11) NOT NULL AUTO_INCREMENT",
        "summary text",
        "start_date date",
        "end_date date",
        "start_time mediumint(9)",
        "end_time mediumint(9)",
        "start_datetime_utc datetime",
        "end_datetime_utc datetime",
        "service_id mediumint(9)",
        "agent_id mediumint(9)",
        "location_id mediumint(9)",
        "server_timezone varchar(100)",
        *_STAMPS,
    ),
    ("start_date", "end_date", "service_id", "agent_id", "location_id"),
)
_SETTINGS = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "name varchar(110) NOT NULL",
        "value longtext",
        *_STAMPS,
    ),
    ("name",),
)
_META = TableShape(
    (
        "id mediumint(9) NOT NULL AUTO_INCREMENT",
        "object_id mediumint(9) NOT NULL",
        "meta_key varchar(110) NOT NULL",
        "meta_value text",
        *_STAMPS,
    ),
    ("meta_key", "object_id"),
)
# WordPress: unlike LatePoint's settings, its option names are unique.
_OPTIONS = TableShape(
    (
        "option_id bigint(20) unsigned NOT NULL AUTO_INCREMENT",
        "option_name varchar(191) NOT NULL DEFAULT ''",
        "option_value longtext NOT NULL",
        "autoload varchar(20) NOT NULL DEFAULT 'yes'",
    ),
    (),
    ("option_name",),
)


def _merged(old: Mapping[str, TableShape], new: Mapping[str, TableShape]) -> dict[str, TableShape]:
    """What dbDelta leaves: the old tables with the new columns added behind, and the new tables."""
    merged = dict(new)
    for short_name, shape in old.items():
        wider = {column.split()[0]: column for column in new[short_name].columns}
        kept = tuple(wider.pop(column.split()[0], column) for column in shape.columns)
        merged[short_name] = replace(new[short_name], columns=(*kept, *wider.values()))
    return merged


def _mysql(name: str, shape: TableShape) -> str:
    """No ENGINE clause: LatePoint has none."""
    key = shape.columns[0].split()[0]
    lines = [
        *shape.columns,
        f"PRIMARY KEY ({key})",
        *(f"KEY {column}_index ({column})" for column in shape.indexed),
        *(f"UNIQUE KEY {column}_index ({column})" for column in shape.unique),
    ]
    return f"CREATE TABLE `{name}` (\n  {(',' + chr(10) + '  ').join(lines)}\n) DEFAULT CHARSET=utf8mb4"


def _sqlite(name: str, shape: TableShape) -> list[str]:
    key = shape.columns[0].split()[0]
    columns = [f"{key} INTEGER PRIMARY KEY AUTOINCREMENT", *map(_plain_type, shape.columns[1:])]
    return [
        f'CREATE TABLE "{name}" ({", ".join(columns)})',
        *(f'CREATE INDEX "{name}_{column}" ON "{name}" ({column})' for column in shape.indexed),
        *(f'CREATE UNIQUE INDEX "{name}_{column}" ON "{name}" ({column})' for column in shape.unique),
    ]


def _plain_type(column: str) -> str:
    return re.sub(r" (mediumint|bigint|int)\(\d+\)( unsigned)?", " INTEGER", column)
