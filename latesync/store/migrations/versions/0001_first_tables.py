"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EVENT_ID = sa.String(1024).with_variant(
    mysql.VARCHAR(1024, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
)
LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
# MySQL and MariaDB keep what was made before a crash; a repeat goes on from there.
OPTIONS: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "if_not_exists": True}


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


def _create_index(table: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns)


def upgrade() -> None:
    _create_site_tables()
    _create_account_tables()
    _create_calendar_tables()
    _create_people_tables()


def _create_site_tables() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("zone", sa.String(64)),
        sa.Column("newest_booking_id", sa.Integer, nullable=False, server_default="0"),
        sa.Column("looked_at", INSTANT),
        sa.Column("problem", sa.Text),
        sa.Column("problem_since", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "settings",
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "fingerprints",
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("agent_id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("value", sa.String(96), nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "unreadable_bookings",
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("booking_id", sa.Integer, primary_key=True),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("why", sa.String(48), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        **OPTIONS,
    )


def _create_account_tables() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("client_id", _exact(255), nullable=False),
        sa.Column("client_secret", sa.Text, nullable=False),
        sa.Column("project_id", sa.String(255)),
        sa.Column("redirect_uris", sa.Text, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("problem_since", INSTANT),
        sa.UniqueConstraint("site_id", "provider", "client_id"),
        **OPTIONS,
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("subject", _exact(255), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("client_ref", sa.Integer, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("refresh_token", sa.Text),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("consented_at", INSTANT),
        sa.Column("consent_ends_at", INSTANT),
        sa.Column("write_calendar_id", _exact(255), nullable=False),
        sa.Column("tentative_blocks", sa.Boolean, nullable=False),
        sa.Column("outbound_due_at", INSTANT),
        sa.Column("inbound_due_at", INSTANT),
        sa.Column("lease_owner", _exact(64)),
        sa.Column("lease_until", INSTANT),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("problem", sa.Text),
        sa.Column("problem_since", INSTANT),
        sa.Column("failing", sa.String(8)),
        sa.Column("outbound_good_at", INSTANT),
        sa.Column("inbound_good_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("site_id", "agent_id", "provider", "subject"),
        **OPTIONS,
    )
    _create_index("accounts", "outbound_due_at")
    _create_index("accounts", "inbound_due_at")
    _create_index("accounts", "lease_until")
    op.create_table(
        "held_operations",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("booking_id", sa.Integer, primary_key=True),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(48), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(48), nullable=False),
        sa.Column("events_created", sa.Integer, nullable=False),
        sa.Column("events_updated", sa.Integer, nullable=False),
        sa.Column("events_deleted", sa.Integer, nullable=False),
        sa.Column("busy_added", sa.Integer, nullable=False),
        sa.Column("busy_removed", sa.Integer, nullable=False),
        sa.Column("operations_held", sa.Integer, nullable=False),
        **OPTIONS,
    )
    _create_index("runs", "account_id", "ended_at")
    _create_index("runs", "ended_at")


def _create_calendar_tables() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("calendar_id", _exact(255), nullable=False),
        sa.Column("reads_busy", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String(64)),
        sa.Column("sync_token", sa.Text),
        sa.Column("sync_token_at", INSTANT),
        sa.Column("listing", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_unpublished", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("expanded_for", sa.Date),
        sa.Column("problem", sa.Text),
        sa.Column("problem_since", INSTANT),
        sa.Column("good_at", INSTANT),
        sa.UniqueConstraint("account_id", "calendar_id"),
        **OPTIONS,
    )
    op.create_table(
        "calendar_items",
        sa.Column("calendar_ref", sa.Integer, sa.ForeignKey("calendars.id"), primary_key=True),
        sa.Column("event_id", EVENT_ID, primary_key=True),
        sa.Column("series_id", EVENT_ID),
        sa.Column("listing", sa.Integer, nullable=False),
        sa.Column("starts", sa.String(40)),
        sa.Column("ends", sa.String(40)),
        sa.Column("zone", sa.String(64)),
        sa.Column("recurrence", LONG_TEXT, nullable=False),
        sa.Column("original_start", sa.String(40)),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.Column("is_free", sa.Boolean, nullable=False),
        sa.Column("is_tentative", sa.Boolean, nullable=False),
        sa.Column("is_declined", sa.Boolean, nullable=False),
        **OPTIONS,
    )
    _create_index("calendar_items", "calendar_ref", "series_id")
    op.create_table(
        "busy_slots",
        sa.Column("calendar_ref", sa.Integer, sa.ForeignKey("calendars.id"), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("item_id", EVENT_ID, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        **OPTIONS,
    )
    _create_index("busy_slots", "calendar_ref", "item_id")
    _create_index("busy_slots", "agent_id")
    op.create_table(
        "mappings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("booking_id", sa.Integer, nullable=False),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("calendar_id", _exact(255), nullable=False),
        sa.Column("event_id", EVENT_ID, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("echo_hash", sa.String(64), nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("has_agent_notes", sa.Boolean, nullable=False),
        sa.Column("drift", sa.String(16)),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.UniqueConstraint("account_id", "booking_id"),
        **OPTIONS,
    )
    _create_index("mappings", "site_id", "event_id")
    _create_index("mappings", "site_id", "booking_id")


def _create_people_tables() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("state_hash", sa.String(64), primary_key=True),
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("client_ref", sa.Integer, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("code_verifier", sa.Text, nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        **OPTIONS,
    )
    op.create_table(
        "personal_links",
        sa.Column("site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("agent_id", sa.Integer, primary_key=True),
        sa.Column("serial", sa.Integer, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "admins",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        **OPTIONS,
    )
