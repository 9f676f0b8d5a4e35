"""What the life of a consent brings: its history, the outbox of mails, uploads under way, the quota used."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# MySQL and MariaDB keep what was made before a crash; a repeat goes on from there.
OPTIONS: Any = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "if_not_exists": True}


def upgrade() -> None:
    _add_column("clients", sa.Column("publishing_status", sa.String(16)))
    _add_column("accounts", sa.Column("language", sa.String(16)))
    _create_consents()
    _remember_consents()
    _create_outbox()
    _create_mail_stops()
    _create_client_uploads()
    _create_quota_use()


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("client_ref", sa.Integer, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("consented_at", INSTANT, nullable=False),
        sa.Column("told_ends_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.String(16)),
        **OPTIONS,
    )
    _create_index("consents", "account_id", "consented_at")
    _create_index("consents", "client_ref", "consented_at")


def _remember_consents() -> None:
    """The consent each account has now begins its history; a repeat finds it there."""
    op.execute(
        """
        INSERT INTO consents (account_id, client_ref, consented_at, told_ends_at, ended_at, ended_by)
        SELECT id, client_ref, consented_at, consent_ends_at,
               CASE WHEN state = 'needs_sign_in' THEN problem_since END,
               CASE WHEN state = 'needs_sign_in' THEN 'refused' END
        FROM accounts
        WHERE consented_at IS NOT NULL AND state <> 'disconnected'
          AND NOT EXISTS (SELECT 1 FROM consents AS known WHERE known.account_id = accounts.id)
        """
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        _site_id(primary_key=False),
        sa.Column("key", _exact(160), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("step", sa.String(16), nullable=False, server_default=""),
        sa.Column("agent_id", sa.Integer),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("admin_id", sa.Integer),
        sa.Column("consented_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("lease_owner", _exact(64)),
        sa.Column("lease_until", INSTANT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("problem", sa.Text),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_as", sa.String(16)),
        sa.UniqueConstraint("site_id", "key", name="uq_outbox_site_id_key"),
        **OPTIONS,
    )
    _create_index("outbox", "site_id", "ended_at")
    _create_index("outbox", "account_id", "consented_at")


def _create_mail_stops() -> None:
    op.create_table(
        "mail_stops",
        _site_id(),
        sa.Column("who", _exact(32), primary_key=True),
        sa.Column("stopped_at", INSTANT, nullable=False),
        **OPTIONS,
    )


def _create_client_uploads() -> None:
    op.create_table(
        "client_uploads",
        sa.Column("id", sa.String(32), primary_key=True),
        _site_id(primary_key=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        **OPTIONS,
    )


def _create_quota_use() -> None:
    op.create_table(
        "quota_use",
        sa.Column("client_ref", sa.Integer, sa.ForeignKey("clients.id"), primary_key=True),
        sa.Column("hour", INSTANT, primary_key=True),
        sa.Column("units", sa.Integer, nullable=False, server_default="0"),
        sa.Column("busiest_minute", sa.Integer, nullable=False, server_default="0"),
        **OPTIONS,
    )


def _add_column(table: str, column: sa.Column[Any]) -> None:
    known = {found["name"] for found in sa.inspect(op.get_bind()).get_columns(table)}
    if column.name not in known:
        op.add_column(table, column)


def _create_index(table: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, list(columns))


def _exact(length: int) -> Any:
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


def _site_id(*, primary_key: bool = True) -> sa.Column[Any]:
    return sa.Column(
        "site_id", sa.String(12), sa.ForeignKey("sites.id"), primary_key=primary_key, nullable=False
    )
