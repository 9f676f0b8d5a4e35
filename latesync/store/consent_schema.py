"""The tables about consents that came and went, and about mails. The rest stands in `schema.py`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from latesync.store.column_types import Instant, exact
from latesync.store.tables import SiteId, make_table

# Every consent there was. What became of the earlier ones tells how long the next will last.
consents = make_table(
    "consents",
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("client_ref", Integer, ForeignKey("clients.id"), nullable=False),
    Column("consented_at", Instant, nullable=False),
    Column("told_ends_at", Instant),  # as the provider said; None: it named no end
    Column("ended_at", Instant),  # None: it holds, as far as is known
    Column("ended_by", String(16)),  # "refused" by the provider, "replaced", "disconnected"
    Index(None, "account_id", "consented_at"),
    Index(None, "client_ref", "consented_at"),
)

# What is to be told by mail: who, about what. The text is made when it is sent, so no link and no address
# stands here. `key` is what may be said once; a row stays, so that it is not said again.
outbox = make_table(
    "outbox",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("key", exact(160), nullable=False),
    Column("kind", String(16), nullable=False),  # "reminder", "invitation", "digest"
    Column("step", String(16), nullable=False, server_default=""),  # of a reminder: plan/consent.py's word
    Column("agent_id", Integer),
    Column("account_id", Integer, ForeignKey("accounts.id")),
    Column("admin_id", Integer),
    Column("consented_at", Instant),  # of the consent it is about; another one makes it needless
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),  # NULL: done with, or claimed
    Column("lease_owner", exact(64)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("problem", Text),  # of the last attempt
    Column("ended_at", Instant),
    Column("ended_as", String(16)),  # "sent", or why it was not: "renewed", "superseded", "no_address", …
    UniqueConstraint("site_id", "key"),
    Index(None, "site_id", "ended_at"),  # what waits is few, what was said is years of it
    Index(None, "account_id", "consented_at"),
)

# Who asked for no more mail: "agent:3", "admin:1".
mail_stops = make_table(
    "mail_stops",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("who", exact(32), primary_key=True),
    Column("stopped_at", Instant, nullable=False),
)

# A client file between its upload and the owner's "yes"; forgotten within the hour.
client_uploads = make_table(
    "client_uploads",
    Column("id", String(32), primary_key=True),  # random; stands in the owner's session
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("provider", String(16), nullable=False),
    Column("content", Text, nullable=False),  # encrypted
    Column("uploaded_at", Instant, nullable=False),
)

# What was asked of a client's project, counted by each process and added up here.
quota_use = make_table(
    "quota_use",
    Column("client_ref", Integer, ForeignKey("clients.id"), primary_key=True),
    Column("hour", Instant, primary_key=True),  # its beginning, UTC
    Column("units", Integer, nullable=False, server_default="0"),
    Column(
        "busiest_minute", Integer, nullable=False, server_default="0"
    ),  # the most one process spent in one
)
