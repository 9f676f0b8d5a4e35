"""The GRANT statements: enough for everything LateSync does, and for nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from latesync.errors import BridgeTableMissing, SchemaNotUnderstood, WrongInput
from latesync.latepoint.bookings import look_up_bookings, read_agent_bookings
from latesync.latepoint.busy import (
    create_bridge_tables,
    missing_bridge_tables,
    publish_account,
    publish_busy,
    remove_account,
    remove_busy,
)
from latesync.latepoint.grants import grant_statements
from latesync.latepoint.probes import newest_booking_id, read_detail_fingerprints, read_fingerprints
from latesync.latepoint.schema import read_prefixes, read_schema
from latesync.latepoint.settings import read_agents, read_site_settings
from latesync.model import Booking
from latesync.times import TimeRange, zone_named
from tests.site.builders import Site, create_site
from tests.site.conftest import OpenAs

BERLIN = zone_named("Europe/Berlin")
DAY = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_the_granted_user_can_read_and_publish_everything(
    every_version: Site, open_as_reader: OpenAs
) -> None:
    booking_id = every_version.insert_booking()
    create_bridge_tables(every_version.engine, "wp_")
    engine = open_as_reader(every_version)
    schema = read_schema(engine, "wp_")
    assert schema.not_granted == ()
    assert missing_bridge_tables(engine, "wp_") == []
    assert read_site_settings(engine, schema).zone == BERLIN
    assert [agent.id for agent in read_agents(engine, schema)] == [1]
    assert len(list(read_agent_bookings(engine, schema, 1, BERLIN, DAY))) == 1
    assert isinstance(look_up_bookings(engine, schema, [booking_id], BERLIN)[booking_id], Booking)
    assert read_fingerprints(engine, schema, DAY).keys() == {1}
    assert read_detail_fingerprints(engine, schema, DAY).keys() == {1}
    assert newest_booking_id(engine, schema, 0) == (booking_id, {1})
    assert publish_busy(engine, "wp_", 1, {"a" * 32: TimeRange(NOW, NOW + timedelta(hours=1))}) == (1, 0)
    assert remove_busy(engine, "wp_", 1) == 1
    assert publish_account(engine, "wp_", 1, "google", "connected", None, "", NOW)
    remove_account(engine, "wp_", 1, "google")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM wp_latepoint_agents",
        "SELECT admin_notes FROM wp_latepoint_customers",
        "SELECT activation_key FROM wp_latepoint_customers",
        "UPDATE wp_latepoint_bookings SET status = 'cancelled'",
        "DELETE FROM wp_latepoint_bookings",
        "INSERT INTO wp_latepoint_settings (name, value) VALUES ('a', 'b')",
        "DROP TABLE wp_latesync_busy",
    ],
)
def test_the_granted_user_can_do_nothing_else(
    mariadb_site: Site, open_as_reader: OpenAs, statement: str
) -> None:
    create_bridge_tables(mariadb_site.engine, "wp_")
    engine = open_as_reader(mariadb_site)
    with pytest.raises(DBAPIError, match="denied"), engine.connect() as connection:
        connection.execute(text(statement))


def test_the_grants_of_one_blog_do_not_open_its_neighbour(mariadb_site: Site, open_as_reader: OpenAs) -> None:
    blog = create_site(mariadb_site.engine, prefix="wp_2_")
    blog.insert_booking()
    create_bridge_tables(blog.engine, "wp_2_")
    engine = open_as_reader(blog)
    schema = read_schema(engine, "wp_2_")
    assert schema.not_granted == ()
    assert len(list(read_agent_bookings(engine, schema, 1, BERLIN, DAY))) == 1
    with pytest.raises(SchemaNotUnderstood):
        read_schema(engine, "wp_")
    assert read_prefixes(engine) == ["wp_2_"]


def granted_without(site: Site, open_as_reader: OpenAs, *unwanted: str) -> Engine:
    """The site as a user sees it whose grants lack what holds one of these words."""
    create_bridge_tables(site.engine, site.prefix)
    statements = grant_statements(site.prefix, site.engine.url.database or "", "USER")
    kept = [line for line in statements if not any(word in line for word in unwanted)]
    return open_as_reader(site, [line.replace("'USER'@'%'", "{user}") for line in kept])


def test_a_forgotten_grant_is_named_column_by_column(mariadb_site: Site, open_as_reader: OpenAs) -> None:
    engine = granted_without(mariadb_site, open_as_reader, "_agents`", "wp_options")
    with pytest.raises(SchemaNotUnderstood) as caught:
        read_schema(engine, "wp_")
    assert caught.value.missing == [
        "wp_latepoint_agents.id",
        "wp_latepoint_agents.first_name",
        "wp_latepoint_agents.status",
        "wp_options.option_name",
        "wp_options.option_value",
    ]


def test_customers_orders_and_places_need_not_be_granted(mariadb_site: Site, open_as_reader: OpenAs) -> None:
    item = mariadb_site.insert_order(comment="Ring twice")
    mariadb_site.insert_booking(order_item_id=item)
    engine = granted_without(
        mariadb_site, open_as_reader, "_customers`", "_orders`", "_locations`", "agent_meta`"
    )
    schema = read_schema(engine, "wp_")
    assert "wp_latepoint_customers.phone" in schema.not_granted
    assert "wp_latepoint_orders.customer_comment" in schema.not_granted
    (booking,) = read_agent_bookings(engine, schema, 1, BERLIN, DAY)
    assert isinstance(booking, Booking)
    assert booking.service_name == "Massage"
    assert (booking.customer_name, booking.customer_comment, booking.location_name) == ("", "", "")
    assert read_detail_fingerprints(engine, schema, DAY).keys() == {1}
    assert read_site_settings(engine, schema).official_addons == ()


def test_single_columns_may_be_held_back(mariadb_site: Site, open_as_reader: OpenAs) -> None:
    mariadb_site.insert_booking()
    database = mariadb_site.engine.url.database
    statements = grant_statements("wp_", database or "", "USER")[:-2]
    narrowed = [
        line.replace("'USER'@'%'", "{user}")
        .replace(", `email`, `phone`, `notes`", "")
        .replace(", `full_address`", "")
        for line in statements
    ]
    engine = open_as_reader(mariadb_site, narrowed)
    schema = read_schema(engine, "wp_")
    assert schema.not_granted == (
        "wp_latepoint_customers.email",
        "wp_latepoint_customers.phone",
        "wp_latepoint_customers.notes",
        "wp_latepoint_locations.full_address",
    )
    (booking,) = read_agent_bookings(engine, schema, 1, BERLIN, DAY)
    assert isinstance(booking, Booking)
    assert (booking.customer_name, booking.customer_phone) == ("Robin Weber", "")
    assert (booking.location_name, booking.location_address) == ("Main Street", "")


def test_a_right_to_write_is_not_taken_for_a_right_to_read(
    mariadb_site: Site, open_as_reader: OpenAs
) -> None:
    database = mariadb_site.engine.url.database
    writer = f"GRANT INSERT, UPDATE ON {database}.wp_latepoint_bookings TO {{user}}"
    with pytest.raises(SchemaNotUnderstood) as caught:
        read_schema(open_as_reader(mariadb_site, [writer]), "wp_")
    assert "wp_latepoint_bookings.id" in caught.value.missing


def test_a_grant_withdrawn_later_is_named_by_the_read_that_meets_it(
    mariadb_site: Site, open_as_reader: OpenAs
) -> None:
    mariadb_site.insert_booking()
    full = read_schema(mariadb_site.engine, "wp_")
    engine = granted_without(mariadb_site, open_as_reader, "_customers`")
    with pytest.raises(SchemaNotUnderstood, match=r"wp_latepoint_customers"):
        list(read_agent_bookings(engine, full, 1, BERLIN, DAY))


def test_ungranted_bridge_tables_are_the_bridges_trouble(mariadb_site: Site, open_as_reader: OpenAs) -> None:
    engine = granted_without(mariadb_site, open_as_reader, "latesync_busy")
    assert missing_bridge_tables(engine, "wp_") == ["wp_latesync_busy"]
    with pytest.raises(BridgeTableMissing):
        publish_busy(engine, "wp_", 1, {})


def test_the_statements_read_well_and_name_the_host() -> None:
    statements = grant_statements("wp_2_", "shop", "latesync@10.0.0.5")
    assert statements[0] == "GRANT SELECT ON `shop`.`wp_2_latepoint_bookings` TO 'latesync'@'10.0.0.5'"
    assert (
        "GRANT SELECT (`object_id`, `meta_key`, `meta_value`) ON `shop`.`wp_2_latepoint_agent_meta`"
        " TO 'latesync'@'10.0.0.5'"
    ) in statements
    assert statements[-1] == (
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `shop`.`wp_2_latesync_accounts` TO 'latesync'@'10.0.0.5'"
    )


@pytest.mark.parametrize(
    ("database", "user"), [("shop`", "me"), ("shop", "me'; DROP"), ("shop", "@host"), ("", "me")]
)
def test_names_that_break_out_of_their_quotes_are_refused(database: str, user: str) -> None:
    with pytest.raises(WrongInput):
        grant_statements("wp_", database, user)


def test_the_documented_statements_are_the_ones_we_print() -> None:
    page = Path(__file__).parents[2] / "docs" / "booking-site-database.md"
    documented = [
        line.removesuffix(";") for line in page.read_text("utf-8").splitlines() if line.startswith("GRANT ")
    ]
    assert documented == grant_statements("wp_", "shop", "latesync@10.0.0.5")
