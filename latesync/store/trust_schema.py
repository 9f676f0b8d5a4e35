"""The tables of trust: what was done and why, resets, pauses, alarms, delays, nightly comparisons.

The rest stands in `schema.py`. Nothing here holds a name, an address, a title or a text of anybody's.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text

from latesync.store.column_types import Instant
from latesync.store.tables import SiteId, make_table

# What was done, to which booking's event, why, and what came of it (model.py: HistoryEntry).
history = make_table(
    "history",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(16), nullable=False),  # "latesync", "agent", "owner", "site"
    Column("what", String(32), nullable=False),  # a code of history_sentences.py
    Column("why", String(64), nullable=False, server_default=""),  # plan/operations.py: Reason, or a code
    Column("result", String(48), nullable=False, server_default=""),  # "" done; else a code
    Column("agent_id", Integer),
    Column("account_id", Integer),  # no foreign key: history outlives what it is about
    Column("booking_id", Integer),
    Column("run", String(32)),  # what was done in one run has the same
    Column("detail", Text),  # JSON of codes, numbers and instants only
    # It is read the newest first, by id; an index that ends in another column has it sorted for every page.
    Index(None, "site_id", "id"),
    Index(None, "site_id", "booking_id", "id"),
    Index(None, "site_id", "agent_id", "id"),
    Index(None, "run"),
)

# An account's events or busy time are given up, or its bookings begin anew; one at a time for an account.
resets = make_table(
    "resets",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("events", String(32), nullable=False),  # options.py: ResetEvents
    Column("next", String(8), nullable=False),  # options.py: NextSync
    Column("then_disconnect", Integer, nullable=False, server_default="0"),
    Column("newest_booking_id", Integer),  # when it was asked for; None: not known. A later one is new
    Column("state", String(16), nullable=False),  # "waiting", "running", "done", "cancelled"
    Column("asked_by", String(16), nullable=False),  # "owner", "agent"
    Column("asked_at", Instant, nullable=False),
    Column("total", Integer, nullable=False, server_default="0"),  # what there is to do, as far as is known
    Column("done", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),  # events we were not allowed to delete
    Column("ended_at", Instant),
    Index(None, "account_id", "ended_at"),
    Index(None, "site_id", "asked_at"),
)

# Who rests: agent_id 0 is everybody on the site. What happens meanwhile is caught up afterwards.
pauses = make_table(
    "pauses",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("agent_id", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
)

# How long a change took to arrive: the promise of the last 24 hours is worked out of these.
delays = make_table(
    "delays",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("direction", String(8), nullable=False),  # "outbound", "inbound"
    Column("at", Instant, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Index(None, "site_id", "direction", "at"),
)

# What is wrong for so long that somebody has to be told, once, and told once when it is over.
alarms = make_table(
    "alarms",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("kind", String(32), nullable=False),  # plan/alarms.py
    Column("agent_id", Integer, nullable=False, server_default="0"),  # 0: the whole site
    Column("began_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("ended_at", Instant),
    Index(None, "site_id", "ended_at"),
)

# What a full comparison of site, state and calendar found; each number should be zero.
comparisons = make_table(
    "comparisons",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("events_wrong", Integer, nullable=False),  # missing, doubled or other than we knew
    Column("busy_wrong", Integer, nullable=False),  # busy slots other than a full listing gives
    Column("form_wrong", Integer, nullable=False),  # rows on the site other than our busy slots
    Index(None, "account_id", "at"),
    Index(None, "site_id", "at"),
)

# The owner's wishes for events of one service; service_id 0: of all that have none of their own.
event_settings = make_table(
    "event_settings",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("service_id", Integer, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),  # JSON, plan/event_settings.py
)
