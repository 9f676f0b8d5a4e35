"""What is found in a site's database, and what is said when something is missing."""

from __future__ import annotations

import pytest

from latesync.errors import SchemaNotUnderstood, WrongInput
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.schema import read_prefixes, read_schema
from tests.site.builders import Site, create_site
from tests.site.ddl import UPGRADED, VERSIONS


def test_every_version_is_understood_and_nothing_is_missing(every_version: Site) -> None:
    schema = read_schema(every_version.engine, "wp_")
    assert schema.not_granted == ()
    assert schema.seats_column == (
        "total_attendies" if every_version.version == "4.9.91" else "total_attendees"
    )
    assert schema.has_orders == (every_version.version != "4.9.91")
    assert schema.has_customers
    assert schema.has_locations
    assert schema.has_agent_meta
    is_old = every_version.version in {"4.9.91", UPGRADED}
    assert schema.has("bookings", "customer_comment") == is_old


def test_the_demo_site_on_sqlite_is_understood(site: Site) -> None:
    schema = read_schema(site.engine, "wp_")
    assert schema.not_granted == ()
    assert schema.has_orders


def test_columns_that_are_none_of_our_business_never_get_into_a_statement(site: Site) -> None:
    schema = read_schema(site.engine, "wp_")
    read = {f"{table}.{column}" for table, columns in schema.columns.items() for column in columns}
    assert not {name for name in read if "password" in name or "notes" in name or "key" in name} - {
        "agent_meta.meta_key",
        "customers.notes",  # the customer's own words; admin_notes are private (latepoint.md §1.4)
    }


@pytest.mark.parametrize("prefix", ["wp_2_", "", "Xy7$_"])
def test_any_prefix_is_read_multisite_too(mariadb_database: str, prefix: str) -> None:
    engine = open_site_database(mariadb_database)
    create_site(engine, prefix=prefix)
    assert read_schema(engine, prefix).not_granted == ()
    engine.dispose()


def test_a_multisites_blogs_are_kept_apart(mariadb_site: Site) -> None:
    create_site(mariadb_site.engine, "4.9.91", "wp_2_")
    assert read_schema(mariadb_site.engine, "wp_").has_orders
    assert not read_schema(mariadb_site.engine, "wp_2_").has_orders
    assert read_prefixes(mariadb_site.engine) == ["wp_", "wp_2_"]


def test_a_wrong_prefix_names_every_missing_column(site: Site) -> None:
    with pytest.raises(SchemaNotUnderstood) as caught:
        read_schema(site.engine, "blog_")
    assert "blog_latepoint_bookings.start_date" in caught.value.missing
    assert "blog_options.option_value" in caught.value.missing
    assert "blog_latepoint_agents.id" in caught.value.missing
    assert not [name for name in caught.value.missing if "customers" in name]


@pytest.mark.parametrize("prefix", ["wp-", "wp_`; DROP TABLE x; --", "wp_ ", "w" * 41, "wp_é"])
def test_a_prefix_that_could_harm_is_refused(site: Site, prefix: str) -> None:
    with pytest.raises(WrongInput, match="table prefix"):
        read_schema(site.engine, prefix)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_understood_on_sqlite(tmp_path: object, version: str) -> None:
    engine = open_site_database(f"sqlite:///{tmp_path}/site.db")
    create_site(engine, version)
    assert read_schema(engine, "wp_").not_granted == ()
    engine.dispose()


def test_a_missing_required_column_is_named_with_its_table(site: Site) -> None:
    site.execute(f"ALTER TABLE {site.name('bookings')} RENAME COLUMN duration TO length")
    with pytest.raises(SchemaNotUnderstood) as caught:
        read_schema(site.engine, "wp_")
    assert caught.value.missing == ["wp_latepoint_bookings.duration"]


def test_a_missing_optional_table_is_told_and_done_without(site: Site) -> None:
    site.execute(f"DROP TABLE {site.name('order_items')}", f"DROP TABLE {site.name('agent_meta')}")
    schema = read_schema(site.engine, "wp_")
    assert not schema.has_orders
    assert not schema.has_agent_meta
    assert "wp_latepoint_order_items.order_id" in schema.not_granted
    assert "wp_latepoint_agent_meta.meta_key" in schema.not_granted
