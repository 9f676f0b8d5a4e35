"""Microsoft as a provider: app registrations, frozen windows, subscriptions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EXACT_255 = sa.String(255).with_variant(
    mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
EVENT_ID = sa.String(1024).with_variant(
    mysql.VARCHAR(1024, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
)
# MySQL and MariaDB keep what was made before a crash; a repeat goes on from there.
OPTIONS: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "if_not_exists": True}


def upgrade() -> None:
    _add_columns("clients", sa.Column("tenant", sa.String(64)), sa.Column("account_type", sa.String(24)))
    _add_columns("clients", sa.Column("secret_ends_on", sa.Date))
    _add_columns("accounts", sa.Column("token_at", INSTANT))
    _add_columns("calendars", sa.Column("listed_until", INSTANT))
    _add_columns(
        "mappings",
        sa.Column("earlier_event_id", EVENT_ID, nullable=False, server_default=""),
    )
    _add_columns("sign_ins", sa.Column("writes", sa.Boolean))
    _create_subscriptions()


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("remote_id", EXACT_255, nullable=False),
        sa.Column("client_state_hash", sa.String(64), nullable=False),
        sa.Column("notify_url_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("account_id", name="uq_subscriptions_account_id"),
        **OPTIONS,
    )
    _create_index("subscriptions", "remote_id")


def _add_columns(table: str, *columns: sa.Column[Any]) -> None:
    known = {found["name"] for found in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in known:
            op.add_column(table, column)


def _create_index(table: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, list(columns))
