"""What the WordPress plugin brings: hints, nonces, drift that is applied, and off-periods in its stead."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# MySQL and MariaDB keep what was made before a crash; a repeat goes on from there.
OPTIONS: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "if_not_exists": True}


def upgrade() -> None:
    _create_bridge_tables()
    _create_drift_tables()
    _create_off_period_tables()


def _create_bridge_tables() -> None:
    op.create_table("bridges", _site_id(), *_bridge_columns(), **OPTIONS)
    op.create_table(
        "site_hints",
        _site_id(),
        sa.Column("booking_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        **OPTIONS,
    )
    op.create_table(
        "seen_nonces",
        _site_id(),
        sa.Column("nonce", sa.String(32), primary_key=True),
        sa.Column("seen_at", INSTANT, nullable=False),
        **OPTIONS,
    )


def _bridge_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("greeted_at", INSTANT),
        sa.Column("plugin_version", sa.String(32)),
        sa.Column("wordpress_version", sa.String(32)),
        sa.Column("latepoint_version", sa.String(32)),
        sa.Column("home_url", sa.Text),
        sa.Column("rest_url", sa.Text),
    )


def _create_drift_tables() -> None:
    _add_columns(
        "mappings",
        sa.Column("drift_starts_at", INSTANT),
        sa.Column("drift_ends_at", INSTANT),
        sa.Column("drift_refused", sa.String(32)),
    )
    _add_columns(
        "runs",
        sa.Column("bookings_moved", sa.Integer, nullable=False, server_default="0"),
        sa.Column("bookings_cancelled", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("booking_id", sa.Integer, nullable=False),
        sa.Column("wish", sa.String(16), nullable=False),
        sa.Column("wanted_starts_at", INSTANT),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
        sa.Column("booking_code", sa.String(32), nullable=False, server_default=""),
        sa.Column("starts_at", INSTANT),
        **OPTIONS,
    )
    name = "ix_refusals_site_id_agent_id_refused_at"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("refusals")}:
        op.create_index(name, "refusals", ["site_id", "agent_id", "refused_at"])


def _add_columns(table: str, *columns: sa.Column[Any]) -> None:
    """Those that are not there yet."""
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in known:
            op.add_column(table, column)


def _create_off_period_tables() -> None:
    op.create_table(
        "off_periods",
        _site_id(),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("start_minute", sa.Integer, nullable=False),
        sa.Column("end_minute", sa.Integer, nullable=False),
        sa.Column("row_id", sa.Integer),
        **OPTIONS,
    )
    name = "ix_off_periods_site_id_agent_id"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("off_periods")}:
        op.create_index(name, "off_periods", ["site_id", "agent_id"])


def _site_id(*, primary_key: bool = True) -> sa.Column[Any]:
    return sa.Column(
        "site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=primary_key, nullable=False
    )
