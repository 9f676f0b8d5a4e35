"""The tables of a WordPress site with LatePoint 5.6.5, as far as bookings touch them (latepoint.md §1.2–1.7).

Column names and order are LatePoint's; types are kept where SQLite gives them a meaning. The two `latesync_`
tables are those the plugin makes (design.md §8).
"""

import sqlite3

_TIMESTAMPS = "created_at DATETIME, updated_at DATETIME"
_ID = "id INTEGER PRIMARY KEY AUTOINCREMENT"
_META = f"{_ID}, object_id INTEGER NOT NULL, meta_key VARCHAR(110) NOT NULL, meta_value TEXT, {_TIMESTAMPS}"
_MONEY = "DECIMAL(20,4)"

TABLES = {
    "wp_options": (
        "option_id INTEGER PRIMARY KEY AUTOINCREMENT, option_name VARCHAR(191) NOT NULL UNIQUE, "
        "option_value TEXT NOT NULL DEFAULT '', autoload VARCHAR(20) NOT NULL DEFAULT 'yes'"
    ),
    "wp_latepoint_settings": f"{_ID}, name VARCHAR(110) NOT NULL, value TEXT, {_TIMESTAMPS}",
    "wp_latepoint_agents": (
        f"{_ID}, avatar_image_id INTEGER, bio_image_id INTEGER, first_name VARCHAR(255) NOT NULL, "
        "last_name VARCHAR(255), display_name VARCHAR(255), title VARCHAR(255), bio TEXT, features TEXT, "
        "email VARCHAR(110) NOT NULL, phone VARCHAR(255), password VARCHAR(255), custom_hours BOOLEAN, "
        f"wp_user_id INTEGER, status VARCHAR(20) NOT NULL, extra_emails TEXT, extra_phones TEXT, "
        f"{_TIMESTAMPS}"
    ),
    "wp_latepoint_customers": (
        f"{_ID}, uuid VARCHAR(36) UNIQUE, first_name VARCHAR(255), last_name VARCHAR(255), "
        f"email VARCHAR(320), "
        "phone VARCHAR(255), avatar_image_id INTEGER, status VARCHAR(50) NOT NULL, "
        "password VARCHAR(255), "
        "activation_key VARCHAR(255), account_nonse VARCHAR(255), google_user_id VARCHAR(255), "
        "facebook_user_id VARCHAR(255), wordpress_user_id INTEGER, is_guest BOOLEAN, notes TEXT, "
        f"admin_notes TEXT, {_TIMESTAMPS}"
    ),
    "wp_latepoint_services": (
        f"{_ID}, name VARCHAR(255) NOT NULL, short_description TEXT, is_price_variable BOOLEAN, "
        f"price_min {_MONEY}, price_max {_MONEY}, charge_amount {_MONEY}, deposit_amount {_MONEY}, "
        "is_deposit_required BOOLEAN, duration_name VARCHAR(255), "
        "override_default_booking_status VARCHAR(255), "
        "duration INTEGER NOT NULL, buffer_before INTEGER, buffer_after INTEGER, category_id INTEGER, "
        "order_number INTEGER, selection_image_id INTEGER, description_image_id INTEGER, "
        "bg_color VARCHAR(20), "
        "earliest_possible_booking VARCHAR(50), latest_possible_booking VARCHAR(50), "
        "timeblock_interval INTEGER, "
        "capacity_min INTEGER, capacity_max INTEGER, status VARCHAR(20) NOT NULL, "
        f"visibility VARCHAR(20) NOT NULL, {_TIMESTAMPS}"
    ),
    "wp_latepoint_service_categories": (
        f"{_ID}, name VARCHAR(100) NOT NULL, short_description TEXT, parent_id INTEGER, "
        f"selection_image_id INTEGER, order_number INTEGER, {_TIMESTAMPS}"
    ),
    "wp_latepoint_locations": (
        f"{_ID}, name VARCHAR(255) NOT NULL, full_address TEXT, status VARCHAR(20) NOT NULL, "
        f"category_id INTEGER, "
        f"order_number INTEGER, selection_image_id INTEGER, {_TIMESTAMPS}"
    ),
    "wp_latepoint_agents_services": (
        f"{_ID}, agent_id INTEGER NOT NULL, service_id INTEGER NOT NULL, location_id INTEGER, "
        f"is_custom_hours BOOLEAN, is_custom_price BOOLEAN, is_custom_duration BOOLEAN, {_TIMESTAMPS}"
    ),
    "wp_latepoint_work_periods": (
        f"{_ID}, agent_id INTEGER NOT NULL, service_id INTEGER NOT NULL, location_id INTEGER NOT NULL, "
        "start_time INTEGER NOT NULL, end_time INTEGER NOT NULL, week_day INTEGER NOT NULL, "
        "custom_date DATE, "
        f"chain_id VARCHAR(20), {_TIMESTAMPS}"
    ),
    "wp_latepoint_blocked_periods": (
        f"{_ID}, summary TEXT, start_date DATE, end_date DATE, start_time INTEGER, end_time INTEGER, "
        "start_datetime_utc DATETIME, end_datetime_utc DATETIME, service_id INTEGER, agent_id INTEGER, "
        f"location_id INTEGER, server_timezone VARCHAR(100), {_TIMESTAMPS}"
    ),
    "wp_latepoint_recurrences": f"{_ID}, rules TEXT, overrides TEXT, {_TIMESTAMPS}",
    "wp_latepoint_bookings": (
        f"{_ID}, booking_code VARCHAR(10), start_date DATE, end_date DATE, start_time INTEGER, "
        f"end_time INTEGER, "
        "start_datetime_utc DATETIME, end_datetime_utc DATETIME, buffer_before INTEGER NOT NULL, "
        "buffer_after INTEGER NOT NULL, duration INTEGER, status VARCHAR(30) NOT NULL DEFAULT 'pending', "
        "customer_id INTEGER NOT NULL, service_id INTEGER NOT NULL, agent_id INTEGER NOT NULL, "
        "location_id INTEGER, order_item_id INTEGER, recurrence_id INTEGER, total_attendees INTEGER, "
        f"customer_timezone VARCHAR(100), server_timezone VARCHAR(100), {_TIMESTAMPS}"
    ),
    "wp_latepoint_orders": (
        f"{_ID}, subtotal {_MONEY}, total {_MONEY}, status VARCHAR(30) NOT NULL DEFAULT 'open', "
        "fulfillment_status VARCHAR(30) NOT NULL DEFAULT 'not_fulfilled', "
        "payment_status VARCHAR(30) NOT NULL DEFAULT 'not_paid', source_id VARCHAR(100), "
        "source_url TEXT, "
        "ip_address VARCHAR(55), customer_id INTEGER NOT NULL, customer_comment TEXT, "
        "confirmation_code VARCHAR(10), price_breakdown TEXT, coupon_code VARCHAR(100), "
        f"coupon_discount {_MONEY}, tax_total {_MONEY}, initial_payment_data TEXT, {_TIMESTAMPS}"
    ),
    "wp_latepoint_order_items": (
        f"{_ID}, order_id INTEGER NOT NULL, variant VARCHAR(55), item_data TEXT, subtotal {_MONEY}, "
        f"total {_MONEY}, coupon_code VARCHAR(100), coupon_discount {_MONEY}, tax_total {_MONEY}, "
        f"{_TIMESTAMPS}"
    ),
    "wp_latepoint_activities": (
        f"{_ID}, agent_id INTEGER, booking_id INTEGER, service_id INTEGER, customer_id INTEGER, "
        "location_id INTEGER, order_id INTEGER, order_item_id INTEGER, coupon_id INTEGER, "
        f"code VARCHAR(255) NOT NULL, description TEXT, initiated_by VARCHAR(100), "
        f"initiated_by_id INTEGER, "
        f"{_TIMESTAMPS}"
    ),
    "wp_latepoint_booking_meta": _META,
    "wp_latepoint_agent_meta": _META,
    "wp_latepoint_customer_meta": _META,
    "wp_latepoint_service_meta": _META,
    "wp_latepoint_order_meta": _META,
    "wp_latesync_busy": (
        "id CHAR(32) PRIMARY KEY, agent_id INTEGER NOT NULL, starts_at DATETIME NOT NULL, "
        "ends_at DATETIME NOT NULL"
    ),
    "wp_latesync_accounts": (
        "agent_id INTEGER NOT NULL, provider VARCHAR(20) NOT NULL, state VARCHAR(20) NOT NULL, "
        "consent_ends_at DATETIME, message TEXT, updated_at DATETIME NOT NULL, "
        "PRIMARY KEY (agent_id, provider)"
    ),
}

_INDEXES = (
    *(
        ("wp_latepoint_bookings", column)
        for column in (
            "start_date",
            "end_date",
            "status",
            "customer_id",
            "service_id",
            "agent_id",
            "location_id",
        )
    ),
    ("wp_latepoint_settings", "name"),
    ("wp_latepoint_agent_meta", "object_id"),
    ("wp_latepoint_booking_meta", "object_id"),
    ("wp_latesync_busy", "agent_id, starts_at, ends_at"),
)


def create_tables(connection: sqlite3.Connection) -> None:
    """Make what is missing; safe to repeat."""
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    for number, (table, columns) in enumerate(_INDEXES):
        connection.execute(f"CREATE INDEX IF NOT EXISTS {table}_index_{number} ON {table} ({columns})")
