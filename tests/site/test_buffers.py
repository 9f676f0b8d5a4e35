"""The minutes kept free around a booking, as each version of LatePoint has them (latepoint.md §2.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from latesync.latepoint.bookings import read_agent_bookings
from latesync.latepoint.probes import read_fingerprints
from latesync.latepoint.schema import read_schema
from latesync.model import Booking
from latesync.times import zone_named
from tests.site.builders import Site

BERLIN = zone_named("Europe/Berlin")
FROM_DAY = date(2026, 11, 30)


def read(site: Site) -> Booking:
    schema = read_schema(site.engine, site.prefix)
    (found,) = read_agent_bookings(site.engine, schema, 1, BERLIN, FROM_DAY)
    assert isinstance(found, Booking)
    return found


def test_both_buffers_are_read(site: Site) -> None:
    site.insert_booking(buffer_before=10, buffer_after=15)
    assert (read(site).buffer_before, read(site).buffer_after) == (10, 15)


@pytest.mark.parametrize("column", ["buffer_before", "buffer_after"])
def test_a_change_of_a_buffer_alone_is_noticed(site: Site, column: str) -> None:
    booking = site.insert_booking()
    schema = read_schema(site.engine, site.prefix)
    before = read_fingerprints(site.engine, schema, FROM_DAY)
    site.update("bookings", booking, **{column: 20})
    assert read_fingerprints(site.engine, schema, FROM_DAY) != before


def test_a_site_that_does_not_grant_them_has_bookings_without(site: Site) -> None:
    site.insert_booking(buffer_before=10, buffer_after=15)
    schema = read_schema(site.engine, site.prefix)
    granted: dict[str, Any] = dict(schema.columns)
    granted["bookings"] = schema.columns["bookings"] - {"buffer_before", "buffer_after"}
    less = replace(schema, columns=granted)
    (found,) = read_agent_bookings(site.engine, less, 1, BERLIN, FROM_DAY)
    assert isinstance(found, Booking)
    assert (found.buffer_before, found.buffer_after) == (0, 0)
