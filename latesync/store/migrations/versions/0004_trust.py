"""History, resets, pauses, alarms, delays, comparisons, which site this is, and more choices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# MySQL and MariaDB keep what was made before a crash; a repeat goes on from there.
OPTIONS: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "if_not_exists": True}


def upgrade() -> None:
    _add_columns("sites", sa.Column("home_url", sa.Text), sa.Column("stopped_for", sa.String(16)))
    _add_columns("sites", sa.Column("stopped_at", INSTANT), sa.Column("seen_home_url", sa.Text))
    _add_columns("sites", sa.Column("turn", sa.String(32)), sa.Column("next_turn", sa.String(32)))
    _add_columns("accounts", sa.Column("blocking", sa.Text), sa.Column("compared_at", INSTANT))
    _add_columns("accounts", sa.Column("in_step", sa.Text))
    _add_columns(
        "calendar_items",
        sa.Column("is_unanswered", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    _add_columns("mappings", _text("booking_hash", 64), _text("guests_hash", 64), _text("meeting", 16))
    _add_columns("held_operations", sa.Column("decided", sa.String(16)), sa.Column("decided_at", INSTANT))
    _add_columns("runs", sa.Column("run", sa.String(32)))
    _add_columns("sign_ins", sa.Column("next", sa.String(8)))
    _create_history()
    _create_resets()
    _create_pauses()
    _create_delays()
    _create_alarms()
    _create_comparisons()
    _create_event_settings()


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.String(16), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        _text("why", 64),
        _text("result", 48),
        sa.Column("agent_id", sa.Integer),
        sa.Column("account_id", sa.Integer),
        sa.Column("booking_id", sa.Integer),
        sa.Column("run", sa.String(32)),
        sa.Column("detail", sa.Text),
        **OPTIONS,
    )
    _create_index("history", "site_id", "id")
    _create_index("history", "site_id", "booking_id", "id")
    _create_index("history", "site_id", "agent_id", "id")
    _create_index("history", "run")


def _create_resets() -> None:
    op.create_table(
        "resets",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("agent_id", sa.Integer, nullable=False),
        sa.Column("events", sa.String(32), nullable=False),
        sa.Column("next", sa.String(8), nullable=False),
        _number("then_disconnect"),
        sa.Column("newest_booking_id", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        _number("total"),
        _number("done"),
        _number("refused"),
        sa.Column("ended_at", INSTANT),
        **OPTIONS,
    )
    _create_index("resets", "account_id", "ended_at")
    _create_index("resets", "site_id", "asked_at")


def _create_pauses() -> None:
    op.create_table(
        "pauses",
        _site_id(),
        sa.Column("agent_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", INSTANT, nullable=False),
        **OPTIONS,
    )


def _create_delays() -> None:
    op.create_table(
        "delays",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        **OPTIONS,
    )
    _create_index("delays", "site_id", "direction", "at")


def _create_alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("kind", sa.String(32), nullable=False),
        _number("agent_id"),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        **OPTIONS,
    )
    _create_index("alarms", "site_id", "ended_at")


def _create_comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("events_wrong", sa.Integer, nullable=False),
        sa.Column("busy_wrong", sa.Integer, nullable=False),
        sa.Column("form_wrong", sa.Integer, nullable=False),
        **OPTIONS,
    )
    _create_index("comparisons", "account_id", "at")
    _create_index("comparisons", "site_id", "at")


def _create_event_settings() -> None:
    op.create_table(
        "event_settings",
        _site_id(),
        sa.Column("service_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text, nullable=False),
        **OPTIONS,
    )


def _add_columns(table: str, *columns: sa.Column[Any]) -> None:
    known = {found["name"] for found in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in known:
            op.add_column(table, column)


def _create_index(table: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, list(columns))


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _site_id(*, primary_key: bool = True) -> sa.Column[Any]:
    return sa.Column(
        "site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=primary_key, nullable=False
    )
