"""LatePoint 4 becomes 5 under a running LateSync: every row is touched, and nothing changed.

Source: latepoint.md §1.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.probes import read_fingerprints
from latesync.latepoint.schema import read_schema
from latesync.model import Mapping, MappingState, Target
from latesync.options import SafetyLimits
from latesync.plan.content import content_hash
from latesync.plan.operations import CreateEvent, Operation, OutboundPlan
from latesync.plan.outbound import OutboundPolicy, ids_to_look_up, plan_outbound
from latesync.plan.safety import hold_unsafe
from latesync.sync.site import BookingSite
from tests.site.builders import Site, create_site
from tests.site.conftest import OpenAs
from tests.site.ddl import UPGRADED, create_statements, tables_of

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
TARGET = Target(3, "google", "subject", "dana@example.com")
DANA = 1


@dataclass
class Kept:
    """What LateSync remembers between two plans, all of whose operations it has carried out."""

    site: BookingSite
    mappings: list[Mapping]

    def plan(self) -> OutboundPlan:
        snapshot = self.site.read_snapshot(DANA)
        looked_up = self.site.look_up(ids_to_look_up(snapshot, self.mappings))
        assert looked_up == {}
        return plan_outbound(snapshot, self.mappings, TARGET, OutboundPolicy())


def kept_in_step(engine: Engine) -> Kept:
    kept = Kept(BookingSite(engine, "wp_", "0123456789ab", lambda: NOW), [])
    kept.mappings = [written(operation) for operation in kept.plan().operations]
    assert kept.plan().operations == ()
    return kept


def written(operation: Operation) -> Mapping:
    assert isinstance(operation, CreateEvent)
    return Mapping(
        id=operation.booking_id,
        booking_id=operation.booking_id,
        agent_id=operation.agent_id,
        account_id=TARGET.account_id,
        calendar_id=operation.calendar_id,
        event_id=operation.event_id,
        generation=0,
        state=MappingState.LIVE,
        span=operation.content.span,
        content_hash=content_hash(operation.content),
        etag='"1"',
        booking_hash=operation.content.booking_hash,
    )


def fill_version_4(site: Site) -> None:
    site.insert_bookings(8, total_attendies=1)
    site.insert_booking(start_date="2026-12-20", total_attendies=3, customer_comment="Ring twice")
    site.insert_booking(start_date="2026-12-21", end_date=None, end_time=None, total_attendies=1)


def upgrade(site: Site) -> None:
    """As LatePoint does it: columns and tables are added, each booking gets an order and is saved again."""
    old = tables_of(site.version)
    for short_name, shape in tables_of(UPGRADED).items():
        known = {column.split()[0] for column in old[short_name].columns} if short_name in old else None
        if known is None:
            (create,) = [
                text for text in create_statements(UPGRADED, "wp_", "mysql") if f"_{short_name}` (" in text
            ]
            site.execute(create)
        else:
            added = [column for column in shape.columns if column.split()[0] not in known]
            site.execute(*(f"ALTER TABLE {site.name(short_name)} ADD COLUMN {column}" for column in added))
    site.version = UPGRADED
    with site.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, customer_comment, total_attendies, start_date, start_time FROM wp_latepoint_bookings"
        ).all()
    for row in rows:
        site.update(
            "bookings",
            row[0],
            order_item_id=site.insert_order(comment=row[1]),
            total_attendees=row[2],
            end_date=row[3],
            end_time=row[4] + 60,
            updated_at="2026-11-20 13:00:00",
        )


@pytest.fixture
def version_4(mariadb_database: str) -> Iterator[Site]:
    engine = open_site_database(mariadb_database)
    site = create_site(engine, "4.9.91")
    fill_version_4(site)
    yield site
    engine.dispose()


def test_an_upgrade_that_touches_every_row_rewrites_no_event(version_4: Site) -> None:
    """Seen, for every row differs; and found to be nothing, for the bookings are the same."""
    kept = kept_in_step(version_4.engine)
    before = read_fingerprints(version_4.engine, read_schema(version_4.engine, "wp_"), NOW.date())
    upgrade(version_4)
    after = read_fingerprints(version_4.engine, read_schema(version_4.engine, "wp_"), NOW.date())
    assert before != after
    known_schema = kept.plan()
    kept.site.doubt()
    assert "order_item_id" not in str(kept.site.facts().schema.not_granted)
    assert (known_schema.operations, kept.plan().operations) == ((), ())
    assert len(kept.mappings) == 10


def test_an_upgrade_halfway_through_rewrites_no_event(version_4: Site) -> None:
    """Tables and columns are there, the rows' turn has not come yet."""
    kept = kept_in_step(version_4.engine)
    for statement in ("order_item_id mediumint(9)", "total_attendees mediumint(4)"):
        version_4.execute(f"ALTER TABLE wp_latepoint_bookings ADD COLUMN {statement}")
    for text in create_statements(UPGRADED, "wp_", "mysql"):
        if "_orders` (" in text or "_order_items` (" in text:
            version_4.execute(text)
    kept.site.doubt()
    assert kept.site.facts().schema.has_orders
    assert kept.plan().operations == ()


def test_an_upgrade_whose_new_tables_are_not_granted_rewrites_no_event(
    version_4: Site, open_as_reader: OpenAs
) -> None:
    """The grants are those of LatePoint 4: the columns it had go on saying what they said."""
    create_bridge_tables(version_4.engine, "wp_")
    kept = kept_in_step(open_as_reader(version_4))
    upgrade(version_4)
    kept.site.doubt()
    assert not kept.site.facts().schema.has_orders
    assert kept.plan().operations == ()


def test_comments_that_are_lost_on_the_way_are_held(version_4: Site) -> None:
    """Were the orders to hold something else than the bookings did, a person would be asked first."""
    kept = kept_in_step(version_4.engine)
    for mapping in kept.mappings:
        version_4.update("bookings", mapping.booking_id, customer_comment="Ring twice")
    kept.mappings = [written(operation) for operation in Kept(kept.site, []).plan().operations]
    upgrade(version_4)
    version_4.execute("UPDATE wp_latepoint_orders SET customer_comment = NULL")
    kept.site.doubt()
    operations = kept.plan().operations
    assert len(operations) == 10
    assert hold_unsafe(operations, mapped=10, limits=SafetyLimits()) == ([], list(operations))
