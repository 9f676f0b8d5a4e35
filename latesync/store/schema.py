"""LateSync's own tables. Every row belongs to a site. Migrations: `migrations/versions`.

External ids are opaque and case-sensitive, hence the binary collations on MariaDB and MySQL.
No table holds an event's title, description or guests.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)

import latesync.store.consent_schema
import latesync.store.trust_schema  # noqa: F401 - both add their tables to the same metadata
from latesync.store import tables
from latesync.store.column_types import Instant, event_id, exact, long_text
from latesync.store.tables import SiteId, make_table

metadata = tables.metadata  # whole only here: the other two have added their tables to it

sites = make_table(
    "sites",
    Column("id", SiteId, primary_key=True),  # 12 hex, made once; stands in every event's marker
    Column("zone", String(64)),  # as last read, for people and for noticing a change
    Column("newest_booking_id", Integer, nullable=False, server_default="0"),
    Column("looked_at", Instant),  # the last complete look at the bookings
    Column("problem", Text),  # why the site cannot be read now, a code of messages.py
    Column("problem_since", Instant),
    # Which booking site this is (plan/identity.py): its home address, as first seen or last confirmed.
    Column("home_url", Text),
    Column("stopped_for", String(16)),  # why nothing is done until a person has answered; None: go on
    Column("stopped_at", Instant),
    Column("seen_home_url", Text),  # the other address that was found
    # The turn we took last, and the one we take next: another LateSync with our state takes turns of its own.
    Column("turn", String(32)),
    Column("next_turn", String(32)),
    Column("created_at", Instant, nullable=False),
)

settings = make_table(
    "settings",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# The WordPress plugin, as it last presented itself.
bridges = make_table(
    "bridges",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("heard_at", Instant, nullable=False),  # the last note that was properly signed
    Column("greeted_at", Instant),  # the last one in which it said what it is; below: what it said
    Column("plugin_version", String(32)),
    Column("wordpress_version", String(32)),
    Column("latepoint_version", String(32)),
    Column("home_url", Text),
    Column("rest_url", Text),
)

# Bookings the plugin says have changed; booking_id 0: look at the whole site. Taken by the worker.
site_hints = make_table(
    "site_hints",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("booking_id", Integer, primary_key=True, autoincrement=False),
    Column("noted_at", Instant, nullable=False),
)

# Signed messages and single-use links that were seen: none counts twice.
seen_nonces = make_table(
    "seen_nonces",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("nonce", String(32), primary_key=True),
    Column("seen_at", Instant, nullable=False),
)

clients = make_table(
    "clients",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("provider", String(16), nullable=False),
    Column("client_id", exact(255), nullable=False),
    Column("client_secret", Text, nullable=False),  # encrypted
    Column("project_id", String(255)),
    Column("redirect_uris", Text, nullable=False),  # JSON list, as uploaded
    Column("uploaded_at", Instant, nullable=False),
    Column("is_current", Boolean, nullable=False),  # the one new sign-ins use
    Column("publishing_status", String(16)),  # what the owner says of it at the provider; None: not said
    # Of an app registration at Microsoft only (options.py: AccountType).
    Column("tenant", String(64)),
    Column("account_type", String(24)),
    Column("secret_ends_on", Date),  # as the owner read it there; None: not said
    Column("problem", Text),
    Column("problem_since", Instant),
    UniqueConstraint("site_id", "provider", "client_id"),
)

accounts = make_table(
    "accounts",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("provider", String(16), nullable=False),
    Column("subject", exact(255), nullable=False),  # the provider's stable id of the person
    Column("email", String(320), nullable=False),
    Column("client_ref", Integer, ForeignKey("clients.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("refresh_token", Text),  # encrypted
    Column("scopes", Text, nullable=False),
    Column("consented_at", Instant),
    Column("consent_ends_at", Instant),  # None: no end is known
    Column("token_at", Instant),  # when the refresh token was last renewed, where the provider rotates them
    Column("write_calendar_id", exact(255), nullable=False),  # "": it brings busy time only
    Column("tentative_blocks", Boolean, nullable=False),
    Column("blocking", Text),  # JSON of the other switches (model.py: BlockingPolicy); None: as they come
    Column("compared_at", Instant),  # the last full comparison (sync/compare.py)
    Column("in_step", Text),  # what was known when all events were last as wanted (plan/invitations.py)
    Column("language", String(16)),  # of the browser that signed in ("de"); None: not known
    # What is due, and who is at it (leases.py). NULL due: nothing to do in that direction, or claimed.
    Column("outbound_due_at", Instant),
    Column("inbound_due_at", Instant),
    Column("lease_owner", exact(64)),
    Column("lease_until", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("problem", Text),
    Column("problem_since", Instant),
    Column("failing", String(8)),  # the direction the problem and the failures are of: "outbound", "inbound"
    Column("outbound_good_at", Instant),
    Column("inbound_good_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("site_id", "agent_id", "provider", "subject"),
    Index(None, "outbound_due_at"),
    Index(None, "inbound_due_at"),
    Index(None, "lease_until"),
)

calendars = make_table(
    "calendars",
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("calendar_id", exact(255), nullable=False),
    Column("reads_busy", Boolean, nullable=False),
    Column("zone", String(64)),
    Column("sync_token", Text),
    Column("sync_token_at", Instant),
    Column("listed_until", Instant),  # the last full listing knows nothing after this; None: it has no end
    Column("listing", Integer, nullable=False, server_default="0"),  # number of the running full listing
    Column("is_unpublished", Boolean, nullable=False, server_default=false()),  # slots changed since
    Column("expanded_for", Date),  # the site day its busy slots were last computed for as a whole
    Column("problem", Text),
    Column("problem_since", Instant),
    Column("good_at", Instant),
    UniqueConstraint("account_id", "calendar_id"),
)

calendar_items = make_table(
    "calendar_items",
    Column("calendar_ref", Integer, ForeignKey("calendars.id"), primary_key=True),
    Column("event_id", event_id(), primary_key=True),
    Column("series_id", event_id()),
    Column("listing", Integer, nullable=False),  # the last full listing that showed it
    Column("starts", String(40)),  # ISO: an instant in UTC, or a day
    Column("ends", String(40)),
    Column("zone", String(64)),
    Column("recurrence", long_text(), nullable=False),  # one line each; empty: no series
    Column("original_start", String(40)),
    Column("kind", String(24), nullable=False),
    Column("is_cancelled", Boolean, nullable=False),
    Column("is_free", Boolean, nullable=False),
    Column("is_tentative", Boolean, nullable=False),
    Column("is_declined", Boolean, nullable=False),
    Column("is_unanswered", Boolean, nullable=False, server_default=false()),
    Index(None, "calendar_ref", "series_id"),
)

busy_slots = make_table(
    "busy_slots",
    # Two accounts of one agent may read the same calendar: the same slot then stands under both.
    Column("calendar_ref", Integer, ForeignKey("calendars.id"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("agent_id", Integer, nullable=False),
    Column("item_id", event_id(), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index(None, "calendar_ref", "item_id"),
    Index(None, "agent_id"),
)

mappings = make_table(
    "mappings",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("booking_id", Integer, nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("calendar_id", exact(255), nullable=False),
    Column("event_id", event_id(), nullable=False),
    # Of the generation before, where the provider makes the ids: that one may come out of the bin.
    Column("earlier_event_id", event_id(), nullable=False, server_default=""),
    Column("generation", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column(
        "booking_hash", String(64), nullable=False, server_default=""
    ),  # of the booking, whatever we say of it
    Column("guests_hash", String(64), nullable=False, server_default=""),  # whom we invited; "": nobody
    Column("meeting", String(16), nullable=False, server_default=""),  # "asked", "made", "told"; "": none
    Column("echo_hash", String(64), nullable=False),
    Column("etag", Text, nullable=False),
    Column("has_agent_notes", Boolean, nullable=False),
    Column("drift", String(16)),
    # Where somebody moved the event to; None: deleted, or its times were left alone.
    Column("drift_starts_at", Instant),
    Column("drift_ends_at", Instant),
    Column("drift_refused", String(32)),  # why the site did not take this drift over (policy "apply")
    Column("problem", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("account_id", "booking_id"),
    Index(None, "site_id", "event_id"),
    Index(None, "site_id", "booking_id"),
)

# Requests to be told at once of changes in an account; polling goes on beside them (microsoft-graph.md §9).
subscriptions = make_table(
    "subscriptions",
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False, unique=True),
    Column("remote_id", exact(255), nullable=False),  # the provider's own name for it
    Column("client_state_hash", String(64), nullable=False),  # SHA-256 of the secret its notes carry
    Column("notify_url_hash", String(64), nullable=False),  # SHA-256 of the address it tells
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "remote_id"),
)

held_operations = make_table(
    "held_operations",
    Column("account_id", Integer, ForeignKey("accounts.id"), primary_key=True),
    Column("booking_id", Integer, primary_key=True),
    Column("operation", String(16), nullable=False),
    Column("reason", String(48), nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("decided", String(16)),  # "released", "rejected"; None: waits for a person
    Column("decided_at", Instant),
)

CODE_LENGTH = 32  # LatePoint's own column has 10 characters (latepoint.md §2)

# What an agent did to our event and the site did not take over (policy "apply"); the agent is told.
refusals = make_table(
    "refusals",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("booking_id", Integer, nullable=False),
    Column("wish", String(16), nullable=False),  # "move" or "cancel"
    Column("wanted_starts_at", Instant),
    Column("reason", String(32), nullable=False),
    Column("refused_at", Instant, nullable=False),
    Column("booking_code", String(CODE_LENGTH), nullable=False, server_default=""),  # "": not asked for
    Column("starts_at", Instant),  # the booking's, as its event said before
    Index(None, "site_id", "agent_id", "refused_at"),
)

# Our own rows in LatePoint's latepoint_blocked_periods, the only ones there we touch.
off_periods = make_table(
    "off_periods",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("id", String(32), primary_key=True),  # derived from agent, day and minutes
    Column("agent_id", Integer, nullable=False),
    Column("day", Date, nullable=False),  # in the site's zone
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
    Column("row_id", Integer),  # the site's; None: an insert was begun and its answer is not known
    Index(None, "site_id", "agent_id"),
)

# What the site's bookings looked like when they were last turned into due work.
fingerprints = make_table(
    "fingerprints",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("agent_id", Integer, primary_key=True),
    Column("kind", String(16), primary_key=True),  # "bookings" or "details"
    Column("value", String(96), nullable=False),
)

unreadable_bookings = make_table(
    "unreadable_bookings",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("booking_id", Integer, primary_key=True),
    Column("agent_id", Integer, nullable=False),
    Column("why", String(48), nullable=False),
    Column("seen_at", Instant, nullable=False),
)

runs = make_table(
    "runs",
    Column("id", Integer, primary_key=True),
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("outcome", String(48), nullable=False),  # "fine" or a failure's code
    Column("run", String(32)),  # as in `history`; None: before there was one
    Column("events_created", Integer, nullable=False),
    Column("events_updated", Integer, nullable=False),
    Column("events_deleted", Integer, nullable=False),
    Column("busy_added", Integer, nullable=False),
    Column("busy_removed", Integer, nullable=False),
    Column("operations_held", Integer, nullable=False),
    Column("bookings_moved", Integer, nullable=False, server_default="0"),
    Column("bookings_cancelled", Integer, nullable=False, server_default="0"),
    Index(None, "account_id", "ended_at"),
    Index(None, "ended_at"),
)

sign_ins = make_table(
    "sign_ins",
    Column("state_hash", String(64), primary_key=True),  # SHA-256 of the OAuth state
    Column("site_id", SiteId, ForeignKey("sites.id"), nullable=False),
    Column("agent_id", Integer, nullable=False),
    Column("provider", String(16), nullable=False),
    Column("client_ref", Integer, ForeignKey("clients.id"), nullable=False),
    Column("code_verifier", Text, nullable=False),  # encrypted
    Column("next", String(8)),  # which bookings a first sign-in brings (options.py: NextSync); None: all
    Column("writes", Boolean),  # whether bookings go there from then on, though they had a calendar
    Column("browser", String(64), nullable=False),  # SHA-256 of the session's own nonce
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)

personal_links = make_table(
    "personal_links",
    Column("site_id", SiteId, ForeignKey("sites.id"), primary_key=True),
    Column("agent_id", Integer, primary_key=True),
    Column("serial", Integer, nullable=False),  # a link of an older serial was replaced
)

admins = make_table(
    "admins",
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
